"""One limit cycle of a model: found by running it, closed by collocation, given as a Dataset over the phase."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError, NumericalFailure
from brainnb.core.model import Model
from brainnb.run.dataset import provenance

from ..ahead import Program
from ..cases import Case, case
from ..flow import Constants, Flow, in_double, kernel
from .collocation import sampled
from .cycle_track import Follower, peak
from .floquet import multipliers, stable
from .following import Rows

STEPS = 4096
"""Steps of one call of the run; what it saw is then searched for a return."""

CALLS = 24
NEAR = 0.05
"""A return this close to where it started, by the size of the orbit, is tried as a cycle."""

_A = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [1 / 5, 0, 0, 0, 0, 0],
        [3 / 40, 9 / 40, 0, 0, 0, 0],
        [44 / 45, -56 / 15, 32 / 9, 0, 0, 0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]
)
_ERROR = np.array([71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])


class Run(NamedTuple):
    """Steps of a run: times, states and slopes."""

    t: Array
    x: Array
    f: Array
    dt: Array


@kernel(brief=True)
def run_on(flow: Flow, p: Constants, x: Array, dt: Array, scale: Array, tolerance: Array) -> Run:
    """The next steps of a model, of a size that keeps the error small (Dormand & Prince 1980).

    ``tolerance`` is the error of a step, in scales of the states.
    """

    def step(s: tuple) -> tuple:
        t, x, dt, count, tries, run = s
        ks = jnp.zeros((7, x.size))

        def stage(i: Array, ks: Array) -> Array:
            return ks.at[i].set(flow(x + dt * (jnp.asarray(_A)[i] @ ks[:6]), p))

        ks = jax.lax.fori_loop(0, 7, stage, ks)
        new = x + dt * (_A[6] @ ks[:6])
        error = jnp.max(jnp.abs(dt * (_ERROR @ ks)) / scale) / tolerance
        good = error <= 1.0
        run = Run(
            run.t.at[count].set(t + dt), run.x.at[count].set(new), run.f.at[count].set(ks[6]), run.dt
        )  # a step that is no good is written over
        factor = jnp.clip(0.9 * jnp.where(error > 0, error, 1e-10) ** -0.2, 0.2, 5.0)
        factor = jnp.where(jnp.isfinite(error), factor, 0.2)
        return jnp.where(good, t + dt, t), jnp.where(good, new, x), dt * factor, count + good, tries + 1, run

    def going(s: tuple) -> Array:
        return (s[3] < STEPS) & (s[4] < 2 * STEPS)

    empty = Run(jnp.zeros(STEPS), jnp.zeros((STEPS, x.size)), jnp.zeros((STEPS, x.size)), dt)
    start = (jnp.array(0.0), x, dt, jnp.array(0), jnp.array(0), empty)
    _, _, dt, count, _, run = jax.lax.while_loop(going, step, start)
    return run._replace(dt=jnp.where(count < STEPS, jnp.nan, dt))


def soon(follower: Follower) -> list[Program]:
    """The program that runs the model until it returns."""
    c = follower.case
    return [(run_on, (c.flow, c.p, c.x, np.float64(1e-3), follower.scale.x, np.float64(1e-7)))]


class Found(NamedTuple):
    """A cycle of a case, with its phase zero at the peak of the first state."""

    case: Case
    follower: Follower
    row: Rows
    zero: float

    @property
    def period(self) -> float:
        return float(np.exp(self.row.orbit.log_T))

    def at(self, phase: np.ndarray) -> np.ndarray:
        """(phases, n): the states at phases counted from the peak."""
        return sampled(self.row.orbit.u, self.row.edges, np.asarray(phase) + self.zero) * self.follower.scale.x


@in_double
def found_cycle(found: Case) -> Found:
    """Run a case until it returns, and close the orbit.

    Raises
    ------
    NumericalFailure
        Which says where the model went instead.
    """
    follower = _follower(found)
    row = simulated(follower, found.x, follower.lo)
    name = type(found.model).__name__
    if isinstance(row, str):
        raise NumericalFailure(
            f"{name}: no limit cycle was found; {row}. Another start may have one: start={{state: value}}."
        )
    return Found(found, follower, row, peak(row.orbit.u, row.edges))


def _follower(found: Case) -> Follower:
    """The parameter does not move: any constant will do, or none."""
    value = float(found.p.numbers[0]) if found.p.numbers.size else 0.0
    return Follower(found, 0, value, value + max(1.0, abs(value)))


def simulated(follower: Follower, x: np.ndarray, value: float, calls: int = CALLS) -> Rows | str:
    """The cycle on which a run from ``x`` ends, or where it went instead."""
    c, scale = follower.case, follower.scale.x
    p, dt = follower._at(value), 1e-3
    for _ in range(calls):
        run = Run(*(np.asarray(a) for a in run_on(c.flow, p, x, np.float64(dt), scale, np.float64(1e-7))))
        if not np.isfinite(run.x).all() or not np.isfinite(run.dt):
            return "the run did not stay finite"
        x, dt = run.x[-1], float(run.dt)
        size = np.ptp(run.x, 0) / scale
        if size.max() < 1e-5:
            return "the run comes to rest at " + ", ".join(f"{n} = {v:.6g}" for n, v in zip(c.names, x, strict=True))
        if np.any(np.abs(x - c.x) > 1e3 * scale):
            return "the run leaves every bound"
        back = _return(run, scale)
        row = None if back is None else _closed(follower, run, back, value)
        turns = 1 if row is None else _turns(row)
        if turns > 1:  # it went round several times before it was near enough
            row = _closed(follower, run, back / turns, value)
        if row is not None:
            return row
    return f"the run did not repeat itself within {calls * STEPS} steps"


def _closed(follower: Follower, run: Run, back: float, value: float) -> Rows | None:
    """The cycle next to the last stretch of a run."""
    import scipy.interpolate

    inside = np.linspace(-back, 0, 4096, endpoint=False)
    path = scipy.interpolate.CubicHermiteSpline(run.t - run.t[-1], run.x, run.f)(inside)
    row = follower.from_samples((inside + back) / back, path, back, value)
    if row is None or abs(float(row.orbit.log_T) - np.log(back)) > 0.1 or np.ptp(row.orbit.u, (0, 1)).max() < 1e-4:
        return None
    return row


def _turns(row: Rows) -> int:
    """How often an orbit repeats itself."""
    at = np.arange(720) / 720
    x = sampled(row.orbit.u, row.edges, at)
    size = np.ptp(x, 0).max()
    for turns in (8, 6, 5, 4, 3, 2):
        if np.max(np.abs(x - np.roll(x, 720 // turns, 0))) < 1e-3 * size:
            return turns
    return 1


def _return(run: Run, scale: np.ndarray) -> float | None:
    """How long ago the run was nearly where it is now: the shortest such time."""
    y = run.x / scale
    towards = run.f[-1] / scale
    norm = np.linalg.norm(towards)
    if norm == 0:
        return None
    size = np.linalg.norm(np.ptp(y, 0))
    height = (y - y[-1]) @ towards / norm
    k = np.flatnonzero((height[:-2] < 0) & (height[1:-1] >= 0))
    if not k.size:
        return None
    part = height[k] / (height[k] - height[k + 1])
    there = y[k] + part[:, None] * (y[k + 1] - y[k])
    distance = np.linalg.norm(there - y[-1], axis=1)
    if distance.min() > NEAR * size:
        return None
    near = np.flatnonzero(distance <= 3 * distance.min() + 1e-3 * size)[-1]
    at = run.t[k[near]] + part[near] * (run.t[k[near] + 1] - run.t[k[near]])
    return float(run.t[-1] - at)


def started(found: Case, start: Mapping[str, float] | None) -> Case:
    """The case with another starting state."""
    if not start:
        return found
    import dataclasses

    x = found.x.copy()
    for path, value in start.items():
        x[found.state(path)] = value
    return dataclasses.replace(found, x=x)


@in_double
def cycle(
    model: Model,
    *,
    points: int = 400,
    start: Mapping[str, float] | None = None,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Find a stable limit cycle of a model and describe it.

    The model runs until it nearly returns; the orbit is then closed by Newton's method on its collocation, so that the
    period is known to about ten digits:

    .. math:: x'(\theta) = T f(x(\theta)), \qquad x(0) = x(1)

    Unstable cycles are found by :func:`brainnb.bifurcation`.

    Parameters
    ----------
    model : Model
    points : int
        Phases of the result.
    start : mapping of state to number
        Where the run starts, if not where the model does.
    inputs, **given
        Values of the model's inputs.

    Returns
    -------
    xarray.Dataset
        Every state over ``phase`` (0 to 1, zero at the peak of the first state), ``period``, ``multiplier(mode)`` with the
        trivial one first, and ``stability``.  attrs say how far the trivial multiplier is from 1.

    Raises
    ------
    NumericalFailure
        When the run comes to rest, does not repeat itself or does not stay finite.

    References
    ----------
    Ascher, Christiansen & Russell 1981, doi:10.1145/355945.355950 (collocation); Kuznetsov 2004, *Elements of Applied
    Bifurcation Theory*, section 10.1.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.analysis.cycle(bn.neurons.FitzHughNagumo(), I=0.5)
    >>> round(float(ds.period), 6), str(ds.stability.values)
    (39.474415, 'stable')
    """
    if points < 2:
        raise ModelError(f"points={points}: at least 2 phases were expected.")
    found = found_cycle(started(case(model, inputs, **given), start))
    mu = cycle_multipliers(found)
    phase = np.arange(points) / points
    data = states_over_phase(found, phase)
    data["multiplier"] = ("mode", mu, {"units": "1", "long_name": "Floquet multiplier"})
    data["stability"] = ((), "stable" if stable(mu[None])[0] else "unstable", {"long_name": "stability of the cycle"})
    return labelled(found, data, phase, "cycle", mu)


def cycle_multipliers(found: Found) -> np.ndarray:
    """Floquet multipliers, the trivial one first."""
    return multipliers(jax.tree.map(lambda x: np.asarray(x)[None], found.row.link))[0]


def states_over_phase(found: Found, phase: np.ndarray) -> dict[str, Any]:
    """The variables that every result about a cycle has."""
    x = found.at(phase)
    c = found.case
    data: dict[str, Any] = {name: ("phase", x[:, i], c.attributes(name)) for i, name in enumerate(c.names)}
    data["period"] = ((), found.period, {"units": "ms", "long_name": "period"})
    return data


def labelled(found: Found, data: Mapping[str, Any], phase: np.ndarray, call: str, mu: np.ndarray, **more: Any) -> Any:
    """A Dataset over the phase, with its provenance."""
    import xarray as xr

    c = found.case
    attrs = provenance(
        c.model,
        c.drives,
        analysis=call,
        phase_zero=f"peak of {c.names[0]}",
        trivial_multiplier_error=float(abs(mu[0] - 1)),
        **more,
    )
    coords = {"phase": ("phase", phase, {"units": "1", "long_name": "phase, from the peak of " + c.names[0]})}
    return xr.Dataset(data, coords, attrs)
