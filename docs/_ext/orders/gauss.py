"""Expectations over what the Wiener processes do within a step, by quadrature instead of chance."""

from itertools import product

import numpy as np

POINTS, AREA_POINTS = 24, 12


def increments(h, sources, area):
    """Increments and areas of a step at the points of Gauss and Hermite, and the weight of each point.

    A step that is a polynomial in its increments has exact expectations then; what else a method does with them
    (a root, an exponential) is met to rounding, since the points reach as far as 6 standard deviations.

    Returns
    -------
    dW, areas : array of shape (sources, points)
    weights : array of shape (points,)
    """
    axes = [_nodes(POINTS if sources == 1 else POINTS // 2)] * sources + [_nodes(AREA_POINTS)] * (
        sources if area else 0
    )
    xi = np.array(list(product(*(x for x, _ in axes)))).T
    weights = np.array([np.prod(w) for w in product(*(w for _, w in axes))])
    other = xi[sources:] if area else np.zeros_like(xi[:sources])
    return np.sqrt(h) * xi[:sources], 0.5 * h**1.5 * (xi[:sources] + other / np.sqrt(3)), weights


def _nodes(n):
    x, w = np.polynomial.hermite_e.hermegauss(n)
    return x, w / w.sum()


def slope(steps, errors):
    """The order: slope of the error against the step, in logarithms."""
    return -float(np.polyfit(np.log(steps), np.log(errors), 1)[0])
