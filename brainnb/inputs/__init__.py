"""Stimuli: what an input receives over time."""

from . import encode
from .algebra import Product, Scaled, Sum
from .base import FromFunction, Stimulus
from .data import FromData
from .noise import FrozenNoise, Noise, Wiener
from .pulses import AlphaPulse, Bursts, GaussianPulse
from .spikes import PoissonSpikes, ShotNoise, SpikeTimes
from .steps import Constant, Pulse, Pulses, Ramp, Step
from .timing import Delayed, Lasting, Repeated, Sequence
from .waves import Chirp, Sine, Square, Triangle

OrnsteinUhlenbeck = Noise  # the name of the process

__all__ = [
    "AlphaPulse",
    "Bursts",
    "Chirp",
    "Constant",
    "Delayed",
    "FromData",
    "FromFunction",
    "FrozenNoise",
    "GaussianPulse",
    "Lasting",
    "Noise",
    "PoissonSpikes",
    "Product",
    "Pulse",
    "Pulses",
    "Ramp",
    "Repeated",
    "Scaled",
    "Sequence",
    "ShotNoise",
    "Sine",
    "SpikeTimes",
    "Square",
    "Step",
    "Stimulus",
    "Sum",
    "Triangle",
    "Wiener",
    "encode",
]
