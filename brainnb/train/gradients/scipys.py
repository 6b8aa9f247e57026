"""SciPy's minimisers, with exact gradients and with bounds as they are."""

import dataclasses
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.model import Model

from ..batches import Batch
from ..problem import Problem
from ..rules import Report, Rule, register
from ..select import Selection, norm
from ..transforms import Above, Between, Transform
from .descent import slope
from .downhill import free, refuse_batches, row

METHODS = {
    "L-BFGS-B": "maxiter", "TNC": "maxfun", "SLSQP": "maxiter", "trust-constr": "maxiter",
    "BFGS": "maxiter", "CG": "maxiter", "Nelder-Mead": "maxiter", "Powell": "maxiter",
}  # fmt: skip
"""SciPy's methods, and the option that says how far one goes."""
WITHOUT_GRADIENT = {"Nelder-Mead", "Powell"}
WITHOUT_BOUNDS = {"BFGS", "CG"}


class Leg(eqx.Module):
    """Where SciPy stands after a leg."""

    at: Array
    done: Array


@register("scipy")
class SciPy(Rule):
    """One of ``scipy.optimize.minimize``, on the host: one compiled value and gradient answers what it asks.

    Bounds, its own or those of a transform that was asked for, are given to it directly, so that a parameter may end on
    its bound; a transform that holds none, such as ``"log"``, stays.  An update is a leg of so many ``iterations``; the
    next one starts where it ended, with a fresh memory of the curvature, and the run ends when SciPy says that it has
    converged.

    Parameters
    ----------
    method : str
        ``"L-BFGS-B"``, ``"TNC"``, ``"SLSQP"``, ``"trust-constr"``, ``"Nelder-Mead"``, ``"Powell"``, ``"BFGS"`` or
        ``"CG"``; the last two take no bounds and keep the transforms.
    iterations : int
        Of one leg.
    options : mapping
        Options of that method, such as ``{"ftol": 1e-15}``.

    Raises
    ------
    UnknownName
        For a method that is not among these.
    ModelError
        For batches: two losses of different trials tell nothing about a line.

    References
    ----------
    Byrd, Lu, Nocedal & Zhu 1995, doi:10.1137/0916069; Virtanen et al. 2020, doi:10.1038/s41592-019-0686-2.
    """

    method: str = eqx.field(static=True, default="L-BFGS-B")
    iterations: int = eqx.field(static=True, default=50)
    options: tuple[tuple[str, Any], ...] = eqx.field(
        static=True, default=(), converter=lambda given: tuple(sorted(dict(given).items()))
    )

    on_host: ClassVar[bool] = True

    def __check_init__(self) -> None:
        if self.method not in METHODS:
            raise UnknownName(unknown_message("method", self.method, METHODS, where="SciPy"))
        if not isinstance(self.iterations, int) or self.iterations < 1:
            raise ModelError(f"SciPy: iterations={self.iterations!r}; a number from 1 was expected.")

    def steps(self, problem: Problem) -> int:
        return 20

    def posed(self, problem: Problem) -> Problem:
        """The same problem in the numbers that SciPy moves."""
        return problem if self.method in WITHOUT_BOUNDS else direct(problem)

    def begin(self, problem: Problem) -> Leg:
        refuse_batches("scipy", problem)
        return Leg(row(self.posed(problem).selection), jnp.bool_(False))

    def update(self, problem: Problem, carry: Leg, batch: Batch, key: Array) -> tuple[Leg, Report]:
        posed = self.posed(problem)
        _, unravel = ravel_pytree(posed.selection.start())

        def asked(x: np.ndarray) -> tuple[float, np.ndarray]:
            (loss, _), gradient = slope(posed, unravel(jnp.asarray(x, carry.at.dtype)), batch, jax.random.key(0))
            loss, gradient = np.asarray(loss, float), np.asarray(ravel_pytree(gradient)[0], float)
            bad = not (np.isfinite(loss) and np.isfinite(gradient).all())
            return (np.inf, np.zeros_like(gradient)) if bad else (float(loss), gradient)

        blind = self.method in WITHOUT_GRADIENT
        found = scipy.optimize.minimize(
            (lambda x: asked(x)[0]) if blind else asked,
            np.asarray(carry.at, float),
            jac=None if blind else True,
            method=self.method,
            bounds=None if self.method in WITHOUT_BOUNDS else box(problem),
            options={METHODS[self.method]: self.iterations} | dict(self.options),
        )
        x = jnp.asarray(found.x, carry.at.dtype)
        (loss, metrics), gradient = slope(posed, unravel(x), batch, jax.random.key(0))
        change = {p: norm(c) for p, c in unravel(x - carry.at).items()}
        lengths = {p: norm(g) for p, g in gradient.items()}
        return Leg(x, jnp.asarray(bool(found.success))), Report(loss, metrics, lengths, change)

    def model(self, problem: Problem, carry: Leg) -> Model:
        selection = self.posed(problem).selection
        return selection.with_values(free(selection, carry.at))

    def ended(self, problem: Problem, carry: Leg) -> str | None:
        return f"SciPy's {self.method} has converged" if carry.done else None


def direct(problem: Problem) -> Problem:
    """The problem without the transforms that only hold bounds; :func:`box` has them."""
    old = problem.selection
    ways = {p: Transform() if isinstance(way, Between | Above) else way for p, way in old.ways.items()}
    return dataclasses.replace(problem, selection=Selection(old.model, old.masks, ways, old.tied))


def box(problem: Problem) -> scipy.optimize.Bounds:
    """The bounds of every number that is moved, in the order of a row."""
    known, ways = problem.selection.model.parameters(), problem.selection.ways
    low, high = (
        ravel_pytree({path: np.full(known[path].value.shape, held(way)[end], float) for path, way in ways.items()})[0]
        for end in (0, 1)
    )
    return scipy.optimize.Bounds(np.asarray(low, float), np.asarray(high, float))


def held(way: Transform) -> tuple[float, float]:
    """The bounds that a transform holds."""
    if isinstance(way, Between):
        return way.low, way.high
    if isinstance(way, Above):
        return (way.bound, np.inf) if way.sign > 0 else (-np.inf, way.bound)
    return -np.inf, np.inf
