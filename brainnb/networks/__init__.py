"""Networks: populations, projections, who is connected with whom (`connect`), and with which numbers (`init`)."""

from . import connect, init
from .network import Network
from .population import Population
from .projection import Projection

__all__ = ["Network", "Population", "Projection", "connect", "init"]
