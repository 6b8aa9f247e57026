r"""The spike of a model as an event: its surface, its jump, and the way from one to the next.

All of it is read from the model's own ``on_step``: the surface is where ``spike`` appears, its normal the direction of
the surrogate gradient.  Deviations pass a jump by the saltation matrix

.. math:: S = R'\,\Pi + \frac{f^+ n^T}{n^T f^-}, \qquad \Pi = 1 - \frac{f^- n^T}{n^T f^-},

where :math:`\Pi` slides a deviation along the flow onto the surface; along the surface the surrogate is silent, so
:math:`R'` is the true derivative of the jump.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.record import flat
from brainnb.integrators import pairs

from ..cases import Case
from ..flow import Constants, Flow, kernel
from ..orbits.lyapunov import jumping

TOLERANCE = 1e-11
MOST_STEPS = 20_000
STAGES = 7


class Lap(NamedTuple):
    """From just after one spike to the next."""

    before: Array
    after: Array
    interval: Array
    tangent: Array
    fired: Array
    steps: Array
    way: Array
    """Its length in slowed time."""


def spiked(flow: Flow, x: Array, p: Constants) -> Array:
    """1 where the model says that it spikes."""
    system, s = flow.parts(x, p)
    _, seen = system.on_step(jnp.zeros(()), s, jax.random.key(0))
    return jnp.sum(seen["spike"])


def jumped(flow: Flow, x: Array, p: Constants) -> Array:
    """The evolving state after the jump."""
    system, s = flow.parts(x, p)
    return flow.vector(system.on_step(jnp.zeros(()), s, jax.random.key(0))[0])


def normal(flow: Flow, x: Array, p: Constants) -> Array:
    """Unit normal of the surface on which spikes appear."""
    n = jax.grad(lambda x: spiked(flow, x, p))(x)
    return n / jnp.linalg.norm(n)


def moving(flow: Flow, t: Array, x: Array, p: Constants) -> Array:
    """dx/dt at ``t`` ms after the spike: a refractory time is a time."""
    system, s = flow.parts(x, p)
    return _slope(flow, system.field(t, s))


def _slope(flow: Flow, field: Any) -> Array:
    found = flat(field.model)
    return jnp.concatenate([jnp.reshape(found[name], -1) for name in flow.moving])


def _tableau() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Dormand and Prince 5(4) as full arrays."""
    method = pairs.DormandPrince
    A = np.zeros((STAGES, STAGES))
    for i, row in enumerate(method.a, 1):
        A[i, : len(row)] = row
    b = np.zeros(STAGES)
    b[: len(method.b)] = method.b
    low = np.zeros(STAGES)
    low[: len(method.b_low)] = method.b_low
    return A, A.sum(axis=1), b, b - low


def slowed(f: Array, scale: Array) -> Array:
    """Milliseconds in a unit of slowed time."""
    return 1.0 / (1.0 + jnp.max(jnp.abs(f) / scale))


def lap(flow: Flow, x: Array, v: Array, p: Constants, scale: Array, longest: Array) -> Lap:
    """From ``x`` just after a spike to just after the next, with a deviation ``v``; ``p`` is what holds after a spike.

    Time is slowed where the flow crosses the box within a millisecond, so that an upstroke that ends in infinity is a
    straight line.
    """
    A, _, b, e = _tableau()
    n = x.size

    def G(z: Array) -> Array:
        t, x, v = z[0], z[1 : 1 + n], z[1 + n :]
        f, df = jax.jvp(lambda x: moving(flow, t, x, p), (x,), (v,))
        return jnp.concatenate([jnp.ones(1), f, df]) * slowed(f, scale)

    def step(z: Array, h: Array) -> tuple[Array, Array]:
        def stage(i: Array, K: Array) -> Array:
            return K.at[i].set(G(z + h * (jnp.asarray(A)[i] @ K)))

        K = jax.lax.fori_loop(0, STAGES, stage, jnp.zeros((STAGES, z.size)))
        wrong = h * (e @ K)[: 1 + n]
        size = jnp.concatenate([1.0 + jnp.abs(z[:1]), scale])
        return z + h * (b @ K), jnp.max(jnp.abs(wrong) / size) / TOLERANCE

    def go(carry: tuple) -> Array:
        z, _, _, _, i, fired = carry
        return ~fired & (i < MOST_STEPS) & (z[0] < longest) & jnp.isfinite(z[1 : 1 + n]).all()

    def once(carry: tuple) -> tuple:
        z, h, _, way, i, _ = carry
        new, wrong = step(z, h)
        sound = (wrong <= 1.0) & jnp.isfinite(new).all()
        fired = sound & (spiked(flow, new[1 : 1 + n], p) > 0)
        grow = jnp.where(jnp.isfinite(wrong), 0.9 * (wrong + 1e-12) ** -0.2, 0.2)
        last = jnp.where(sound, h, 0.0)
        h = jnp.where(fired, h, h * jnp.clip(grow, 0.2, 4.0))
        on = sound & ~fired
        return jnp.where(on, new, z), h, last, way + jnp.where(on, last, 0.0), i + 1, fired

    z = jnp.concatenate([jnp.zeros(1), x, v])
    start = (z, jnp.asarray(1e-3), jnp.zeros(()), jnp.zeros(()), 0, jnp.zeros((), bool))
    z, h, _, way, steps, fired = jax.lax.while_loop(go, once, start)

    def halve(_: Array, ends: tuple) -> tuple:
        lo, hi = ends
        mid = 0.5 * (lo + hi)
        there = spiked(flow, step(z, mid)[0][1 : 1 + n], p) > 0
        return jnp.where(there, lo, mid), jnp.where(there, mid, hi)

    _, hi = jax.lax.fori_loop(0, 52, halve, (jnp.zeros(()), h))
    end, _ = step(z, hi)
    t, at, v = end[0], end[1 : 1 + n], end[1 + n :]
    f, across = moving(flow, t, at, p), normal(flow, at, p)
    v = v - f * (across @ v) / (across @ f)
    after, v = jax.jvp(lambda x: jumped(flow, x, p), (at,), (v,))
    nothing = jnp.nan
    return Lap(
        jnp.where(fired, at, nothing),
        jnp.where(fired, after, nothing),
        jnp.where(fired, t, nothing),
        jnp.where(fired, v, nothing),
        fired,
        steps,
        way + hi,
    )


@kernel
def laps(flow: Flow, x: Array, v: Array, p: Constants, scale: Array, longest: Array) -> Lap:
    """One lap from every row of ``x``."""
    return jax.vmap(lambda x, v: lap(flow, x, v, p, scale, longest))(x, v)


@kernel(static=("flow", "count"))
def orbit(flow: Flow, x: Array, v: Array, p: Constants, scale: Array, longest: Array, count: int) -> Lap:
    """``count`` laps one after the other; deviations start anew at each."""

    def once(x: Array, _: None) -> tuple[Array, Lap]:
        found = lap(flow, x, v, p, scale, longest)
        return found.after, found

    return jax.lax.scan(once, jnp.asarray(x), length=count)[1]


@kernel
def saltation(flow: Flow, before: Array, p: Constants, t: Array) -> tuple[Array, Array]:
    """The matrix by which deviations pass the jump, and the normal of the surface."""
    f, n = moving(flow, t, before, p), normal(flow, before, p)
    after = jumped(flow, before, p)
    slide = jnp.eye(f.size) - jnp.outer(f, n) / (n @ f)
    return jax.jacfwd(lambda x: jumped(flow, x, p))(before) @ slide + jnp.outer(
        moving(flow, jnp.zeros(()), after, p), n
    ) / (n @ f), n


@kernel
def _flags(flow: Flow, x: Array, p: Constants) -> Array:
    return jax.vmap(lambda x: spiked(flow, x, p))(x) > 0


@kernel
def _after(flow: Flow, x: Array, p: Constants) -> tuple[Array, Any]:
    system, s = flow.parts(x, p)
    new = system.on_step(jnp.zeros(()), s, jax.random.key(0))[0]
    return flow.vector(new), dict(flat(new.model))


@kernel
def _speed(flow: Flow, t: Array, x: Array, p: Constants) -> Array:
    return jax.vmap(lambda t: jnp.max(jnp.abs(moving(flow, t, x, p))))(t)


@dataclass(frozen=True)
class Jumps:
    """What a case does at its spikes."""

    changed: tuple[str, ...]

    @classmethod
    def of(cls, found: Case) -> "Jumps | None":
        """None where the model does not spike, or nothing that evolves jumps."""
        if not isinstance(found.model, Model) or "spike" not in _observed(found):
            return None
        changed = jumping(found)
        return cls(changed) if changed else None

    def threshold_of(self, found: Case, low: float, high: float) -> float:
        """Where the first state spikes, between two values, the others as at the begin."""
        x = np.tile(found.x, (64, 1))
        for _ in range(12):
            x[:, 0] = np.linspace(low, high, 64)
            flags = np.asarray(_flags(found.flow, x, found.p))
            if not flags.any() or flags.all():
                raise ModelError(
                    f"{type(found.model).__name__}: no threshold of `{found.names[0]}` between {low:g} and {high:g}."
                )
            i = int(np.argmax(flags))
            low, high = x[i - 1, 0], x[i, 0]
        return float(high)

    def after(self, found: Case, peak: np.ndarray) -> tuple[np.ndarray, float]:
        """The state after a spike at ``peak``, and how long it is then held (ms)."""
        x, held = _after(found.flow, peak, found.p)
        x = np.asarray(x)
        p = self.constants(found, held)
        t = np.linspace(0.0, 200.0, 4001)
        speed = np.asarray(_speed(found.flow, t, x, p))
        if speed[0] > 0 or not (speed > 0).any():
            return x, 0.0
        low, high = t[np.argmax(speed > 0) - 1], t[np.argmax(speed > 0)]
        for _ in range(6):
            t = np.linspace(low, high, 4001)
            free = np.asarray(_speed(found.flow, t, x, p)) > 0
            low, high = t[np.argmax(free) - 1], t[np.argmax(free)]
        return x, float(high)

    def constants(self, found: Case, held: Any) -> Constants:
        """The constants as they are after a spike at time 0: clocks stand among them."""
        numbers = np.array(found.p.numbers)
        names = {axis.path: i for i, axis in enumerate(found.constants)}
        for path, value in held.items():
            if path in names and path not in found.flow.moving:
                numbers[names[path]] = float(value)
        return Constants(numbers, found.p.others)

    def rested(self, found: Case, peak: np.ndarray) -> tuple[np.ndarray, Constants]:
        """State and constants just after a spike."""
        x, held = _after(found.flow, peak, found.p)
        return np.asarray(x), self.constants(found, held)


def reports_spikes(found: Case) -> bool:
    """Whether ``on_step`` says when the model spikes."""
    return isinstance(found.model, Model) and "spike" in _observed(found)


def _observed(found: Case) -> tuple[str, ...]:
    def seen(x: Array, p: Constants) -> Any:
        system, s = found.flow.parts(x, p)
        return dict(system.on_step(jnp.zeros(()), s, jax.random.key(0))[1])

    return tuple(jax.eval_shape(seen, found.x, found.p))
