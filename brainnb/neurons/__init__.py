"""Neurons, one published model a file."""

from .adex import AdEx
from .cell import Cell
from .fitzhugh_nagumo import FitzHughNagumo
from .hindmarsh_rose import HindmarshRose
from .hodgkin_huxley import HodgkinHuxley
from .izhikevich import Izhikevich
from .izhikevich_2004 import Izhikevich2004
from .lif import LIF
from .morris_lecar import MorrisLecar
from .traub_miles import TraubMiles, TraubMilesPoint

__all__ = [
    "LIF",
    "AdEx",
    "Cell",
    "FitzHughNagumo",
    "HindmarshRose",
    "HodgkinHuxley",
    "Izhikevich",
    "Izhikevich2004",
    "MorrisLecar",
    "TraubMiles",
    "TraubMilesPoint",
]
