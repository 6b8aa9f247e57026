"""Neurons, one published model a file."""

from .adex import AdEx
from .cell import Cell
from .exp_if import ExpIF
from .fitzhugh_nagumo import FitzHughNagumo
from .gif import GIF
from .hindmarsh_rose import HindmarshRose
from .hodgkin_huxley import HodgkinHuxley
from .izhikevich import Izhikevich
from .izhikevich_2004 import Izhikevich2004
from .lif import LIF
from .morris_lecar import MorrisLecar
from .qif import QIF
from .theta import Theta
from .traub_miles import TraubMiles, TraubMilesPoint
from .wang_buzsaki import WangBuzsaki

__all__ = [
    "GIF",
    "LIF",
    "QIF",
    "AdEx",
    "Cell",
    "ExpIF",
    "FitzHughNagumo",
    "HindmarshRose",
    "HodgkinHuxley",
    "Izhikevich",
    "Izhikevich2004",
    "MorrisLecar",
    "Theta",
    "TraubMiles",
    "TraubMilesPoint",
    "WangBuzsaki",
]
