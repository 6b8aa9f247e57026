"""Running models: simulate, sweep, record, label."""

from . import cache
from .simulate import simulate

__all__ = ["cache", "simulate"]
