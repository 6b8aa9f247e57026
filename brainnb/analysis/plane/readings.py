"""What the user asks of a face, read: which states are axes, which stand still, which follow at once."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.core.fields import to_array
from brainnb.run import options

from ..cases import Case
from ..flow import Constants, Flow, kernel
from .face import Face, whole

STEADY = "steady"


class Reading(NamedTuple):
    """A face, its box (k, 2), the paths of its axes, and in words what the other states do."""

    face: Face
    box: np.ndarray
    axes: tuple[str, ...]
    frozen: dict[str, float]
    steady: tuple[str, ...]
    frozen_at: str

    def attributes(self) -> dict[str, str]:
        """For a Dataset: what was held, where, and what followed."""
        return {
            "axes": json.dumps(self.axes),
            "frozen": json.dumps(self.frozen),
            "steady": json.dumps(self.steady),
            "frozen_at": self.frozen_at,
        }


def split(model: Any, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was given by keyword: ranges of states, which are pairs, and values of inputs."""
    options.check_model(model)
    known = model.inputs()
    ranges = {
        name: value
        for name, value in given.items()
        if name not in known and isinstance(value, tuple | list | np.ndarray) and len(value) == 2
    }
    return ranges, {name: value for name, value in given.items() if name not in ranges}


def interval(case: Case, path: str, value: Any) -> tuple[float, float]:
    """A range of a state, ``(lo, hi)`` in its unit; quantities and strings are converted."""
    unit = case.states[case.state(path)].unit
    try:
        lo, hi = value
    except (TypeError, ValueError):
        raise ModelError(f"{path}={value!r}: a range was expected, {path}=(lo, hi).") from None
    lo, hi = (float(to_array(v, unit, path)) for v in (lo, hi))
    if not (np.isfinite([lo, hi]).all() and lo < hi):
        raise OutOfBounds(f"{path} = ({lo:g}, {hi:g}): a finite range was expected, the lower end first.")
    return lo, hi


def read(case: Case, ranges: Mapping[str, Any], fixed: Mapping[str, Any] | None, resting: Any) -> Reading:
    """The face that ``ranges`` and ``fixed`` name.

    States that are named nowhere are frozen at the resting point nearest to the declared start (``resting(case)``), or
    at the start where there is none.
    """
    name = type(case.model).__name__
    known = ", ".join(case.names)
    for path in ranges:
        case.state(path)
    if not 1 <= len(ranges) <= 2:
        raise ModelError(
            f"phase_plane: {len(ranges)} states of {name} have a range; one (a line) or two (a plane) of {known} were "
            f"expected, {case.names[0]}=(lo, hi)."
        )
    fixed = {} if fixed is None else fixed
    if not isinstance(fixed, Mapping):
        raise ModelError(f"fixed={fixed!r}: a mapping was expected, fixed={{'{case.names[-1]}': 1.0}}.")
    box = np.array([interval(case, path, value) for path, value in ranges.items()])
    base, steady, frozen = case.x.copy(), [], {}
    for path, value in fixed.items():
        at = case.state(path)
        if path in ranges:
            raise ModelError(f"`{path}` is an axis of the plane and in fixed=; name it once.")
        if isinstance(value, str) and value == STEADY:
            steady.append(path)
        else:
            frozen[path] = base[at] = float(to_array(value, case.states[at].unit, f"fixed[{path!r}]"))
    rest = [path for path in case.names if path not in ranges and path not in fixed]
    where = ""
    if rest or steady:
        point = resting(case)
        where = "" if not rest else "the declared start" if point is None else "the resting point nearest to the start"
        for path in (*rest, *steady):
            at = case.state(path)
            base[at] = case.x[at] if point is None else point[at]
            if path in rest:
                frozen[path] = float(base[at])
    axes = np.array([case.state(path) for path in ranges])
    follow = np.array([case.state(path) for path in steady], int)
    natural = len(axes) == len(base) and (np.diff(axes) > 0).all()
    return Reading(
        Face(None if natural else base, axes, follow, case.scale()), box, tuple(ranges), frozen, tuple(steady), where
    )


def everything(case: Case) -> Face:
    """The face in which all states move."""
    return Face(None, np.arange(len(case.x)), np.zeros(0, int), case.scale())


@kernel
def wholes(flow: Flow, face: Face, p: Constants, q: Array) -> tuple[Array, Array, Array]:
    """Whole states, their derivatives and Jacobians at points (s, k) of a face."""
    x = jax.vmap(lambda q: whole(flow, face, p, q))(q)
    return x, jax.vmap(lambda x: flow(x, p))(x), jax.vmap(jax.jacfwd(lambda x: flow(x, p)))(x)
