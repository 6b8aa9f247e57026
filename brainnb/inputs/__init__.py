"""Stimuli: what an input receives over time."""

from .algebra import Product, Scaled, Sum
from .base import FromFunction, Stimulus
from .data import FromData
from .noise import FrozenNoise, Noise
from .steps import Constant, Pulse, Pulses, Ramp, Step
from .timing import Delayed, Lasting, Repeated, Sequence
from .waves import Sine

__all__ = [
    "Constant",
    "Delayed",
    "FromData",
    "FromFunction",
    "FrozenNoise",
    "Lasting",
    "Noise",
    "Product",
    "Pulse",
    "Pulses",
    "Ramp",
    "Repeated",
    "Scaled",
    "Sequence",
    "Sine",
    "Step",
    "Stimulus",
    "Sum",
]
