"""Where a trajectory begins that is started by a click in a diagram: one number is clicked, the others come from a branch."""

from collections.abc import Sequence
from typing import Any

import numpy as np

NEAR = 0.04
"""A click so near to the extreme of a cycle, in heights of the diagram, starts on that cycle."""


def begin(ds: Any, states: Sequence[str], var: str, value: float, height: float) -> dict[str, Any]:
    """Initial values of the states.

    Near the rim of a cycle: a point of that cycle.  Elsewhere: the resting point that is nearest to the click at this
    value of the parameter, with the state on the vertical axis moved to the click; without any, only that state.
    """
    rests, cycles = [], []
    for branch, row, part in crossings(ds, value):
        if str(ds.branch_kind.values[branch]) == "equilibrium":
            rests.append((abs(between(ds[var], branch, row, part) - height), branch, row, part, "{}"))
        elif str(ds.branch_kind.values[branch]) == "cycle":
            ends = [between(ds[f"{var}_{end}"], branch, row, part) for end in ("min", "max")]
            cycles.append((min(abs(end - height) for end in ends), branch, row, part, "{}_start"))
    best = min(cycles, default=None)
    if best is None or best[0] > NEAR * tall(ds, var):
        best = min(rests, default=None)
    if best is None:
        return {var: height}
    _, branch, row, part, name = best
    found = {path: between(ds[name.format(path)], branch, row, part) for path in states}
    return found | ({var: height} if name == "{}" else {})


def crossings(ds: Any, value: float) -> list[tuple[int, int, float]]:
    """Where branches pass a value of the parameter: branch, the step before, the way to the next one."""
    found = []
    for branch, across in enumerate(ds[ds.attrs["parameter"]].values):
        good = across[np.isfinite(across)]
        left, right = good[:-1], good[1:]
        for row in np.flatnonzero((np.minimum(left, right) <= value) & (value <= np.maximum(left, right))):
            width = right[row] - left[row]
            found.append((branch, int(row), float((value - left[row]) / width) if width else 0.0))
    return found


def between(values: Any, branch: int, row: int, part: float) -> Any:
    """A variable of a branch between two steps: a number, or the values of an array of states."""
    first, second = values.values[branch, row], values.values[branch, row + 1]
    found = first + part * (second - first)
    return float(found) if np.ndim(found) == 0 else found


def tall(ds: Any, var: str) -> float:
    """How much of the vertical axis the branches take."""
    all_of = [ds[name].values for name in (var, f"{var}_min", f"{var}_max") if name in ds]
    finite = np.concatenate([x[np.isfinite(x)] for x in all_of])
    return float(np.ptp(finite)) if finite.size else 1.0
