"""Neurons, one published model a file."""

from .cell import Cell
from .hodgkin_huxley import HodgkinHuxley

__all__ = ["Cell", "HodgkinHuxley"]
