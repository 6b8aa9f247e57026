"""The right-hand side of a model with delays, with whatever past is asked about."""

import dataclasses
from typing import Any, Protocol

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.delayed import SLOPE, Moment, asked
from brainnb.core.errors import ModelError
from brainnb.core.fields import State
from brainnb.core.model import Model
from brainnb.core.record import Record, flat
from brainnb.run.system import BEGIN, System

from ..flow import Constants, Flow


class Story(Protocol):
    """A past of the whole state: its value so many ms ago."""

    def __call__(self, delay: Array) -> Array: ...


class Polynomial(eqx.Module):
    """The past through values ``X`` (nodes, n) at Chebyshev points, from now (1) back to ``reach`` ms ago (-1)."""

    X: Array
    nodes: Any
    reach: Array

    def __call__(self, delay: Array) -> Array:
        at = 1.0 - 2.0 * delay / self.reach
        gap = at - self.nodes
        k = jnp.arange(len(self.nodes))
        weight = (-1.0) ** k * jnp.where((k == 0) | (k == len(self.nodes) - 1), 0.5, 1.0)
        hit = jnp.abs(gap) < 1e-14
        ratio = jnp.where(hit.any(), hit.astype(gap.dtype), weight / jnp.where(hit, 1.0, gap))
        return ratio @ self.X / jnp.sum(ratio)


class Exponential(eqx.Module):
    """A resting past, moved by ``e`` times the real (part 0) or imaginary part of v exp(-lambda delay)."""

    x: Array
    v: tuple[Array, Array]
    root: tuple[Array, Array]
    part: int = eqx.field(static=True)
    e: Array

    def __call__(self, delay: Array) -> Array:
        size, turn = jnp.exp(-self.root[0] * delay), self.root[1] * delay
        c, s = size * jnp.cos(turn), -size * jnp.sin(turn)
        real, imag = self.v
        return self.x + self.e * (c * real - s * imag if self.part == 0 else s * real + c * imag)


class Always(eqx.Module):
    """A past that is as the present."""

    x: Array

    def __call__(self, delay: Array) -> Array:
        return self.x


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Delayed(System):
    """A model with delays whose past is as its present: its resting points are those of this flow."""

    def field(self, t: Array, s: Record, moment: Any = BEGIN) -> Record:
        return self.told(t, s, None)

    def told(self, t: Array, s: Record, read: Any) -> Record:
        """The derivative with a past: ``read(path, delay)`` of the whole array at that path."""
        model = _bound(self.model, s.model, read, "")
        moved = System.field(_Shown(self.model, self.drives, prepared=model), t, s)
        return moved


@dataclasses.dataclass(frozen=True, eq=False)
class _Shown(System):
    """A system whose hooks see a state that was prepared for them; it lives within one call."""

    prepared: Record = dataclasses.field(default_factory=Record)

    def seen(self, s: Record, moment: Moment) -> Record:
        return self.prepared


class _Reader(eqx.Module):
    """``s.x_ago`` as a hook calls it."""

    path: str = eqx.field(static=True)
    of: str = eqx.field(static=True)
    now: Array
    read: Any

    def __call__(self, delay: Any, at: Any = None) -> Array:
        delay = asked(self.path, delay)
        if self.read is None:
            x = self.now if at is None else jnp.ravel(self.now)[at]
            return jnp.broadcast_to(x, jnp.broadcast_shapes(jnp.shape(x), delay.shape))
        if delay.ndim == 0:
            x = self.read(self.of, delay)
            return x if at is None else jnp.ravel(x)[at]
        if at is not None:
            return jax.vmap(lambda d, i: jnp.ravel(self.read(self.of, d))[i])(delay, jnp.asarray(at))
        shape = jnp.broadcast_shapes(delay.shape, jnp.shape(self.now))
        every = jax.vmap(lambda d: self.read(self.of, d))(jnp.ravel(jnp.broadcast_to(delay, shape)))
        every = every.reshape(*shape, *jnp.shape(self.now))
        unit = tuple(jnp.broadcast_to(i, shape) for i in jnp.indices(jnp.shape(self.now), sparse=True))
        return every[(*jnp.indices(shape), *unit)]

    def slope(self, delay: Any, at: Any = None) -> Array:
        raise ModelError(
            f"`{self.path}{SLOPE}`: roots of neutral equations, which read slopes of the past, are not found here."
        )


def _bound(model: Model, s: Record, read: Any, prefix: str) -> Record:
    """The state with a reader in the place of every history."""
    inner = {name: _bound(part, s[name], read, f"{prefix}{name}.") for name, part in model.parts().items() if name in s}
    s = Record({**s, **inner})
    for name, d in model.histories().items():
        if isinstance(model.declaration(d.of), State):
            s = Record({**s, name: _Reader(prefix + name, prefix + d.of, flat(s)[d.of], read)})
    return s


def seeing(flow: Flow, x: Array, p: Constants, story: Story) -> Array:
    """dx/dt with the present ``x`` and a past of the whole state."""
    system, s = flow.parts(x, p)

    def read(of: str, delay: Array) -> Array:
        _, then = flow.parts(story(delay), p)
        return flat(then.model)[of]

    return flow.vector(Record(model=system.told(jnp.zeros(()), s, read).model))
