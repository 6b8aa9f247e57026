"""Homoclinic orbits as curves in two parameters: where they begin, what lies on them, in which points they end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import jax
import numpy as np

from ..branch import Branch, Special
from ..cases import Case
from .beside import AWAY, born_beside
from .collocation import Orbit
from .critical_points import located
from .cycle_special import Found
from .cycle_track import Follower, extremes
from .following import PERIOD, SHRUNK, SMALL, Rows
from .homoclinic import DECAYS, LongCycles, Saddle, saddle, settled, uncertainty
from .infinite_period import limit, saddle_node
from .tracing import MOST_ROWS, NOTES, WORDS, Tracer, Track, begun, joined, kept

NEAR = 0.02
"""A curve that passes this near a loop goes through it."""

TAIL = 6
"""Points at the end of a curve from which its way to a saddle-node is extrapolated."""

FADED = 0.3
"""A leading eigenvalue that has fallen to this part of its largest value is on its way to zero."""

AGREED = 1e-3
"""So well (parameters in their ranges) must the fold and the end of the curve agree."""

ENDS = {SHRUNK: "no size", PERIOD: "weak saddle"}
WEAK = "The saddle has an eigenvalue so near the imaginary axis that no cycle stands for its loop any more."


def curves(
    case: Case,
    paths: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    points: Iterable[Found],
    known: Iterable[Branch],
    notes: list[str],
) -> list[Branch]:
    """Curves through the homoclinic ends of a diagram's cycles (``points``) and from Bogdanov-Takens points on the curves ``known``."""
    tracer = Tracer(case, paths, ranges)
    known = list(known)
    corners = [point for branch in known for point in branch.special if point.kind == "bogdanov_takens"]
    found: list[Track] = []
    if 0.0 <= tracer.second <= 1.0:
        for point in points:
            if point.special.kind == "homoclinic":
                _follow(tracer, found, point.row, [point.row.orbit.q, tracer.second], point.special, notes)
    for point in corners:
        if not any(tracer.nearest(track, k, [point]) for track in found for k in (0, -1)):
            _leave(tracer, found, point, known, notes)
    return [_branch(tracer, track, corners) for track in found]


def _leave(tracer: Tracer, found: list[Track], point: Special, known: Sequence[Branch], notes: list[str]) -> None:
    """The curve from a Bogdanov-Takens point: cycles born at a Hopf point beside it end in a loop."""
    for away in AWAY:
        for one in born_beside(tracer, point, known, away, MOST_ROWS):
            end = limit(one.follower, one.track, ()) if one.track.end == PERIOD else None
            if end is not None and end.kind == "homoclinic":
                row = one.track.row(len(one.track) - 1)
                _follow(tracer, found, row, one.both(row.orbit.q), point, notes)
                return
    values = (round(value, 12) for value in (point.value, point.value2))
    at = ", ".join(f"{path} = {value:g}" for path, value in zip(tracer.paths, values, strict=True))
    notes.append(f"no cycle beside the bogdanov_takens at {at} was followed to its homoclinic orbit")


def _follow(
    tracer: Tracer, found: list[Track], row: Rows, q: Sequence[float], origin: Special, notes: list[str]
) -> None:
    """The curve through the loop near a cycle of one parameter, at ``q`` of both, unless it is known."""
    start = settled(tracer, begun(Orbit(row.orbit.u, np.array([row.orbit.log_T, *q])), row.edges))
    if start is not None and any(track.passes(start.orbit, NEAR) for track in found):
        return
    track = None if start is None else tracer.through(LongCycles(tracer), start)
    kept(found, track, origin, notes, "homoclinic curve")


def _branch(tracer: Tracer, track: Track, corners: Sequence[Special]) -> Branch:
    """A curve in the model's own units: the saddles, the extent of the loops, and the points in which it ends."""
    each = zip(*track.rows.orbit, np.diff(track.rows.edges), strict=True)
    seen = [saddle(tracer, Orbit(u, s), h) for u, s, h in each]
    track = replace(track, rows=_row(track.rows, [k for k, one in enumerate(seen) if one is not None]))
    saddles = [one for one in seen if one is not None]
    rows, scale = track.rows, tracer.scale
    balance = np.array([one.balance for one in saddles])
    low, high = (values * scale.x for values in extremes(rows.orbit.u))
    value, value2 = tracer.out(track.q).T
    said = [
        f"Cycles of {DECAYS:g} times the time in which the saddle changes a deviation by e stand for the loops{_off(tracer, rows)}.",
        *(NOTES[word] for word in {track.begin, track.end} if word in NOTES),
    ]
    special = [_neutral(tracer, track, int(k)) for k in np.flatnonzero(balance[:-1] * balance[1:] < 0)]
    whole = Branch(
        LongCycles.kind, value, np.stack([one.x for one in saddles]) * scale.x,
        np.array([one.balance < 0 and (one.eigenvalues.real > 0).sum() == 1 for one in saddles]),
        np.stack([one.eigenvalues for one in saddles]), (WORDS | ENDS)[track.end], (WORDS | ENDS)[track.begin],
        value2=value2, low=low, high=high, period=np.exp(rows.orbit.s[:, 0]),
        special=tuple(point for point in special if point is not None), note=" ".join(said),
    )  # fmt: skip
    for at_end in (False, True):
        whole = _closed(tracer, track, whole, saddles, corners, at_end)
    return whole


def _off(tracer: Tracer, rows: Rows) -> str:
    """How far the curve is from one of longer cycles, in words: at its ends and in its middle."""
    count = len(rows.ds)
    off = [uncertainty(tracer, _row(rows, k)) for k in {0, count // 2, count - 1}]
    return f"; a quarter more moves the curve by {np.nanmax(off):.1e} of the ranges" if np.isfinite(off).any() else ""


def _closed(
    tracer: Tracer, track: Track, branch: Branch, saddles: Sequence[Saddle], corners: Sequence[Special], at_end: bool
) -> Branch:
    """A curve with the point of codimension two in which it ends to one side."""
    how, side = (track.end, "end") if at_end else (track.begin, "begin")
    if how not in (SHRUNK, PERIOD, SMALL):
        return branch
    point = tracer.nearest(track, -1 if at_end else 0, corners) if how != PERIOD else None
    if point is not None:
        row = dict(low=point.x, high=point.x, period=np.inf)
    else:
        point = _saddle_node(tracer, track, saddles, at_end)
        if point is None:
            return replace(branch, note=f"{branch.note} {WEAK}") if how == PERIOD else branch
        row = dict(period=np.inf)
    at = tracer.into([point.value, point.value2])
    eigenvalues = np.linalg.eigvals(tracer.slopes(point.x / tracer.scale.x, at)[1])
    branch = joined(branch, at_end, value=point.value, value2=point.value2, x=point.x, eigenvalues=eigenvalues, **row)
    if point.kind != "bogdanov_takens":
        last = len(branch.value) - 2 if at_end else 0
        branch = replace(branch, special=(*branch.special, replace(point, row=last)))
    return replace(branch, **{side: point.kind})


def _saddle_node(tracer: Tracer, track: Track, saddles: Sequence[Saddle], at_end: bool) -> Special | None:
    """Where the saddle of a loop meets a node: along the curve its leading eigenvalue falls to zero in proportion to the way left."""
    rate = np.array([one.leading for one in saddles])
    order = slice(None) if at_end else slice(None, None, -1)
    rate, q = rate[order][-TAIL:], track.q[order][-TAIL:]
    largest = max(abs(one.leading.real) for one in saddles)
    if len(rate) < TAIL or abs(rate[-1].real) > FADED * largest or np.any(rate.imag != 0):
        return None
    three, two = (np.polynomial.polynomial.polyfit(rate.real, q, degree)[0] for degree in (3, 2))
    value, value2 = tracer.out(three)
    other = tracer.case.with_value(tracer.paths[1], float(value2))
    follower = Follower(other, int(tracer.index[0]), *tracer.ranges[0])
    fold = saddle_node(follower, saddles[-1 if at_end else 0].x, float(three[0]), ())
    if fold is None or abs(fold[1] - value) > AGREED * tracer.scale.length[0]:
        return None
    return Special(
        "saddle_node_homoclinic", fold[1], fold[0], value2=float(value2), period=np.inf,
        residual=float(np.abs(three - two).max()), note="the loop goes on as a saddle-node on an invariant circle, along the fold curve",
    )  # fmt: skip


def _neutral(tracer: Tracer, track: Track, k: int) -> Special | None:
    """The loop whose saddle repels as fast as it attracts."""

    def test(row: Rows) -> float:
        at = saddle(tracer, row.orbit, np.diff(row.edges))
        return np.nan if at is None else at.balance

    found = located(tracer, track, k, "neutral_homoclinic", test)
    if found is None:
        return None
    at = saddle(tracer, found.row.orbit, np.diff(found.row.edges))
    return replace(found.special, x=at.x * tracer.scale.x, period=np.inf, frequency=np.nan)


def _row(rows: Rows, k: int | list[int]) -> Rows:
    """One point of a curve, or some of them."""
    return jax.tree.map(lambda x: x[k], rows)
