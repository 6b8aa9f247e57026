"""Methods for noise that depends on the state: each reads the increments itself and says in which sense."""

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.record import Record

from .base import Field, Integrator, advance, as_record, moving
from .wiener import Wiener, kick, one_by_one


@dataclasses.dataclass(frozen=True)
class Stochastic(Integrator):
    """A method that needs the increments; without noise it is its own deterministic part."""

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        return self.step_noise(field, lambda t, s: Record(), t, s, dt, Wiener(Record(), Record()))


class EulerHeun(Stochastic):
    r"""Euler–Heun: the noise amplitude is averaged over the step, so the noise is read in the Stratonovich sense.

    .. math::

        \tilde s = s + g(t, s)\, \Delta W, \qquad
        s' = s + h f(t, s) + \tfrac12 \big(g(t, s) + g(t + h, \tilde s)\big) \Delta W

    Strong order 1 when the sources commute (one source, or one for each state), 1/2 for any noise; weak order 1.

    References
    ----------
    Kloeden & Platen 1992, doi:10.1007/978-3-662-12616-5, sec. 15.5; Rüemelin 1982, doi:10.1137/0719041.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.integrators.EulerHeun().integral
    'stratonovich'
    """

    name, order, strong_order, weak_order = "euler_heun", 1, 1.0, 1.0
    integrals = ("stratonovich",)

    def step_noise(self, field: Field, diffusion: Field, t: Array, s: Record, dt: Array, w: Wiener) -> Record:
        now = kick(diffusion(t, s), w.dW)
        then = kick(diffusion(t + dt, advance(s, now, 1.0)), w.dW)
        return advance(advance(s, as_record(field(t, s)), dt), mean(now, then), 1.0)


class StochasticHeun(Stochastic):
    r"""Heun's method for slope and noise together, in the Stratonovich sense.

    .. math::

        \tilde s = s + h f(t, s) + g(t, s)\, \Delta W, \qquad
        s' = s + \tfrac{h}{2} \big(f(t, s) + f(t + h, \tilde s)\big)
               + \tfrac12 \big(g(t, s) + g(t + h, \tilde s)\big) \Delta W

    Without noise it is ``"heun"``, of order 2.  Strong order 1 when the sources commute, 1/2 for any noise; weak
    order 1.

    References
    ----------
    Rüemelin 1982, doi:10.1137/0719041.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.integrators.get("stochastic_heun").strong_order
    1.0
    """

    name, order, strong_order, weak_order = "stochastic_heun", 2, 1.0, 1.0
    integrals = ("stratonovich",)

    def step_noise(self, field: Field, diffusion: Field, t: Array, s: Record, dt: Array, w: Wiener) -> Record:
        slope, now = as_record(field(t, s)), kick(diffusion(t, s), w.dW)
        guess = advance(advance(s, slope, dt), now, 1.0)
        then = kick(diffusion(t + dt, guess), w.dW)
        return advance(advance(s, mean(slope, as_record(field(t + dt, guess))), dt), mean(now, then), 1.0)


class Milstein(Stochastic):
    r"""Milstein's method with exact derivatives of the noise amplitude.

    .. math::

        s' = s + h f + G(s) + \tfrac12 \Big( \partial_G G - h \sum_j \partial_{g_j} g_j \Big),
        \qquad G(s) = \sum_j g_j(s)\, \Delta W_j

    where $\partial_v$ is the derivative in the direction $v$, found by forward differentiation: the amplitudes
    need no derivative written by hand.  In the Stratonovich sense, ``Milstein(integral="stratonovich")``, the sum
    over the sources falls away.  Strong and weak order 1 for sources that commute; others are refused, since no
    method reaches order 1 there from the increments alone.

    References
    ----------
    Milstein 1974, doi:10.1137/1119062; Kloeden & Platen 1992, doi:10.1007/978-3-662-12616-5, sec. 10.3.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.integrators.Milstein(integral="stratonovich").label
    'milstein (stratonovich)'
    """

    name, order, strong_order, weak_order = "milstein", 1, 1.0, 1.0
    integrals, noise = ("ito", "stratonovich"), "commutative"

    def step_noise(self, field: Field, diffusion: Field, t: Array, s: Record, dt: Array, w: Wiener) -> Record:
        along = second_order(diffusion, t, s)
        new = advance(advance(s, as_record(field(t, s)), dt), kick(diffusion(t, s), w.dW), 1.0)
        new = advance(new, along(w.dW, w.dW), 0.5)
        if self.integral == "ito":
            for one in one_by_one(w.dW):
                new = advance(new, along(one, one), -0.5 * dt)
        return new


def second_order(diffusion: Field, t: Array, s: Record) -> Callable[[Record, Record], Record]:
    r"""The form $(v, w) \mapsto \sum_{jk} v_k w_j\, \partial_{g_k} g_j$: how the noise ``v`` changes the kick of ``w``."""
    q = moving(s, as_record(jax.eval_shape(lambda s: as_record(diffusion(t, s)), s)))

    def displaced(q: Record, w: Record) -> Record:
        kicks = kick(as_record(diffusion(t, s.merge(q))), w)
        return jax.tree.map(lambda k, x: jnp.broadcast_to(k, jnp.shape(x)).astype(x.dtype), kicks, q)

    def form(v: Record, w: Record) -> Record:
        return jax.jvp(lambda q: displaced(q, w), (q,), (displaced(q, v),))[1]

    return form


@dataclasses.dataclass(frozen=True)
class TamedEuler(Integrator):
    r"""Tamed Euler: no state moves more than 1 (in its unit) a step by its slope.

    .. math:: s_i' = s_i + \frac{h f_i(s)}{1 + h |f_i(s)|} + g_i(s)\, \Delta W

    For slopes that grow faster than linearly ($-x^3$), where Euler–Maruyama explodes with some probability at any
    step, its moments included.  Strong order 1/2, weak order 1, Itô.  Not for quantities that
    rightly change by much more than 1 in a step: the voltage of a spiking cell in mV wants a smaller dt instead.

    Notes
    -----
    The source tames by the norm of the whole slope; here every state is tamed by its own, since states have
    different units.

    References
    ----------
    Hutzenthaler, Jentzen & Kloeden 2012, doi:10.1214/11-AAP803, eq. 4.

    Examples
    --------
    >>> import jax.numpy as jnp, brainnb as bn
    >>> huge = lambda t, s: dict(x=-s.x**3)
    >>> float(bn.integrators.TamedEuler().step(huge, 0.0, bn.Record(x=jnp.array(100.0)), 0.1).x) > 98
    True
    """

    name, order, strong_order, weak_order = "tamed_euler", 1, 0.5, 1.0

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        tamed = jax.tree.map(lambda f: f / (1.0 + dt * jnp.abs(f)), as_record(field(t, s)))
        return advance(s, tamed, dt)


def mean(a: Record, b: Record) -> Record:
    """The mean of two slopes or kicks."""
    return jax.tree.map(lambda x, y: 0.5 * (x + y), as_record(a), as_record(b))
