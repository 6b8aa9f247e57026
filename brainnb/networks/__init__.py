"""Networks: populations, projections, who is connected with whom (`connect`), and with which numbers (`init`)."""

from . import connect, init
from .connectome_spiking_network import ConnectomeSpikingNetwork
from .lsnn import lsnn
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
    Joglekar2018,
    Mi2017,
    Microcircuit,
    Song2000,
    Synfire,
    VentralStream,
    VreeswijkSompolinsky,
    Wang2002,
)
from .sources import CorrelatedPoisson, Poisson, PoissonDrive, Regular, SpikeTrains
from .spiking_layers import SpikingLayer, SpikingLayers
from .spiking_network import SpikingNetwork

__all__ = [
    "COBA",
    "COBAHH",
    "CUBA",
    "ING",
    "PING",
    "Brunel",
    "BrunelHakim",
    "ConnectomeSpikingNetwork",
    "CorrelatedPoisson",
    "Hopfield",
    "Joglekar2018",
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
    "SpikingLayer",
    "SpikingLayers",
    "SpikingNetwork",
    "Synfire",
    "VentralStream",
    "VreeswijkSompolinsky",
    "Wang2002",
    "connect",
    "init",
    "lsnn",
]
