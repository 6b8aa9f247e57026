"""Reading curves and points off a diagram in two parameters."""

import numpy as np
import scipy.interpolate


def curve(ds, kind):
    """The parameters along the only curve of a kind."""
    (k,) = np.flatnonzero(ds.branch_kind.values == kind)
    first, second = (ds[ds.attrs[name]].values[k] for name in ("parameter", "parameter2"))
    return k, first[np.isfinite(first)], second[np.isfinite(first)]


def points(ds, kind):
    """(points, 2): parameters of the special points of a kind."""
    at = ds.special_kind.values == kind
    return np.stack([ds.special_value.values[at], ds.special_value2.values[at]], 1)


def along(first, second, at):
    """The first parameter where the second has some values, on a curve that is a function of it."""
    order = np.argsort(second)
    return scipy.interpolate.CubicSpline(second[order], first[order])(at)
