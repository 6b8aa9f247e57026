"""Orders of the fractional methods, on relaxations and on a solution that is smooth at the begin."""

import math
from functools import cache

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln

import brainnb as bn

MITTAG_LEFFLER = {  # E_alpha(-x), from a table
    (0.8, 1.0): 0.386948578619,
    (0.8, 2.0): 0.189796692364,
    (0.5, 1.0): 0.427583576156,
    (0.5, 2.0): 0.255395676311,
    (0.2, 1.0): 0.471100688933,
}

ORDERS = (0.9, 0.8, 0.5)
"""Of the three units of the vector problem."""

STEPS = (200, 400)
SMOOTH_ORDERS = (0.8, 0.5, 0.2)


class Relaxation(bn.Model):
    """D^alpha x = -x / tau^alpha: x = E_alpha(-(t / tau)^alpha)."""

    alpha: bn.Param = bn.param(0.8, "1", "order", bounds=(0.05, 1))
    tau: bn.Param = bn.param(1.0, "ms", "time constant", bounds=(0.1, 10))
    x = bn.state(1.0, order="alpha")

    def vector_field(self, t, s, u):
        return dict(x=-s.x / self.tau**self.alpha)


class Parabola(Relaxation):
    """x = t^2, as the right side that it needs says."""

    x = bn.state(0.0, order="alpha")

    def vector_field(self, t, s, u):
        a = self.alpha
        return dict(x=2 * t ** (2 - a) / jnp.exp(gammaln(3 - a)) + t**2 - s.x)


class Turning(bn.Model):
    """Two coupled states: the real and the imaginary part of E_alpha(i t^alpha)."""

    alpha: bn.Param = bn.param(0.8, "1", "order", bounds=(0.05, 1))
    p, q = bn.state(1.0, order="alpha"), bn.state(0.0, order="alpha")

    def vector_field(self, t, s, u):
        return dict(p=-s.q, q=s.p)


def mittag_leffler(alpha, z):
    """The series, for small arguments and orders that are not small."""
    return sum(z**k / math.gamma(alpha * k + 1) for k in range(60))


def order(model, exact, method, steps=STEPS, size=None):
    """Slope of the error at t = 1 over all states."""
    found = []
    for n in steps:
        ds = bn.simulate(model, T=1, dt=1 / n, every=n, method=method, size=size)
        last = np.stack([ds[name].values[-1] for name in exact])
        found.append(np.sqrt(np.mean((last - np.stack(list(exact.values()))) ** 2)))
    return math.log(found[0] / found[1]) / math.log(steps[1] / steps[0])


def of_smooth(name, alpha):
    """What theory says for a solution without a singularity at the begin."""
    return min(2 - alpha, 1 + 2 * alpha) if name == "caputo_l1" else 1.0


@cache
def measured(name):
    """Claimed order, orders by problem, and an error, of one fractional method."""
    method = bn.integrators.FRACTIONAL[name]()
    turned = mittag_leffler(0.8, 1j)
    found = {
        "scalar": order(Relaxation(), {"x": MITTAG_LEFFLER[0.8, 1.0]}, method),
        "vector": order(
            Relaxation(alpha=np.array(ORDERS)),
            {"x": np.array([mittag_leffler(a, -1.0) for a in ORDERS])},
            method,
            size=3,
        ),
        "coupled": order(Turning(), {"p": turned.real, "q": turned.imag}, method),
    }
    found |= {f"smooth {a}": order(Parabola(alpha=a), {"x": 1.0}, method) for a in SMOOTH_ORDERS}
    last = bn.simulate(Relaxation(), T=1, dt=1 / STEPS[1], every=STEPS[1], method=method).x[-1]
    return method.order, found, abs(float(last) - MITTAG_LEFFLER[0.8, 1.0])


HEAD = f"""## Of fractional order

Error at 1 ms against the step, 1/{STEPS[0]} and 1/{STEPS[1]} ms. A relaxation leaves its begin like $t^\\alpha$, which takes every
method of equal steps down to order 1; for a solution that is smooth there L1 has $\\min(2 - \\alpha, 1 + 2\\alpha)$, which for
$\\alpha = 0.5$ it reaches slowly.

- **scalar**: $D^\\alpha x = -x$ with $\\alpha = 0.8$, exact solution $E_\\alpha(-t^\\alpha)$ (Mittag-Leffler)
- **vector**: the same for orders {", ".join(map(str, ORDERS))} side by side
- **coupled**: $D^\\alpha p = -q$, $D^\\alpha q = p$, exact solution $E_\\alpha(i t^\\alpha)$
- **smooth**: $D^\\alpha x = t^2 - x + 2 t^{{2 - \\alpha}} / \\Gamma(3 - \\alpha)$, exact solution $t^2$, for three orders

**Error** is that of the scalar problem at the smaller step.

| method | other names | claimed | scalar | vector | coupled | {" | ".join(f"smooth {a}" for a in SMOOTH_ORDERS)} | error | reference |
|---|---|---|---|---|---|---|---|---|---|---|
"""


def row(name):
    """One line of the table."""
    claimed, found, off = measured(name)
    cls = bn.integrators.FRACTIONAL[name]
    others = ", ".join(f"`{alias}`" for alias, of in bn.integrators.ALIASES.items() if of == name)
    numbers = " | ".join(f"{x:.1f}" for x in found.values())
    link = f"{{py:class}}`~brainnb.integrators.{cls.__name__}`"
    return f"| `{name}` | {others} | {claimed} | {numbers} | {off:.1e} | {link} |"


def section():
    """The part of the page."""
    return HEAD + "\n".join(map(row, bn.integrators.FRACTIONAL)) + "\n"
