"""Networks: populations, projections, who is connected with whom (`connect`), and with which numbers (`init`)."""

from . import connect, init
from .manipulated import Manipulated, Manipulation
from .network import Network
from .population import Population
from .projection import Projection
from .published import (
    COBA,
    COBAHH,
    CUBA,
    ING,
    PING,
    Brunel,
    BrunelHakim,
    Hopfield,
    Mi2017,
    Microcircuit,
    Song2000,
    Synfire,
    VreeswijkSompolinsky,
    Wang2002,
)
from .sources import CorrelatedPoisson, Poisson, PoissonDrive, Regular, SpikeTrains

__all__ = [
    "COBA",
    "COBAHH",
    "CUBA",
    "ING",
    "PING",
    "Brunel",
    "BrunelHakim",
    "CorrelatedPoisson",
    "Hopfield",
    "Manipulated",
    "Manipulation",
    "Mi2017",
    "Microcircuit",
    "Network",
    "Poisson",
    "PoissonDrive",
    "Population",
    "Projection",
    "Regular",
    "Song2000",
    "SpikeTrains",
    "Synfire",
    "VreeswijkSompolinsky",
    "Wang2002",
    "connect",
    "init",
]
