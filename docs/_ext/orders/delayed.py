"""Orders on delay equations that have always followed their solution: no kink anywhere."""

import math
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

import brainnb as bn

from .deterministic import fixed

RATES, DELAYS = np.array([0.3, 0.6, 0.9]), np.array([0.24, 0.72, 1.2])
DTS = (0.06, 0.04)
"""Both divide the delays, and both need rings of the same size: one compilation."""

SHORT, LONG = 1.2, 2.4
"""Lengths of the runs, ms: up to order 4, and beyond, where a step errs so little that the order shows later."""

SMOOTH = {
    "y": lambda t: jnp.exp(jnp.sin(t)),
    "z": lambda t: jnp.exp(-RATES * t),
    "p": jnp.sin,
    "q": jnp.cos,
}
"""Exact solutions, and the pasts from which they come."""


class Retarded(bn.Model):
    r"""A scalar, a vector with delays of its own, and a coupled pair; half of every equation looks back.

    ``y`` is exp(sin t), ``z`` decays at three rates, and ``p + iq`` turns: sin t and cos t.
    """

    tau: bn.Param = bn.param(1.2, "ms", "delay", bounds=(0, 2))
    p, q = bn.state(0.0), bn.state(1.0)  # first, so that a method that splits takes them apart
    y, z = bn.state(1.0), bn.state(1.0)
    y_ago, z_ago = bn.history("y", "tau"), bn.history("z", 2.0)
    p_ago, q_ago = bn.history("p", "tau"), bn.history("q", "tau")

    def init_state(self, size=(), key=None):
        return super().init_state(size, key).merge(dict(z=jnp.ones(3)))

    def vector_field(self, t, s, u):
        r = self.tau
        p, q = s.p_ago(r), s.q_ago(r)
        y = 0.5 * s.y + 0.5 * s.y_ago(r) * jnp.exp(jnp.sin(t) - jnp.sin(t - r))
        z = 0.5 * s.z + 0.5 * s.z_ago(DELAYS) * jnp.exp(-RATES * DELAYS)
        return dict(
            y=jnp.cos(t) * y,
            z=-RATES * z,
            p=0.5 * (s.q + q * jnp.cos(r) - p * jnp.sin(r)),
            q=0.5 * (-s.p - p * jnp.cos(r) - q * jnp.sin(r)),
        )


def errors(model, functions, method, dt, T, init=None):
    """Root mean square error of every state over the run."""
    ds = bn.simulate(model, T=T, dt=dt, method=method, init=init)
    known = {k: jax.vmap(f)(ds.time.values) for k, f in functions.items()}
    return {k: float(np.sqrt(np.mean((ds[k].values - x) ** 2))) for k, x in known.items()}


def order(problems, functions, method, dts, T, init=None):
    """Order between two steps, by state, of a problem for each step."""
    coarse, fine = (errors(model, functions, method, dt, T, init) for model, dt in zip(problems, dts, strict=True))
    return between(coarse, fine, dts)


def between(coarse, fine, dts=DTS):
    """Order by state, from the errors at two steps."""
    return {k: math.log(coarse[k] / fine[k]) / math.log(dts[0] / dts[1]) for k in coarse}


def in_the_middle(cls):
    """Delays near 1.1 ms that end in the middle of a step, for both steps: the error of a cubic depends on where."""
    return [cls(tau=18.5 * DTS[0]), cls(tau=27.5 * DTS[1])]


@cache
def measured(name):
    """Claimed order, orders with a delay on the grid and between its points, and an error, of one method."""
    return of_method(fixed(bn.integrators.METHODS[name]))


def of_method(method):
    """The same of any method."""
    T = SHORT if method.order <= 4 else LONG
    coarse, fine = (errors(Retarded(), SMOOTH, method, dt, T, SMOOTH) for dt in DTS)
    on = between(coarse, fine)
    off = order(in_the_middle(Retarded), SMOOTH, method, DTS, T, SMOOTH)
    found = dict(scalar=on["y"], vector=on["z"], coupled=min(on["p"], on["q"]), between=off["y"])
    return method.order, found, fine["y"]


HEAD = f"""## With delays

Root mean square error over {SHORT} ms ({LONG} ms beyond order 4), at steps of {DTS[0]} and {DTS[1]} ms, from a smooth past: a
delay costs no order, since the curve between two points of the grid has that of the method or more: 4 up to order 4, then
6, then 8. Where the past has a kink inside a step, or a delay is shorter than a step, order 2 is left
({{doc}}`../do/delays`).

- **scalar**: $y' = \\tfrac12 \\cos t\\, [y + y(t - 1.2)\\, e^{{\\sin t - \\sin(t - 1.2)}}]$, exact solution $e^{{\\sin t}}$;
  **between**: the same with a delay near 1.1 ms that ends in the middle of a step
- **vector**: three decays with delays of 0.24, 0.72 and 1.2 ms
- **coupled**: two states that turn, $\\sin t$ and $\\cos t$, half by each other and half by each other's past

**Error** is that of the scalar problem at a step of {DTS[1]} ms. Linear problems may be solved with a higher order than
is claimed; and of methods of order 5 the next order shows too, before their error is rounding.

| method | claimed | scalar | vector | coupled | between | error |
|---|---|---|---|---|---|---|
"""


def row(name):
    """One line of the table."""
    claimed, found, off = measured(name)
    return f"| `{name}` | {claimed} | {' | '.join(f'{x:.1f}' for x in found.values())} | {off:.1e} |"


def section():
    """The part of the page."""
    return HEAD + "\n".join(map(row, bn.integrators.METHODS)) + "\n"
