"""Neurons, one published model a file."""

from .ad_qif import AdQIF
from .adex import AdEx
from .alif import ALIF
from .butera import Butera
from .cell import Cell
from .chay_keizer import ChayKeizer
from .connor_stevens import ConnorStevens
from .exp_if import ExpIF
from .fitzhugh_nagumo import FitzHughNagumo
from .fractional_fitzhugh_rinzel import FractionalFitzHughRinzel
from .fractional_izhikevich import FractionalIzhikevich
from .gif import GIF
from .glif import GLIF
from .hindmarsh_rose import HindmarshRose
from .hodgkin_huxley import HodgkinHuxley
from .inap_ik import INapIK
from .izhikevich import Izhikevich
from .izhikevich_2004 import Izhikevich2004
from .lif import LIF
from .lif_sfa import LIFSFA
from .morris_lecar import MorrisLecar
from .pinsky_rinzel import PinskyRinzel
from .plant import Plant
from .qif import QIF
from .resonate_and_fire import ResonateAndFire
from .stochastic_gif import StochasticGIF
from .theta import Theta
from .traub_miles import TraubMiles, TraubMilesPoint
from .wang_buzsaki import WangBuzsaki

__all__ = [
    "ALIF",
    "GIF",
    "GLIF",
    "LIF",
    "LIFSFA",
    "QIF",
    "AdEx",
    "AdQIF",
    "Butera",
    "Cell",
    "ChayKeizer",
    "ConnorStevens",
    "ExpIF",
    "FitzHughNagumo",
    "FractionalFitzHughRinzel",
    "FractionalIzhikevich",
    "HindmarshRose",
    "HodgkinHuxley",
    "INapIK",
    "Izhikevich",
    "Izhikevich2004",
    "MorrisLecar",
    "PinskyRinzel",
    "Plant",
    "ResonateAndFire",
    "StochasticGIF",
    "Theta",
    "TraubMiles",
    "TraubMilesPoint",
    "WangBuzsaki",
]
