"""What a model does in the long run: resting points, oscillations, and where they come and go."""

from .delay_roots import delay_hopf, delay_roots
from .linearize import linearize
from .lyapunov import lyapunov
from .poincare import poincare
from .slow_points import slow_points

__all__ = ["delay_hopf", "delay_roots", "linearize", "lyapunov", "poincare", "slow_points"]
