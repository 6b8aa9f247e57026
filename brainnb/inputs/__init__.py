"""Stimuli: what an input receives over time."""

from .base import FromFunction, Stimulus

__all__ = ["FromFunction", "Stimulus"]
