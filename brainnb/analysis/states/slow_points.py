"""Where a large system slows down: its fixed points and ghosts, found from the states that it visits."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from .. import labelled
from ..cases import Case
from ..flow import in_double
from ..maps import cloud_of, read
from ..orbits.march import REACH, fastest, wander
from .linearize import Modes, inputs_of, mode_variables, slopes
from .newton_batch import TOLERANCE, lowest, spread

MERGE_FIXED, MERGE_SLOW = 1e-5, 1e-2
"""Points nearer than these, as a part of the cloud's size, are one."""


@in_double
def slow_points(
    model: Model | Callable,
    candidates: Any = None,
    *,
    count: int | None = None,
    noise: float = 0.1,
    map: bool = False,
    q_max: float | None = None,
    steps: int = 150,
    axes: int = 3,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Fixed points and slow points of a system with many states.

    From many states the speed is brought down by Levenberg–Marquardt,

    .. math:: q(x) = \tfrac12 |F(x)|^2 \to \min, \qquad F = \dot x \;\text{ or }\; F = f(x) - x \text{ of a map,}

    in double precision until :math:`|F| < 10^{-10}` (a **fixed point**) or the gradient of q vanishes while q does not
    (a **slow point**: the ghost of a fixed point, where the Jacobian is singular).  Both are kept and said.  It explains
    how a network decides, remembers and counts; it does not prove that nothing was missed.

    Parameters
    ----------
    model : Model or callable
        A model, or a plain function of one vector.
    candidates : Dataset or array, optional
        Where to begin: a run that recorded every state, or an array (..., n).  Nothing: states on orbits from random
        places within the declared bounds.
    count : int, optional
        From so many of the candidates, drawn without repetition; by default 128, for many states fewer; the begin of a run, or the first, is one.
    noise : float
        Deviation added to each, in standard deviations of the cloud.
    map : bool
        Read the model as a map: ``on_step``, or the function, gives the next state.
    q_max : float, optional
        Points that are no fixed points are kept up to this q; by default every true minimum of q is, and what is
        unfinished up to a hundredth of the candidates' median.
    steps : int
        Of the descent, at most.
    axes : int
        Principal axes of the candidates, for the projection.
    seed : int
        Of the draws.
    inputs, **given
        Values of the inputs.

    Returns
    -------
    Dataset
        Over ``point``, the slowest first: states, ``q``, ``speed``, ``kind`` (fixed point, slow point, unfinished),
        ``stability``, ``eigenvalue(point, mode)``, ``time_constant``, ``frequency``, ``jacobian``, ``right`` and ``left``
        eigenvectors, ``input_jacobian``, ``found_from(point)`` candidates, ``projection(point, pc)`` on the principal axes
        ``axis(pc, state_to)`` of the candidates, which are in ``candidate_projection``.  attrs say what was left out.

    References
    ----------
    Sussillo & Barak 2013, doi:10.1162/NECO_a_00409; Golub & Sussillo 2018, doi:10.21105/joss.01003; damping that
    follows the residual: Yamashita & Fukushima 2001, doi:10.1007/978-3-7091-6217-0_18.

    Examples
    --------
    >>> import jax.numpy as jnp, numpy as np, brainnb as bn
    >>> field = lambda x: -x + 2.0 * jnp.tanh(x)
    >>> found = bn.slow_points(field, np.linspace(-2, 2, 20)[:, None])
    >>> sorted(np.round(found.x.values[:, 0], 6).tolist())
    [-1.915008, 0.0, 1.915008]
    """
    given_states = candidates is not None and not hasattr(candidates, "data_vars")
    like = np.asarray(candidates)[(0,) * (np.ndim(candidates) - 1)] if given_states else None
    found = read(model, inputs, map=map, like=like, **given)
    random = np.random.default_rng(seed)
    cloud = visited(found, map, random) if candidates is None else cloud_of(found, candidates)
    cloud = cloud[np.isfinite(cloud).all(axis=1)]
    if not len(cloud):
        raise ModelError("slow_points: no candidate is finite; give states by candidates=.")
    scale = spread(cloud)
    begun = _begin(found, cloud, scale, count, noise, random)
    reached = _reached(found, begun, scale, map, steps, q_max)
    chosen, members = _apart(reached.x / scale, reached.speed, reached.fixed, reached.kept)
    kind, unfinished = reached.kind, reached.kind == "unfinished"
    attrs = labelled.attributes(
        found,
        analysis="slow_points",
        map=int(map),
        seed=seed,
        candidates=len(begun),
        reached_fixed_points=int(reached.fixed.sum()),
        unfinished=int((reached.sound & unfinished).sum()),
        left_out=int((~reached.kept).sum()),
        q_max=reached.q_max,
        complete="not known: what these candidates lead to",
        status=_said(len(begun), reached.fixed, reached.kept, kind, reached.q_max),
    )
    points = (reached.x[chosen], reached.speed[chosen], kind[chosen], members)
    return _dataset(found, map, len(begun), *points, principal_axes(cloud, axes), cloud, attrs)


class _Reached(NamedTuple):
    """Where the candidates end: states, speeds, whether that is a fixed point, words for it, whether all is finite, what is told,
    and the largest q of that."""

    x: np.ndarray
    speed: np.ndarray
    fixed: np.ndarray
    kind: np.ndarray
    sound: np.ndarray
    kept: np.ndarray
    q_max: float


def _reached(found: Case, begun: np.ndarray, scale: np.ndarray, map: bool, steps: int, q_max: float | None) -> _Reached:
    """Descend from the candidates and judge where they end by how fast they began."""
    q0 = 0.5 * _speed(found, begun, map) ** 2
    q0 = q0[np.isfinite(q0)]
    x, speed, level, steep = lowest(found, begun, scale, map, steps)
    usual = float(np.median(np.sqrt(2 * q0)))
    fixed = speed <= np.maximum(TOLERANCE, np.minimum(1000 * level, 1e-8 * usual))
    kind = np.where(fixed, "fixed point", np.where(steep < 1e-4, "slow point", "unfinished"))
    limit = 1e-2 * float(np.median(q0)) if q_max is None else float(q_max)
    sound = np.isfinite(x).all(axis=1) & np.isfinite(speed)
    kept = sound & (fixed | (0.5 * speed**2 <= limit) | ((kind == "slow point") & (q_max is None)))
    return _Reached(x, speed, fixed, kind, sound, kept, limit)


def visited(found: Case, map: bool, random: np.random.Generator) -> np.ndarray:
    """States on orbits from random places in the box."""
    box = found.box()
    starts = random.uniform(box[:, 0], box[:, 1], (32, len(box)))
    starts[0] = found.x
    h = 0.0 if map else REACH * 3 / fastest(found, starts)
    seen = np.asarray(wander(found.flow, starts, found.p, h, 20, map, 20))
    seen = np.concatenate([starts, seen.reshape(-1, found.flow.n)])
    wide = found.box(margin=1.0)
    near = (seen >= wide[:, 0]) & (seen <= wide[:, 1])  # an orbit that escapes says nothing
    return seen[near.all(axis=1)]


def _begin(
    found: Case, cloud: np.ndarray, scale: np.ndarray, count: int | None, noise: float, random: Any
) -> np.ndarray:
    """The candidates to descend from; where a run begins is always one."""
    n = found.flow.n
    count = (128 if n <= 16 else 64 if n <= 64 else 32) if count is None else count
    rows = random.permutation(len(cloud))[: count - 1]
    drawn = cloud[rows] + noise * scale * random.standard_normal((len(rows), n))
    first = found.x if isinstance(found.model, Model) else cloud[0]
    return np.concatenate([drawn, first[None]])


def _speed(found: Case, x: np.ndarray, map: bool) -> np.ndarray:
    f = np.asarray(slopes(found.flow, x, found.p, np.zeros(0, int))[0])
    return np.linalg.norm(f - x if map else f, axis=1)


def _apart(y: np.ndarray, speed: np.ndarray, fixed: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One row of every group of points that are one, the slowest, and how many each group has."""
    order = np.array([i for i in np.lexsort((speed, ~fixed)) if kept[i]], int)
    chosen, members = [], []
    for i in order:
        if chosen:
            near = np.sqrt(((y[chosen] - y[i]) ** 2).mean(axis=1))
            close = np.where(fixed[chosen] & fixed[i], MERGE_FIXED, MERGE_SLOW)
            if (near < close).any():
                members[int(np.argmin(near))] += 1
                continue
        chosen.append(i)
        members.append(1)
    return np.array(chosen, int), np.array(members, int)


def principal_axes(cloud: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Center, principal axes (rows), and the share of the variance of each."""
    center = cloud.mean(axis=0)
    _, size, rows = np.linalg.svd(cloud - center, full_matrices=False)
    count = min(count, len(rows))
    rows = rows[:count] * np.where(rows[:count].sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    return center, rows, size[:count] ** 2 / max((size**2).sum(), 1e-300)


def _said(count: int, fixed: np.ndarray, kept: np.ndarray, kind: np.ndarray, limit: float) -> str:
    parts = [f"{int(fixed.sum())} of {count} candidates reached a fixed point"]
    if slow := int((kept & (kind == "slow point")).sum()):
        parts.append(f"{slow} a slow point")
    if unfinished := int((kept & (kind == "unfinished")).sum()):
        parts.append(f"{unfinished} were still on their way")
    if out := int((~kept).sum()):
        parts.append(f"{out} ended at no point with q > {limit:.3g} and were left out")
    return "; ".join(parts)


def _dataset(
    found: Case,
    map: bool,
    begun: int,
    x: np.ndarray,
    speed: np.ndarray,
    kind: np.ndarray,
    members: np.ndarray,
    pc: tuple,
    cloud: np.ndarray,
    attrs: dict,
) -> Any:
    at, names = inputs_of(found)
    center, axes, share = pc
    padded = np.concatenate(
        [x, np.broadcast_to(found.x, (max(begun - len(x), 0), x.shape[1]))]
    )  # one size, one program
    _, J, B = (np.asarray(a) for a in slopes(found.flow, padded, found.p, at))
    J, B = J[: len(x)], B[: len(x)]
    modes = Modes(J, map)
    per = "" if map else "ms"
    unit = {a.unit for a in found.states}
    unit = unit.pop() if len(unit) == 1 else "mixed"
    rate = f"{unit}{'' if map else '/ms'}"
    variables = labelled.states(found, x, ("point",)) | {
        "q": (
            ("point",),
            0.5 * speed**2,
            {"units": f"({rate})**2" if rate != "1" else "1", "long_name": "half the squared speed"},
        ),
        "speed": (("point",), speed, {"units": rate, "long_name": "length of the motion that is left"}),
        "kind": (("point",), kind.astype(str), {"units": "1", "long_name": "what the descent ended at"}),
        "stability": (("point",), modes.words, {"units": "1", "long_name": "kind of resting point"}),
        "found_from": (("point",), members, {"units": "1", "long_name": "candidates that led here"}),
        "jacobian": (
            ("point", "state_to", "state_from"),
            J,
            {"units": labelled.slope_unit(found, per=per), "long_name": "Jacobian"},
        ),
        "input_jacobian": (
            ("point", "state_to", "input"),
            B.swapaxes(1, 2),
            {"units": "unit of state_to / unit of input", "long_name": "derivative to the inputs"},
        ),
        "right": (
            ("point", "state_to", "mode"),
            modes.right,
            {"units": "1", "long_name": "right eigenvectors, in columns"},
        ),
        "left": (
            ("point", "mode", "state_from"),
            modes.left,
            {"units": "1", "long_name": "left eigenvectors, in rows"},
        ),
        "axis": (("pc", "state_to"), axes, {"units": "1", "long_name": "principal axes of the candidates"}),
        "center": (("state_to",), center, {"units": unit, "long_name": "mean of the candidates"}),
        "share": (("pc",), share, {"units": "1", "long_name": "share of the variance"}),
        "projection": (
            ("point", "pc"),
            (x - center) @ axes.T,
            {"units": unit, "long_name": "point on the principal axes"},
        ),
        "candidate_projection": (
            ("candidate", "pc"),
            (cloud - center) @ axes.T,
            {"units": unit, "long_name": "candidate on the principal axes"},
        ),
    }
    variables |= mode_variables(modes, ("point",), map)
    coords = {"state_to": list(found.names), "state_from": list(found.names), "input": list(names)}
    return labelled.dataset(variables, attrs, coords)
