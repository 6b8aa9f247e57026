"""Published networks, ready-made."""

from .benchmarks import COBA, COBAHH, CUBA
from .microcircuit import Microcircuit

__all__ = ["COBA", "COBAHH", "CUBA", "Microcircuit"]
