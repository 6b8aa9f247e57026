"""Fixed-step and adaptive methods, and the bridge to diffrax's."""

from typing import Any

from brainnb.core.errors import unknown_message

from .base import Integrator
from .embedded import EmbeddedRungeKutta
from .explicit import (
    RK2,
    RK3,
    RK4,
    SSPRK3,
    Euler,
    Heun,
    Heun3,
    Midpoint,
    Ralston2,
    Ralston3,
    Ralston4,
    RK4Rule38,
)
from .exponential import ExponentialEuler, Splitting, Strang
from .fractional import CaputoEuler, CaputoL1, Fractional, GrunwaldLetnikov
from .implicit_explicit import ARS222, CrankNicolson, ImexEuler, ImplicitExplicit
from .pairs import BogackiShampine, CashKarp, DormandPrince, Fehlberg12, Fehlberg45, HeunEuler, Tsitouras
from .runge_kutta import ExplicitRungeKutta
from .rush_larsen import RushLarsen
from .sde import EulerHeun, Milstein, Stochastic, StochasticHeun, TamedEuler
from .sequential import SequentialEuler
from .srk import KLPL, SRK1W1, SRK2W1, MilsteinGradFree, StochasticRungeKutta
from .two_step import CrankNicolsonAdamsBashforth
from .wiener import Wiener

EXPLICIT = (Euler, Midpoint, Heun, Ralston2, RK2, RK3, Heun3, Ralston3, SSPRK3, RK4, Ralston4, RK4Rule38)
EMBEDDED = (HeunEuler, Fehlberg12, BogackiShampine, Fehlberg45, CashKarp, DormandPrince, Tsitouras)
STOCHASTIC = (EulerHeun, StochasticHeun, Milstein, MilsteinGradFree, KLPL, SRK1W1, SRK2W1, TamedEuler)
IMEX = (ImexEuler, ARS222, CrankNicolson, CrankNicolsonAdamsBashforth)
SPLIT = (ExponentialEuler, RushLarsen, Strang, Splitting, SequentialEuler, *IMEX)

METHODS: dict[str, type[Integrator]] = {m.name: m for m in (*EXPLICIT, *EMBEDDED, *SPLIT, *STOCHASTIC)}
FRACTIONAL: dict[str, type[Fractional]] = {m.name: m for m in (CaputoEuler, CaputoL1, GrunwaldLetnikov)}
"""For states of fractional order, which the others cannot step."""

ALIASES = {
    "euler_maruyama": "euler",
    "heun2": "heun",
    "ssprk33": "ssprk3",
    "rk4_38": "rk4_38rule",
    "bosh3": "bs",
    "bs32": "bs",
    "dopri5": "rkdp",
    "cash_karp": "ck",
    "tsitouras": "tsit5",
    "exp_euler": "exponential_euler",
    "exp_euler_auto": "exponential_euler",
    "exp_auto": "exponential_euler",
    "expeuler": "exponential_euler",
    "imex_ars222": "ars222",
    "cnab": "imex_cnab",
    "milstein2": "milstein_grad_free",
    "l1": "caputo_l1",
    "gl": "grunwald_letnikov",
    "short_memory": "grunwald_letnikov",
}
"""Other names for the same."""

INSTEAD = {
    **dict.fromkeys(("rk45", "ode45", "dopri"), "'rkdp'"),
    **dict.fromkeys(("rk23", "ode23"), "'bs'"),
    **dict.fromkeys(("dop853", "dopri8", "rk87_dopri"), "diffrax.Dopri8()"),
    **dict.fromkeys(("lsoda", "bdf", "radau", "ode15s", "ode23s", "cvode", "kvaerno5"), "diffrax.Kvaerno5()"),
    **dict.fromkeys(("implicit_euler", "backward_euler"), "'imex_euler'"),
    **dict.fromkeys(("crank_nicolson", "cn"), "'imex_cn'"),
}
"""What to take for methods that are known from elsewhere under names that are none here."""

__all__ = [
    "ALIASES",
    "ARS222",
    "FRACTIONAL",
    "KLPL",
    "METHODS",
    "RK2",
    "RK3",
    "RK4",
    "SSPRK3",
    "BogackiShampine",
    "CaputoEuler",
    "CaputoL1",
    "CashKarp",
    "CrankNicolson",
    "CrankNicolsonAdamsBashforth",
    "DormandPrince",
    "EmbeddedRungeKutta",
    "Euler",
    "EulerHeun",
    "ExplicitRungeKutta",
    "ExponentialEuler",
    "Fehlberg12",
    "Fehlberg45",
    "Fractional",
    "GrunwaldLetnikov",
    "Heun",
    "Heun3",
    "HeunEuler",
    "ImexEuler",
    "ImplicitExplicit",
    "Integrator",
    "Midpoint",
    "Milstein",
    "MilsteinGradFree",
    "RK4Rule38",
    "Ralston2",
    "Ralston3",
    "Ralston4",
    "RushLarsen",
    "SequentialEuler",
    "Splitting",
    "Stochastic",
    "StochasticHeun",
    "StochasticRungeKutta",
    "Strang",
    "TamedEuler",
    "Tsitouras",
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
        name = method.lower().replace("-", "_").replace(" ", "_")
        name = ALIASES.get(name, name)
        known = METHODS | FRACTIONAL
        if name not in known:
            if name in INSTEAD:
                raise ValueError(
                    f"No method `{method}`: method={INSTEAD[name]} is the nearest. Known: rk4, rkdp, strang, ..."
                )
            raise ValueError(unknown_message("method", method, known))
        return known[name]()
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
    given = (
        f"method={method!r}" if isinstance(method, list | tuple | dict | int | float) else f"a {type(method).__name__}"
    )
    raise ValueError(
        f"{given} is no integrator: give a name such as 'rk4' or 'strang', "
        f"an Integrator, or a diffrax solver such as diffrax.Tsit5()."
    )
