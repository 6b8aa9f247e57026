"""Which readout a linear rule learns: what it reads, what it writes, and what it should write."""

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from ..batches import Batch
from ..problem import Problem


class Reading(NamedTuple):
    """A readout of a model: the paths of its weights, of what it reads and of what it writes, and what it makes of it."""

    weight: str
    bias: str | None
    features: str
    out: str
    weighted: Callable[[Array], Array]

    def put(self, model: Model, w: Array) -> Model:
        """The model with these weights (features + 1, outputs), the last row being the bias."""
        known = model.parameters()
        values = {self.weight: (w[:-1] if self.bias else w).T.astype(known[self.weight].value.dtype)}
        if self.bias:
            values[self.bias] = w[-1].astype(known[self.bias].value.dtype)
        return model._with(values)

    def take(self, model: Model) -> Array:
        """The weights of a model in that form."""
        known = model.parameters()
        w = known[self.weight].value.T
        return jnp.concatenate([w, known[self.bias].value[None]]) if self.bias else w

    def columns(self, x: Array) -> Array:
        """Features as they are multiplied: with a one at the end when there is a bias."""
        x = self.weighted(x)
        return jnp.concatenate([x, jnp.ones((*x.shape[:-1], 1), x.dtype)], -1) if self.bias else x


def readings(model: Model, prefix: str = "") -> dict[str, tuple[str, str]]:
    """Every readout of a model: path of the part -> what it reads and writes."""
    own: Mapping[str, tuple[str, str]] = getattr(type(model), "readouts", {})
    found = {prefix + part: (prefix + x, prefix + y) for part, (x, y) in own.items()}
    for name, part in model.parts().items():
        found |= readings(part, f"{prefix}{name}.")
    return found


def reading(model: Model, paths: tuple[str, ...]) -> Reading:
    """The one readout that holds the trained paths.

    Raises
    ------
    ModelError
        When what is trained is no readout, or more than one.
    """
    found = readings(model)
    name = type(model).__name__
    if not found:
        raise ModelError(
            f"Linear rules learn a readout, and {name} names none: readouts = {{'readout': ('features', 'out')}} on the class "
            "says which part reads what (bn.rates.Readout)."
        )
    parts = {path.rpartition(".")[0] for path in paths}
    wanted = ", ".join(f"train='{part}.*'" for part in found)
    if len(parts) != 1 or not parts <= found.keys():
        raise ModelError(f"Linear rules learn one readout of {name}: {wanted}; got train={list(paths)}.")
    (part,) = parts
    weight, bias = f"{part}.weight", f"{part}.bias"
    if weight not in paths:
        raise ModelError(f"Linear rules learn the weights of a readout: {wanted}; got train={list(paths)}.")
    features, out = found[part]
    weighted = getattr(at(model, part), "weighted", lambda x: x)
    return Reading(weight, bias if bias in paths else None, features, out, weighted)


def at(model: Model, path: str) -> Model:
    """The part at a dotted path."""
    return functools.reduce(lambda m, name: m.parts()[name], path.split("."), model)


def target(problem: Problem, read: Reading, batch: Batch, labels: bool = False) -> Array:
    """What the readout should write, (trial, time, outputs); ``labels`` are asked at every moment, one for all outputs."""
    if read.out not in batch.targets:
        raise ModelError(
            f"data: linear rules need the target of the readout over time, a variable `{read.out}`; "
            f"got {', '.join(batch.targets)}."
        )
    wanted = batch.targets[read.out]
    if labels:
        if wanted.dtype.kind != "i" or wanted.ndim > 2:
            raise ModelError(
                f"data: `{read.out}` should hold labels 0, 1, ... over time or trials, of whole numbers; it has dtype "
                f"{wanted.dtype} and shape {wanted.shape}."
            )
        wanted = jnp.broadcast_to(wanted.reshape(len(wanted), -1), batch.weight.shape)
    return wanted[..., None] if wanted.ndim == 2 else wanted


def samples(
    problem: Problem, read: Reading, x: Array, y: Array, weight: Array
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (samples, features), targets and weights of the moments that count, in double precision."""
    counts = np.asarray(weight).ravel() > 0
    flat = [np.asarray(v, np.float64).reshape(counts.size, -1)[counts] for v in (read.columns(x), y)]
    return flat[0], flat[1], np.asarray(weight, np.float64).ravel()[counts]
