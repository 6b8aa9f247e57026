"""The equilibrium diagram: all branches of resting points in a range, with their special points located and classified.

Branches are followed from every resting point that a search at several parameter values finds and that no branch
passes yet, and from every branch point along the other curve.
"""

from dataclasses import replace

import numpy as np

from ..branch import Branch, Special
from . import equilibrium_points, normal_forms
from .brackets import onto
from .curves import Curve, Road
from .equilibrium_points import Diagram, Point
from .frame import Frame, linear_at
from .seeds import search

VALUES = 7
"""Parameter values at which resting points are searched."""
MOST = 40
"""Branches of one diagram; a search that finds more is cut and says so."""


def values_of(n: int) -> int:
    """At how many parameter values resting points of ``n`` states are searched."""
    return VALUES if n <= 8 else 4


def diagram(road: Road, *, criticality: bool = True) -> Diagram:
    """Follow everything; with ``criticality=False`` the marks come without normal forms, which may follow later."""
    found = Diagram(road, [])
    n = road.case.flow.n
    values = np.linspace(0.0, 1.0, values_of(n))
    seeds = search(road.case, road.at, values, road.low, road.high)
    if not len(seeds):
        found.notes.append("no resting point was found in the box; the search began at the bounds of the states")
    _, slopes = linear_at(road.case.flow, seeds, road.at) if len(seeds) else (None, np.zeros((0, n, n + 1)))
    left = list(zip(seeds, slopes, strict=True))
    left.sort(key=lambda pair: pair[0][n] not in (0.0, 1.0))  # a branch from the edge of the range is followed once
    while left and len(found.curves) < MOST:
        seed, slope = left.pop(0)
        row = np.linalg.svd(slope)[2][-1]
        curve = road.both_ways(seed, row if row[n] >= 0 else -row)
        if len(curve) < 2:
            found.notes.append(f"no branch could be followed from a resting point ({curve.end})")
            continue
        middle = curve.y[len(curve) // 2][None]
        if any(road.covered(middle, other)[0] for other in found.curves):
            continue  # the seed lay in the bend of a fold
        found.curves.append(curve)
        if left:
            known = road.covered(np.array([y for y, _ in left]), curve)
            left = [pair for pair, on in zip(left, known, strict=True) if not on]
    if left:
        found.notes.append(f"more than {MOST} branches: {len(left)} resting points were not followed")
    first = 0
    while first < len(found.curves) and len(found.curves) < MOST:
        crossed = equilibrium_points.branch_points(found, first)
        first = len(found.curves)
        for point in crossed:
            _switch(found, point)
    equilibrium_points.folds(found)
    equilibrium_points.hopfs(found)
    found.points.sort(key=lambda p: (p.curve, p.row))
    if criticality:
        equilibrium_points.classify(found)
    return found


def _switch(found: Diagram, point: Point) -> None:
    """Follow the other curve through a branch point, both ways, unless it is known."""
    road = found.road
    cross = normal_forms.crossing(found.case.flow, found.at, point.y, point.vectors)
    at = found.points.index(point)
    found.points[at] = replace(point, coefficient=cross.coefficient, note=cross.word)
    if not len(cross.directions):
        found.notes.append("a branch point is degenerate: its other branches were not followed")
        return
    way = cross.directions[np.argmin(np.abs(cross.directions @ point.tangent))]
    halves = []
    for sign in (-1, 1):
        near, matrix = onto(found.case.flow, found.at, point.y + 0.02 * sign * way, way)
        if matrix is not None and any(road.covered(near[None], c)[0] for c in found.curves):
            continue
        half = road.one_way(point.y + 2e-3 * sign * way, sign * way)
        if len(half) < 2:
            continue
        far = half.y[min(len(half) - 1, 8)]
        if any(road.covered(far[None], c)[0] for c in found.curves):
            continue
        halves.append((sign, half))
    if not halves:
        return
    slope = linear_at(found.case.flow, point.y[None], found.at)[1]
    tests = np.zeros((1, halves[0][1].tests.shape[1]))
    j = slope[:, :, : found.case.flow.n]
    whole = None
    for sign, half in halves:
        here = Curve(point.y[None], sign * way[None], tests, j, "branch_point", "branch_point")
        if whole is None and sign < 0:
            whole = half.reversed().joined(here)
        elif whole is None:
            whole = here.joined(half)
        else:
            whole = whole.joined(half)
    begin = whole.begin or "branch_point"
    found.curves.append(Curve(whole.y, whole.tangent, whole.tests, whole.jacobian, begin, whole.end or "branch_point"))


def branches(found: Diagram) -> list[Branch]:
    """The diagram in model units."""
    n, at, made = found.case.flow.n, found.at, []
    if not found.curves:
        return made
    eigenvalues = np.linalg.eigvals(np.concatenate([c.jacobian for c in found.curves]))
    first = 0
    for k, curve in enumerate(found.curves):
        y, values = at.out(_snapped(curve.y, n)), eigenvalues[first : first + len(curve)]
        first += len(curve)
        special = tuple(_special(p, at, n) for p in found.points if p.curve == k)
        stable = (values.real < 0).all(axis=1)
        made.append(Branch("equilibrium", y[:, n], y[:, :n], stable, values, curve.end, curve.begin, special=special))
    return made


def _snapped(y: np.ndarray, n: int) -> np.ndarray:
    """The ends of the range exactly, without the noise of rounding."""
    y = y.copy()
    y[np.abs(y[:, n]) < 1e-12, n] = 0.0
    y[np.abs(y[:, n] - 1.0) < 1e-12, n] = 1.0
    return y


def _special(point: Point, at: Frame, n: int) -> Special:
    y = at.out(point.y)
    return Special(
        kind=point.kind,
        value=float(y[n]),
        x=y[:n],
        coefficient=point.coefficient,
        frequency=point.rate,
        period=2 * np.pi / point.rate if point.kind == "hopf" else np.nan,
        residual=point.residual,
        row=point.row,
        note=point.note,
    )
