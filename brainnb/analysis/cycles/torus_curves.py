"""Curves in two parameters on which tori begin: from one parameter, from resonances, from points where Hopf curves meet others."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import jax
import numpy as np

from ..branch import Branch, Special
from .beside import AWAY, born_beside
from .collocation import Orbit, phases
from .critical_points import NOTES as SAID
from .critical_points import located
from .cycle_special import Found
from .cycle_special import specials as specials_of_cycles
from .cycle_track import Follower, extremes
from .floquet import TRUSTED, multipliers
from .following import PERIOD, RESONANT, SHRUNK, SMALL, Rows
from .torus import TorusCycles
from .tracing import NOTES, WORDS, Tracer, Track, joined, kept

OFF = (0.2, 0.4, 0.1)
"""So far from a resonance (angle) the first cycle of a curve that begins there is sought."""

ROWS = 60
"""Cycles beside a point of codimension two that are searched for a torus."""

ANGLES = {"resonance_1_1": 0.0, "resonance_1_2": np.pi}
"""At these resonances a curve of tori begins or ends."""

RESONANCES = {"resonance_1_3": 2 * np.pi / 3, "resonance_1_4": np.pi / 2}
NEARLY = 0.1
"""A curve whose angle comes so near to a resonance, and no further, ends there."""

ENDS = {SHRUNK: "no size", RESONANT: "resonance"}


def curves(
    tracer: Tracer, follower: Follower, points: Iterable[Found], known: Sequence[Branch], notes: list[str]
) -> list[Branch]:
    """All curves that tori and resonances 1:1 and 1:2 (``points``) and zero-Hopf and double Hopf points on the curves ``known`` lead to."""
    points = list(points)
    problem = TorusCycles(tracer.case.flow, tracer.case.p, tracer.index, tracer.scale, tracer.box)
    corners = [point for branch in known for point in branch.special if point.kind in ("zero_hopf", "double_hopf")]
    resonances = [point.special for point in points if point.special.kind in ANGLES]
    found: list[Track] = []
    for point in points:
        if point.special.kind == "torus" and 0.0 <= tracer.second <= 1.0:
            _follow(tracer, problem, found, _begun(follower, point, [point.row.orbit.q, tracer.second]), point, notes)
    for point in corners:
        if not any(tracer.nearest(track, k, [point]) for track in found for k in (0, -1)):
            _leave(tracer, problem, found, point, known, notes)
    for point in points:
        known_there = any(tracer.nearest(track, k, [point.special]) for track in found for k in (0, -1))
        if point.special.kind in ANGLES and not known_there:
            kept(found, _from_resonance(tracer, problem, point), point.special, notes, "torus curve")
    return [_branch(tracer, track, corners, resonances) for track in found]


def _follow(
    tracer: Tracer, problem: TorusCycles, found: list[Track], at: Orbit, point: Found, notes: list[str]
) -> None:
    """The curve through a cycle at which a torus begins, unless it is known."""
    if not any(track.passes(at) for track in found):
        kept(found, tracer.both_ways(problem, at, point.row.edges), point.special, notes)


def _leave(
    tracer: Tracer, problem: TorusCycles, found: list[Track], point: Special, known: Sequence[Branch], notes: list[str]
) -> None:
    """The curves from a point where a Hopf curve meets another: tori of cycles that are born beside it."""
    for away in AWAY:
        begins = []
        for beside in born_beside(tracer, point, known, away, ROWS):
            cycles = specials_of_cycles(beside.follower, beside.track, multipliers(beside.track.rows.link))
            begins += [(beside, one) for one in cycles if one.special.kind == "torus"]
        for beside, one in begins:
            at = _begun(beside.follower, one, beside.both(one.row.orbit.q))
            _follow(tracer, problem, found, at, one, notes)
        if begins:
            return


def _begun(follower: Follower, point: Found, q: Sequence[float]) -> Orbit:
    """A cycle of one parameter at which a torus begins as a point of the curve, at ``q`` of both."""
    row = point.row
    mu = multipliers(jax.tree.map(lambda x: np.asarray(x)[None], row.link))[0, 1:]
    mu = mu[mu.imag > 0]
    angle = float(np.angle(mu[np.argmin(np.abs(np.abs(mu) - 1))]))
    v = follower.reversing(row, np.exp(1j * angle))
    return _turning(row.orbit.u, v, row.edges, [row.orbit.log_T, *q, angle])


def _turning(x: np.ndarray, v: np.ndarray, edges: np.ndarray, s: Sequence[float]) -> Orbit:
    """A cycle with a direction ``v`` that returns turned by the angle, its turning taken off."""
    w = v * np.exp(-1j * s[3] * phases(edges))[..., None]
    size = np.sqrt(np.sum(np.diff(edges)[:, None, None] * np.abs(w) ** 2) / w[0].size / 3)
    return Orbit(np.concatenate([x, w.real / size, w.imag / size], -1), np.array(s, float))


def _from_resonance(tracer: Tracer, problem: TorusCycles, point: Found) -> Track | None:
    """The curve from a resonance 1:1 or 1:2: along it the angle leaves 0 or pi while the parameters stand still at first.

    Where all multipliers come together, at 1:1, the direction that returns turned by a small angle is nearly
    v + i (a / angle) x', with the direction v and the change a of the fold: both solve the equations to that order.
    """
    row, n, target = point.row, len(tracer.scale.x), ANGLES[point.special.kind]
    x, v, s = row.orbit.u[..., :n], row.orbit.u[..., n:], row.orbit.s
    along = 0.0 if target else s[3] * np.exp(s[0]) * tracer.slopes(x, s[1:3])[0]
    for off in OFF:
        at = _turning(x, v + 1j / off * along, row.edges, [*s[:3], target])
        at.s[3] = abs(target - off)
        track = tracer.both_ways(problem, at, row.edges, fixed=(3,))
        if track is not None:
            return track
    return None


def _branch(tracer: Tracer, track: Track, corners: Sequence[Special], resonances: Sequence[Special]) -> Branch:
    """A curve in the model's own units with the points in which it ends."""
    first = 1 if track.begin == RESONANT else 0
    last = len(track.rows.ds) - (1 if track.end == RESONANT else 0)  # beyond a resonance it comes back
    inside = replace(track, rows=jax.tree.map(lambda x: x[first:last], track.rows))
    rows, scale = inside.rows, tracer.scale
    x, mu = rows.orbit.u[..., : len(scale.x)], multipliers(rows.link)
    low, high = (values * scale.x for values in extremes(x))
    value, value2 = tracer.out(inside.q).T
    named = WORDS | ENDS
    said = NOTES | {PERIOD: "The period grows without bound."}
    rest = [_rest(one, angle) for one, angle in zip(mu, rows.orbit.s[:, 3], strict=True)]
    whole = Branch(
        TorusCycles.kind, value, x[:, 0, 0] * scale.x, np.array([(np.abs(one) < 1).all() for one in rest]), mu,
        named[track.end], named[track.begin], value2=value2, low=low, high=high, period=np.exp(rows.orbit.s[:, 0]),
        special=_specials(tracer, inside), note=" ".join(said[word] for word in {track.begin, track.end} if word in said),
    )  # fmt: skip
    for at_end in (False, True):
        whole = _closed(tracer, inside, whole, corners, resonances, at_end)
    return whole


def _rest(mu: np.ndarray, angle: float) -> np.ndarray:
    """The multipliers but the trivial one and the critical pair."""
    rest = mu[1:]
    for turn in (np.exp(1j * angle), np.exp(-1j * angle)):
        rest = np.delete(rest, np.argmin(np.abs(rest - turn)))
    return rest


def _specials(tracer: Tracer, track: Track) -> tuple[Special, ...]:
    """Strong resonances, and where a further multiplier is 1 or -1."""
    tests = {kind: lambda row, at=angle: float(row.orbit.s[3] - at) for kind, angle in RESONANCES.items()}
    if len(tracer.scale.x) > 3:
        tests |= {"fold_torus": lambda row: _beyond(row, 1.0), "flip_torus": lambda row: _beyond(row, -1.0)}
    rows = [jax.tree.map(lambda x, k=k: x[k], track.rows) for k in range(len(track.rows.ds))]
    found = []
    for kind, test in tests.items():
        values = np.array([test(row) for row in rows])
        for k in np.flatnonzero(values[:-1] * values[1:] < 0):
            found.append(located(tracer, track, int(k), kind, test))
    return tuple(sorted((one.special for one in found if one is not None), key=lambda special: special.row))


def _beyond(row: Rows, other: float) -> float:
    """Changes its sign where a further multiplier goes through ``other``."""
    mu = multipliers(jax.tree.map(lambda x: np.asarray(x)[None], row.link))[0]
    rest = _rest(mu, float(row.orbit.s[3]))
    return np.nan if abs(mu[0] - 1) > TRUSTED else float(np.prod((1 - other * rest) / (1 + np.abs(rest))).real)


def _closed(
    tracer: Tracer,
    track: Track,
    branch: Branch,
    corners: Sequence[Special],
    resonances: Sequence[Special],
    at_end: bool,
) -> Branch:
    """A curve with the point of codimension two in which it ends to one side."""
    (how, side), k = ((track.end, "end"), -1) if at_end else ((track.begin, "begin"), 0)
    if how == SHRUNK:
        point = tracer.nearest(track, k, corners)
        row = {} if point is None else dict(x=point.x, low=point.x, high=point.x, period=point.period)
    elif how in (RESONANT, SMALL):
        point = _resonance(tracer, track, resonances, at_end, how)
        row = {} if point is None else dict(period=point.period)
    else:
        return branch
    if point is None:
        return branch
    known = any(point is one for one in (*corners, *resonances))
    branch = joined(branch, at_end, value=point.value, value2=point.value2, **row)
    if not known:
        last = len(branch.value) - 2 if at_end else 0
        branch = replace(branch, special=(*branch.special, replace(point, row=last)))
    return replace(branch, **{side: point.kind})


def _resonance(tracer: Tracer, track: Track, resonances: Sequence[Special], at_end: bool, how: int) -> Special | None:
    """Where the multipliers of a curve come together: the parameters are even functions of the angle that is left."""
    order = slice(None) if at_end else slice(None, None, -1)
    angle, q = track.rows.orbit.s[order, 3][-3:], track.q[order][-3:]
    kind, target = ("resonance_1_1", 0.0) if angle[-1] < np.pi / 2 else ("resonance_1_2", np.pi)
    left = (angle - target) ** 2
    if len(left) < 3 or (how == SMALL and left[-1] > NEARLY**2):
        return None
    two, one = (np.polynomial.polynomial.polyfit(left, q, degree)[0] for degree in (2, 1))
    value, value2 = tracer.out(two)
    log_T = float(track.rows.orbit.s[order, 0][-1])
    x = track.rows.orbit.u[order][-1, 0, 0, : len(tracer.scale.x)] * tracer.scale.x
    point = Special(
        kind, float(value), x, value2=float(value2), frequency=2 * np.pi * np.exp(-log_T), period=float(np.exp(log_T)),
        residual=float(np.abs(two - one).max()), note=SAID[kind],
    )  # fmt: skip
    near = [r for r in resonances if r.kind == kind and np.abs(tracer.into([r.value, r.value2]) - two).max() < 1e-3]
    return near[0] if near else point
