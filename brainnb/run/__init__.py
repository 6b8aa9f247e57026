"""Running models: simulate, sweep, record, label."""

from . import cache, designs
from .sample import sample
from .simulate import simulate
from .sweep import sweep

__all__ = ["cache", "designs", "sample", "simulate", "sweep"]
