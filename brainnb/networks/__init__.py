"""Networks: who is connected with whom (`connect`), and with which numbers (`init`)."""

from . import connect, init

__all__ = ["connect", "init"]
