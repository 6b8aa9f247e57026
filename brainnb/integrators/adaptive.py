"""The bridge to diffrax: adaptive, implicit and high-order solvers on the same vector field."""

import dataclasses
import math
import sys
from typing import Any

import jax.numpy as jnp
from jax import Array

from brainnb.core.record import Record

from .base import Field, as_record, moving


def is_diffrax_solver(x: Any) -> bool:
    """Whether ``x`` is a diffrax solver; diffrax is imported only when the caller already did."""
    diffrax = sys.modules.get("diffrax")
    return diffrax is not None and isinstance(x, diffrax.AbstractSolver)


def check_solver(solver: Any) -> None:
    """Refuse what is no solver, and solvers that cannot choose their steps on plain equations."""
    if not is_diffrax_solver(solver):
        given = f"the class {solver.__name__}" if isinstance(solver, type) else repr(solver)
        raise ValueError(f"Adaptive got {given}; a built solver of diffrax was expected, Adaptive(diffrax.Tsit5()).")
    import diffrax

    name = f"diffrax.{type(solver).__name__}"
    if not isinstance(solver, diffrax.AbstractAdaptiveSolver):
        raise ValueError(
            f"{name} has no estimate of its error, so it cannot choose its steps. Use diffrax.Tsit5(), 'rk4' for fixed "
            f"steps, or 'milstein' for noise."
        )
    if solver.term_structure is not diffrax.AbstractTerm:
        raise ValueError(
            f"{name} wants the equations in two parts. Use diffrax.Kvaerno5(), which solves all of them implicitly, "
            f"or ARS222(stiff=['V']), which takes the parts by the names of their states."
        )


def check_tolerances(method: Any) -> None:
    """Refuse tolerances and numbers of steps that no run can keep."""
    kind = type(method).__name__
    for name in ("rtol", "atol"):
        value = getattr(method, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 < value < math.inf:
            raise ValueError(f"{kind}({name}={value!r}): a positive number was expected, {name}=1e-6.")
    if isinstance(method.max_steps, bool) or not isinstance(method.max_steps, int) or method.max_steps < 1:
        raise ValueError(f"{kind}(max_steps={method.max_steps!r}): a whole number of at least 1 was expected.")


@dataclasses.dataclass(frozen=True)
class Adaptive:
    """A diffrax solver with step-size control between the points of the output grid.

    For smooth models only: thresholds and resets need the fixed steps of the other methods, and noise needs
    their increments.  ``dt`` is then the spacing of the output, not of the solver's steps.

    Parameters
    ----------
    solver : diffrax.AbstractSolver
        ``diffrax.Tsit5()``, ``diffrax.Kvaerno5()``, ...
    rtol, atol : float
        Relative and absolute tolerance of one step.
    max_steps : int
        Solver steps allowed between two output points.

    Reference: Kidger 2021, arXiv:2202.02435.
    """

    solver: Any
    rtol: float = 1e-6
    atol: float = 1e-6
    max_steps: int = 4096

    def __post_init__(self) -> None:
        check_solver(self.solver)
        check_tolerances(self)

    @property
    def name(self) -> str:
        return f"diffrax.{type(self.solver).__name__}"

    @property
    def order(self) -> int:
        """What the solver claims."""
        return self.solver.order(None) or 1

    @property
    def label(self) -> str:
        """The name, with the settings that are not the default."""
        given = [
            f"{k}={getattr(self, k)!r}"
            for k in ("rtol", "atol", "max_steps")
            if getattr(self, k) != getattr(Adaptive, k)
        ]
        return f"{self.name}({', '.join(given)})" if given else self.name

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        """The state at ``t + dt``, with as many inner steps as the tolerance asks."""
        import diffrax

        like = as_record(field(t, s))
        if not like:
            return s
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, q, _: as_record(field(t, s.merge(q)))),
            self.solver,
            t0=t,
            t1=t + dt,
            dt0=None,
            y0=moving(s, like),
            stepsize_controller=diffrax.PIDController(rtol=self.rtol, atol=self.atol),
            max_steps=self.max_steps,
            throw=False,
        )
        ok = solution.result == diffrax.RESULTS.successful
        return s.merge(_where(ok, solution.ys))


def _where(ok: Array, ys: Record) -> Record:
    """The solution, or NaN where the solver gave up: the run then reports the first bad time."""
    return Record((k, _where(ok, v) if isinstance(v, Record) else jnp.where(ok, v[0], jnp.nan)) for k, v in ys.items())
