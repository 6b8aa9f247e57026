"""What is asked of a view of training runs, checked before anything is shown."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...core.errors import ModelError, UnknownName, unknown_message


@dataclasses.dataclass(frozen=True)
class Looking:
    """What a page may change of a look: the trial."""

    trial: int = 0

    def values(self) -> dict[str, float]:
        return {"trial": float(self.trial)}


def known(truth: Mapping[str, Any], model: Any) -> dict[str, np.ndarray]:
    """The true values by path, each in the shape of its parameter."""
    found, parameters = {}, model.parameters()
    for path, value in truth.items():
        if path not in parameters:
            raise UnknownName(unknown_message("parameter", str(path), parameters, where=type(model).__name__))
        shape, x = parameters[path].value.shape, np.asarray(value, float)
        if x.shape not in ((), shape):
            raise ModelError(f"truth[{path!r}] has shape {x.shape}; `{path}` has {shape}.")
        found[path] = x
    return found


def trial_number(value: Any, last: float) -> int:
    """A trial that a page or a user named."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value <= last:
        raise ModelError(f"trial = {value!r}: a number from 0 to {last:g} was expected.")
    return round(float(value))
