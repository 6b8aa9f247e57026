"""The phase plane: field, nullclines, resting points, separatrices, trajectories, threshold and reset."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.fields import to_array
from brainnb.core.model import Model
from brainnb.run.dataset import provenance

from .. import stability
from ..cases import Case, case
from ..flow import in_double
from . import readings
from .fixed_points import described, modes, search, searched
from .manifolds import Line, separatrices, trajectories
from .nullclines import Nullcline, nullclines
from .readings import Reading
from .resets import Reset, reset
from .search import CANDIDATES, Found, Grid, points, surveyed

AT_REST = 1e-8
"""A point of a plane rests in the whole system when no state leaves faster than this fraction of its range per ms."""


@in_double
def phase_plane(
    model: Model,
    *,
    fixed: Mapping[str, Any] | None = None,
    start: Any = None,
    T: float | None = None,
    manifolds: bool = True,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""The phase plane of a model: two states against each other, or one alone.

    Parameters
    ----------
    model : Model
    **given
        One or two states with their ranges, ``V=(-2.5, 2.5), w=(-1, 2)``, in the order of the axes; and inputs with
        their values, ``I=0.5``.
    fixed : mapping of state path to number or ``"steady"``
        What the states do that are no axis: stand still at a number, or follow at once (``"steady"``: each solves its
        own equation at every point of the plane).  States that are not named are frozen at the resting point nearest
        to the declared start, or at the start where the model has none; ``attrs["frozen_at"]`` says which.
    start : mapping, pair, or list of them
        Where trajectories begin: ``{"V": -1, "w": 0}`` or ``(-1, 0)``.
    T : float
        How long trajectories last, ms; by default until they come to rest, leave, or are long.
    manifolds : bool
        Whether to follow the stable and unstable manifolds of saddles.
    inputs : mapping
        Inputs again, for names that are no keywords.

    Returns
    -------
    xarray.Dataset
        Coordinates named by the states, with the field on the grid as ``d<x>``, ``d<y>`` (per ms).  Over ``point``:
        ``point_<state>``, ``stability`` in words, ``eigenvalue(point, mode)``, ``eigenvector(point, axis, mode)``,
        ``index``, ``residual``.  Nullclines as ``nullcline_<x>(vertex_<x>, axis)`` with the number of its polyline for
        each vertex, ``component_<x>(vertex_<x>)``.  Separatrices over ``separatrix`` and ``separatrix_step`` (NaN
        behind the end), trajectories over ``trajectory`` and ``step``.  A model that spikes also has ``threshold`` and
        ``reset``.  ``ds.bn.plot()`` draws all of it.

    Notes
    -----
    Nullclines are contours of the field on a grid of 193 by 193, so closed, vertical and horizontal ones and several
    branches are the same to it; every vertex then moves onto the curve by Newton's method (1e-10 of the box).  Poles
    and values that are not finite cut the lines.  Resting points are searched from several hundred starts and counted
    cell by cell against the turning of the field; ``attrs["complete"]`` and ``attrs["checked"]`` say what came of it.
    In a plane of a larger system stability is that *within the plane*; ``whole_stability`` is that of the whole system.

    References
    ----------
    Rinzel & Ermentrout 1998, in Koch & Segev, Methods in Neuronal Modeling, ch. 7; Izhikevich 2007, Dynamical Systems
    in Neuroscience, doi:10.7551/mitpress/2526.001.0001, ch. 4.

    Examples
    --------
    >>> import brainnb as bn
    >>> plane = bn.phase_plane(bn.neurons.FitzHughNagumo(), V=(-2.5, 2.5), w=(-1, 2), I=0.5)
    >>> str(plane.stability[0].values), plane.attrs["complete"]
    ('unstable focus', 1)
    """
    ranges, values = readings.split(model, given)
    found = case(model, inputs, **values)
    reading = readings.read(found, ranges, fixed, resting)
    return look(found, reading, start=start, T=T, manifolds=manifolds)


def look(found: Case, reading: Reading, *, start: Any = None, T: float | None = None, manifolds: bool = True) -> Any:
    """The Dataset of a face that was read."""
    given = found.flow, reading.face, found.p
    seen = surveyed(*given, reading.box)
    rest = points(*given, reading.box, seen)
    variables, coords = _field(found, reading, seen)
    variables |= _points(found, reading, rest)
    if len(reading.axes) == 2:
        for axis, curve in zip(reading.axes, nullclines(*given, seen), strict=True):
            variables |= _nullcline(found, axis, curve)
        if manifolds:
            lines = separatrices(*given, reading.box, rest.q, rest.slopes)
            variables |= _lines(found, reading, lines, "separatrix", "separatrix_step")
    jumps = reset(*given, reading.box)
    if jumps is not None:
        variables |= _reset(found, reading, jumps)
    if start is not None:
        lines = trajectories(*given, reading.box, starts(found, reading, start), rest.q, T, jumps is not None)
        variables |= _lines(found, reading, lines, "trajectory", "step")
    return _labelled(found, reading, rest, variables, coords)


def starts(found: Case, reading: Reading, start: Any) -> np.ndarray:
    """Where trajectories begin, (s, k), from mappings or tuples."""
    several = start if isinstance(start, list) or getattr(start, "ndim", 0) == 2 else [start]
    rows = []
    for one in several:
        if isinstance(one, Mapping):
            one = {path: value for path, value in one.items() if found.state(path) is not None}
            missing = [path for path in reading.axes if path not in one]
            if missing or len(one) > len(reading.axes):
                wanted = ", ".join(f"'{path}': ..." for path in reading.axes)
                raise ModelError(f"start={one!r}: one value for each axis was expected, start={{{wanted}}}.")
            one = [one[path] for path in reading.axes]
        row = np.atleast_1d(np.asarray(one, object))
        if row.shape != (len(reading.axes),):
            raise ModelError(f"start={one!r}: {len(reading.axes)} numbers were expected ({', '.join(reading.axes)}).")
        units = [found.states[found.state(path)].unit for path in reading.axes]
        rows.append([float(to_array(v, u, f"start: {a}")) for v, u, a in zip(row, units, reading.axes, strict=True)])
    return np.array(rows, float)


def resting(found: Case) -> np.ndarray | None:
    """The resting point of the whole system nearest to the declared start."""
    rest = search(found, found.box(0.1))
    if not len(rest.q):
        return None
    return rest.q[np.argmin((np.abs(rest.q - found.x) / found.scale()).max(1))]


def _field(found: Case, reading: Reading, seen: Grid) -> tuple[dict[str, Any], dict[str, Any]]:
    lines, F = seen.inner
    coords = {a: (a, line, found.attributes(a)) for a, line in zip(reading.axes, lines, strict=True)}
    variables = {}
    for i, axis in enumerate(reading.axes):
        about = found.attributes(axis)
        units = "1/ms" if about["units"] == "1" else f"{about['units']}/ms"
        variables[f"d{axis}"] = (reading.axes, F[..., i], {"units": units, "long_name": f"derivative of {axis}"})
    if len(reading.axes) == 2:
        coords["axis"] = ("axis", list(reading.axes), {"units": "1", "long_name": "states of the plane"})
    return variables, coords


def _points(found: Case, reading: Reading, rest: Found) -> dict[str, Any]:
    eigenvalues, vectors = modes(rest.slopes)
    variables = {f"point_{a}": ("point", rest.q[:, i], found.attributes(a)) for i, a in enumerate(reading.axes)}
    variables |= described(rest, eigenvalues, stability.words(eigenvalues))
    if len(reading.axes) == 2:
        meaning = {"units": "1", "long_name": "direction of a mode, of length one in the units of the states"}
        variables["eigenvector"] = (("point", "axis", "mode"), vectors, meaning)
    if len(found.names) > len(reading.axes):
        padded = np.full((CANDIDATES, len(reading.axes)), np.nan)
        count = min(len(rest.q), CANDIDATES)
        padded[:count] = rest.q[:count]
        x, f, J = (np.asarray(v)[:count] for v in readings.wholes(found.flow, reading.face, found.p, padded))
        for i, path in enumerate(found.names):
            if path not in reading.axes:
                variables[f"point_{path}"] = ("point", x[:, i], found.attributes(path))
        moving = (np.abs(f) / found.scale()).max(1, initial=0.0) > AT_REST
        words = np.where(moving, "not at rest", stability.words(modes(J)[0]) if count else "")
        meaning = {"units": "1", "long_name": "what the point does in the whole system, all states free"}
        variables["whole_stability"] = ("point", words.astype(str), meaning)
    return variables


def _nullcline(found: Case, axis: str, curve: Nullcline) -> dict[str, Any]:
    meaning = {"units": "1", "long_name": f"vertices at which {axis} does not change"}
    number = {"units": "1", "long_name": f"polyline of the {axis} nullcline"}
    return {
        f"nullcline_{axis}": ((f"vertex_{axis}", "axis"), curve.vertices, meaning),
        f"component_{axis}": (f"vertex_{axis}", curve.component, number),
    }


def _lines(found: Case, reading: Reading, lines: list[Line], name: str, step: str) -> dict[str, Any]:
    """Lines as arrays (lines, steps), NaN behind the end of each."""
    longest = max((len(line.t) for line in lines), default=0)

    def laid(values: Any) -> np.ndarray:
        out = np.full((len(lines), longest), np.nan)
        for row, value in zip(out, values, strict=True):
            row[: len(value)] = value
        return out

    variables = {
        f"{name}_{axis}": ((name, step), laid([line.q[:, i] for line in lines]), found.attributes(axis))
        for i, axis in enumerate(reading.axes)
    }
    variables[f"{name}_time"] = ((name, step), laid([line.t for line in lines]), {"units": "ms", "long_name": "time"})
    why = np.array([line.why for line in lines], object).astype(str)
    variables[f"{name}_end"] = (name, why, {"units": "1", "long_name": "why the line ends"})
    if name == "separatrix":
        kinds = np.array([line.kind for line in lines], object).astype(str)
        variables["separatrix_kind"] = (name, kinds, {"units": "1", "long_name": "manifold of the saddle"})
        owners = np.array([line.saddle for line in lines], int)
        variables["separatrix_point"] = (name, owners, {"units": "1", "long_name": "the saddle it belongs to"})
    return variables


def _reset(found: Case, reading: Reading, jumps: Reset) -> dict[str, Any]:
    """Threshold and reset: numbers where they are the same all along, else over the vertices of the threshold."""
    axis = reading.axes[jumps.axis]
    edge, after = jumps.edge[:, jumps.axis], jumps.after[:, jumps.axis]
    about = found.attributes(axis)
    straight = np.ptp(edge) <= 1e-9 * np.ptp(reading.box[jumps.axis])
    level = np.ptp(after) <= 1e-9 * np.ptp(reading.box[jumps.axis])
    along = "threshold_vertex"
    more = {"axis": axis}
    variables = {
        "threshold": ((), edge[0]) if straight else (along, edge),
        "reset": ((), after[0]) if level else (along, after),
    }
    words = {"threshold": f"{axis} at which a spike is counted", "reset": f"{axis} after the spike"}
    variables = {name: (*value, {**about, "long_name": words[name], **more}) for name, value in variables.items()}
    for i, other in enumerate(reading.axes):
        if i != jumps.axis:
            shift = jumps.after[:, i] - jumps.edge[:, i]
            meaning = {**found.attributes(other), "long_name": f"what a spike adds to {other}"}
            variables[f"jump_{other}"] = (along, shift, meaning)
            variables[f"threshold_{other}"] = (along, jumps.edge[:, i], found.attributes(other))
    return variables


def _labelled(found: Case, reading: Reading, rest: Found, variables: dict[str, Any], coords: dict[str, Any]) -> Any:
    import xarray as xr

    attrs = provenance(
        found.model,
        found.drives,
        analysis="phase_plane",
        bounds=json.dumps(dict(zip(reading.axes, reading.box.tolist(), strict=True))),
        **reading.attributes(),
        **searched(rest),
    )
    return xr.Dataset(variables, coords, attrs)
