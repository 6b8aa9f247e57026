"""Published networks, ready-made."""

from .benchmarks import COBA, COBAHH, CUBA
from .brunel import Brunel, BrunelHakim
from .decision import Wang2002
from .gamma import ING, PING
from .hopfield import Hopfield
from .joglekar_2018 import Joglekar2018
from .mi_2017 import Mi2017
from .microcircuit import Microcircuit
from .song_2000 import Song2000
from .synfire import Synfire
from .ventral_stream import VentralStream
from .vreeswijk_sompolinsky import VreeswijkSompolinsky

__all__ = [
    "COBA",
    "COBAHH",
    "CUBA",
    "ING",
    "PING",
    "Brunel",
    "BrunelHakim",
    "Hopfield",
    "Joglekar2018",
    "Mi2017",
    "Microcircuit",
    "Song2000",
    "Synfire",
    "VentralStream",
    "VreeswijkSompolinsky",
    "Wang2002",
]
