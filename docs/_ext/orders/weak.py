"""Weak errors without sampling: expectations are carried backward through the steps, as a function of the state."""

import jax.numpy as jnp
import numpy as np
from numpy.polynomial import chebyshev

import brainnb as bn

from .gauss import increments
from .stepping import step

DEGREE = 96


def error(method, problem, steps):
    r"""Difference of E test(X(1)) from its exact value, of a :class:`~orders.noise_problems.Scalar` problem.

    One step turns the expectation as a function of the state, $u(x)$, into $E\,u(x'(x, \Delta W))$.  As values at the
    points of Chebyshev in arsinh(x) that is a matrix, the same for every step.
    """
    return abs(expectation(method, problem, steps) - problem.moment(method.integral))


def expectation(method, problem, steps):
    """E test(X(1)) of what the method makes with so many steps."""
    low, high = problem.domain
    points = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    x = np.sinh(low + (high - low) * (points + 1) / 2)
    to_coefficients = np.linalg.inv(chebyshev.chebvander(points, DEGREE))

    def at(x):
        z = np.clip((np.arcsinh(x) - low) / (high - low) * 2 - 1, -1, 1)
        return chebyshev.chebvander(z, DEGREE) @ to_coefficients

    dW, area, weights = increments(1 / steps, 1, method.area)
    moved = one_step(method, problem, x, 1 / steps, dW, area)
    growth = weights[:, None] * problem.scale(moved) / problem.scale(x)
    transition = np.einsum("qz,qzk->zk", growth, at(moved))
    u = np.linalg.matrix_power(transition, steps) @ (problem.test(x) / problem.scale(x))
    start = np.array([problem.start])
    return float((at(start) @ u)[0] * problem.scale(start)[0])


def one_step(method, problem, x, h, dW, area):
    """The states after one step from each of ``x``, a row for every point of the increments."""
    rows = dW.shape[1]
    s = bn.Record(x=jnp.tile(x, rows))
    moved = step(method, problem, 0.0, s, h, np.repeat(dW, len(x), axis=1), np.repeat(area, len(x), axis=1))
    return np.asarray(moved.x).reshape(rows, len(x))
