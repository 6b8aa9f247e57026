"""All resting points of a system in a box: where they are, what they do, and how sure it is that they are all."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.model import Model
from brainnb.run import options
from brainnb.run.dataset import provenance

from .. import stability
from ..cases import Case, case
from ..flow import in_double
from . import readings
from .face import Face
from .paths import LANES, Limits, paths
from .search import CANDIDATES, LATTICE, Found, newton, points, sifted, signs, surveyed, values

ROUNDS = 4
"""Above two dimensions Newton starts from fresh points, round after round, until one round finds nothing new."""

LARGE = 24
"""So many states and more are searched with fewer starts: their Jacobians are large."""


def fixed_points(
    model: Model,
    *,
    bounds: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""All resting points of a model in a box, with their stability.

    Solves :math:`f(x, p) = 0` by Newton's method from several hundred starts at once, to rounding.

    Parameters
    ----------
    model : Model
        In any dimension.
    bounds : mapping of state path to (lo, hi)
        Where to look; by default the declared bounds of each state, a tenth wider on both sides.
    inputs, **given : numbers
        Values of the inputs, ``I=0.5``; what is not given has its declared default.

    Returns
    -------
    xarray.Dataset
        Over ``point``: one variable for each state, ``stability`` in words, ``residual`` (the largest derivative left,
        per ms), ``index`` (the sign of det J), and ``eigenvalue(point, mode)`` with ``eigenvector(point, state, mode)``,
        the slowest to decay first.  ``attrs["complete"]`` is 1 where every check of the search agreed,
        ``attrs["checked"]`` says which checks those were, ``attrs["outside"]`` how many points were seen outside.

    Notes
    -----
    With one or two states the count is checked cell by cell of a fine grid: around each cell the field turns as often
    as the indices of the points inside add up to (the theorem of Poincaré and Hopf).  Above, no such grid can be
    afforded: starts are spread evenly over the box and along trajectories, and rounds of them go on until one finds
    nothing new; where the field points into the box all over its surface, the indices
    :math:`\mathrm{sign} \det(-J)` must add up to one, and this is checked too.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.fixed_points(bn.neurons.FitzHughNagumo(), I=0.0)
    >>> round(float(found.V[0]), 6), str(found.stability[0].values)
    (-1.199408, 'stable focus')
    """
    options.check_model(model)
    found = case(model, inputs, **given)
    box = found.box(0.1)
    for path, value in (bounds or {}).items():
        box[found.state(path)] = readings.interval(found, path, value)
    return labelled(found, search(found, box), box)


@in_double
def search(found: Case, box: np.ndarray) -> Found:
    """All resting points of a case in a box."""
    face = readings.everything(found)
    if len(box) <= 2:
        return points(found.flow, face, found.p, box, surveyed(found.flow, face, found.p, box))
    return many(found, face, box)


def many(found: Case, face: Face, box: np.ndarray) -> Found:
    """Resting points above two dimensions: rounds of starts until one brings nothing new, then the index sum."""
    from scipy.stats import qmc

    n, width = len(box), box[:, 1] - box[:, 0]
    count = CANDIDATES + LATTICE**2 if n < LARGE else 32
    spread = qmc.Halton(n, seed=0)
    ways, known, total = [], -1, 0
    for turn in range(ROUNDS):
        starts = box[:, 0] + spread.random(count) * width
        if turn == 0:
            along = _visited(found, face, box, starts[:LANES])[: count // 2]
            starts[1 : 1 + len(along)] = along
            starts[0] = found.x
        ways.append(tuple(map(np.asarray, newton(found.flow, face, found.p, starts, box))))
        total += count
        q, slopes, residual = sifted(*(np.concatenate(part) for part in zip(*ways, strict=True)), width)
        if len(q) == known:
            break
        known = len(q)
    inside = ((q >= box[:, 0] - 1e-9 * width) & (q <= box[:, 1] + 1e-9 * width)).all(1)
    text, agree = f"{total} starts of Newton in {len(ways)} rounds", len(q) == known and len(ways) > 1
    text += "; the last found nothing new" if agree else "; the last still found new points"
    if _trapping(found, face, box):
        index = int((signs(slopes[inside]) * (-1) ** n).sum())
        text += f"; the field enters the box everywhere, so indices must add up to 1, they add up to {index}"
        agree = agree and (index == 1 or (signs(slopes[inside]) == 0).any())
    else:
        text += "; the field leaves the box somewhere, so the sum of the indices proves nothing"
    return Found(q[inside], slopes[inside], residual[inside], bool(agree), text, q[~inside])


def _visited(found: Case, face: Face, box: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """States that trajectories pass: Newton's best starts, for where a system goes it also rests."""
    width = box[:, 1] - box[:, 0]
    wide = np.stack([box[:, 0] - width, box[:, 1] + width], 1)
    traps = np.full((LANES, len(box)), np.inf)
    limits = Limits(wide, width, traps, *map(np.float64, (0.0, 1e4, 0.1, 1e-4)))
    out = paths(found.flow, face, found.p, starts, np.ones(LANES), limits, np.zeros(LANES), steps=256)
    q = np.asarray(out.q)[:, 15::16].reshape(-1, len(box))
    return q[np.isfinite(q).all(1)]


def _trapping(found: Case, face: Face, box: np.ndarray) -> bool:
    """Whether the field points inward at every sampled point of every side of the box."""
    from scipy.stats import qmc

    n = len(box)
    if n > LARGE:
        return False
    inner = box[:, 0] + qmc.Halton(n, seed=1).random(CANDIDATES) * (box[:, 1] - box[:, 0])
    for axis in range(n):
        for side, outward in ((0, -1), (1, 1)):
            face_points = inner.copy()
            face_points[:, axis] = box[axis, side]
            f = np.asarray(values(found.flow, face, found.p, face_points))[:, axis]
            if not (f * outward < 0).all():
                return False
    return True


def modes(slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (points, k) and eigenvectors (points, k, modes), the rightmost first; vectors have length one."""
    if not len(slopes):
        return np.zeros(slopes.shape[:2], complex), np.zeros(slopes.shape, complex)
    found, vectors = (x.astype(complex) for x in np.linalg.eig(slopes))
    order = np.lexsort((-found.imag, -found.real), axis=1)
    return np.take_along_axis(found, order, 1), np.take_along_axis(vectors, order[:, None, :], 2)


def labelled(found: Case, points_found: Found, box: np.ndarray) -> Any:
    """The Dataset of :func:`fixed_points`."""
    import xarray as xr

    eigenvalues, vectors = modes(points_found.slopes)
    variables = {path: ("point", points_found.q[:, i], found.attributes(path)) for i, path in enumerate(found.names)}
    variables |= described(points_found, eigenvalues, stability.words(eigenvalues))
    meaning = {"units": "1", "long_name": "direction of a mode, of length one in the units of the states"}
    variables["eigenvector"] = (("point", "state", "mode"), vectors, meaning)
    attrs = provenance(
        found.model,
        found.drives,
        analysis="fixed_points",
        bounds=json.dumps(dict(zip(found.names, box.tolist(), strict=True))),
        **searched(points_found),
    )
    return xr.Dataset(variables, {"state": list(found.names)}, attrs)


def described(found: Found, eigenvalues: np.ndarray, words: np.ndarray) -> dict[str, Any]:
    """What every Dataset with resting points says of them."""
    return {
        "stability": ("point", words, {"units": "1", "long_name": "what the point does, by its eigenvalues"}),
        "residual": ("point", found.residual, {"units": "1/ms", "long_name": "largest derivative left, state per ms"}),
        "index": ("point", found.index(), {"units": "1", "long_name": "sign of det J; 0 where it is singular"}),
        "eigenvalue": (
            ("point", "mode"),
            eigenvalues,
            {"units": "1/ms", "long_name": "growth rate and angular frequency of a mode"},
        ),
    }


def searched(found: Found) -> dict[str, Any]:
    """Whether the search was complete, and how that was checked."""
    return {"complete": int(found.complete), "checked": found.checked, "outside": len(found.outside)}
