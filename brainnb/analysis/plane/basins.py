"""Basins of attraction: where each point of a plane ends up."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.run import options
from brainnb.run.dataset import provenance

from .. import stability
from ..cases import case
from ..flow import Constants, Flow, in_double
from . import readings
from .face import Face
from .fixed_points import modes, searched
from .manifolds import ARRIVED, FOREVER
from .paths import GOING, LANES, LEFT, Limits, paths, resets
from .phase_plane import resting
from .search import points, surveyed

CHUNK = 256
ROUNDS = 24
"""Every start takes at most so many rounds of so many steps; what has not arrived by then is said."""

STRIDE, TOLERANCE = 0.1, 1e-6
RECURS = 1e-3
"""A path has closed when it comes back to a section this near, in units of the box, twice in a row."""

BESIDE = 0.02
"""So near a closed path, in units of the box, a start that still moves belongs to it."""

MARGIN = 4.0
"""Starts that go further beyond the box than so many widths have escaped."""

ESCAPED, UNDECIDED = -1, -2


@in_double
def basins(
    model: Model,
    *,
    fixed: Mapping[str, Any] | None = None,
    resolution: int = 64,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    """Which attractor each point of a plane ends in.

    Parameters
    ----------
    model, fixed, inputs, **given
        As in :func:`brainnb.phase_plane`, with two ranges.
    resolution : int
        Starts along each axis.

    Returns
    -------
    xarray.Dataset
        ``basin(<x>, <y>)``: the number of an attractor; -1 where the path escapes, -2 where it had not arrived in
        time, as on the border between two basins.  Over ``attractor``: ``attractor_kind`` (resting point, cycle), ``attractor_<state>`` (of a cycle one of
        its points), ``period`` (ms), ``share`` of the starts.

    Notes
    -----
    A path has arrived at a resting point only when it is within 1e-4 of one that Newton's method found and whose
    eigenvalues all decay: the slow passage past the ghost of a saddle-node is none.  A cycle counts when a path that
    did not arrive comes back to a section twice at the same point; what is near it then belongs to it.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.analysis.basins(bn.rates.WongWang(), S1=(0, 1), S2=(0, 1), mu=30.0, resolution=32)
    >>> found.attractor_kind.values.tolist(), found.share.values.round(1).tolist()
    (['resting point', 'resting point'], [0.5, 0.5])
    """
    ranges, numbers = readings.split(model, given)
    if len(ranges) != 2:
        raise ModelError(f"basins: two states with ranges were expected, got {len(ranges)}.")
    resolution = options.count(resolution, "resolution")
    found = case(model, inputs, **numbers)
    reading = readings.read(found, ranges, fixed, resting)
    ask = found.flow, reading.face, found.p
    rest = points(*ask, reading.box, surveyed(*ask, reading.box))
    sinks = rest.q[(modes(rest.slopes)[0].real < 0).all(1)]
    lines = [np.linspace(lo, hi, resolution) for lo, hi in reading.box]
    starts = np.stack(np.meshgrid(*lines, indexing="ij"), -1).reshape(-1, 2)
    labels, cycles = settle(*ask, reading.box, starts, sinks)
    kinds = ["resting point"] * len(sinks) + ["cycle"] * len(cycles)
    places = np.concatenate([sinks, *(cycle.path[:1] for cycle in cycles)]).reshape(-1, 2)
    import xarray as xr

    about = {"units": "1", "long_name": "attractor; -1 escapes, -2 undecided"}
    variables = {
        "basin": (reading.axes, labels.reshape(resolution, resolution), about),
        "attractor_kind": ("attractor", np.array(kinds, object).astype(str), {"units": "1", "long_name": "kind"}),
        "period": ("attractor", np.r_[np.full(len(sinks), np.nan), [c.period for c in cycles]], _time("period")),
        "share": ("attractor", [float((labels == i).mean()) for i in range(len(kinds))], {"units": "1", "long_name": "share of the starts"}),
    }  # fmt: skip
    variables |= {
        f"attractor_{a}": ("attractor", places[:, i], found.attributes(a)) for i, a in enumerate(reading.axes)
    }
    coords = {a: (a, line, found.attributes(a)) for a, line in zip(reading.axes, lines, strict=True)}
    attrs = provenance(
        found.model,
        found.drives,
        analysis="basins",
        bounds=json.dumps(dict(zip(reading.axes, reading.box.tolist(), strict=True))),
        undecided=int((labels == UNDECIDED).sum()),
        escaped=int((labels == ESCAPED).sum()),
        stability=json.dumps(stability.words(modes(rest.slopes)[0]).tolist()),
        **reading.attributes(),
        **searched(rest),
    )
    return xr.Dataset(variables, coords, attrs)


def _time(name: str) -> dict[str, str]:
    return {"units": "ms", "long_name": name}


class Cycle:
    """A closed path: its points (v, 2) over one period, ms."""

    def __init__(self, path: np.ndarray, period: float):
        self.path, self.period = path, period

    def near(self, q: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Which points (s, 2) lie beside the path."""
        a, b = self.path[:-1] / width, self.path[1:] / width
        along = b - a
        part = ((q[:, None] / width - a) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-300)
        foot = a + np.clip(part, 0.0, 1.0)[..., None] * along
        return (np.abs(q[:, None] / width - foot).max(-1) < BESIDE).any(1)


def settle(
    flow: Flow, face: Face, p: Constants, box: np.ndarray, starts: np.ndarray, sinks: np.ndarray
) -> tuple[np.ndarray, list[Cycle]]:
    """The number of the attractor of each start (s,), and the cycles among the attractors, numbered behind the sinks."""
    width = box[:, 1] - box[:, 0]
    traps = np.full((LANES, 2), np.inf)
    traps[: min(len(sinks), LANES)] = sinks[:LANES]
    wide = np.stack([box[:, 0] - MARGIN * width, box[:, 1] + MARGIN * width], 1)
    limits = Limits(wide, width, traps, *map(np.float64, (ARRIVED, FOREVER, STRIDE, TOLERANCE)))
    hybrid = resets(flow, p)
    labels, q, cycles = np.full(len(starts), UNDECIDED), starts.copy(), []
    open_ = np.ones(len(starts), bool)
    for turn in range(ROUNDS):
        lanes = np.where(open_[:, None], q, np.nan)
        sign, begun = np.ones(len(q)), np.zeros(len(q))
        out = paths(flow, face, p, lanes, sign, limits, begun, steps=1, attempts=CHUNK, jumps=hybrid)
        ends, why = np.asarray(out.q)[:, 0], np.asarray(out.why)
        q = np.where(open_[:, None], ends, q)
        if len(sinks):
            apart = (np.abs(q[:, None] - sinks) / width).max(-1)
            here = open_ & (apart.min(1) < 2 * ARRIVED)
            labels[here] = apart.argmin(1)[here]
            open_ &= ~here
        labels[open_ & (why == LEFT)] = ESCAPED
        open_ &= why == GOING
        for i, cycle in enumerate(cycles):
            here = open_ & cycle.near(q, width)
            labels[here] = len(sinks) + i
            open_ &= ~here
        if turn >= 1 and open_.any():
            cycle = closed(flow, face, p, q[np.argmax(open_)], limits, hybrid)
            if cycle is not None:
                cycles.append(cycle)
                here = open_ & cycle.near(q, width)
                labels[here] = len(sinks) + len(cycles) - 1
                open_ &= ~here
        if not open_.any():
            break
    return labels, cycles


def closed(flow: Flow, face: Face, p: Constants, start: np.ndarray, limits: Limits, hybrid: bool) -> Cycle | None:
    """The cycle that a path follows: it rises through the middle of its range three times at the same point."""
    lanes = np.full((LANES, 2), np.nan)
    lanes[0] = start
    fine = limits._replace(stride=np.float64(0.02), tolerance=np.float64(1e-9))
    out = paths(flow, face, p, lanes, np.ones(LANES), fine, np.zeros(LANES), steps=2048, jumps=hybrid)
    count = min(int(out.count[0]), 2048)
    q, t = np.asarray(out.q)[0, :count], np.asarray(out.t)[0, :count]
    width = np.asarray(limits.width)
    half = q[count // 2 :]
    axis = int(np.argmax(np.ptp(half / width, 0)))
    if np.ptp(half[:, axis]) < BESIDE * width[axis]:
        return None  # it stands, on the border between basins
    level = (half[:, axis].max() + half[:, axis].min()) / 2
    rises = np.flatnonzero((q[:-1, axis] < level) & (q[1:, axis] >= level))
    if len(rises) < 3:
        return None
    part = (level - q[rises, axis]) / (q[rises + 1, axis] - q[rises, axis])
    at = q[rises] + part[:, None] * (q[rises + 1] - q[rises])
    when = t[rises] + part * (t[rises + 1] - t[rises])
    for spikes in (1, 2, 3, 4, 5, 6):
        if len(rises) <= 2 * spikes:
            return None
        back = np.abs(at[-1 - spikes] - at[-1]) / width, np.abs(at[-1 - 2 * spikes] - at[-1 - spikes]) / width
        if max(x.max() for x in back) < RECURS:
            path = q[rises[-1 - spikes] : rises[-1] + 2]
            return Cycle(path, float(when[-1] - when[-1 - spikes]))
    return None
