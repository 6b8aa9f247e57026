"""The bridge to diffrax: adaptive, implicit and high-order solvers on the same vector field."""

import dataclasses
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

    @property
    def name(self) -> str:
        return f"diffrax.{type(self.solver).__name__}"

    label = name

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
