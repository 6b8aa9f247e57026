"""A population code: each value as the activity of neurons with overlapping receptive fields."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .labelled import positive, values_of


def population(
    values: Any, neurons: int = 10, low: float = 0.0, high: float = 1.0, *, beta: float = 1.5, circular: bool = False
) -> Any:
    r"""Each value as the activity of neurons with Gaussian receptive fields.

    .. math::

        r_i(x) = e^{-(x - c_i)^2 / 2 sd^2}, \qquad
        c_i = low + \frac{2 i - 1}{2}\, \Delta, \quad i = 0 \ldots n - 1, \quad
        \Delta = \frac{high - low}{n - 2}, \quad sd = \frac{\Delta}{\beta}

    What it gives lies between 0 and 1 and goes into any other encoder:
    ``encode.latency(encode.population(x), T=10)``.

    Parameters
    ----------
    values : array or DataArray
    neurons : int
        For each value, at least 3 (2 when circular).
    low, high : number
        Range of the values; the outermost centres lie half a distance outside.
    beta : number
        The larger, the narrower the fields; 1 to 2 in the paper.
    circular : bool
        True for angles: ``low`` and ``high`` are the same, the centres lie at ``low + i * (high - low) / n``.

    Returns
    -------
    xarray.DataArray
        The dimensions of the values, then ``center`` with the preferred values.

    Reference: Bohte, Kok & La Poutré 2002, doi:10.1016/S0925-2312(01)00658-0.

    Examples
    --------
    >>> r = population([0.0, 0.3], neurons=5)
    >>> r.dims, r.center.values.round(3).tolist(), float(r.center[r[1].argmax("center")])
    (('unit', 'center'), [-0.167, 0.167, 0.5, 0.833, 1.167], 0.16666666666666666)
    """
    import xarray as xr

    where = "encode.population"
    found = values_of(values, where)
    least = 2 if circular else 3
    if isinstance(neurons, bool) or not isinstance(neurons, int | np.integer) or neurons < least:
        raise ModelError(f"{where}: neurons={neurons!r}; a whole number of at least {least} was expected.")
    if not low < high:
        raise ModelError(f"{where}: low={low!r}, high={high!r}; the first must be below the second.")
    distance = (high - low) / (neurons if circular else neurons - 2)
    centers = low + distance * (np.arange(neurons) - (0.0 if circular else 0.5))
    away = found.array[..., None] - centers
    if circular:
        away = away - (high - low) * np.round(away / (high - low))
    activity = np.exp(-0.5 * (away * positive(beta, "beta", where, "1") / distance) ** 2)
    coords = found.coords | {"center": ("center", centers, {"long_name": "preferred value"})}
    return xr.DataArray(
        activity, coords, (*found.dims, "center"), "activity", {"units": "1", "long_name": "activity of the population"}
    )
