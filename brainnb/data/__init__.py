"""Small measured tables that come with the library, each with its source beside it."""

from .macaque import Macaque, macaque

__all__ = ["Macaque", "macaque"]
