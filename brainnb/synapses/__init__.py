"""Synapses: kinetics (how they open), outputs (what that does), couplings, short- and long-term plasticity."""

from .ampa_gaba import AMPA, GABAa
from .base import Kinetics, Output
from .coupling import Additive, Coupling, Diffusive, GapJunction
from .exponential import Alpha, Delta, DualExponential, Exponential
from .gaba_b import GABAb
from .hebbian import BCM, Oja
from .homeostatic import SynapticScaling
from .inhibitory import VogelsSprekeler
from .nmda import NMDA, NMDASecondOrder
from .outputs import Conductance, Current, MagnesiumBlock
from .plastic import Plasticity
from .reward import RewardSTDP
from .short_term import Release, TsodyksMarkram
from .stdp import STDP
from .triplet import TripletSTDP

__all__ = [
    "AMPA",
    "BCM",
    "NMDA",
    "STDP",
    "Additive",
    "Alpha",
    "Conductance",
    "Coupling",
    "Current",
    "Delta",
    "Diffusive",
    "DualExponential",
    "Exponential",
    "GABAa",
    "GABAb",
    "GapJunction",
    "Kinetics",
    "MagnesiumBlock",
    "NMDASecondOrder",
    "Oja",
    "Output",
    "Plasticity",
    "Release",
    "RewardSTDP",
    "SynapticScaling",
    "TripletSTDP",
    "TsodyksMarkram",
    "VogelsSprekeler",
]
