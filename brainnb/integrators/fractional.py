r"""Methods for derivatives of fractional order: each step looks back on all that happened.

A state of order $\alpha \in (0, 1]$ follows Caputo's equation $D^\alpha s = f(t, s)$,

.. math:: D^\alpha s(t) = \frac{1}{\Gamma(1 - \alpha)} \int_0^t \frac{\dot s(r)}{(t - r)^\alpha}\, dr,

a state without an order $\dot s = f$.  For $\alpha = 1$ every method here is one of Euler's.  A sum over the past is
one product of a ring of values with a table of weights, laid out so that the ring needs no turning.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
from jax import Array
from jax.lax import dynamic_slice_in_dim
from jax.scipy.special import gammaln

from brainnb.core.errors import ModelError
from brainnb.core.record import Record, flat

from .base import Field, Integrator

Tables = Mapping[str, Array]


@dataclasses.dataclass(frozen=True)
class Fractional(Integrator):
    """What the fractional methods share: the ring of what is summed, and where the state began.

    A method gives its :meth:`weights`, says what it sums (:meth:`term`) and makes of the sum a step.
    """

    remembers = True
    jumps: ClassVar[bool] = True
    """Whether what ``on_step`` changes enters the sum."""

    def rows(self, steps: int, dt: float) -> int:
        """Steps that the ring holds for a run of so many; a power of two."""
        return 2 ** max(2, steps.bit_length())

    def begun(self, s: Record, like: Record, rows: int) -> Record:
        """The memory of a state that has just begun."""
        own = moving_paths(s, like)
        return Record(
            ring=Record({p: jnp.zeros((rows, *x.shape), x.dtype) for p, x in own.items()}),
            start=Record(own),
            last=Record(own),
        )

    def tables(self, orders: Mapping[str, Any], like: Mapping[str, Any], rows: int, dt: Array) -> Tables:
        """The weights of every state, newest last and twice over: a slice of it fits the ring at any step."""
        found = {}
        for path in like:
            alpha = jnp.asarray(orders.get(path, 1.0))
            w = self.weights(alpha, jnp.arange(rows, dtype=alpha.dtype).reshape(-1, *(1,) * alpha.ndim), dt)
            found[path] = jnp.concatenate([w[::-1], w[::-1]])
        return found

    def weights(self, alpha: Array, k: Array, dt: Array) -> Array:
        """The weight of what happened ``k`` steps before the newest term."""
        raise ModelError(f"{type(self).__name__} must define weights(self, alpha, k, dt).")

    def step_fractional(
        self, field: Field, t: Array, s: Record, dt: Array, step: Array, orders: Mapping[str, Any], tables: Tables
    ) -> Record:
        """The joint state at ``t + dt``; its memory stands under ``past.memory``."""
        memory = s.past.memory
        slopes = flat(field(t, s))
        now = {p: x for p, x in flat(s).items() if p in slopes}
        alpha = {p: orders.get(p, 1.0) for p in slopes}
        ring, summed = {}, {}
        for p, kept in memory.ring.items():
            rows = kept.shape[0]
            term = self.term(now[p], slopes[p], memory.start[p], memory.last[p])
            ring[p] = kept.at[step & (rows - 1)].set(term.astype(kept.dtype))
            summed[p] = history_sum(tables[p], ring[p], step)
        new = self.finish(field, t, s, dt, now, slopes, memory.start, summed, alpha)
        return laid_over(s, new).merge(dict(past=dict(memory=dict(ring=ring, last=now))))

    def term(self, x: Array, f: Array, start: Array, last: Array) -> Array:
        """What the step from here adds to the sum: from the state, its slope, its begin, and the state a step ago."""
        raise ModelError(f"{type(self).__name__} must define term(self, x, f, start, last).")

    def finish(
        self,
        field: Field,
        t: Array,
        s: Record,
        dt: Array,
        now: Mapping[str, Array],
        slopes: Mapping[str, Array],
        start: Mapping[str, Array],
        summed: Mapping[str, Array],
        alpha: Mapping[str, Any],
    ) -> dict[str, Array]:
        """The new states by path."""
        raise ModelError(
            f"{type(self).__name__} must define finish(self, field, t, s, dt, now, slopes, start, summed, alpha)."
        )


class CaputoEuler(Fractional):
    r"""Fractional Euler: the integral form with the slope held over each step, order 1.

    .. math::

        s_{n+1} = s_0 + \frac{h^\alpha}{\Gamma(\alpha + 1)} \sum_{k=0}^{n} [(k + 1)^\alpha - k^\alpha]\, f_{n-k}

    It sums slopes, so that a jump made by ``on_step`` would be lost with the next step: such models are refused.

    Reference: Li & Zeng 2013, doi:10.1080/01630563.2012.706673.
    """

    name, order = "caputo_euler", 1
    jumps = False

    def weights(self, alpha: Array, k: Array, dt: Array) -> Array:
        return increments(alpha, k)

    def term(self, x: Array, f: Array, start: Array, last: Array) -> Array:
        return f

    def finish(self, field, t, s, dt, now, slopes, start, summed, alpha):
        return {p: start[p] + scale(dt, alpha[p], 1 + alpha[p]) * x for p, x in summed.items()}


@dataclasses.dataclass(frozen=True)
class CaputoL1(Fractional):
    r"""The L1 formula: the derivative of the straight lines between steps.

    .. math::

        \sum_{k=0}^{n} b_k (s_{n+1-k} - s_{n-k}) = h^\alpha\, \Gamma(2 - \alpha)\, f(t_{n+1}, s_{n+1}), \qquad
        b_k = (k + 1)^{1-\alpha} - k^{1-\alpha}

    The right side is evaluated at the end of the step: found from the begin, and corrected ``corrections`` times.
    Smooth solutions are found with order $\min(2 - \alpha, 1 + 2 \alpha)$, those that leave their initial value
    like $t^\alpha$, as a relaxation does, with order 1.

    Jumps made by ``on_step`` belong to the past like everything else: the state goes back towards where it would have
    been without, the sooner the shorter the step.  So do published fractional spiking neurons, and ``dt`` is then part
    of the model.

    Parameters
    ----------
    corrections : int
        0 is the explicit form in which fractional neurons are published: one evaluation a step, order 1.

    Reference: Oldham & Spanier 1974; error: Lin & Xu 2007, doi:10.1016/j.jcp.2007.02.001; neurons: Teka et al. 2014,
    doi:10.1371/journal.pcbi.1003526.
    """

    corrections: int = 2

    name, order = "caputo_l1", 1

    def __post_init__(self) -> None:
        super().__post_init__()
        c = self.corrections
        if isinstance(c, bool) or not isinstance(c, int) or c < 0:
            raise ValueError(f"CaputoL1(corrections={c!r}): a whole number of at least 0 was expected.")

    def evaluations(self, states: int) -> int:
        return 1 + self.corrections

    def weights(self, alpha: Array, k: Array, dt: Array) -> Array:
        return increments(1.0 - alpha, k + 1.0)

    def term(self, x: Array, f: Array, start: Array, last: Array) -> Array:
        return x - last

    def finish(self, field, t, s, dt, now, slopes, start, summed, alpha):
        def stepped(f: Mapping[str, Array]) -> dict[str, Array]:
            return {p: now[p] - summed[p] + scale(dt, alpha[p], 2 - alpha[p], below=False) * f[p] for p in now}

        new = stepped(slopes)
        for _ in range(self.corrections):
            new = stepped(flat(field(t + dt, laid_over(s, new))))
        return new


@dataclasses.dataclass(frozen=True)
class GrunwaldLetnikov(Fractional):
    r"""Grünwald and Letnikov's differences with short memory, order 1.

    .. math::

        \sum_{k=0}^{L} c_k (s_{n+1-k} - s_0) = h^\alpha f_n, \qquad
        c_0 = 1, \quad c_k = \Big(1 - \frac{1 + \alpha}{k}\Big) c_{k-1}

    Parameters
    ----------
    memory : float, optional
        How far back the sum reaches, ms: memory and time of a step then stay constant, and a run may be of any
        length.  What is left out is at most :math:`M\,\mathrm{memory}^{-\alpha} / \Gamma(1 - \alpha)` for a state
        within :math:`\pm M` of its begin.  By default everything.

    Reference: Podlubny 1999, Fractional Differential Equations, 7.3 (short memory) and 8.1.
    """

    memory: float | None = None

    name, order = "grunwald_letnikov", 1

    def __post_init__(self) -> None:
        super().__post_init__()
        m = self.memory
        number = isinstance(m, int | float) and not isinstance(m, bool)
        if m is not None and not (number and math.isfinite(m) and m > 0):
            raise ValueError(f"GrunwaldLetnikov(memory={m!r}): a time in ms was expected, or None for the whole past.")

    def rows(self, steps: int, dt: float) -> int:
        whole = super().rows(steps, dt)
        if self.memory is None:
            return whole
        return min(whole, 2 ** max(2, (round(self.memory / dt) + 1).bit_length()))

    def weights(self, alpha: Array, k: Array, dt: Array) -> Array:
        c = jnp.cumprod(1.0 - (1.0 + alpha) / (k + 1.0), axis=0)
        return c if self.memory is None else jnp.where((k + 0.5) * dt < self.memory, c, 0.0)

    def term(self, x: Array, f: Array, start: Array, last: Array) -> Array:
        return x - start

    def finish(self, field, t, s, dt, now, slopes, start, summed, alpha):
        return {p: start[p] - summed[p] + dt ** alpha[p] * slopes[p] for p in now}


def increments(power: Array, k: Array) -> Array:
    """``(k + 1)**power - k**power`` without the loss of digits at large ``k``."""
    safe = jnp.where(k > 0, k, 1.0)
    return jnp.where(k > 0, safe**power * jnp.expm1(power * jnp.log1p(1.0 / safe)), 1.0)


def scale(dt: Array, alpha: Any, argument: Any, below: bool = True) -> Array:
    """``dt**alpha`` over, or times, the gamma function."""
    gamma = jnp.exp(gammaln(argument))
    return dt**alpha / gamma if below else dt**alpha * gamma


def history_sum(table: Array, ring: Array, step: Array) -> Array:
    """Sum of ring times weights, the newest entry at ``step``; rows that were never written are zero."""
    rows = ring.shape[0]
    w = dynamic_slice_in_dim(table, rows - 1 - (step & (rows - 1)), rows).astype(ring.dtype)
    return jnp.tensordot(w, ring, 1) if w.ndim == 1 else jnp.sum(w * ring, axis=0)


def moving_paths(s: Record, like: Record) -> dict[str, Array]:
    """The states that have a derivative, by dotted path."""
    known = flat(like)
    return {p: jnp.asarray(x) for p, x in flat(s).items() if p in known}


def laid_over(s: Record, values: Mapping[str, Any], prefix: str = "") -> Record:
    """``s`` with new values by dotted path."""
    return Record(
        (k, laid_over(v, values, f"{prefix}{k}.") if isinstance(v, Record) else values.get(prefix + k, v))
        for k, v in s.items()
    )
