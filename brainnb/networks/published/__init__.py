"""Published networks, ready-made."""

from .benchmarks import COBA, COBAHH, CUBA
from .brunel import Brunel, BrunelHakim
from .decision import Wang2002
from .gamma import ING, PING
from .microcircuit import Microcircuit
from .song_2000 import Song2000
from .synfire import Synfire
from .vreeswijk_sompolinsky import VreeswijkSompolinsky

__all__ = [
    "COBA",
    "COBAHH",
    "CUBA",
    "ING",
    "PING",
    "Brunel",
    "BrunelHakim",
    "Microcircuit",
    "Song2000",
    "Synfire",
    "VreeswijkSompolinsky",
    "Wang2002",
]
