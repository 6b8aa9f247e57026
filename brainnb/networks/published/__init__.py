"""Published networks, ready-made."""

from .benchmarks import COBA, COBAHH, CUBA
from .hopfield import Hopfield
from .mi_2017 import Mi2017
from .microcircuit import Microcircuit
from .song_2000 import Song2000
from .ventral_stream import VentralStream

__all__ = ["COBA", "COBAHH", "CUBA", "Hopfield", "Mi2017", "Microcircuit", "Song2000", "VentralStream"]
