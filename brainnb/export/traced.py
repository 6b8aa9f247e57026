"""The programs of a model that a module is made of: begin, step and equations, traced as a run uses them."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from brainnb.core.fields import Input
from brainnb.core.model import Model, Parameter
from brainnb.core.record import Record, flat
from brainnb.inputs.base import Stimulus
from brainnb.run.precision import cast
from brainnb.run.simulate import prepare
from brainnb.run.step import begin, seen_now, traced_step

from .errors import ExportError
from .graph import SMALL


@dataclasses.dataclass
class Slot:
    """A number or an array that a program is given or gives, under its path."""

    path: str
    shape: tuple[int, ...]
    dtype: Any


@dataclasses.dataclass
class Program:
    """A traced program; ``given`` says what each argument is, ``found`` what each result is."""

    what: str
    closed: Any
    given: list[tuple[str, Any]]
    found: list[tuple[str, Any]]


class Traced:
    """A model with what it is given, checked and traced as :func:`brainnb.simulate` steps it.

    Parameters
    ----------
    model : Model
    given : mapping
        Inputs by name.
    T : float
        Longest run, ms; only methods that remember the whole past ask for it.
    options
        ``dt``, ``method``, ``record``, ``size`` of :func:`brainnb.simulate`.
    """

    def __init__(self, model: Any, given: Mapping[str, Any], T: float, dt: float, **options: Any):
        check_size(model)
        given = {name: cast(value) for name, value in given.items()}
        self.prepared = prepare(cast(model), T, dt, given, **options)
        self.system, self.run = self.prepared.system, self.prepared.run
        self.model: Model = self.prepared.model
        self.method = self.run.plan.method
        self.fixed_dt = bool(self.system.lines or self.system.memory)
        leaves, self.tree = jax.tree.flatten(self.system)
        self.parameters = parameters(self.model, self.system.drives)
        paths: dict[int, list[str]] = {}
        for path, p in self.parameters.items():
            paths.setdefault(id(p.value), []).append(path)
        self.leaves = leaves
        self.paths = [found.pop(0) if (found := paths.get(id(x))) and np.shape(x) == () else None for x in leaves]

    def tables(self) -> dict[int, str]:
        """Names of the long arrays of constants by their ids: ``EE_indices`` for ``links.EE.wiring.indices``."""
        rows = zip(flat_paths(self.system), self.leaves, strict=True)
        return {id(x): table_name(path) for path, x in rows if np.size(x) > SMALL}

    # --- programs -----------------------------------------------------------------------------------------------------

    def _system(self, values: list[Any]) -> Any:
        numbers = iter(values)
        return jax.tree.unflatten(
            self.tree, [x if p is None else next(numbers) for x, p in zip(self.leaves, self.paths, strict=True)]
        )

    def _numbers(self) -> tuple[list[Any], list[tuple[str, Any]]]:
        """The parameters that a page may change, as arguments."""
        found = [(p, x) for p, x in zip(self.paths, self.leaves, strict=True) if p is not None]
        return [x for _, x in found], [("parameter", p) for p, _ in found]

    def step(self) -> Program:
        """One step, as the loop of a run does it."""
        values, names = self._numbers()
        method, paths = self.method, self.run.plan.paths

        def step(values: list, s: Record, i: Any, offset: Any, dt: Any, key: Any) -> tuple[Record, Any, dict]:
            system = self._system(values)
            new, seen = traced_step(method, system, s, i, offset, dt, key, None)
            return new, seen_now(system, new, seen, offset + (i + 1) * dt, paths)

        number = np.zeros((), float)
        closed, shape = jax.make_jaxpr(step, return_shape=True)(
            values, self.run.state, np.int32(0), number, number, self.run.key
        )
        given = names + self.states(self.run.state)
        given += [("step", "step"), ("begin", "t_begin"), ("dt", "dt"), ("key", "key")]
        found = self.states(shape[0]) + [("record", p) for p in sorted(shape[1])]  # dicts come back sorted
        return Program("a step", closed, given, found)

    def begin(self) -> Program:
        """The state from which a run starts, and the key of its noise."""
        values, names = self._numbers()

        def start(values: list, seed: Any) -> tuple[Record, Any]:
            return begin(self.prepared.size, self._system(values), seed)

        closed, shape = jax.make_jaxpr(start, return_shape=True)(values, np.uint32(0))
        return Program(
            "the initial state", closed, [*names, ("seed", "seed")], [*self.states(shape[0]), ("key", "key")]
        )

    def equations(self) -> Program | None:
        """The slopes of the model's states; None where they depend on the past or there are none."""
        if self.fixed_dt:
            return None
        values, names = self._numbers()

        def slopes(values: list, t: Any, s: Record) -> Any:
            return self._system(values).field(t, s).get("model", Record())

        closed, shape = jax.make_jaxpr(slopes, return_shape=True)(values, np.zeros((), float), self.run.state)
        found = [("slope", path) for path in flat_paths(shape)]
        if not found:
            return None
        return Program("the equations", closed, [*names, ("time", "t"), *self.states(self.run.state)], found)

    def jump(self) -> Program | None:
        """Where the step of a single cell puts the states that evolve, a spike and its reset; None where it leaves them."""
        if self.fixed_dt:
            return None
        values, names = self._numbers()
        number = np.zeros((), float)
        slopes = jax.eval_shape(lambda s: self.system.field(number, s).get("model", Record()), self.run.state)
        if any(x.shape for x in jax.tree.leaves(slopes)):
            return None
        changed = jax.eval_shape(lambda s, key: Record(self.system.jumps(number, s, key)), self.run.state, self.run.key)
        moving = flat_paths(slopes)
        if set(flat_paths(changed)).isdisjoint(moving):
            return None

        def after(values: list, s: Record, key: Any) -> dict[str, Any]:
            new, _ = self._system(values).on_step(number, s, key)
            found = flat(new.model)
            return {path: found[path] for path in moving}

        closed = jax.make_jaxpr(after)(values, self.run.state, self.run.key)
        found = [("after", path) for path in sorted(moving)]  # dicts come back sorted
        return Program("a jump", closed, [*names, *self.states(self.run.state), ("key", "key")], found)

    def states(self, s: Record) -> list[tuple[str, Any]]:
        """Every leaf of a joint state by its path: those of the model without a prefix."""
        return [("state", path.removeprefix("model.").removeprefix("drive.")) for path in flat_paths(s)]

    def slots(self) -> list[Slot]:
        """The numbers and arrays of the state."""
        leaves = jax.tree.leaves(self.run.state)
        return [Slot(p, np.shape(x), x.dtype) for (_, p), x in zip(self.states(self.run.state), leaves, strict=True)]


PLUMBING = {"model", "drives", "cells", "links", "wiring"}
"""Parts of a path that every array of their kind has."""


def table_name(path: str) -> str:
    """The parts of a path that tell arrays apart."""
    return "_".join(re.sub(r"\W+", "_", part, flags=re.ASCII) for part in path.split(".") if part not in PLUMBING)


LARGEST = 2**28
"""Bytes of wiring and other arrays up to which a module is written; a page of more is opened by no browser."""


def check_size(model: Any) -> None:
    """Refuse a model whose arrays, in double precision, no page can hold: before minutes are spent on them."""
    arrays = [x for x in jax.tree.leaves(model) if hasattr(x, "dtype") and hasattr(x, "size")]
    bytes_ = sum(x.size * (8 if jax.numpy.issubdtype(x.dtype, np.floating) else x.dtype.itemsize) for x in arrays)
    if bytes_ > LARGEST:
        raise ExportError(
            f"{type(model).__name__} has {bytes_ / 1e6:,.0f} MB of wiring and other arrays; a module for a page holds "
            f"at most {LARGEST / 1e6:,.0f} MB. Build it with fewer neurons."
        )


def flat_paths(tree: Any) -> list[str]:
    """Dotted paths of the leaves of a nested mapping, in the order in which JAX takes them apart."""
    found = jax.tree_util.tree_flatten_with_path(tree)[0]
    return [
        ".".join(str(getattr(k, "key", getattr(k, "name", getattr(k, "idx", k)))) for k in path) for path, _ in found
    ]


def parameters(model: Model, drives: Mapping[str, Any]) -> dict[str, Parameter]:
    """What a page may change: parameters of the model, inputs, and the parameters of stimuli."""
    found = dict(model.parameters())
    declared: dict[str, Input] = model.inputs()
    for name, drive in drives.items():
        if isinstance(drive, Stimulus):
            found |= drive.parameters(f"{name}.")
        else:
            d = declared[name]
            found[name] = Parameter(drive, d.unit, d.doc, d.bounds)
    return found
