"""Orders without noise, on problems with an exact solution or one by a solver of order 8."""

from functools import cache
from itertools import pairwise

import diffrax
import jax
import numpy as np

import brainnb as bn
from brainnb.integrators.adaptive import Adaptive
from brainnb.integrators.embedded import EmbeddedRungeKutta

BUDGET = 960
"""Evaluations of the field that each method is given on the reference problem."""


START, RATES = (0.3, 0.5, 0.7), np.array([0.5, 1.0, 1.5])
"""Initial values and rates of the vector problem."""


class Growth(bn.Model):
    r"""One state that reads the time: y' = y cos t, with y = exp(sin t)."""

    y = bn.state(1.0)

    def vector_field(self, t, s, u):
        return dict(y=s.y * jax.numpy.cos(t))


class Saturation(bn.Model):
    r"""One state of three values: y' = r y (1 - y) cos t, with y = y0 / (y0 + (1 - y0) exp(-r sin t))."""

    y = bn.state(1.0)

    def init_state(self, size=(), key=None):
        return super().init_state(size, key).merge(dict(y=jax.numpy.array(START)))

    def vector_field(self, t, s, u):
        return dict(y=RATES * s.y * (1 - s.y) * jax.numpy.cos(t))


def of_growth(t):
    return np.exp(np.sin(t))


def of_saturation(t):
    y0 = np.array(START)
    return y0 / (y0 + (1 - y0) * np.exp(-RATES * np.sin(t[:, None])))


def of_fitzhugh_nagumo(t):
    """By a solver of order 8 at a tolerance near rounding."""
    tight = Adaptive(diffrax.Dopri8(), rtol=1e-13, atol=1e-13)
    ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=t[-1], dt=t[0], I=0.5, method=tight)
    return np.stack([ds.V, ds.w], axis=1)


PROBLEMS = {
    "scalar": (Growth, ("y",), {}, of_growth),
    "vector": (Saturation, ("y",), {}, of_saturation),
    "coupled": (bn.neurons.FitzHughNagumo, ("V", "w"), dict(I=0.5), of_fitzhugh_nagumo),
}
"""Model, states, inputs and exact solution of each; built where they are run, in the precision of the run."""

TIMES = np.linspace(0.5, 4.0, 8)
"""When the error is looked at; at one moment alone it may happen to cross zero."""

STEPS = (24, 48, 96, 192)
"""Each half as long as the one before; for every method."""


@cache
def exact(problem):
    return PROBLEMS[problem][-1](TIMES)


def fixed(method):
    """The method with steps of dt: control would hide the order of a pair."""
    return method(adaptive=False) if issubclass(method, EmbeddedRungeKutta) else method()


def errors(method, problem, steps):
    """The error of every state at every time, with so many steps."""
    model, names, given, _ = PROBLEMS[problem]
    T, every = TIMES[-1], steps // len(TIMES)
    ds = bn.simulate(model(), T=T, dt=T / steps, every=every, record=names, method=method, **given)
    return np.stack([ds[name].values for name in names], axis=1).squeeze() - exact(problem).squeeze()


def error(method, problem, steps):
    """Root mean square of the error over states and times."""
    return size(errors(method, problem, steps))


def size(errors):
    return float(np.sqrt(np.mean(errors**2)))


def order(method, problem):
    """The order in which the error falls with the step, of a class of methods."""
    return leading([errors(fixed(method), problem, n) for n in STEPS], method.order)


def leading(errors, claimed):
    r"""The leading order of errors at steps h, h/2, h/4 and h/8.

    Errors are a series $\sum_q c_q h^q$.  How soon its first term leads depends on how small that happens to be, so the
    two that follow the claimed one are removed as Richardson did: $2^q e(h/2) - e(h)$ is free of $h^q$, and leaves every
    other power, one below the claim too.
    """
    for q in (claimed + 1, claimed + 2):
        errors = [2**q * half - whole for whole, half in pairwise(errors)]
    coarse, fine = map(size, errors)
    return float(np.log2(coarse / fine))


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

How the error over 4 ms falls with the step, between {STEPS[0]} and {STEPS[-1]} steps; the two terms that follow the claimed one are
removed as Richardson did, since a method whose leading term is small would show the next. Pairs are measured at fixed
steps (`adaptive=False`), with the more accurate of their two results; implicit-explicit methods with every state stiff.

- **scalar**: $y' = y \\cos t$, exact solution $e^{{\\sin t}}$
- **vector**: $y_i' = r_i y_i (1 - y_i) \\cos t$ for three values, exact solution
  $y_i(0) / [y_i(0) + (1 - y_i(0))\\, e^{{-r_i \\sin t}}]$
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
