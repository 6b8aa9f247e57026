"""What a model does in the long run: resting points, oscillations, and where they come and go."""

from .bursting.fast_slow import fast_slow
from .continuation.bifurcations import bifurcation
from .cycles.isochrons import isochrons
from .cycles.orbit import cycle
from .cycles.phase_responses import phase_response
from .delays.delay_roots import delay_hopf, delay_roots
from .hybrid import reset_map, spike_adding
from .orbits.fi_curve import fi_curve
from .orbits.lyapunov import lyapunov
from .orbits.poincare import poincare
from .plane.basins import basins
from .plane.fixed_points import fixed_points
from .plane.phase_plane import phase_plane
from .states.linearize import linearize
from .states.slow_points import slow_points
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
    "isochrons",
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
