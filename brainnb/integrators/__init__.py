"""Fixed-step methods and the bridge to diffrax's adaptive ones."""

from typing import Any

from brainnb.core.errors import unknown_message

from .base import Integrator
from .explicit import RK4, Euler, ExplicitRungeKutta, Heun, Midpoint
from .exponential import ExponentialEuler, Strang
from .sde import EulerHeun, Milstein, Stochastic, StochasticHeun, TamedEuler
from .sequential import SequentialEuler
from .srk import KLPL, SRK1W1, SRK2W1, MilsteinGradFree, StochasticRungeKutta
from .wiener import Wiener

METHODS: dict[str, type[Integrator]] = {
    m.name: m for m in (Euler, Midpoint, Heun, RK4, ExponentialEuler, Strang, SequentialEuler)
} | {m.name: m for m in (EulerHeun, StochasticHeun, Milstein, MilsteinGradFree, KLPL, SRK1W1, SRK2W1, TamedEuler)}
ALIASES = {"exp_euler": "exponential_euler", "euler_maruyama": "euler", "milstein2": "milstein_grad_free"}

__all__ = [
    "KLPL",
    "METHODS",
    "RK4",
    "SRK1W1",
    "SRK2W1",
    "Euler",
    "EulerHeun",
    "ExplicitRungeKutta",
    "ExponentialEuler",
    "Heun",
    "Integrator",
    "Midpoint",
    "Milstein",
    "MilsteinGradFree",
    "SequentialEuler",
    "Stochastic",
    "StochasticHeun",
    "StochasticRungeKutta",
    "TamedEuler",
    "Wiener",
    "get",
]


def get(method: Any) -> Any:
    """A method from its name, its class or itself; diffrax solvers pass through.

    Raises
    ------
    ValueError
        Names the known methods and the nearest.
    """
    from .adaptive import Adaptive, is_diffrax_solver

    if isinstance(method, str):
        name = ALIASES.get(method.lower().replace("-", "_").replace(" ", "_"), method.lower())
        if name not in METHODS:
            raise ValueError(unknown_message("method", method, METHODS))
        return METHODS[name]()
    if isinstance(method, type) and issubclass(method, Integrator):
        return method()
    if isinstance(method, Integrator | Adaptive):
        return method
    if is_diffrax_solver(method):
        return Adaptive(method)
    if isinstance(method, type):
        raise ValueError(
            f"method= got the class {method.__name__}; build it: diffrax.{method.__name__}() for a solver."
        )
    raise ValueError(
        f"method={method!r} is no integrator: give a name ({', '.join(METHODS)}), "
        f"an Integrator, or a diffrax solver such as diffrax.Tsit5()."
    )
