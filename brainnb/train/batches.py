"""What is learned from: trials of inputs and targets, whole or in batches, in an order that a key decides."""

from collections.abc import Mapping
from typing import Any, Protocol

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.fields import float_dtype
from brainnb.core.model import Model
from brainnb.core.record import Record

TRIAL, TIME, WEIGHT, SPIKES = "trial", "time", "weight", "spikes"


class Batch(eqx.Module):
    """Some trials: ``inputs`` (trial, time, ...) by the name of the input, ``targets`` (trial, ...) by their own name.

    ``weight`` (trial, time) says which moments count in a loss over time, 1 by default.
    """

    inputs: Record
    targets: Record
    weight: Array

    @property
    def steps(self) -> int:
        """How many samples a trial has."""
        return self.weight.shape[-1]


class Source(Protocol):
    """Where batches come from: a Dataset that is shuffled, or a task that makes fresh trials."""

    per_epoch: int

    def batch(self, key: Array, step: Array) -> Batch:
        """The trials of one update; plain array code, the same for the same key and step."""


class Stored(eqx.Module):
    """Trials that are there already; every epoch takes each once, in an order of its own."""

    trials: Batch
    size: int = eqx.field(static=True)

    @property
    def count(self) -> int:
        """How many trials there are."""
        return self.trials.weight.shape[0]

    def trial(self, number: int) -> Batch:
        """One trial, without the dimension of trials."""
        return jax.tree.map(lambda x: x[number], self.trials)

    @property
    def per_epoch(self) -> int:
        """Updates in which every trial is seen once."""
        return max(1, self.count // self.size)

    def batch(self, key: Array, step: Array) -> Batch:
        if self.size >= self.count:
            return self.trials
        epoch, at = step // self.per_epoch, step % self.per_epoch
        order = jax.random.permutation(jax.random.fold_in(key, epoch), self.count)
        chosen = jax.lax.dynamic_slice_in_dim(order, at * self.size, self.size)
        return jax.tree.map(lambda x: x[chosen], self.trials)


class Drawn(eqx.Module):
    """Fresh trials of a task for every update."""

    task: Any
    size: int = eqx.field(static=True)

    per_epoch = 1

    def batch(self, key: Array, step: Array) -> Batch:
        keys = jax.random.split(jax.random.fold_in(key, step), self.size)
        return jax.vmap(self.task.trial)(keys)


def source(model: Model, data: Any, size: int | None) -> Source:
    """Where batches come from, for a Dataset or a task."""
    if hasattr(data, "data_vars"):
        trials = from_dataset(model, data)
        count = trials.weight.shape[0]
        if size is not None and size > count:
            raise ModelError(
                f"batch={size}: the data hold {count} trial{'s' * (count > 1)}; give batch={count} or less."
            )
        return Stored(trials, count if size is None else size)
    if callable(getattr(data, "trial", None)):
        return Drawn(data, 64 if size is None else size)
    raise ModelError(
        f"data={type(data).__name__}: an xarray.Dataset of inputs and targets over `time` (and `trial`), or a task with "
        "trial(key) such as bn.train.tasks.PerceptualDecision(), was expected."
    )


def from_dataset(model: Model, data: Any) -> Batch:
    """The trials of a Dataset: variables named like an input are given to the model, the others are targets.

    Spike times along ``spikes``, as :func:`brainnb.measures.spike_times` gives them, become 1 at the samples in which they fall.

    Raises
    ------
    ModelError
        For a Dataset without time, with gaps, or without a target.
    """
    name = type(model).__name__
    if TIME not in data.dims:
        raise ModelError(
            f"data: dimension `time` was expected; this Dataset has {', '.join(map(str, data.dims)) or 'none'}."
        )
    if TRIAL not in data.dims:
        data = data.expand_dims(TRIAL)
    declared = model.inputs()
    inputs, targets = {}, {}
    for path, variable in data.data_vars.items():
        path = str(path)
        if SPIKES in variable.dims:
            variable = at_samples(variable, data, path)
        values = laid_out(variable, path)
        if TRIAL not in variable.dims:  # the same in all trials, such as a current that was repeated
            values = np.broadcast_to(values, (data.sizes[TRIAL], *values.shape[1:]))
        if path in declared:
            if TIME not in variable.dims:
                values = np.broadcast_to(values[:, None], (values.shape[0], data.sizes[TIME], *values.shape[1:]))
            inputs[path] = in_unit(values, variable, declared[path].unit, path)
        elif path != WEIGHT:
            declaration = model.declaration(path)
            unit = variable.attrs.get("units", "1") if declaration is None else declaration.unit
            targets[path] = in_unit(values, variable, unit, path)
    if not targets:
        raise ModelError(f"data: every variable is an input of {name}; nothing is left that the model should reach.")
    count, steps = data.sizes[TRIAL], data.sizes[TIME]
    weight = laid_out(data[WEIGHT], WEIGHT) if WEIGHT in data else np.ones((count, steps))
    weight = np.broadcast_to(weight if weight.ndim > 1 else weight[:, None], (count, steps))
    return Batch(Record(inputs), Record(targets), jnp.asarray(weight, float_dtype()))


def at_samples(times: Any, data: Any, path: str) -> Any:
    """Spike times (..., spikes), filled up with NaN, as spikes (..., time): each at the sample that ends the step it falls in."""
    import xarray as xr

    dt = step_of(data)
    if dt is None:
        raise ModelError(f"data: `{path}` holds spike times, but `time` does not say of which samples.")
    from brainnb.inputs.data import milliseconds

    samples = np.asarray(milliseconds(data.coords[TIME], TIME), float)
    times = times.transpose(..., SPIKES)
    found = np.asarray(milliseconds(times, path), float)
    there = np.isfinite(found)
    at = np.where(there, np.ceil((found - samples[0]) / dt - 1e-3), 0).astype(int)
    if outside := found[there & ((at < 0) | (at >= len(samples)))].tolist():
        raise ModelError(
            f"data: `{path}` has a spike at {outside[0]:g} ms; `time` goes from {samples[0]:g} to {samples[-1]:g} ms."
        )
    raster = np.zeros((*found.shape[:-1], len(samples)))
    np.maximum.at(raster, (*np.indices(found.shape)[:-1], at), there.astype(float))
    return xr.DataArray(raster, dims=(*times.dims[:-1], TIME))


def laid_out(variable: Any, path: str) -> np.ndarray:
    """The values of a variable with trials first, then time; NaN is refused where it is."""
    leading = [d for d in (TRIAL, TIME) if d in variable.dims]
    if TRIAL not in leading:
        variable = variable.expand_dims(TRIAL)
        leading = [TRIAL, *leading]
    values = np.asarray(variable.transpose(*leading, ...).values)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        at = np.argwhere(~np.isfinite(values))[0]
        raise ModelError(
            f"data: `{path}` is not a number at {dict(zip(variable.transpose(*leading, ...).dims, map(int, at), strict=True))}. "
            f"Leave such moments out of the loss: give them a value and weight 0, data['{WEIGHT}']."
        )
    return values


def in_unit(values: np.ndarray, variable: Any, unit: str, path: str) -> Array:
    """Values in the unit of the model; integers (labels) stay integers."""
    given = variable.attrs.get("units")
    if values.dtype.kind in "iub":
        return jnp.asarray(values, jnp.int32 if values.dtype.kind != "b" else float_dtype())
    if given is not None and given != unit:
        from brainnb.core.quantities import parse, registry, to_magnitude

        values = to_magnitude(registry().Quantity(values, parse(given)), unit, path)
    return jnp.asarray(values, float_dtype())


def step_of(data: Any) -> float | None:
    """The sampling step of a Dataset or a task in ms, None where it says nothing."""
    if hasattr(data, "data_vars"):
        if TIME not in data.coords or data.sizes[TIME] < 2:
            return None
        from brainnb.inputs.data import milliseconds

        times = np.asarray(milliseconds(data.coords[TIME], TIME), float)
        gaps = np.diff(times)
        step = float(np.mean(gaps))
        if not np.allclose(gaps, step, rtol=1e-3):
            raise ModelError(
                f"data: `time` is not even (steps from {gaps.min():g} to {gaps.max():g} ms); interpolate it first."
            )
        return float(f"{step:.9g}")
    return getattr(data, "dt", None)


def check_names(model: Model, batch: Batch, where: str = "data") -> None:
    """Inputs that a task makes and the model does not have."""
    declared = model.inputs()
    for name in batch.inputs:
        if name not in declared:
            raise UnknownName(f"{where}: {unknown_message('input', name, declared, where=type(model).__name__)}")


def example(source: Source, key: Array) -> Mapping[str, Any]:
    """The shapes of a batch."""
    return jax.eval_shape(source.batch, key, np.int32(0))
