"""The adaptation map: what a spike leaves behind decides when the next one comes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from .. import labelled
from ..cases import Case, case
from ..flow import in_double
from .events import Jumps, laps, orbit, saltation

LONGEST_BURST = 32
COUNT = 4 * LONGEST_BURST
FEW = 8


class Line:
    """The reset line of a planar model: its constant state after a spike, and the one that adapts."""

    def __init__(self, found: Case, who: str):
        jumps = Jumps.of(found)
        if jumps is None:
            raise ModelError(
                f"{who}: {type(found.model).__name__} has no spike that resets a state; bn.analysis.poincare serves."
            )
        if found.flow.n > 2:
            raise ModelError(
                f"{who}: {type(found.model).__name__} has {found.flow.n} states ({', '.join(found.names)}); the map is of one "
                "number: a model with one or two states was expected."
            )
        box = found.box()[0]
        wide = box[1] - box[0]
        threshold = jumps.threshold_of(found, box[0] - 10 * wide, box[1] + 100 * wide)
        peak = np.array(found.x)
        peak[0] = threshold
        self.found, self.threshold = found, threshold
        self.x, self.p = jumps.rested(found, peak)
        self.scale = found.scale()
        self.scale[0] = abs(threshold - self.x[0])
        self.v = np.zeros(found.flow.n)
        self.v[-1] = 1.0
        self.name = found.names[-1]

    def states(self, w: np.ndarray) -> np.ndarray:
        x = np.tile(self.x, (len(w), 1))
        x[:, -1] = w
        return x

    def laps(self, w: np.ndarray, longest: float) -> Any:
        x = self.states(w)
        return [
            np.asarray(a)
            for a in laps(self.found.flow, x, np.broadcast_to(self.v, x.shape), self.p, self.scale, longest)
        ]

    def orbit(self, w: float, longest: float) -> Any:
        """The laps after a transient."""
        x = self.states(np.array([w]))[0]
        for _ in range(3):
            found = [np.asarray(a) for a in orbit(self.found.flow, x, self.v, self.p, self.scale, longest, COUNT)]
            x = found[1][-1]
            if not found[4].all():
                break
        return found


@in_double
def reset_map(
    model: Model,
    between: tuple[float, float] | None = None,
    *,
    points: int = 200,
    longest: float = 2000.0,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""The map :math:`w_n \to w_{n+1}` from the adaptation after one spike to that after the next.

    A model that resets its voltage forgets it: the number that remains decides what comes.  A fixed point is tonic
    firing, a cycle of k numbers a burst of k spikes, a slope of -1 the doubling where spikes are added, and where no spike
    follows the neuron falls silent.  The slopes come from the variational equation with the jump in time included.

    Parameters
    ----------
    model : Model
        With one or two states and a reset (LIF, QIF, AdEx, Izhikevich ...).
    between : (low, high), optional
        Range of the adaptation; by default around the orbit.
    points : int
    longest : float
        ms without a spike that count as silence.
    inputs, **given
        Values of the inputs.

    Returns
    -------
    Dataset
        Over the adaptation variable: ``<w>_next``, ``slope``, ``interval`` (NaN where no spike follows).  Over ``point``:
        fixed points ``fixed_<w>`` with ``multiplier``, ``period`` and ``stability``.  Over ``spike``: the orbit that is
        reached, ``orbit_<w>`` and ``orbit_interval``; ``orbit_multiplier`` and ``exponent``, positive where the orbit is chaotic; ``saltation(state_to, state_from)`` and
        ``normal(state_to)`` at its last spike.  attrs ``pattern`` says what it is, ``spikes`` its length.

    References
    ----------
    Touboul & Brette 2009, doi:10.1137/080742762; saltation: Leine & Nijmeijer 2004; spike adding: Naud et al. 2008,
    doi:10.1007/s00422-008-0264-7.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.analysis.reset_map(bn.neurons.LIF(R=1.0, V_rest=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0), I=25.0)
    >>> round(float(found.orbit_interval[0]), 6)
    23.972246
    """
    found = case(model, inputs, **given)
    line = Line(found, "bn.analysis.reset_map")
    orbit = Reached.of(line, longest)
    if found.flow.n == 1:
        w = line.x[-1:]
    else:
        reached = orbit.after[np.isfinite(orbit.after)]
        low, high = between or _around(reached if len(reached) else line.x[-1:], line.scale[-1])
        w = np.linspace(low, high, points)
    _, after, interval, slope, *_ = line.laps(w, longest)
    fixed = np.zeros((0, 3)) if found.flow.n == 1 else _fixed(line, w, after[:, -1], longest)
    variables = _map_variables(line, after[:, -1], slope[:, -1], interval, fixed)
    if orbit.spikes:
        variables |= _orbit_variables(line, orbit)
    attrs = labelled.attributes(
        found,
        analysis="reset_map",
        variable=line.name,
        pattern=orbit.pattern,
        spikes=orbit.spikes,
        threshold=line.threshold,
        reset=float(line.x[0]),
    )
    names = list(found.names)
    coords = {line.name: ((line.name,), w, found.attributes(line.name)), "state_to": names, "state_from": names}
    return labelled.dataset(variables, attrs, coords)


class Reached(NamedTuple):
    """Laps in turn, from the model's own start: states before each spike, the adaptation behind it, intervals, slopes of the map,
    lengths in slowed time; and the pattern they end in, of so many spikes (0 silent, -1 irregular)."""

    before: np.ndarray
    after: np.ndarray
    interval: np.ndarray
    slope: np.ndarray
    way: np.ndarray
    spikes: int
    pattern: str

    @classmethod
    def of(cls, line: Line, longest: float) -> "Reached":
        before, after, interval, tangent, fired, _, way = line.orbit(line.x[-1], longest)
        pattern = _pattern(after[:, -1], interval, fired, line.scale[-1])
        known = np.where(np.isfinite(after).all(axis=1), after[:, -1], np.nan)
        return cls(before, known, interval, tangent[:, -1], way, *pattern)


def _map_variables(
    line: Line, after: np.ndarray, slope: np.ndarray, interval: np.ndarray, fixed: np.ndarray
) -> dict[str, tuple]:
    """The map over the adaptation, and its fixed points."""
    name, over = line.name, (line.name,)
    unit = {"units": line.found.states[-1].unit}
    steady = np.where(np.abs(fixed[:, 1]) < 1, "stable", "unstable").astype(str)
    at = ("point",)
    return {
        f"{name}_next": (over, after, unit | {"long_name": f"{name} after the next spike"}),
        "slope": (over, slope, {"units": "1", "long_name": "slope of the map"}),
        "interval": (over, interval, {"units": "ms", "long_name": "time to the next spike"}),
        f"fixed_{name}": (at, fixed[:, 0], unit | {"long_name": f"{name} that a spike repeats: tonic firing"}),
        "multiplier": (at, fixed[:, 1], {"units": "1", "long_name": "slope of the map there"}),
        "period": (at, fixed[:, 2], {"units": "ms", "long_name": "interval of tonic firing"}),
        "stability": (at, steady, {"units": "1", "long_name": "whether tonic firing is reached"}),
    }


def _orbit_variables(line: Line, orbit: Reached) -> dict[str, tuple]:
    """The orbit that is reached, how deviations grow along it, and how they pass its last spike."""
    flow, name = line.found.flow, line.name
    S, normal = (np.asarray(a) for a in saltation(flow, orbit.before[-1], line.p, orbit.interval[-1]))
    last = slice(len(orbit.after) - max(orbit.spikes, 1), len(orbit.after))
    slopes = orbit.slope[last if orbit.spikes > 0 else slice(None)]
    alone = flow.n == 1
    multiplier = 0.0 if alone else float(np.prod(orbit.slope[last]))
    exponent = -np.inf if alone else float(np.mean(np.log(np.maximum(np.abs(slopes), 1e-300))))
    told = {"units": line.found.states[-1].unit, "long_name": f"{name} after each spike of the orbit"}
    passing = {"units": "unit of state_to / unit of state_from", "long_name": "how deviations pass the spike"}
    return {
        f"orbit_{name}": (("spike",), orbit.after[last], told),
        "orbit_interval": (("spike",), orbit.interval[last], {"units": "ms", "long_name": "intervals of the orbit"}),
        "orbit_multiplier": ((), multiplier, {"units": "1", "long_name": "how a deviation grows in one round"}),
        "exponent": ((), exponent, {"units": "1", "long_name": "mean logarithm of the slope, per spike"}),
        "saltation": (("state_to", "state_from"), S, passing),
        "normal": (("state_to",), normal, {"units": "1", "long_name": "normal of the surface of spikes"}),
    }


@in_double
def spike_adding(
    model: Model,
    path: str,
    values: Sequence[float],
    *,
    longest: float = 2000.0,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    """How many spikes the repeating pattern has, over a parameter or an input.

    Returns
    -------
    Dataset
        Over ``path``: ``spikes`` (0 silent, -1 irregular), ``orbit(path, spike)`` of the adaptation after each spike,
        and the longest and the shortest interval.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.analysis.spike_adding(bn.neurons.AdEx.bursting(), "V_reset", [-58.0, -46.0], I=210.0)
    >>> bool(found.spikes[0] == 1), bool(found.spikes[1] > 1)
    (True, True)
    """
    found = case(model, inputs, **given)
    values = np.asarray(values, float)
    number, rows, gaps = [], np.full((len(values), COUNT), np.nan), []
    for i, value in enumerate(values):
        line = Line(found.with_value(path, float(value)), "bn.analysis.spike_adding")
        _, after, interval, _, fired, *_ = line.orbit(line.x[-1], longest)
        number.append(_pattern(after[:, -1], interval, fired, line.scale[-1])[0] if fired.all() else 0)
        rows[i] = after[:, -1]
        gaps.append((interval.min(), interval.max()) if fired.all() else (np.nan, np.nan))
    gaps = np.array(gaps)
    variables = {
        "spikes": (
            (path,),
            np.array(number),
            {"units": "1", "long_name": "spikes of one round; -1 irregular, 0 silent"},
        ),
        "orbit": (
            (path, "spike"),
            rows,
            {"units": found.states[-1].unit, "long_name": f"{line.name} after each spike"},
        ),
        "shortest_interval": ((path,), gaps[:, 0], {"units": "ms", "long_name": "shortest interval"}),
        "longest_interval": ((path,), gaps[:, 1], {"units": "ms", "long_name": "longest interval"}),
    }
    attrs = labelled.attributes(found, analysis="spike_adding", variable=path)
    return labelled.dataset(variables, attrs, {path: ((path,), values, found.attributes(path))})


def _around(w: np.ndarray, scale: float) -> tuple[float, float]:
    low, high = float(w.min()), float(w.max())
    more = max(0.5 * (high - low), 0.1 * scale)
    return low - more, high + more


def _pattern(w: np.ndarray, interval: np.ndarray, fired: np.ndarray, scale: float) -> tuple[int, str]:
    """How many laps repeat (-1: none found), and the word for it."""
    if not fired.all():
        return 0, f"silent after {int(np.argmin(fired))} spikes"
    for k in range(1, LONGEST_BURST + 1):
        if np.abs(w[-2 * k :][k:] - w[-2 * k : -k]).max() < 1e-7 * scale and np.allclose(
            interval[-k:], interval[-2 * k : -k], rtol=1e-6
        ):
            return k, "tonic" if k == 1 else f"bursts of {k} spikes"
    return -1, "irregular"


def _fixed(line: Line, w: np.ndarray, after: np.ndarray, longest: float) -> np.ndarray:
    """Fixed points of the map between neighbours of a grid: value, slope, interval."""
    gap = after - w
    ends = np.flatnonzero(np.isfinite(gap[:-1]) & np.isfinite(gap[1:]) & (np.sign(gap[:-1]) != np.sign(gap[1:])))
    at = np.full(max(len(ends), 1), w[0])
    low, high = np.full(len(at), w[0]), np.full(len(at), w[0])
    if len(ends):
        low, high = w[ends], w[ends + 1]
        at = low - gap[ends] * (high - low) / (gap[ends + 1] - gap[ends])
    size = FEW * -(-len(at) // FEW)  # one size, one program, however many there are
    for _ in range(8):
        _, new, interval, tangent, *_ = line.laps(np.resize(at, size), longest)
        new, slope, interval = new[: len(at), -1], tangent[: len(at), -1], interval[: len(at)]
        step = (new - at) / (slope - 1.0)
        if not len(ends) or (~np.isfinite(step) | (np.abs(step) < 1e-12 * line.scale[-1])).all():
            break
        at = np.where(np.isfinite(step), np.clip(at - step, low, high), at)
    found = np.abs(new - at) < 1e-6 * line.scale[-1] if len(ends) else np.zeros(1, bool)  # elsewhere the map jumps
    return np.stack([at, slope, interval], 1)[found]
