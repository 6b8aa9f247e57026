"""What a model does in the long run: resting points, oscillations, and where they come and go."""

from .basins import basins
from .bifurcations import bifurcation
from .delay_roots import delay_hopf, delay_roots
from .fast_slow import fast_slow
from .fi_curve import fi_curve
from .fixed_points import fixed_points
from .hybrid import reset_map, spike_adding
from .linearize import linearize
from .lyapunov import lyapunov
from .orbit import cycle
from .phase_plane import phase_plane
from .phase_responses import phase_response
from .poincare import poincare
from .slow_points import slow_points
from .stochastic import fokker_planck, siegert

__all__ = [
    "basins",
    "bifurcation",
    "cycle",
    "delay_hopf",
    "delay_roots",
    "fast_slow",
    "fi_curve",
    "fixed_points",
    "fokker_planck",
    "linearize",
    "lyapunov",
    "phase_plane",
    "phase_response",
    "poincare",
    "reset_map",
    "siegert",
    "slow_points",
    "spike_adding",
]
