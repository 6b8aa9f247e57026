"""What decides a phase plane under sliders: the values of any run, and where the trajectory starts."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from ...core.errors import ModelError
from ..settings import Settings, finite

UNUSED = ("dt", "seed")
"""Settings of a run that a plane has no control for: its steps choose their own length, and it draws no noise."""


@dataclasses.dataclass(frozen=True)
class PlaneSettings(Settings):
    """Settings with a start: one value for each axis, under the name ``start.V``."""

    axes: tuple[str, ...] = ()
    start: tuple[float, ...] = ()

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


def _number(path: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise ModelError(f"{path} = {value!r}: a number was expected.")
    return float(finite(value, path))
