"""Branches of limit cycles: from Hopf points and period doublings, to where they end."""

from collections.abc import Iterable, Sequence

import jax
import numpy as np

from .branch import Branch, Special
from .cycle_curve import BOX, PERIOD, RANGE, SHRUNK, SMALL, Place
from .cycle_special import Found, specials
from .cycle_track import Follower, Track, extremes
from .floquet import TRUSTED, multipliers, stable
from .flow import Case
from .infinite_period import limit

MOST_DOUBLINGS = 2
"""How often the branch of twice the period is followed on."""

WORDS = {RANGE: "range", BOX: "box", SMALL: "step too small", SHRUNK: "hopf", PERIOD: "period"}


def cycles(case: Case, index: int, lo: float, hi: float, branches: Iterable[Branch]) -> list[Branch]:
    """Follow the cycles that are born at the Hopf points of equilibrium branches, and those of twice their period.

    Parameters
    ----------
    case : Case
    index : int
        Where the parameter stands among the constants of the case.
    lo, hi : float
        Its range.
    branches : finished equilibrium branches
        With their Hopf points (value, x, frequency) and folds among ``special``.

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
    for k, hopf in enumerate(hopfs):
        if k in reached:
            continue
        reached.append(k)
        place = follower.from_hopf(hopf.x, hopf.value, hopf.frequency)
        branch, points, end = _finished(follower, place, folds, hopfs, hopf)
        if branch is None:
            continue
        if end is not None:
            reached.append(end)
        found.append(branch)
        found.extend(_doublings(follower, points, folds, hopfs, 1))
    return found


def _doublings(
    follower: Follower, points: Sequence[Found], folds: list[Special], hopfs: list[Special], depth: int
) -> list[Branch]:
    """Branches of twice the period; one that ends in another period doubling of the same branch is given once."""
    found: list[Branch] = []
    reached: list[float] = []
    for point in points:
        if point.special.kind != "period_doubling" or any(
            _same(point.special.value, value, follower) for value in reached
        ):
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


def _same(a: float, b: float, follower: Follower) -> bool:
    return abs(a - b) < 1e-3 * abs(follower.hi - follower.lo)


def _finished(
    follower: Follower, place: Place, folds: list[Special], hopfs: list[Special], origin: Special | None
) -> tuple[Branch | None, list[Found], int | None]:
    """Follow one branch and say what it is; also the Hopf point in which it ends."""
    track = follower.run(place)
    if not len(track):
        return None, [], None
    track, note = _cut(follower, track)
    mu = multipliers(track.rows.link)
    points = specials(follower, track, mu)
    end, last, reached = WORDS.get(track.end, "steps"), None, None
    marks = [point.special for point in points]
    if track.end == PERIOD:
        last = limit(follower, track, folds)
        if last is not None:
            end = last.kind
            marks.append(last)
    if track.end == SHRUNK:
        reached = _hopf_at(follower, track, hopfs)
    bad = np.abs(mu[:, 0] - 1) > TRUSTED
    if bad.any() and mu.shape[1] > 2:
        note += f"The multipliers of {bad.sum()} of {len(bad)} points are of low accuracy; no special point was read from them. "
    begin = origin.kind if origin is not None else "simulation"
    branch = _branch(follower, track, mu, begin, end, tuple(marks), note.strip())
    ends = (origin if begin == "hopf" else None, None if reached is None else hopfs[reached])
    return _with_ends(branch, *ends), points, reached


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
    along = jax.tree.map(lambda x: sign * x, border.along)
    border = border._replace(along=along, ds=np.asarray(track.rows.ds[-1]))
    rows = jax.tree.map(lambda x, one: np.concatenate([x[:-1], np.asarray(one)[None]]), track.rows, border)
    return Track(rows, track.end), ""


def _hopf_at(follower: Follower, track: Track, hopfs: list[Special]) -> int | None:
    """The Hopf point in which a shrinking cycle ends."""
    value, T = follower.value(track.rows.orbit.q[-1]), np.exp(track.rows.orbit.log_T[-1])
    x = track.rows.orbit.u[-1].mean((0, 1)) * follower.scale.x
    for k, hopf in enumerate(hopfs):
        near = abs(hopf.value - value) < 1e-2 * abs(follower.hi - follower.lo)
        if near and abs(T * hopf.frequency / (2 * np.pi) - 1) < 0.02:
            if np.max(np.abs(hopf.x - x) / follower.scale.x) < 0.05:
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
    from dataclasses import replace

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
