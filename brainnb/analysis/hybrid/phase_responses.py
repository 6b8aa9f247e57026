r"""Phase responses of neurons that reset: between spikes the adjoint equation, at a spike the transpose of its saltation.

A push that lets the threshold be reached earlier is worth that time, and what is left of it after the jump counts as a push
there.  With the matrix :math:`\Pi` and the derivative :math:`R'` of :mod:`brainnb.analysis.hybrid.events`

.. math:: Z(t_s^-) = \Pi^\top R'^\top Z(t_s^+) + \frac{n}{n^\top f^-}

which closes with the adjoint equation of each interval to a linear system of as many numbers as there are states.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError, NumericalFailure

from .. import labelled
from ..cases import Case
from ..flow import Constants, Flow, kernel
from .events import Jumps, jumped, moving, normal, slowed
from .reset_map import Line, Reached

LONGEST = 2000.0
"""ms without a spike that count as silence."""
TOLERANCE = 1e-11
LEAST_STEPS, MOST_STEPS = 1000, 8000
"""What lies within a step is read along a curve of lower order than the method."""
HALVINGS = 52
JUST = 1e-9
"""So far (a part of the way) before the spike its slopes are asked for: at the threshold some models stop."""


class Interval(NamedTuple):
    """From just after one spike to just before the next."""

    x: np.ndarray
    """The states at the times that were asked for."""
    f: np.ndarray
    """How they move there."""
    back: np.ndarray
    """(times, n, n) takes Z from the end of the interval to them."""
    whole: np.ndarray
    """The same for its begin."""
    kept: np.ndarray
    gained: np.ndarray
    """Z just before the spike is ``kept @ Z + gained`` of the one after it."""


@kernel
def between(flow: Flow, start: Array, p: Constants, way: Array, times: Array, scale: Array) -> tuple[Array, ...]:
    """States at some times of an interval, their slopes, and Z from its end back to them and to its begin; the last state.

    In slowed time, in which the upstroke of a spike is as smooth as the rest.
    """
    import diffrax

    def solved(field: Any, begin: Any, end: Any, y: Array, atol: Any) -> Any:
        return diffrax.diffeqsolve(
            diffrax.ODETerm(lambda s, y, _: field(s, y)), diffrax.Dopri8(), begin, end, None, y, throw=False,
            max_steps=MOST_STEPS, saveat=diffrax.SaveAt(dense=True),
            stepsize_controller=diffrax.PIDController(rtol=TOLERANCE, atol=atol, dtmax=way / LEAST_STEPS),
        )  # fmt: skip

    def forward(s: Array, z: Array) -> Array:
        f = moving(flow, z[0], z[1:], p)
        return jnp.concatenate([jnp.ones(1), f]) * slowed(f, scale)

    def backward(s: Array, w: Array) -> Array:
        z = path.evaluate(jnp.minimum(s, before))
        t, x = z[0], z[1:]
        slow = slowed(moving(flow, t, x, p), scale)
        return -slow * jax.jacfwd(lambda x: moving(flow, t, x, p))(x).T @ w

    def reached(t: Array) -> Array:
        """When ``t`` is, in slowed time."""

        def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
            middle = (ends[0] + ends[1]) / 2
            late = path.evaluate(middle)[0] > t
            return jnp.where(late, ends[0], middle), jnp.where(late, middle, ends[1])

        return jax.lax.fori_loop(0, HALVINGS, halve, (jnp.zeros(()), way))[1]

    size = jnp.concatenate([jnp.ones(1), scale])
    before = way * (1 - JUST)
    path = solved(forward, 0.0, way, jnp.concatenate([jnp.zeros(1), start]), TOLERANCE * size)
    back = solved(backward, way, 0.0, jnp.eye(start.size), TOLERANCE)
    at = jax.vmap(reached)(times)
    x = jax.vmap(path.evaluate)(at)[:, 1:]
    f = jax.vmap(lambda t, x: moving(flow, t, x, p))(times, x)
    return x, f, jax.vmap(back.evaluate)(at), back.evaluate(0.0), path.evaluate(way)[1:]


@kernel
def passing(flow: Flow, t: Array, x: Array, p: Constants) -> tuple[Array, Array]:
    """How Z passes the spike at ``x``: the matrix and the time that the threshold itself is worth."""
    f, n = moving(flow, t, x, p), normal(flow, x, p)
    slide = jnp.eye(f.size) - jnp.outer(f, n) / (n @ f)
    # along the surface only: what rounding leaves across it would be multiplied by the speed of the upstroke
    jump = jax.jacfwd(lambda x: jumped(flow, x, p))(x) @ (jnp.eye(f.size) - jnp.outer(n, n))
    return (jump @ slide).T, n / (n @ f)


def phase_response(found: Case, points: int, method: str) -> Any:
    """The Dataset of :func:`brainnb.phase_response` for a model that resets; phase zero is just after a spike."""
    if method != "adjoint":
        raise ModelError(
            f"method={method!r}: {type(found.model).__name__} resets, and its pushed runs are not followed across spikes; "
            "method='adjoint' was expected."
        )
    line = Line(found, "bn.phase_response")
    reached = Reached.of(line, LONGEST)
    if reached.spikes < 1:
        raise NumericalFailure(
            f"bn.phase_response: {type(found.model).__name__} is {reached.pattern}; spikes that repeat were expected. "
            "Another input may do."
        )
    lengths, ways = reached.interval[-reached.spikes :], reached.way[-reached.spikes :]
    starts = line.states(reached.after[-reached.spikes - 1 : -1])
    phase, ends = np.arange(points) / points, np.cumsum(lengths)
    time = phase * ends[-1]
    number = np.searchsorted(ends, time, side="right")
    local = time - (ends - lengths)[number]
    intervals = [
        interval(line, x, T, way, np.clip(local, 0.0, T)) for x, T, way in zip(starts, lengths, ways, strict=True)
    ]
    last = np.array(before_spikes(intervals))
    x, f, back = (
        np.array([getattr(intervals[k], name)[i] for i, k in enumerate(number)]) for name in ("x", "f", "back")
    )
    Z = np.einsum("tij,tj->ti", back, last[number])
    free = local >= Jumps.of(found).after(found, reached.before[-1])[1]
    error = float(np.abs((Z * f).sum(1) - 1)[free].max())
    return _labelled(line, phase, x, Z, float(ends[-1]), reached.spikes, error)


def interval(line: Line, start: np.ndarray, length: float, way: float, times: np.ndarray) -> Interval:
    """What is known between a spike and the next, at ``times`` since the first."""
    flow, p = line.found.flow, line.p
    *found, end = (np.asarray(a) for a in between(flow, start, p, way, times, line.scale))
    return Interval(*found, *(np.asarray(a) for a in passing(flow, length, end, p)))


def before_spikes(intervals: list[Interval]) -> list[np.ndarray]:
    """Z just before the spike that ends each interval, such that a round brings it back."""
    n = len(intervals[0].gained)
    turned, added = np.eye(n), np.zeros(n)
    for one in reversed(intervals):  # from after the last spike, backwards through all
        turned = one.whole @ one.kept @ turned
        added = one.whole @ (one.kept @ added + one.gained)
    Z, found = np.linalg.solve(np.eye(n) - turned, added), []
    for one in reversed(intervals):
        found.append(one.kept @ Z + one.gained)
        Z = one.whole @ found[-1]
    return found[::-1]


def _labelled(
    line: Line, phase: np.ndarray, x: np.ndarray, Z: np.ndarray, period: float, spikes: int, error: float
) -> Any:
    c = line.found
    data: dict[str, Any] = {name: ("phase", x[:, i], c.attributes(name)) for i, name in enumerate(c.names)}
    data["period"] = ((), period, {"units": "ms", "long_name": "period"})
    for i, name in enumerate(c.names):
        data[f"prc_{name}"] = ("phase", Z[:, i], response_attributes(c, i))
    attrs = labelled.attributes(
        c, analysis="phase_response", phase_zero="just after a spike", method="adjoint", spikes=spikes,
        normalisation_error=error,
    )  # fmt: skip
    coords = {"phase": ("phase", phase, {"units": "1", "long_name": "phase, from just after a spike"})}
    return labelled.dataset(data, attrs, coords)


def response_attributes(c: Case, i: int) -> dict[str, str]:
    """Unit and meaning of the response to a push of state ``i``."""
    unit = c.states[i].unit
    return {
        "units": "ms" if unit == "1" else f"ms/({unit})",
        "long_name": f"advance of the cycle by a push of {c.names[i]}",
    }
