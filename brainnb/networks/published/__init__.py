"""Published networks, ready-made."""

from .benchmarks import COBA, COBAHH, CUBA
from .brunel import Brunel, BrunelHakim
from .microcircuit import Microcircuit
from .synfire import Synfire
from .vreeswijk_sompolinsky import VreeswijkSompolinsky

__all__ = ["COBA", "COBAHH", "CUBA", "Brunel", "BrunelHakim", "Microcircuit", "Synfire", "VreeswijkSompolinsky"]
