"""Settings that say where a run begins: one value for each of some states."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import equinox as eqx
import jax
import numpy as np

from ..core.checks import checked_init
from ..core.errors import ModelError
from ..core.model import Model
from ..core.record import flat
from .settings import Settings, finite, plain

UNUSED = ("dt", "seed")
"""Settings of a run that a plane has no control for: its steps choose their own length, and it draws no noise."""


@dataclasses.dataclass(frozen=True)
class Started(Settings):
    """Settings with a start: one value for each axis, under the name ``start.V``.

    Attributes
    ----------
    axes : tuple of str
        The states.
    start : tuple of float
        Where they begin.
    begin : tuple of float
        Where the model itself lets them begin.
    """

    axes: tuple[str, ...] = ()
    start: tuple[float, ...] = ()
    begin: tuple[float, ...] = ()

    @property
    def initial(self) -> dict[str, float]:
        """The starts that are not the model's own."""
        rows = zip(self.axes, self.start, self.begin, strict=True) if self.begin else ()
        return {axis: value for axis, value, own in rows if value != own}

    def values(self) -> dict[str, float]:
        return super().values() | {f"start.{axis}": value for axis, value in zip(self.axes, self.start, strict=True)}

    def changed(self, values: Mapping[str, Any]) -> Self:
        start = list(self.start)
        rest = {}
        for path, value in values.items():
            axis = str(path).removeprefix("start.")
            if axis != path and axis in self.axes:
                start[self.axes.index(axis)] = _number(path, value)
            else:
                rest[path] = value
        return dataclasses.replace(super().changed(rest), start=tuple(start))

    def joined(self, other: Settings) -> Self:
        met = super().joined(other)
        theirs = dict(zip(other.axes, other.start, strict=True)) if isinstance(other, Started) else {}
        start = tuple(theirs.get(axis, value) for axis, value in zip(self.axes, self.start, strict=True))
        return met if start == self.start else dataclasses.replace(met, start=start)


def begins(model: Model) -> dict[str, float]:
    """Where a model itself lets its single continuous states begin."""
    found = flat(_begun(model))
    return {path: plain(x) for path, x in found.items() if np.ndim(x) == 0 and np.asarray(x).dtype.kind == "f"}


@eqx.filter_jit
def _begun(model: Model) -> Any:
    return checked_init(model, (), model.init_state((), jax.random.key(0)))


def _number(path: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise ModelError(f"{path} = {value!r}: a number was expected.")
    return float(finite(value, path))
