"""Branches and special points as one labelled Dataset."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from brainnb.run.dataset import inner_dims, provenance

from ..branch import Branch, Special
from ..cases import Case

UNIT_RATE = "1/ms"


def dataset(
    case: Case, param: str, branches: Sequence[Branch], *, param2: str | None = None, cycles: bool, **attrs: Any
) -> Any:
    """A Dataset with the dims branch, step and special."""
    import xarray as xr

    specials = [(k, s) for k, branch in enumerate(branches) for s in branch.special]
    rows = max((len(b.value) for b in branches), default=0)
    n, grid = len(case.x), ("branch", "step")
    whole = _Laid(branches, rows)
    variables: dict[str, tuple] = {param: (grid, whole(lambda b: b.value), _said(case, param))}
    if param2 is not None:
        here = case.value(param2)
        values = whole(lambda b: np.full(len(b.value), here) if b.value2 is None else b.value2)
        variables[param2] = (grid, values, _said(case, param2))
    resting = whole(lambda b: b.x if b.rests else None, n)
    variables |= _states(case, grid, resting)
    if cycles:
        variables |= _states(case, grid, whole(lambda b: b.low, n), "{}_min", "lowest ")
        variables |= _states(case, grid, whole(lambda b: b.high, n), "{}_max", "highest ")
        variables |= _states(case, grid, whole(lambda b: None if b.rests else b.x, n), "{}_start", "at phase zero: ")
    stable = np.zeros((len(branches), rows), bool)
    for k, b in enumerate(branches):
        stable[k, : len(b.value)] = b.stable
    variables |= {
        "stable": (grid, stable, {"units": "1", "long_name": "small disturbances die out"}),
        "period": (grid, whole(lambda b: b.period), {"units": "ms", "long_name": "period of the cycle"}),
        "eigenvalue": (
            (*grid, "mode"),
            whole(lambda b: b.eigenvalues if b.rests else None, n, complex),
            {"units": UNIT_RATE, "long_name": "eigenvalues of the Jacobian"},
        ),
        "branch_kind": ("branch", _words(b.kind for b in branches), {"long_name": "what the curve consists of"}),
        "branch_begin": ("branch", _words(b.begin for b in branches), {"long_name": "where the curve begins"}),
        "branch_end": ("branch", _words(b.end for b in branches), {"long_name": "why the curve ends"}),
        "branch_note": ("branch", _words(b.note for b in branches), {"long_name": "remark"}),
    }
    if cycles:
        variables["multiplier"] = (
            (*grid, "mode"),
            whole(lambda b: None if b.rests else b.eigenvalues, n, complex),
            {"units": "1", "long_name": "Floquet multipliers"},
        )
    variables |= _special_variables(case, param, param2, [s for _, s in specials])
    variables["special_branch"] = ("special", np.array([k for k, _ in specials], int), {"long_name": "its branch"})
    return xr.Dataset(
        variables, attrs=provenance(case.model, case.drives, analysis="bifurcation", parameter=param, **attrs)
    )


def _special_variables(case: Case, param: str, param2: str | None, found: list[Special]) -> dict[str, tuple]:
    def numbers(name: str) -> np.ndarray:
        return np.array([getattr(s, name) for s in found], float)

    x = np.array([s.x for s in found], float).reshape(len(found), len(case.x))
    made: dict[str, tuple] = {
        "special_kind": ("special", _words(s.kind for s in found), {"long_name": "what happens there"}),
        "special_value": ("special", numbers("value"), _said(case, param)),
    }
    if param2 is not None:
        second = np.array([case.value(param2) if np.isnan(s.value2) else s.value2 for s in found], float)
        made["special_value2"] = ("special", second, _said(case, param2))
    made |= _states(case, ("special",), x, "special_{}")
    made |= {
        "special_coefficient": (
            "special",
            numbers("coefficient"),
            {"long_name": "normal form coefficient (Hopf: first Lyapunov coefficient)"},
        ),
        "special_frequency": (
            "special",
            numbers("frequency"),
            {"units": UNIT_RATE, "long_name": "angular frequency at a Hopf point"},
        ),
        "special_period": ("special", numbers("period"), {"units": "ms", "long_name": "period"}),
        "special_residual": (
            "special",
            numbers("residual"),
            {"units": "1", "long_name": "largest defect of the defining equations, in scaled states per ms"},
        ),
        "special_note": ("special", _words(s.note for s in found), {"long_name": "how it happens"}),
        "special_step": ("special", np.array([s.row for s in found], int), {"long_name": "the step behind it"}),
    }
    return made


class _Laid:
    """Arrays of all branches in one, filled up with NaN."""

    def __init__(self, branches: Sequence[Branch], rows: int):
        self.branches, self.rows = branches, rows

    def __call__(self, part: Callable[[Branch], Any], width: int | None = None, dtype: type = float) -> np.ndarray:
        shape = (len(self.branches), self.rows) if width is None else (len(self.branches), self.rows, width)
        found = np.full(shape, np.nan, dtype)
        for k, branch in enumerate(self.branches):
            values = part(branch)
            if values is not None:
                found[k, : len(values)] = values
        return found


def _states(
    case: Case, dims: tuple[str, ...], x: np.ndarray, name: str = "{}", said: str = ""
) -> Mapping[str, tuple[Any, ...]]:
    """One variable for each state; what is an array in the model is one here."""
    made, at = {}, 0
    for path, shape in zip(case.flow.moving, case.flow.sizes, strict=True):
        count = int(np.prod(shape, dtype=int))
        values = x[..., at : at + count].reshape((*x.shape[:-1], *shape))
        inner = tuple(inner_dims(case.model, path, shape, (), False)) if shape else ()
        axis = case.states[at]
        made[name.format(path)] = ((*dims, *inner), values, {"units": axis.unit, "long_name": f"{said}{axis.doc}"})
        at += count
    return made


def _said(case: Case, path: str) -> dict[str, str]:
    return case.attributes(path)


def _words(words: Any) -> np.ndarray:
    return np.array(list(words), dtype=str)
