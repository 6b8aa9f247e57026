"""Branches of limit cycles: from Hopf points, period doublings, branch points and runs, to where they end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import jax
import numpy as np

from ..ahead import Program
from ..branch import Branch, Special
from ..cases import Case
from . import orbit
from .collocation import Orbit, sampled
from .cycle_special import Found, specials
from .cycle_track import FIRST, MOST_ROWS, Follower, Track, extremes
from .floquet import TRUSTED, multipliers, stable
from .following import BOX, PERIOD, RANGE, SHRUNK, SMALL, Place, Rows
from .infinite_period import limit
from .orbit import simulated

MOST_DOUBLINGS = 2
"""How often the branch of twice the period is followed on."""

MOST_DOUBLED, MOST_DOUBLED_ROWS = 4, 160
"""Branches of twice the period (and across branch points) that are followed from one branch, and for how many points: near a homoclinic orbit or where
bursts gain spikes there is no end of them."""

SEEDS = (0.01, 0.5, 0.99)
"""Where in the range the model is run, for cycles that no Hopf point leads to."""

SEED_CALLS = 4

SINGLE = -1
"""How a branch of twice the period ends where its two turns become one."""

WORDS = {
    RANGE: "range",
    BOX: "box",
    SMALL: "step too small",
    SHRUNK: "hopf",
    PERIOD: "period",
    SINGLE: "period_doubling",
}


def cycles(
    case: Case, index: int, lo: float, hi: float, branches: Iterable[Branch], points: list[Found] | None = None
) -> list[Branch]:
    """Follow the cycles that are born at the Hopf points of equilibrium branches, and those of twice their period.

    The model is also run at a few values of the parameter: a cycle that it ends on and that is on no branch yet is
    followed to both sides.

    Parameters
    ----------
    case : Case
    index : int
        Where the parameter stands among the constants of the case.
    lo, hi : float
        Its range.
    branches : finished equilibrium branches
        With their Hopf points (value, x, frequency) and folds among ``special``.
    points : list, optional
        Takes the special points with the cycles there.

    Returns
    -------
    list of Branch
        Of kind "cycle"; two Hopf points that one branch joins give it once.  ``eigenvalues`` are the Floquet multipliers,
        the trivial one first.
    """
    known = [point for branch in branches for point in branch.special]
    hopfs = [point for point in known if point.kind == "hopf" and lo <= point.value <= hi and point.frequency > 0]
    folds = [point for point in known if point.kind == "fold"]
    follower = Follower(case, index, lo, hi)
    found: list[Branch] = []
    reached: list[int] = []
    collected = [] if points is None else points
    for k, hopf in enumerate(hopfs):
        if k in reached:
            continue
        reached.append(k)
        place = follower.from_hopf(hopf.x, hopf.value, hopf.frequency)
        branch, more, end = _finished(follower, place, folds, hopfs, hopf)
        if branch is None:
            continue
        if end is not None:
            reached.append(end)
        found.append(branch)
        collected.extend(more)
        found.extend(_doublings(follower, more, folds, hopfs, 1))
        _crossings(follower, found, more, folds, hopfs)
    _from_runs(follower, found, folds, hopfs, collected)
    return found


def soon(case: Case, index: int, lo: float, hi: float) -> list[Program]:
    """The programs that :func:`cycles` will ask for."""
    follower = Follower(case, index, lo, hi)
    return [*follower.soon(), *orbit.soon(follower)]


def _doublings(
    follower: Follower, points: Sequence[Found], folds: list[Special], hopfs: list[Special], depth: int
) -> list[Branch]:
    """Branches of twice the period; one that ends in another period doubling of the same branch is given once."""
    found: list[Branch] = []
    reached: list[float] = []
    doublings = [point for point in points if point.special.kind == "period_doubling"]
    for point in doublings[:MOST_DOUBLED]:
        if any(_same(point.special.value, value, follower) for value in reached):
            continue
        place = follower.doubled(point.row)
        branch, more, _ = _finished(follower, place, folds, hopfs, point.special)
        if branch is None:
            continue
        found.append(branch)
        if branch.end == "period_doubling":
            reached.append(float(branch.value[-1]))
        if depth < MOST_DOUBLINGS:
            found.extend(_doublings(follower, more, folds, hopfs, depth + 1))
    return found


def _same(a: float, b: float, follower: Follower, near: float = 1e-3) -> bool:
    return abs(a - b) < near * abs(follower.hi - follower.lo)


class End(NamedTuple):
    """How a track ended: its word, the special point there, the Hopf point that it reached, and what is to be said."""

    track: Track
    word: str
    mark: Special | None
    hopf: int | None
    note: str


def _ended(follower: Follower, track: Track, folds: list[Special], hopfs: list[Special]) -> End:
    track, note = _cut(follower, track)
    word, mark, hopf = WORDS.get(track.end, "steps"), None, None
    if track.end == PERIOD:
        mark = limit(follower, track, folds)
        word = word if mark is None else mark.kind
    if track.end == SHRUNK:
        hopf = _hopf_at(follower, track, hopfs)
    if word == "steps":
        note += f"Followed for {len(track)} points and not to its end. "
    return End(track, word, mark, hopf, note)


def _loops(end: End | None) -> list[Found]:
    """The homoclinic orbit in which a track ends, as the long cycle there."""
    if end is None or end.mark is None or end.mark.kind != "homoclinic":
        return []
    return [Found(end.mark, end.track.row(len(end.track) - 1), 1.0)]


def _finished(
    follower: Follower, place: Place, folds: list[Special], hopfs: list[Special], origin: Special
) -> tuple[Branch | None, list[Found], int | None]:
    """Follow one branch and say what it is; also the Hopf point in which it ends."""
    twice = origin.kind == "period_doubling"
    track = follower.run(place, MOST_DOUBLED_ROWS, _single) if twice else follower.run(place)
    if track is None:
        return None, [], None
    if twice and len(track) > 1 and _single(track.row(-2), track.row(-1)):
        track = Track(track.part(slice(0, -1)).rows, SINGLE)
    end = _ended(follower, track, folds, hopfs)
    branch, points = _told(follower, end.track, origin.kind, end.word, [end.mark], end.note)
    points = [*points, *_loops(end)]
    first = origin if origin.kind == "hopf" else None
    return _with_ends(branch, first, None if end.hopf is None else hopfs[end.hopf]), points, end.hopf


def _single(before: Rows, after: Rows) -> bool:
    """Whether the two turns of a doubled branch become one between two points: it would go on as itself, half a period later.

    What tells the turns apart changes its sign there; the phase condition keeps successive rows in phase.
    """
    at = np.arange(256) / 256
    turns = [sampled(row.orbit.u, row.edges, at) for row in (before, after)]
    one, other = (x - np.roll(x, 128, 0) for x in turns)
    return bool(np.sum(one * other) < 0)


def _told(
    follower: Follower, track: Track, begin: str, end: str, marks: Sequence[Special | None], note: str
) -> tuple[Branch, list[Found]]:
    """A track as a branch with its special points."""
    mu = multipliers(track.rows.link)
    points = specials(follower, track, mu)
    bad = np.abs(mu[:, 0] - 1) > TRUSTED
    if bad.any() and mu.shape[1] > 2:
        note += (
            f"The multipliers of {bad.sum()} of {len(bad)} points are inaccurate: no special point is read from them. "
        )
    special = (*(point.special for point in points), *(mark for mark in marks if mark is not None))
    return _branch(follower, track, mu, begin, end, special, note.strip()), points


def _from_runs(
    follower: Follower, found: list[Branch], folds: list[Special], hopfs: list[Special], collected: list[Found]
) -> None:
    """Add branches through cycles that runs of the model end on and that no branch has yet."""
    for part in SEEDS:
        value = follower.lo + part * (follower.hi - follower.lo)
        row = simulated(follower, follower.case.x, value, calls=SEED_CALLS)
        if isinstance(row, str) or any(_lies_on(branch, row, value, follower) for branch in found):
            continue
        both = _both_ways(follower, row, row.along, folds, hopfs)
        if both is not None:
            branch, points = both
            found.append(branch)
            collected.extend(points)
            found.extend(_doublings(follower, points, folds, hopfs, 1))
            _crossings(follower, found, points, folds, hopfs)


def _crossings(
    follower: Follower, found: list[Branch], points: Sequence[Found], folds: list[Special], hopfs: list[Special]
) -> None:
    """Add the other branches through the branch points of one: each is followed to both sides, unless it is known."""
    for point in [point for point in points if point.special.kind == "branch_point"][:MOST_DOUBLED]:
        across = follower.crossing(point.row)
        beside = follower.near(point.row._replace(along=across), 10 * FIRST)
        value = point.special.value if beside is None else follower.value(beside.orbit.q)
        if beside is not None and any(_lies_on(branch, beside, value, follower, 3e-3) for branch in found):
            continue
        known = (folds, hopfs, MOST_DOUBLED_ROWS, point.special)
        both = _both_ways(follower, point.row, across, *known)
        if both is None and beside is not None:  # the other branch need not cross at a right angle
            both = _both_ways(follower, point.row, beside.along, *known)
        if both is not None:
            branch, more = both
            found.append(branch)
            found.extend(_doublings(follower, more, folds, hopfs, 1))


def _both_ways(
    follower: Follower, row: Rows, way: Orbit, folds: list[Special], hopfs: list[Special], most: int = MOST_ROWS,
    origin: Special | None = None,
) -> tuple[Branch, list[Found]] | None:  # fmt: skip
    """The branch through a cycle in some direction, from one end to the other; a side that fails ends at ``origin``."""
    tracks = [follower.run(Place(row.orbit, row.edges, way.times(sign), 10 * FIRST), most) for sign in (-1.0, 1.0)]
    failed = tracks.count(None)
    if failed == 2 or (failed and origin is None):
        return None
    if tracks[1] is None:
        tracks = tracks[::-1]
    ends = [None if track is None else _ended(follower, track, folds, hopfs) for track in tracks]
    back, ahead = ends
    rows = _joined(None if back is None else back.track.rows, row._replace(along=way), ahead.track.rows)
    words = [origin.kind if end is None else end.word for end in ends]
    marks = [replace(back.mark, row=0) if back is not None and back.mark is not None else None, ahead.mark]
    note = "".join(end.note for end in ends if end is not None)
    branch, points = _told(follower, Track(rows, ahead.track.end), *words, marks, note)
    if origin is not None:  # where it crosses the other branch it seems to turn: that is the branch point and no fold
        points = [point for point in points if not _same(point.special.value, origin.value, follower, 1e-5)]
        kept = tuple(mark for mark in marks if mark is not None)
        branch = replace(branch, special=(*(point.special for point in points), *kept))
    hopf = [None if end is None or end.hopf is None else hopfs[end.hopf] for end in ends]
    return _with_ends(branch, *hopf), [*points, *(loop for end in ends for loop in _loops(end))]


def _joined(back: Rows | None, row: Rows, ahead: Rows) -> Rows:
    """One track of a row and what was followed from it to either side."""
    if back is None:
        return jax.tree.map(lambda x, rest: np.concatenate([np.asarray(x)[None], rest]), row, ahead)
    turned = jax.tree.map(lambda x: x[::-1], back)
    # The step to a row, seen from the other side, is the step to its neighbour.
    turned = turned._replace(along=turned.along.times(-1.0), ds=np.append(back.ds[:1], back.ds[::-1][:-1]))
    middle = jax.tree.map(lambda x: np.asarray(x)[None], row._replace(ds=back.ds[0]))
    return jax.tree.map(lambda *x: np.concatenate(x), turned, middle, ahead)


def _lies_on(branch: Branch, row: Rows, value: float, follower: Follower, near: float = 0.05) -> bool:
    """Whether a cycle is one that a branch goes through."""
    x = extremes(row.orbit.u[None])[1][0]
    a, b = branch.value[:-1] - value, branch.value[1:] - value
    for k in np.flatnonzero(a * b <= 0):
        part = a[k] / (a[k] - b[k]) if a[k] != b[k] else 0.0
        log_T = np.interp(part, [0, 1], np.log(branch.period[k : k + 2]))
        high = branch.high[k] + part * (branch.high[k + 1] - branch.high[k])
        if abs(log_T - row.orbit.log_T) < near and np.max(np.abs(high / follower.scale.x - x)) < near:
            return True
    return False


def _cut(follower: Follower, track: Track) -> tuple[Track, str]:
    """A branch that left the range ends on its border, and one that left the box before it."""
    q = track.rows.orbit.q
    if track.end == BOX:
        return (
            track.part(slice(0, -1)) if len(track) > 1 else track
        ), "The cycle left five times the box of the states. "
    if track.end != RANGE:
        return track, ""
    inside = track.row(len(track) - 2) if len(track) > 1 else track.row(0)
    border = follower.at(inside, float(np.clip(q[-1], 0.0, 1.0)))
    if border is None:
        return track.part(slice(0, -1)) if len(track) > 1 else track, "No cycle was found on the border itself. "
    sign = np.sign(np.sum(border.along.q * track.rows.along.q[-1])) or 1.0
    border = border._replace(along=border.along.times(sign), ds=np.asarray(track.rows.ds[-1]))
    rows = jax.tree.map(lambda x, one: np.concatenate([x[:-1], np.asarray(one)[None]]), track.rows, border)
    return Track(rows, track.end), ""


def _hopf_at(follower: Follower, track: Track, hopfs: list[Special]) -> int | None:
    """The Hopf point in which a shrinking cycle ends."""
    value, T = follower.value(track.rows.orbit.q[-1]), np.exp(track.rows.orbit.log_T[-1])
    x = track.rows.orbit.u[-1].mean((0, 1)) * follower.scale.x
    for k, hopf in enumerate(hopfs):
        near = abs(hopf.value - value) < 1e-2 * abs(follower.hi - follower.lo)
        near = near and abs(T * hopf.frequency / (2 * np.pi) - 1) < 0.02
        if near and np.max(np.abs(hopf.x - x) / follower.scale.x) < 0.05:
            return k
    return None


def _branch(
    follower: Follower, track: Track, mu: np.ndarray, begin: str, end: str, marks: tuple[Special, ...], note: str
) -> Branch:
    u = track.rows.orbit.u
    low, high = (x * follower.scale.x for x in extremes(u))
    return Branch(
        kind="cycle",
        value=follower.value(track.rows.orbit.q),
        x=u[:, 0, 0] * follower.scale.x,
        stable=stable(mu),
        eigenvalues=mu,
        end=end,
        begin=begin,
        low=low,
        high=high,
        period=np.exp(track.rows.orbit.log_T),
        special=marks,
        note=note,
    )


def _with_ends(branch: Branch, first: Special | None, last: Special | None) -> Branch:
    """The Hopf points at the ends of a branch as cycles without size."""
    for hopf, at_end in ((first, False), (last, True)):
        if hopf is None:
            continue
        k = len(branch.value) - 1 if at_end else 0

        def joined(a: np.ndarray, one: np.ndarray | float, at_end: bool = at_end) -> np.ndarray:
            one = np.asarray(one)[None]
            return np.concatenate([a, one] if at_end else [one, a])

        branch = replace(
            branch,
            value=joined(branch.value, hopf.value),
            x=joined(branch.x, hopf.x),
            stable=joined(branch.stable, branch.stable[k]),
            eigenvalues=joined(branch.eigenvalues, branch.eigenvalues[k]),
            low=joined(branch.low, hopf.x),
            high=joined(branch.high, hopf.x),
            period=joined(branch.period, 2 * np.pi / hopf.frequency),
            special=branch.special if at_end else tuple(replace(s, row=s.row + 1) for s in branch.special),
        )
    return branch
