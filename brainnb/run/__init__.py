"""Running models: simulate, sweep, record, label."""

from . import cache, compiled, designs
from .sample import sample
from .simulate import simulate
from .stack import stack
from .sweep import sweep

__all__ = ["cache", "designs", "sample", "simulate", "stack", "sweep"]

compiled.keep()
