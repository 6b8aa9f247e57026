"""Published networks, ready-made."""

from .benchmarks import COBA, COBAHH, CUBA

__all__ = ["COBA", "COBAHH", "CUBA"]
