"""What a model does in the long run: resting points, oscillations, and where they come and go."""

from .bifurcations import bifurcation
from .orbit import cycle
from .phase_responses import phase_response

__all__ = ["bifurcation", "cycle", "phase_response"]
