"""Networks: populations, projections, who is connected with whom (`connect`), and with which numbers (`init`)."""

from . import connect, init
from .network import Network
from .population import Population
from .projection import Projection
from .published import COBA, COBAHH, CUBA, Brunel, BrunelHakim, Microcircuit, Synfire, VreeswijkSompolinsky
from .sources import Poisson, PoissonDrive, SpikeTrains

__all__ = [
    "COBA",
    "COBAHH",
    "CUBA",
    "Brunel",
    "BrunelHakim",
    "Microcircuit",
    "Network",
    "Poisson",
    "PoissonDrive",
    "Population",
    "Projection",
    "SpikeTrains",
    "Synfire",
    "VreeswijkSompolinsky",
    "connect",
    "init",
]
