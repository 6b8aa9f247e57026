"""Stimuli: what an input receives over time."""

from .base import FromFunction, Stimulus
from .data import FromData
from .noise import FrozenNoise, Noise
from .steps import Constant, Pulse, Pulses, Ramp, Step
from .waves import Sine

__all__ = [
    "Constant",
    "FromData",
    "FromFunction",
    "FrozenNoise",
    "Noise",
    "Pulse",
    "Pulses",
    "Ramp",
    "Sine",
    "Step",
    "Stimulus",
]
