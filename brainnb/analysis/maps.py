"""Maps: systems that go from state to state by steps, read in the same way as flows.

A trained recurrent network is one, ``x -> F(x)``, and so is a model whose ``on_step`` does all the work.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.record import Record, flat
from brainnb.run.system import BEGIN, System

from .cases import Axis, Case, case
from .flow import Constants, in_double


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Stepped(System):
    """A model read as a map: ``field`` is the state after one ``on_step``."""

    def field(self, t: Array, s: Record, moment: Any = BEGIN) -> Record:
        return Record(model=_real(self.jumps(t, s, jax.random.key(0)), s.model))


def _real(changes: Mapping[str, Any], s: Record) -> Record:
    """The real numbers among what ``on_step`` changes; counters and flags are no dimensions."""
    found = {}
    for name, value in changes.items():
        if isinstance(value, Mapping):
            if inner := _real(value, s[name]):
                found[name] = inner
        elif jnp.issubdtype(jnp.result_type(s[name]), jnp.floating):
            found[name] = jnp.asarray(value)
    return Record(found)


@dataclass(frozen=True)
class Function:
    """A plain function of one vector as a flow; what it closes over is part of its structure."""

    function: Callable[[Array], Array]
    sizes: tuple[tuple[int, ...], ...]
    moving: tuple[str, ...] = ("x",)

    def __call__(self, x: Array, p: Constants) -> Array:
        return jnp.reshape(self.function(jnp.reshape(x, self.sizes[0])), -1)

    @functools.cached_property
    def n(self) -> int:
        """How many numbers evolve."""
        return int(np.prod(self.sizes[0], dtype=int))


@in_double
def read(
    model: Model | Callable,
    inputs: Mapping[str, Any] | None = None,
    *,
    map: bool = False,
    like: Any = None,
    **given: Any,
) -> Case:
    """A model, or a plain function of one vector, as a case.

    Parameters
    ----------
    model : Model or callable
        A function is a map x -> F(x) or a field F(x), as ``map`` says, of an array shaped as ``like``.
    map : bool
        Whether states follow each other in steps: of a model, ``on_step`` gives the next one.
    """
    if isinstance(model, (Model, type)) or not callable(model):
        return case(model, inputs, closed=Stepped if map else System, **given)
    if inputs or given:
        raise ModelError(f"A plain function takes no inputs; got {', '.join({**(inputs or {}), **given})}.")
    name = getattr(model, "__name__", type(model).__name__)
    if like is None:
        raise ModelError(f"{name} is a plain function: give states of it as an array, so that their number is known.")
    x = np.asarray(like, float)
    shape = jax.eval_shape(lambda v: jnp.asarray(model(v)), x).shape
    if shape != x.shape:
        raise ModelError(f"{name}: a state of shape {x.shape} became {shape}; a map gives a state of the same shape.")
    states = tuple(
        Axis(f"x[{','.join(str(j) for j in i)}]" if x.shape else "x", "1", "", (None, None))
        for i in np.ndindex(x.shape)
    )
    return Case(Function(model, (x.shape,)), x.reshape(-1), Constants(np.zeros(0)), states, (), model, Record())


def state_of(found: Case, state: Any) -> np.ndarray:
    """The vector of a state given as an array, a mapping of paths, or a Dataset with one value (or time) left."""
    if state is None:
        return found.x
    if hasattr(state, "data_vars"):
        return cloud_of(found, state)[-1]
    if isinstance(state, Mapping):
        x = np.array(found.x)
        given = flat(state)
        at = 0
        for path, shape in zip(found.flow.moving, found.flow.sizes, strict=True):
            count = int(np.prod(shape, dtype=int))
            if path in given:
                x[at : at + count] = np.broadcast_to(np.asarray(given.pop(path), float), shape).reshape(-1)
            at += count
        for path, value in given.items():
            x[found.state(path)] = float(value)
        return x
    x = np.asarray(state, float).reshape(-1)
    if x.size != found.flow.n:
        raise ModelError(f"state: {x.size} numbers were given; {found.flow.n} were expected ({_listed(found)}).")
    return x


def cloud_of(found: Case, states: Any) -> np.ndarray:
    """(samples, n): the states in a Dataset of a run, or in an array whose last axes are those of the state."""
    if not hasattr(states, "data_vars"):
        x = np.asarray(states, float)
        if x.size % found.flow.n or x.ndim < 1:
            raise ModelError(
                f"candidates: an array of shape {x.shape} does not hold states of {found.flow.n} numbers ({_listed(found)})."
            )
        return x.reshape(-1, found.flow.n)
    columns = []
    for path, shape in zip(found.flow.moving, found.flow.sizes, strict=True):
        if path not in states.data_vars:
            raise ModelError(
                f"candidates: this Dataset holds no `{path}`; record every state that evolves ({_listed(found)})."
            )
        values = np.asarray(states[path].values, float)
        if values.shape[values.ndim - len(shape) :] != shape:
            raise ModelError(f"candidates: `{path}` has shape {values.shape}; its last axes should be {shape}.")
        columns.append(values.reshape(-1, int(np.prod(shape, dtype=int))))
    if len({len(c) for c in columns}) > 1:
        raise ModelError("candidates: the states of this Dataset were recorded at different moments.")
    return np.concatenate(columns, axis=1)


def _listed(found: Case) -> str:
    return ", ".join(found.flow.moving)
