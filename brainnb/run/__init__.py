"""Running models: simulate, sweep, record, label."""

from . import cache
from .simulate import simulate
from .sweep import sweep

__all__ = ["cache", "simulate", "sweep"]
