"""A model as mathematics sees it: dx/dt = f(x, p), with flat vectors for what evolves and what is constant.

Everything in this room works on a :class:`Flow`.  Its numbers are arguments and its structure is the key, so that a
changed parameter, another continuation parameter or another preset finds the compiled kernel of the last one.  All of
it happens in double precision, whatever the setting of JAX is.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core import xla
from brainnb.core.record import Record, flat
from brainnb.run import cache
from brainnb.run.system import System

from . import ahead


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run a function with JAX in double precision, for this thread and for the length of the call."""

    @functools.wraps(function)
    def run(*args: Any, **given: Any) -> Any:
        with jax.enable_x64(True):
            return function(*args, **given)

    return run


def kernel(
    function: Callable[..., Any] | None = None, *, static: Iterable[str] = ("flow",), brief: bool = False
) -> Callable[..., Any]:
    """Compile a function of a flow once per structure; it takes and gives arrays in double precision.

    ``brief`` is for programs that take microseconds, and that somebody waits for: XLA makes less of them, sooner.
    """
    if function is None:
        return functools.partial(kernel, static=static, brief=brief)

    @functools.wraps(function)
    def traced(*args: Any, **given: Any) -> Any:
        cache.count_trace()
        return function(*args, **given)

    @functools.cache
    def program() -> Callable[..., Any]:
        return jax.jit(traced, static_argnames=tuple(static), compiler_options=xla.brief() if brief else None)

    @in_double
    def compiled(*args: Any, **given: Any) -> Any:
        return program()(*args, **given)

    @functools.wraps(function)
    def run(*args: Any, **given: Any) -> Any:
        ahead.awaited(run)
        return compiled(*args, **given)

    run.compiled = compiled
    return run


class Constants(NamedTuple):
    """Everything of a system that does not evolve: its real numbers in one vector, and arrays of other types."""

    numbers: Array
    others: tuple[Array, ...] = ()

    def put(self, index: Array | int, value: Array) -> "Constants":
        """The same constants with one number changed; the index may be traced."""
        return Constants(jnp.asarray(self.numbers).at[index].set(value), self.others)


@dataclass(frozen=True)
class Flow:
    """The vector field of one structure: ``flow(x, p)`` is dx/dt, per ms, for states ``x`` (n,) and :class:`Constants`.

    Plain array code: ``jax.jvp``, ``jax.vmap`` and ``jax.jacfwd`` go through it.  Flows of models with the same
    structure are equal and hash alike, whatever their numbers are.
    """

    tree: Any
    fixed: tuple[Any, ...]
    shapes: tuple[tuple[int, ...], ...]
    moving: tuple[str, ...]
    sizes: tuple[tuple[int, ...], ...]

    def __call__(self, x: Array, p: Constants) -> Array:
        system, held = self._built(p)
        slope = system.field(jnp.zeros((), jnp.asarray(x).dtype), self._state(x, held))
        found = flat(slope.model)
        return jnp.concatenate([jnp.reshape(found[name], -1) for name in self.moving])

    def parts(self, x: Array, p: Constants) -> tuple[System, Record]:
        """The system and its joint state, for what needs more than the field (resets, noise)."""
        system, held = self._built(p)
        return system, self._state(x, held)

    def vector(self, s: Record) -> Array:
        """The moving part of a joint state as ``x``."""
        found = flat(s.model)
        return jnp.concatenate([jnp.reshape(found[name], -1) for name in self.moving])

    @functools.cached_property
    def n(self) -> int:
        """How many numbers evolve."""
        return sum(int(np.prod(shape, dtype=int)) for shape in self.sizes)

    def _built(self, p: Constants) -> tuple[System, Record]:
        leaves, at, others = [], 0, iter(p.others)
        for shape, kept in zip(self.shapes, self.fixed, strict=True):
            if kept is REAL:
                count = int(np.prod(shape, dtype=int))
                leaves.append(jnp.reshape(p.numbers[at : at + count], shape))
                at += count
            elif kept is OTHER:
                leaves.append(next(others))
            else:
                leaves.append(jnp.zeros(shape) if kept is MOVES else kept)
        return jax.tree.unflatten(self.tree, leaves)

    def _state(self, x: Array, held: Record) -> Record:
        changes, at = {}, 0
        for name, shape in zip(self.moving, self.sizes, strict=True):
            count = int(np.prod(shape, dtype=int))
            changes[name] = jnp.reshape(x[at : at + count], shape)
            at += count
        return held.merge(dict(model=_laid(held.model, changes)))


class Place:
    """Marks what stands at a leaf of a structure that is no fixed value."""

    def __init__(self, what: str):
        self.what = what

    def __repr__(self) -> str:
        return f"<{self.what}>"


REAL, OTHER, MOVES = Place("real numbers"), Place("other array"), Place("evolves")


def _laid(s: Record, changes: Mapping[str, Array], prefix: str = "") -> Record:
    return Record(
        {
            k: _laid(v, changes, f"{prefix}{k}.") if isinstance(v, Mapping) else changes.get(prefix + k, v)
            for k, v in s.items()
        }
    )
