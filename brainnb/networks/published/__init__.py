"""Published networks, ready-made."""

from .benchmarks import COBA, COBAHH, CUBA
from .microcircuit import Microcircuit
from .song_2000 import Song2000

__all__ = ["COBA", "COBAHH", "CUBA", "Microcircuit", "Song2000"]
