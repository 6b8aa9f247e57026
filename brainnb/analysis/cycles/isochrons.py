"""Isochrons: which points of a plane will turn in step, once they have reached the cycle."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.run import options
from brainnb.run.dataset import provenance

from ..cases import case
from ..flow import in_double
from ..plane import readings
from .orbit import Found, cycle_multipliers, found_cycle, started
from .phase_responses import adjoint, jacobians, later

LANES = 1024
"""Starts that run together."""

NEAR = 1e-3
"""A start this near the cycle, by its size, has arrived: its phase is then known to the square of that."""

ROUNDS = 12
"""Starts that have not arrived after so many times the turns that the multiplier asks for have no phase."""

STEPS, MOST_STEPS = 1000, 40000
"""Steps in one period: ten for the fastest rate on the cycle, two for the fastest one on the plane."""


@in_double
def isochrons(
    model: Model,
    *,
    resolution: int = 96,
    start: Mapping[str, float] | None = None,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""The asymptotic phase of every point of a plane: with which phase of the limit cycle it will turn in step.

    A start $x$ has the phase $\Theta(x)$ of the point of the cycle that its path meets in the end (Winfree 1974; Guckenheimer
    1975).  Lines of equal phase are isochrons; every path crosses them at the same pace,

    .. math:: \frac{d}{dt} \Theta(x(t)) = \nabla \Theta \cdot f = \frac{1}{T}

    and on the cycle $T \nabla \Theta$ is the phase response curve.  Starts run for whole periods until they are beside the
    cycle; their phase is then read by the response curve there.  Where isochrons crowd, near a phaseless point or along a
    separatrix, a small push sets the phase to anything.

    Parameters
    ----------
    model : Model
        With two states.
    resolution : int
        Starts along each axis.
    start : mapping of state to number
        Where the search for the cycle starts, if not where the model does.
    inputs, **given
        Ranges of both states, ``V=(-3, 3)``, and values of the inputs.

    Returns
    -------
    xarray.Dataset
        ``phase(<x>, <y>)`` from 0 to 1, zero at the peak of the first state, NaN where a start does not reach the cycle;
        ``cycle_<state>`` over ``turn`` and ``period``.

    Raises
    ------
    NumericalFailure
        When no cycle is found: the message says where the model went.

    References
    ----------
    Winfree 1974, doi:10.1007/BF02339491; Guckenheimer 1975, doi:10.1007/BF01273747; Izhikevich 2007, *Dynamical Systems in
    Neuroscience*, section 10.1.4.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.analysis.isochrons(bn.neurons.FitzHughNagumo(), V=(-2.5, 2.5), w=(-1, 2), I=0.5, resolution=16)
    >>> bool(ds.phase.notnull().all()), round(float(ds.period), 3)
    (True, 39.474)
    """
    ranges, numbers = readings.split(model, given)
    resolution = options.count(resolution, "resolution")
    whole = started(case(model, inputs, **numbers), start)
    name = type(model).__name__
    if len(whole.names) != 2:
        raise ModelError(f"isochrons: a model with two states was expected; {name} has {', '.join(whole.names)}.")
    if len(ranges) != 2:
        both = ", ".join(f"{path}=(lo, hi)" for path in whole.names)
        raise ModelError(f"isochrons: the ranges of both states were expected, {both}; got {len(ranges)}.")
    box = np.array([readings.interval(whole, path, ranges[path]) for path in whole.names])
    found = found_cycle(whole)
    lines = [np.linspace(lo, hi, resolution) for lo, hi in box]
    phase = asymptotic_phase(found, np.stack(np.meshgrid(*lines, indexing="ij"), -1).reshape(-1, 2))
    turn = np.arange(401) / 400
    cycle = found.at(turn)
    import xarray as xr

    axes = whole.names
    variables = {
        "phase": (axes, phase.reshape(resolution, resolution), {"units": "1", "long_name": "asymptotic phase"}),
        "period": ((), found.period, {"units": "ms", "long_name": "period"}),
    }
    variables |= {f"cycle_{a}": ("turn", cycle[:, i], whole.attributes(a)) for i, a in enumerate(axes)}
    coords: dict[str, Any] = {a: (a, line, whole.attributes(a)) for a, line in zip(axes, lines, strict=True)}
    coords["turn"] = ("turn", turn, {"units": "1", "long_name": f"phase, from the peak of {axes[0]}"})
    lost = int(np.isnan(phase).sum())
    attrs = provenance(
        model,
        whole.drives,
        analysis="isochrons",
        axes=json.dumps(axes),
        phase_zero=f"peak of {axes[0]}",
        without_phase=lost,
        status="finished" if not lost else f"{lost} of {phase.size} starts did not reach the cycle",
    )
    return xr.Dataset(variables, coords, attrs)


def asymptotic_phase(found: Found, x: np.ndarray) -> np.ndarray:
    """(K,): the phase that states (K, n) will have on a stable cycle, NaN for those that do not come to it."""
    flow, p, T = found.case.flow, found.case.p, found.period
    turn = np.arange(2048) / 2048
    path = found.at(turn)
    size = np.ptp(path, 0)
    mu = float(np.abs(cycle_multipliers(found)[1:]).max(initial=0.0))
    turns = int(np.clip(np.ceil(np.log(NEAR) / np.log(np.clip(mu, 1e-30, 0.999))), 1, 100))
    rates = [
        np.abs(np.linalg.eigvals(J[np.isfinite(J).all((1, 2))])).max(initial=0.0)
        for J in (np.asarray(jacobians(flow, states, p)) for states in (path[::8], _some(x)))
    ]
    steps = int(np.clip(T * max(10 * rates[0], 2 * rates[1]), STEPS, MOST_STEPS))
    y, phase, open_ = np.array(x, float), np.full(len(x), np.nan), np.ones(len(x), bool)
    for _ in range(ROUNDS):
        y[open_] = _moved(found, y[open_], T / steps, turns * steps)
        open_ &= np.isfinite(y).all(1)
        which = np.flatnonzero(open_)
        if not which.size:
            break
        near, apart = _nearest(path / size, y[which] / size)
        here = apart < NEAR
        phase[which[here]] = _read(found, y[which[here]], turn[near[here]])
        open_[which[here]] = False
    return phase


def _some(x: np.ndarray) -> np.ndarray:
    """256 of the states, evenly, the same number for any."""
    return x[np.linspace(0, len(x) - 1, 256).round().astype(int)]


def _moved(found: Found, x: np.ndarray, dt: float, steps: int) -> np.ndarray:
    """States after some steps, in equal blocks, so that one compiled run serves any number of them."""
    short = -len(x) % LANES
    full = np.concatenate([x, np.repeat(x[-1:], short, axis=0)]) if len(x) else x
    parts = [
        np.asarray(later(found.case.flow, full[i : i + LANES], found.case.p, np.float64(dt), np.int64(steps)))
        for i in range(0, len(full), LANES)
    ]
    return np.concatenate(parts)[: len(x)] if parts else x


def _nearest(path: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest point of a closed path to each state, and how far the path itself is from it."""
    import scipy.spatial

    _, near = scipy.spatial.cKDTree(path).query(x)
    apart = np.full(len(x), np.inf)
    for side in (-1, 1):
        a, b = path[near], path[(near + side) % len(path)]
        along = b - a
        part = np.clip(((x - a) * along).sum(1) / np.maximum((along**2).sum(1), 1e-300), 0.0, 1.0)
        apart = np.minimum(apart, np.linalg.norm(x - a - part[:, None] * along, axis=1))
    return near, apart


def _read(found: Found, x: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """The phase of states beside the cycle: that of a point of it, and how far the response curve says they are ahead."""
    import scipy.interpolate

    if not len(x):
        return guess
    even = np.arange(4097) / 4096
    Z, _ = adjoint(found, even[:-1])
    response = scipy.interpolate.CubicSpline(even, np.concatenate([Z, Z[:1]]), bc_type="periodic")
    phase = guess
    for _ in range(3):
        phase = phase + (response(phase % 1.0) * (x - found.at(phase))).sum(1) / found.period
    return phase % 1.0
