"""Strong errors along paths: steps of all sizes follow the same Wiener paths, so that chance does not hide the slope."""

from functools import cache, partial

import jax
import numpy as np

import brainnb as bn

from .stepping import step

BATCHES = 16
"""Independent groups of paths: how far their slopes lie apart is the standard error."""


@cache
def wiener(levels, finest, paths, sources=1):
    """Increments and areas of the same paths over [0, 1] in 2^k steps, k = finest, finest - 1, ..."""
    n = 2**finest
    with jax.enable_x64(True):
        a, b = jax.random.normal(jax.random.key(7), (2, sources, n, paths))
    h = 1 / n
    dW = np.asarray(a) * h**0.5
    area = 0.5 * h * (dW + np.asarray(b) * (h / 3) ** 0.5)
    found = [(h, dW, area)]
    for _ in range(levels - 1):
        first, second = dW[:, 0::2], dW[:, 1::2]
        area = area[:, 0::2] + area[:, 1::2] + h * first
        dW, h = first + second, 2 * h
        found.append((h, dW, area))
    return found


def ends(method, problem, levels):
    """The ends of all paths with the steps of each level; one program serves all of them."""
    longest = max(dW.shape[1] for _, dW, _ in levels)
    for h, dW, area in levels:
        rest = [(0, 0), (0, longest - dW.shape[1]), (0, 0)]
        yield _follow(method, problem, h, dW.shape[1], np.pad(dW, rest), np.pad(area, rest))


@partial(jax.jit, static_argnums=(0, 1))
def _follow(method, problem, h, steps, dW, area):
    def one(i, s):
        return step(method, problem, i * h, s, h, dW[:, i], area[:, i])

    return jax.lax.fori_loop(0, steps, one, problem.begin(dW.shape[-1]))


def strong(method, problem, exact, levels):
    """Order of the root mean square distance of paths from ``exact`` at the end, and its standard error."""
    errors = []
    for found in ends(method, problem, levels):
        squares = sum(np.square(np.asarray(found[k]) - exact[k]) for k in exact)
        squares = squares if squares.ndim == 1 else squares.sum(axis=0)
        errors.append(np.sqrt(squares.reshape(BATCHES, -1).mean(axis=1)))
    return _slope([h for h, *_ in levels], np.array(errors))


def _slope(steps, errors):
    """Order and its standard error from errors of shape (steps, batches)."""
    orders = [np.polyfit(np.log(steps), np.log(e), 1)[0] for e in errors.T]
    together = np.polyfit(np.log(steps), np.log(np.sqrt(np.mean(errors**2, axis=1))), 1)[0]
    return float(together), float(np.std(orders) / len(orders) ** 0.5)


@cache
def truth(kind, finest, paths, sources):
    """A problem without closed form, by the most accurate method in steps of 1/16 or less of those measured."""
    method = bn.integrators.SRK2W1()
    with jax.enable_x64(True):
        (found,) = ends(method, kind(method.integral), wiener(7, finest, paths, sources)[:1])
    return {k: np.asarray(x) for k, x in found.items()}
