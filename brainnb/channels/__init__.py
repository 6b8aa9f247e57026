"""Ion channels, one published family a file."""

from .base import Channel
from .group import ChannelGroup
from .hodgkin_huxley_1952 import PotassiumHH1952, SodiumHH1952
from .leak import Leak

__all__ = ["Channel", "ChannelGroup", "Leak", "PotassiumHH1952", "SodiumHH1952"]
