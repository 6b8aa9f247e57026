"""Noise: rates, intervals and densities without a simulation."""

from .fokker_planck import fokker_planck
from .siegert import siegert

__all__ = ["fokker_planck", "siegert"]
