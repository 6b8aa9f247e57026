"""Orders without noise, on problems with an exact solution or one by a solver of order 8."""

from functools import cache

import diffrax
import jax
import numpy as np

import brainnb as bn
from brainnb.integrators.adaptive import Adaptive
from brainnb.integrators.embedded import EmbeddedRungeKutta

BUDGET = 960
"""Evaluations of the field that each method is given on the reference problem."""


START = (0.3, 0.5, 0.7)
"""Initial values of the vector problem."""


class Growth(bn.Model):
    r"""One state that reads the time: y' = y cos t, with y = exp(sin t)."""

    y = bn.state(1.0)

    def vector_field(self, t, s, u):
        return dict(y=s.y * jax.numpy.cos(t))


class Cubes(bn.Model):
    r"""One state of three values: y' = -3/4 y³ cos(3t/2), with y = y0 / sqrt(1 + y0² sin(3t/2))."""

    y = bn.state(1.0)

    def init_state(self, size=(), key=None):
        return super().init_state(size, key).merge(dict(y=jax.numpy.array(START)))

    def vector_field(self, t, s, u):
        return dict(y=-0.75 * s.y**3 * jax.numpy.cos(1.5 * t))


def of_growth(t):
    return np.exp(np.sin(t))


def of_cubes(t):
    y0 = np.array(START)
    return y0 / np.sqrt(1 + y0**2 * np.sin(1.5 * t)[:, None])


def of_fitzhugh_nagumo(t):
    """By a solver of order 8 at a tolerance near rounding."""
    tight = Adaptive(diffrax.Dopri8(), rtol=1e-13, atol=1e-13)
    ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=t[-1], dt=t[0], I=0.5, method=tight)
    return np.stack([ds.V, ds.w], axis=1)


PROBLEMS = {
    "scalar": (Growth, ("y",), {}, of_growth),
    "vector": (Cubes, ("y",), {}, of_cubes),
    "coupled": (bn.neurons.FitzHughNagumo, ("V", "w"), dict(I=0.5), of_fitzhugh_nagumo),
}
"""Model, states, inputs and exact solution of each; built where they are run, in the precision of the run."""

TIMES = np.linspace(0.5, 4.0, 8)
"""When the error is looked at; at one moment alone it may happen to cross zero."""

STEPS = {1: (400, 800, 1600), 2: (160, 320, 640), 3: (160, 320, 640), 4: (160, 320, 640), 5: (96, 192, 384)}
"""Steps by claimed order, where the error is both far from the first order's and from rounding."""


@cache
def exact(problem):
    return PROBLEMS[problem][-1](TIMES)


def fixed(method):
    """The method with steps of dt: control would hide the order of a pair."""
    return method(adaptive=False) if issubclass(method, EmbeddedRungeKutta) else method()


def error(method, problem, steps):
    """Root mean square of the error over states and times, with so many steps."""
    model, names, given, _ = PROBLEMS[problem]
    T, every = TIMES[-1], steps // len(TIMES)
    ds = bn.simulate(model(), T=T, dt=T / steps, every=every, record=names, method=method, **given)
    found = np.stack([ds[name].values for name in names], axis=1).squeeze()
    return float(np.sqrt(np.mean((found - exact(problem).squeeze()) ** 2)))


def order(method, problem):
    """Slope of the error against the step, in logarithms."""
    steps = STEPS[method.order]
    errors = [error(fixed(method), problem, n) for n in steps]
    return -float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


def error_at_equal_cost(method):
    """Error on the coupled problem when the field is evaluated ``BUDGET`` times."""
    steps = BUDGET // fixed(method).evaluations(2)
    return error(fixed(method), "coupled", steps - steps % len(TIMES))


@cache
def measured(name):
    """Claimed order, measured order on every problem, and error at equal cost, of one registered method."""
    method = bn.integrators.METHODS[name]
    return method.order, {p: order(method, p) for p in PROBLEMS}, error_at_equal_cost(method)


HEAD = f"""## Without noise

The slope of the root-mean-square error over 4 ms against the step. Pairs are measured at fixed steps (`adaptive=False`),
with the more accurate of their two results.

- **scalar**: $y' = y \\cos t$, exact solution $e^{{\\sin t}}$
- **vector**: $y_i' = -\\tfrac34 y_i^3 \\cos \\tfrac32 t$ for three values, exact solution
  $y_i(0) / \\sqrt{{1 + y_i(0)^2 \\sin \\tfrac32 t}}$
- **coupled**: the FitzHugh–Nagumo neuron at $I = 0.5$ from its initial state

**Error** is that on the coupled problem when each method may evaluate the equations {BUDGET} times; a
derivative of the equations along one direction counts as one more. It is no ranking for your model: exponential and
implicit methods are for stiff equations, which this one is not.

| method | other names | claimed | scalar | vector | coupled | error | reference |
|---|---|---|---|---|---|---|---|
"""


def row(name):
    """One line of the table."""
    claimed, orders, off = measured(name)
    cls = bn.integrators.METHODS[name]
    others = ", ".join(f"`{alias}`" for alias, of in bn.integrators.ALIASES.items() if of == name)
    numbers = " | ".join(f"{orders[p]:.1f}" for p in PROBLEMS)
    link = f"{{py:class}}`~brainnb.integrators.{cls.__name__}`"
    return f"| `{name}` | {others} | {claimed} | {numbers} | {off:.1e} | {link} |"


def section():
    """The part of the page."""
    return HEAD + "\n".join(map(row, bn.integrators.METHODS)) + "\n"
