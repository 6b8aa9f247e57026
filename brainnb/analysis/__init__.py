"""What a model does in the long run: resting points, oscillations, and where they come and go."""

from .basins import basins
from .fixed_points import fixed_points
from .phase_plane import phase_plane

__all__ = ["basins", "fixed_points", "phase_plane"]
