"""Two steps back for the explicit states: the implicit-explicit method that remembers a slope."""

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.record import Record

from .base import Field, moving
from .implicit_explicit import CrankNicolson


class CrankNicolsonAdamsBashforth(CrankNicolson):
    r"""Crank–Nicolson for the stiff states, Adams–Bashforth for the others; two steps, order 2.

    .. math::

        y_{n+1} = y_n + h \big[\tfrac32 f_n - \tfrac12 f_{n-1}\big], \qquad
        z_{n+1} = z_n + \tfrac h2 \big[g_n + g(t_{n+1}, y_{n+1}, z_{n+1})\big]

    Known as CNAB: one evaluation and one solve a step, the least that order 2 costs here.  The slopes of the step
    before travel in the state, so that runs that are cut into chunks, stored, continued or swept are equal to the last
    bit.  Where there are none it starts with a step of :class:`CrankNicolson`, which has the same order: at the begin
    of a run, in one that goes on from another method or another ``dt``, and after every step in which ``on_step`` moved
    a state that has an equation.  A reset anywhere makes the slopes stale everywhere, as cells hear each other: all
    start anew.  A network in which some cell fires in nearly every step is thus stepped by :class:`CrankNicolson`,
    and better off with it.

    What jumps in the equations alone is not seen: an input that is switched, the end of a refractory time, parameters
    that were replaced before a run went on.  It is felt with an error of $h/2$ times the jump of the slope, once.  With
    every state stiff, the default, nothing is explicit, and the method is that of Crank and Nicolson.  Not L-stable; of
    the explicit states, those that oscillate grow slowly (Adams–Bashforth).  Delays are taken, noise is not.  Stepped by hand,
    without ``s.past.memory``, every step is a first one.

    Reference: Ascher, Ruuth & Wetton 1995, doi:10.1137/0732037, with γ = 1/2 and c = 0.

    Examples
    --------
    >>> import brainnb as bn
    >>> method = CrankNicolsonAdamsBashforth(stiff=["m", "h", "n"])
    >>> bn.simulate(bn.neurons.HodgkinHuxley(), T=50, dt=0.01, I=10, method=method).bn.spike_count().item()
    4
    """

    name, order = "imex_cnab", 2
    remembers = True

    def evaluations(self, states: int) -> int:
        return 1 + self.newton * (1 + states)

    def begun(self, s: Record, like: Record, rows: int) -> Record:
        return Record(slopes=jax.tree.map(jnp.zeros_like, moving(s, like)), fresh=jnp.array(True))

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        parts = self.parts(field, t, s)
        if parts is None or "memory" not in s.get("past", ()):
            return super().step(field, t, s, dt)
        q, memory = parts.q, s.past.memory
        first = jax.tree.map(lambda x, k: jnp.broadcast_to(k, x.shape).astype(x.dtype), q, parts.slopes(t, q))
        middle = jax.lax.cond(
            memory.fresh,
            lambda: self.middle(parts, t, q, dt, first),
            lambda: jax.tree.map(lambda now, before: 1.5 * now - 0.5 * before, first, memory.slopes),
        )
        new = s.merge(self.across(parts, t, q, dt, first, middle))
        return new.merge(dict(past=dict(memory=dict(slopes=first, fresh=jnp.zeros_like(memory.fresh)))))

    def noted(self, before: Record, after: Record) -> Record:
        slopes = after.past.memory.slopes
        old, new = (jax.tree.leaves(moving(s, slopes)) for s in (before, after))
        jumped = [jnp.any(a != b) for a, b in zip(old, new, strict=True) if a is not b]
        fresh = jnp.any(jnp.stack(jumped)) if jumped else after.past.memory.fresh
        return after.merge(dict(past=dict(memory=dict(fresh=fresh))))
