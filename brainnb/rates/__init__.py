"""Rate models and populations, one published model a file."""

from .cann import CANN
from .connectome_network import ConnectomeNetwork
from .echo_state import echo_state_network
from .gated import GRU, LSTM
from .jansen_rit import JansenRit
from .kuramoto import Kuramoto
from .mackey_glass import MackeyGlass
from .nvar import NVAR
from .qif_mean_field import QIFMeanField
from .rate_network import NoisyRateNetwork, RateNetwork
from .readout import PolynomialReadout, Readout
from .stuart_landau import StuartLandau
from .threshold_linear import ThresholdLinear
from .wilson_cowan import WilsonCowan
from .wong_wang import WongWang

__all__ = [
    "CANN",
    "GRU",
    "LSTM",
    "NVAR",
    "ConnectomeNetwork",
    "JansenRit",
    "Kuramoto",
    "MackeyGlass",
    "NoisyRateNetwork",
    "PolynomialReadout",
    "QIFMeanField",
    "RateNetwork",
    "Readout",
    "StuartLandau",
    "ThresholdLinear",
    "WilsonCowan",
    "WongWang",
    "echo_state_network",
]
