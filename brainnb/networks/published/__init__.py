"""Published networks, ready-made."""

from .benchmarks import COBA, COBAHH, CUBA
from .song_2000 import Song2000

__all__ = ["COBA", "COBAHH", "CUBA", "Song2000"]
