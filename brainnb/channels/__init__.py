"""Ion channels, one published family a file."""

from .base import Channel
from .group import ChannelGroup
from .hodgkin_huxley_1952 import PotassiumHH1952, SodiumHH1952
from .leak import Leak
from .traub_miles_1991 import PotassiumTraubMiles, SodiumTraubMiles

__all__ = [
    "Channel",
    "ChannelGroup",
    "Leak",
    "PotassiumHH1952",
    "PotassiumTraubMiles",
    "SodiumHH1952",
    "SodiumTraubMiles",
]
