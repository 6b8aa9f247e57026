"""The class of a burst: by the bifurcations of the fast variables next to where its spikes begin and end."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import bursts

BEGINS = ("fold", "snic", "hopf")
ENDS = ("homoclinic", "snic", "cycle_fold", "hopf")

ONE_EVENT = 0.03
"""A fold and the end of the cycles that lie this near, by the way of the slow variable, are one event for the burst: it has no
time to rest beside a cycle.  On the circle of a parabolic burst they are the same, or hardly differ."""


def burst_class(run: Any, found: bursts.Rhythm, slow: str, sliced: Callable[[Mapping[str, float]], Any]) -> str:
    """The name of a burst.

    Parameters
    ----------
    run : Dataset
        The trajectory.
    found : Rhythm
        Its bursts.
    slow : path
        The slow variable that moves by hand.
    sliced : callable
        The diagram of the fast variables with the other slow ones at some values: those of the trajectory there.
    """
    if not len(found.onsets):
        return ""
    way = float(np.ptp(run[slow].values))

    def at(times: np.ndarray, of: tuple[str, ...]) -> str:
        here = {
            str(path): float(np.interp(times, run.time.values, x.values).mean())
            for path, x in run.data_vars.items()
            if x.dims == ("time",)
        }
        ds = sliced(here)
        values = ds.special_value.values
        kinds = named(ds.special_kind.values.astype(str), values, ONE_EVENT * way)
        far = np.where(np.isin(kinds, of), np.abs(values - here[slow]), np.inf)
        return str(kinds[far.argmin()]) if np.isfinite(far).any() else "?"

    return bursts.name(at(found.onsets, BEGINS), at(found.ends, ENDS))


def named(kinds: np.ndarray, values: np.ndarray, near: float) -> np.ndarray:
    """Kinds of special points, those of a fold on an invariant circle as one: a fold, and an infinite period next to it."""
    folds, loops = values[kinds == "fold"], values[np.isin(kinds, ("snic", "homoclinic"))]

    def together(value: float, others: np.ndarray) -> bool:
        return bool((np.abs(others - value) < near).any())

    circle = [
        (kind == "fold" and together(value, loops)) or (kind == "homoclinic" and together(value, folds))
        for kind, value in zip(kinds, values, strict=True)
    ]
    return np.where(np.array(circle, bool), "snic", kinds)
