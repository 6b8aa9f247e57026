"""Running models: simulate, sweep, record, label."""

from . import cache, compiled, designs
from .simulate import simulate
from .stack import stack
from .sweep import sweep

__all__ = ["cache", "designs", "simulate", "stack", "sweep"]

compiled.keep()
