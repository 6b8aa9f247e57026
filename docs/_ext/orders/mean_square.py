"""Strong and weak errors without sampling on linear equations: second moments of the path and of the exact one."""

import jax.numpy as jnp
import numpy as np

import brainnb as bn

from .gauss import increments
from .stepping import step


def errors(method, problem, steps, sense=None):
    r"""Root mean square of the distance at T = 1, and the distance of the second moments, of a :class:`~orders.noise_problems.Plane` problem.

    A step multiplies the state by a matrix M(dW) and the exact solution by G(dW).  The second moments of both
    together are multiplied by the expectation of a Kronecker product, so nothing has to be drawn.  ``sense`` is that of the exact solution, by default the method's.
    """
    dW, area, weights = increments(1 / steps, problem.sources, method.area)
    M = _matrix(method, problem, 1 / steps, dW, area)
    g = problem.factor(1 / steps, dW, sense or method.integral)
    G = np.array([[g.real, -g.imag], [g.imag, g.real]]).transpose(2, 0, 1)
    both = np.zeros((len(weights), 4, 4))
    both[:, :2, :2], both[:, 2:, 2:] = M, G
    growth = np.einsum("q,qij,qkl->ikjl", weights, both, both).reshape(16, 16)
    start = np.tile([problem.start.real, problem.start.imag], 2)
    end = (np.linalg.matrix_power(growth, steps) @ np.kron(start, start)).reshape(4, 4)
    path, exact, across = end[:2, :2], end[2:, 2:], end[:2, 2:]
    return np.sqrt(np.trace(path + exact - 2 * across)), np.linalg.norm(path - exact)


def _matrix(method, problem, h, dW, area):
    """What one step multiplies the state by, at each point of the increments."""
    columns = []
    for unit in np.eye(2):
        s = bn.Record({k: jnp.full(dW.shape[1], x) for k, x in zip("xy", unit, strict=True)})
        end = step(method, problem, 0.0, s, h, dW, area)
        columns.append(np.stack([end.x, end.y]))
    return np.stack(columns, axis=1).transpose(2, 0, 1)
