"""What a model does in the long run: resting points, oscillations, and where they come and go."""

from .basins import basins
from .bifurcations import bifurcation
from .fixed_points import fixed_points
from .orbit import cycle
from .phase_plane import phase_plane
from .phase_responses import phase_response

__all__ = ["basins", "bifurcation", "cycle", "fixed_points", "phase_plane", "phase_response"]
