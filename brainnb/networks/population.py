"""``Population``: so many neurons of one kind, and in what they differ."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds, UnitError, UnknownName, unknown_message
from brainnb.core.model import Model

from . import crossing
from .connect.edges import count, size_of
from .init import as_initialiser


@dataclasses.dataclass(frozen=True, eq=False)
class Population:
    """Neurons of one model.

    Parameters
    ----------
    model : Model
        The neuron, :class:`~brainnb.neurons.LIF` for instance, or a source of spikes such as :class:`Poisson`.
    size : int or tuple of int
        How many, or the axes of a grid of them.
    parameters : mapping of path to initialiser, optional
        Parameters that differ from neuron to neuron: a distribution of ``bn.init``, an array or a function.
    init : mapping of path to initialiser, optional
        First values of states, likewise; by default those of the model.
    inputs : mapping of name to number, optional
        What it is given when a run gives nothing else: a constant drive.
    threshold : number, initialiser or mapping of one state to it, optional
        For cells whose equations know no spike (Hodgkin-Huxley, Morris-Lecar, a :class:`~brainnb.neurons.Cell`): they
        send one when ``V`` crosses this level upwards; ``{"V_s": -20}`` watches another state.  It becomes a parameter
        of the cells, ``"E.V_spike"``.  By default -20 where ``V`` is in mV; other smooth cells send nothing.

    Examples
    --------
    >>> import brainnb as bn
    >>> Population(bn.neurons.LIF(), 100, parameters={"tau": bn.init.Normal(20, 2)}, init={"V": bn.init.Uniform(-60, -50)})
    Population(LIF, 100)
    >>> net = bn.Network({"E": Population(bn.neurons.MorrisLecar(), 10, threshold=0)})
    >>> float(net.parameters()["E.V_spike"].value)
    0.0
    """

    model: Model
    size: Any
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    init: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    inputs: Mapping[str, float] = dataclasses.field(default_factory=dict)
    threshold: Any = None

    def __post_init__(self) -> None:
        if isinstance(self.model, type):
            raise ModelError(f"Population: got the class {self.model.__name__}; build it, {self.model.__name__}().")
        if not isinstance(self.model, Model):
            raise ModelError(f"Population: {self.model!r} is no model; give one, bn.Population(bn.neurons.LIF(), 100).")
        size_of(self.size, f"Population of {type(self.model).__name__}: size")
        for name in ("parameters", "init", "inputs"):
            if not isinstance(getattr(self, name), Mapping):
                raise ModelError(f"Population: {name}= takes a mapping, {name}={{'V': bn.init.Uniform(-60, -50)}}.")

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of the grid of neurons; one for a plain number."""
        return size_of(self.size, "size")

    @property
    def number(self) -> int:
        """How many neurons."""
        return count(self.axes)

    def built(self, name: str, seed: Any) -> Model:
        """The model with the parameters of every neuron."""
        where = f'Population "{name}"'
        try:
            model, level = crossing.watched(self.model, self.threshold, self.number)
        except (ModelError, OutOfBounds, UnitError, UnknownName) as error:
            raise type(error)(f"{where}: {error}") from None
        known = model.parameters()
        values = {}
        for i, (path, given) in enumerate({**self.parameters, **level}.items()):
            if path not in known:
                raise UnknownName(unknown_message("parameter", path, known, where=type(model).__name__))
            drawn = _drawn(given, self.number, (*seed, 0, i), f"{where}: {path}")
            values[path] = model.declaration(path).convert(drawn, path=f"{where}: {path}")
        model = model._with(values)
        for path, parameter in model.parameters().items():
            if (shape := jnp.shape(parameter.value)) not in ((), (self.number,)) and self._of_a_neuron(path, shape):
                raise ModelError(
                    f'Population "{name}": {path} has shape {shape}; {self.number} neurons need () or ({self.number},).'
                )
        return model

    def _of_a_neuron(self, path: str, shape: tuple[int, ...]) -> bool:
        """Whether a parameter is one number by declaration; spike times and such are arrays anyway."""
        declaration = self.model.declaration(path)
        return declaration is not None and declaration.default is not None and np.ndim(declaration.default) == 0

    def start(self, name: str, seed: Any) -> dict[str, Any]:
        """First values of the states that are given."""
        known = self.model.init_state((1,))
        found = {}
        for i, (path, given) in enumerate(self.init.items()):
            where = f'Population "{name}": init of {path}'
            declaration = self.model.declaration(path)
            if path not in known.flat() or declaration is None:
                raise UnknownName(unknown_message("state", path, known.flat(), where=type(self.model).__name__))
            found[path] = dataclasses.replace(declaration, bounds=(None, None)).convert(
                _drawn(given, self.number, (*seed, 1, i), where), path=where
            )
        return found

    def drives(self, name: str) -> dict[str, float]:
        """The default of every input that is given one, by its path in the network."""
        known = self.model.inputs()
        for key in self.inputs:
            if key not in known:
                raise UnknownName(unknown_message("input", key, known, where=type(self.model).__name__))
        where = f'Population "{name}": inputs'
        return {f"{name}.{k}": float(known[k].convert(v, path=f"{where}[{k!r}]")) for k, v in self.inputs.items()}

    def __repr__(self) -> str:
        return f"Population({type(self.model).__name__}, {self.size})"


def _drawn(given: Any, n: int, seed: tuple[int, ...], where: str) -> Any:
    if isinstance(given, str) or hasattr(given, "magnitude"):
        return given
    try:
        return as_initialiser(given)((n,), seed)
    except ModelError as error:
        raise ModelError(f"{where}: {error}") from None
