"""What a model does in the long run: resting points, oscillations, and where they come and go."""

from .delay_roots import delay_hopf, delay_roots
from .fi_curve import fi_curve
from .hybrid import reset_map, spike_adding
from .linearize import linearize
from .lyapunov import lyapunov
from .poincare import poincare
from .slow_points import slow_points
from .stochastic import fokker_planck, siegert

__all__ = [
    "delay_hopf",
    "delay_roots",
    "fi_curve",
    "fokker_planck",
    "linearize",
    "lyapunov",
    "poincare",
    "reset_map",
    "siegert",
    "slow_points",
    "spike_adding",
]
