"""Strong and weak orders of every method that takes noise, in every sense that it can read."""

from functools import cache
from typing import NamedTuple

import jax
import numpy as np

import brainnb as bn
from brainnb.integrators.base import INTEGRAL_WORDS

from . import mean_square, paths, weak
from .gauss import slope
from .noise_problems import ONE_SOURCE, TWO_SOURCES, Additive, Coupled, Curved, Diagonal, Geometric

BUDGET = 256
"""Evaluations of slopes and amplitudes that each method is given over 1 ms."""

STEPS = (64, 128, 256)
"""Where nothing is drawn, errors are small enough for the slope to have settled."""

NONLINEAR = ("tamed_euler",)
"""Methods whose step is no linear map even on linear equations."""

STRONG = ("one source", "two sources", "diagonal", "coupled")
WEAK = ("additive", "geometric", "curved", "one source", "two sources")


class Measured(NamedTuple):
    """Orders by problem, None where the method refuses the noise, and errors at equal cost."""

    strong: dict[str, float | None]
    weak: dict[str, float | None]
    strong_error: float
    weak_error: float


def methods():
    """Every method that takes noise, in every sense, by its label."""
    takers = [cls for cls in bn.integrators.METHODS.values() if cls.strong_order is not None]
    return {m.label: m for cls in takers for m in (cls(integral=sense) for sense in cls.integrals)}


@cache
def measured(label):
    """All numbers of one method."""
    method = methods()[label]
    linear = {name: _on_plane(method, p) for name, p in (("one source", ONE_SOURCE), ("two sources", TWO_SOURCES))}
    strong = {name: found and found[0] for name, found in linear.items()} | {
        "diagonal": on_diagonal(method)[0],
        "coupled": on_coupled(method)[0],
    }
    scalar = {"additive": Additive(), "geometric": Geometric(), "curved": Curved(method.integral)}
    weakly = {name: slope(STEPS, [weak.error(method, p, n) for n in STEPS]) for name, p in scalar.items()}
    weakly |= {name: found and found[1] for name, found in linear.items()}
    return Measured(strong, weakly, _strong_error(method), weak.error(method, scalar["curved"], affordable(method)))


def _on_plane(method, problem):
    """Strong and weak order on a linear problem; None where its sources are too much for the method."""
    if problem.noise == "commutative" and method.noise == "separate":
        return None
    if method.name in NONLINEAR:
        levels = paths.wiener(4, 8, 4096, problem.sources)
        exact = problem.solution(levels[0][1].sum(axis=1), method.integral)
        return paths.strong(method, problem, exact, levels)[0], None
    errors = np.array([mean_square.errors(method, problem, n) for n in STEPS])
    return slope(STEPS, errors[:, 0]), slope(STEPS, errors[:, 1])


@cache
def on_diagonal(method):
    """Strong order and its standard error with a source for each value."""
    problem, levels = Diagonal(method.integral), paths.wiener(4, 8, 2048, 3)
    return paths.strong(method, problem, problem.solution(levels[0][1].sum(axis=1), method.integral), levels)


@cache
def on_coupled(method):
    """Strong order and its standard error on coupled states."""
    levels, truth = paths.wiener(7, 11, 1024, 2)[4:], paths.truth(Coupled, 11, 1024, 2)
    return paths.strong(method, Coupled(method.integral), truth, levels)


def affordable(method):
    """Steps that the budget allows."""
    return BUDGET // cost(method)


def cost(method):
    """Evaluations of slope and amplitude in a step; a derivative along one direction counts as one more.

    What a method with a step of its own for noise needs is counted in one step; the others add an amplitude to their
    step without noise.
    """
    if not isinstance(method, bn.integrators.Stochastic):
        return method.evaluations(2) + 1
    problem, count = ONE_SOURCE, [0]

    def counted(f):
        def g(t, s):
            count[0] += _evaluations(s.x)
            return f(t, s)

        return g

    s = problem.begin(2)
    w = bn.integrators.Wiener(*(problem.laid_out(np.ones((1, 2))) for _ in range(2)))
    method.step_noise(counted(problem.field), counted(problem.diffusion), 0.0, s, 0.1, w)
    return count[0]


def _evaluations(x):
    """1 for a value, 2 for a value with its derivative, 0 for what is evaluated for its shape alone."""
    if not isinstance(x, jax.core.Tracer):
        return 1
    return 2 if hasattr(x, "tangent") else 0


def _strong_error(method):
    if method.name not in NONLINEAR:
        return mean_square.errors(method, ONE_SOURCE, affordable(method))[0]
    _, dW, area = paths.wiener(1, 7, 16384)[0]
    exact = ONE_SOURCE.solution(dW.sum(axis=1), method.integral)
    assert affordable(method) == dW.shape[1]
    (found,) = paths.ends(method, ONE_SOURCE, [(1 / dW.shape[1], dW, area)])
    return float(np.sqrt(sum(np.mean((np.asarray(found[k]) - exact[k]) ** 2) for k in exact)))


HEAD = f"""## With noise

A method reads noise in one sense, Itô or Stratonovich, or in the one that it is told. The **strong** order is that of the
distance between paths (root mean square at 1 ms); the **weak** order is that of expectations. Each claim is for the worst of the noise
that the method takes; on some problems it does better.

Most of the numbers hold no chance. On linear equations the second moments of a path and of the exact solution obey a linear
recursion; a scalar expectation is carried backward through the steps. Both need one step at the points of a Gaussian quadrature only.

- **one source**, **two sources**: two states as one complex number,
  $dZ = \\alpha Z\\,dt + \\sum_k \\beta_k Z\\,dW_k$, exact solution
  $Z(0) \\exp\\big((\\alpha - \\tfrac12 \\sum \\beta_k^2)\\, t + \\sum \\beta_k W_k\\big)$ in the Itô sense; with two sources the noise commutes and is not
  separate. Methods for one source, or one for each state, refuse it (–).
- **diagonal**: $X = \\tanh(-0.5\\, t + 0.8\\, W + \\mathrm{{artanh}}\\, X(0))$ for three values with a source each; 2048 paths
- **coupled**: FitzHugh–Nagumo with noise in proportion to each state, against steps of 1/16; 1024 paths
- **additive**: Ornstein–Uhlenbeck, $dX = -X\\,dt + 0.8\\,dW$; $E X^2$
- **geometric**: geometric Brownian motion, $dX = 0.5\\, X\\,dt + 0.5\\, X\\,dW$; $E X^2$
- **curved**: $X = \\sinh(0.5\\, t + 0.5\\, W)$; $E\\, \\mathrm{{arsinh}}^2 X$

**Error** is that of one source (strong) and of the curved problem (weak) when slopes and amplitudes may be evaluated {BUDGET} times.

"""


def _cell(value):
    return "–" if value is None else f"{value:.1f}"


def _table(title, columns, claim, orders, error):
    lines = [
        f"### {title}",
        "",
        f"| method | sense | claimed | {' | '.join(columns)} | error |",
        "|---" * (len(columns) + 4) + "|",
    ]
    for label, method in methods().items():
        found = measured(label)
        cells = [f"`{method.name}`", INTEGRAL_WORDS[method.integral], f"{claim(method):g}"]
        cells += [_cell(orders(found)[name]) for name in columns]
        lines.append(f"| {' | '.join(cells)} | {error(found):.1e} |")
    return "\n".join(lines) + "\n"


def section():
    """The part of the page."""
    strong = _table("Strong orders", STRONG, lambda m: m.strong_order, lambda f: f.strong, lambda f: f.strong_error)
    weakly = _table("Weak orders", WEAK, lambda m: m.weak_order, lambda f: f.weak, lambda f: f.weak_error)
    return f"{HEAD}{strong}\n{weakly}"
