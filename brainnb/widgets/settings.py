"""Everything that decides a run, as one value: the model, what it is given, for how long, with which seed."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from ..core.errors import ModelError, OutOfBounds, UnknownName, unknown_message
from ..core.fields import Declaration, label
from ..core.model import Model
from .budget import check_budget

MOST_KEPT = 3

RUN = {
    "T": Declaration(200.0, "ms", "duration of the run", (1e-6, None)),
    "dt": Declaration(0.1, "ms", "time step", (1e-9, None)),
    "seed": Declaration(0, "1", "seed of the noise", (0, 2**31 - 1)),
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """One point in the space that the sliders span.  A change makes a new one, after every check passed.

    Attributes
    ----------
    model : Model
    inputs : dict
        Input name -> number, or a stimulus (a model of ``brainnb.inputs``).
    T, dt : float
        Duration and step in ms; the duration is kept a whole number of steps.
    seed : int
    width : int
        Recorded numbers per stored step, for the memory estimate.
    every : int
        Every how many steps a sample is stored.
    precision : str, optional
        ``"float64"`` where a run is to equal that of a page; by default what JAX is set to.
    """

    model: Model
    inputs: Mapping[str, Any]
    T: float
    dt: float
    seed: int = 0
    width: int = 1
    every: int = 1
    precision: str | None = None

    def __post_init__(self) -> None:
        steps = max(1, round(self.T / self.dt)) if self.dt > 0 and math.isfinite(self.T / self.dt) else 1
        object.__setattr__(self, "T", float(f"{steps * self.dt:.12g}"))
        check_budget(steps, self.width, self.every, self.dt)

    # --- reading ---------------------------------------------------------------------------------------------

    def values(self) -> dict[str, float]:
        """Every scalar that a control can hold, by path."""
        found: dict[str, float] = {}
        for name, given in self.inputs.items():
            if isinstance(given, Model):
                found |= {f"{name}.{p}": plain(v.value) for p, v in given.parameters().items() if np.ndim(v.value) == 0}
            elif np.ndim(given) == 0:
                found[name] = plain(given)
        found |= {p: plain(v.value) for p, v in self.model.parameters().items() if np.ndim(v.value) == 0}
        return found | {"T": self.T, "dt": self.dt, "seed": self.seed}

    def stimuli(self) -> list[str]:
        """Names of the inputs that were given something that varies."""
        return [name for name, given in self.inputs.items() if isinstance(given, Model)]

    @property
    def initial(self) -> dict[str, float]:
        """States that do not begin where the model lets them begin."""
        return {}

    def begun(self, init: Any) -> Any:
        """Where a run begins, ``init=``: what was given, with the values of :attr:`initial` laid over it."""
        if not self.initial:
            return init
        return (
            {**init, **self.initial} if isinstance(init, Mapping) and not hasattr(init, "data_vars") else self.initial
        )

    def differences(self, other: "Settings") -> dict[str, tuple[float, float]]:
        """Path -> (value here, value there) of everything that differs."""
        mine, theirs = self.values(), other.values()
        return {p: (mine[p], theirs[p]) for p in mine if p in theirs and mine[p] != theirs[p]}

    # --- changing --------------------------------------------------------------------------------------------

    def changed(self, values: Mapping[str, Any]) -> Self:
        """New settings with some values changed; every value is converted and checked here.

        Raises
        ------
        OutOfBounds, UnknownName, ModelError
            Then nothing has changed.
        """
        parameters: dict[str, Any] = {}
        inputs = dict(self.inputs)
        run: dict[str, Any] = {}
        known = self.values()
        for path, value in values.items():
            if path not in known:
                raise UnknownName(unknown_message("control", str(path), known, where=type(self.model).__name__))
            name = next((n for n in inputs if path.startswith(f"{n}.")), "")  # names of inputs may have dots: "E.I"
            if path in RUN:
                run[path] = _run_value(path, value)
            elif path in inputs:
                inputs[path] = input_value(self.model, path, value)
            elif name:
                inputs[name] = inputs[name].replace({path[len(name) + 1 :]: finite(value, path)})
            else:
                parameters[path] = finite(value, path)
        model = self.model.replace(parameters) if parameters else self.model
        return dataclasses.replace(self, model=model, inputs=inputs, **run)

    def joined(self, other: "Settings") -> Self:
        """These settings with the model and the inputs of others; where one side is given a stimulus, an input stays."""
        inputs = {
            name: mine if isinstance(mine, Model) or isinstance(other.inputs[name], Model) else other.inputs[name]
            for name, mine in self.inputs.items()
        }
        if other.model is self.model and inputs == self.inputs:
            return self
        return dataclasses.replace(self, model=other.model, inputs=inputs)


def plain(value: Any) -> float:
    """A leaf as the shortest Python number that converts back to the same bits."""
    host = np.asarray(value)
    return float(str(host[()])) if host.dtype.kind == "f" else host.item()


def finite(value: Any, path: str) -> Any:
    """Refuse infinity, which bounds alone let through when they are open."""
    if isinstance(value, int | float | np.number) and not isinstance(value, bool) and not np.isfinite(value):
        raise OutOfBounds(f"{path} = {value}: a finite number was expected.")
    return value


def input_value(model: Model, name: str, value: Any) -> Any:
    """A value for an input: a number is checked against the declaration, a stimulus is taken as it is.

    A function is refused: each new one would compile the run anew, and no slider could reach inside it.
    """
    declared = model.inputs()
    if name not in declared:
        raise UnknownName(unknown_message("input", name, declared, where=type(model).__name__))
    if isinstance(value, Model):
        return value
    where = f"{type(model).__name__}.{name}"
    if callable(value):
        raise ModelError(
            f"{where} was given a function; under sliders a stimulus is a model, whose numbers can be moved: "
            f"write {name}=bn.inputs.Step(amplitude=10.0, start=5.0), or a number."
        )
    converted = declared[name].convert(finite(value, where), path=where)
    return plain(converted) if np.ndim(converted) == 0 else converted


def _run_value(path: str, value: Any) -> Any:
    declaration = RUN[path]
    number = plain(declaration.convert(finite(value, path), path=path)) if path != "seed" else value
    if path == "seed":
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or value != int(value):
            raise ModelError(f"seed = {value!r}: a whole number was expected.")
        number = int(value)
        low, high = declaration.bounds
        if not low <= number <= high:
            raise OutOfBounds(f"seed = {number} is outside [{low:g}, {high:g}].")
    return number


def with_unit(value: float, unit: str) -> str:
    """``10 uA/cm2``."""
    return f"{value:.6g}{label(unit)}"
