"""Networks: populations, projections, who is connected with whom (`connect`), and with which numbers (`init`)."""

from . import connect, init
from .manipulated import Manipulated, Manipulation
from .network import Network
from .population import Population
from .projection import Projection
from .published import COBA, COBAHH, CUBA
from .sources import Poisson, PoissonDrive, SpikeTrains

__all__ = [
    "COBA",
    "COBAHH",
    "CUBA",
    "Manipulated",
    "Manipulation",
    "Network",
    "Poisson",
    "PoissonDrive",
    "Population",
    "Projection",
    "SpikeTrains",
    "connect",
    "init",
]
