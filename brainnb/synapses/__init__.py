"""Synapses: kinetics (how they open), outputs (what that does), couplings, short- and long-term plasticity."""

from .base import Kinetics, Output
from .exponential import Alpha, Delta, DualExponential, Exponential
from .outputs import Conductance, Current, MagnesiumBlock

__all__ = [
    "Alpha",
    "Conductance",
    "Current",
    "Delta",
    "DualExponential",
    "Exponential",
    "Kinetics",
    "MagnesiumBlock",
    "Output",
]
