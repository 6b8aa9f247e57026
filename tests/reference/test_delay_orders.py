"""The order of every method on delay equations, against solutions in closed form (Bellen & Zennaro 2003, chs. 1-4).

A run interpolates its past with the order that its method needs: kinks aside, a delay costs no order.  A kink inside
a step leaves 2, and so does a delay shorter than a step.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import lambertw

import brainnb as bn
from brainnb.integrators import METHODS, EmbeddedRungeKutta

RATES, DELAYS = np.array([0.3, 0.6, 0.9]), np.array([0.24, 0.72, 1.2])
DTS = (0.12, 0.08)
"""Both divide the delays, and both need rings of the same size: one compilation."""

SMOOTH = {  # states that have always followed their equation: no kink anywhere
    "y": lambda t: jnp.exp(jnp.sin(t)),
    "z": lambda t: jnp.exp(-RATES * t),
    "p": jnp.sin,
    "q": jnp.cos,
}


class Retarded(bn.Model):
    r"""A scalar, a vector of delays of its own, and a coupled pair.

    ``y`` is exp(sin t), ``z`` decays at three rates, and ``p + iq`` turns: sin t and cos t.
    """

    tau: bn.Param = bn.param(1.2, "ms", "delay", bounds=(0, 2))
    y, z, p, q = bn.state(1.0), bn.state(1.0), bn.state(0.0), bn.state(1.0)
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


def orders(model, functions, method, dts, T, init=None):
    """Order between the first two steps, by state; ``T`` and ``model`` may depend on the step."""
    coarse, fine = (errors(model, functions, method, dt, T, init) for dt in dts)
    return {k: math.log(coarse[k] / fine[k]) / math.log(dts[0] / dts[1]) for k in functions}


def build(name):
    cls = METHODS[name]
    return cls(adaptive=False) if issubclass(cls, EmbeddedRungeKutta) else cls()


ORDINARY = [name for name, cls in METHODS.items() if not cls.remembers]


@pytest.mark.filterwarnings("ignore:.*own slope")
@pytest.mark.parametrize("name", ORDINARY)
def test_a_delay_costs_no_order_where_the_past_is_smooth(name):
    """Up to 4, the order of the cubic between the points of the grid; on the grid and between its points."""
    method = build(name)
    claimed = min(method.order, 4)
    for tau in (1.2, 1.1):
        found = orders(Retarded(tau=tau), SMOOTH, method, DTS, 2.4, SMOOTH)
        assert list(found.values()) == pytest.approx([claimed] * 4, abs=0.25), tau
