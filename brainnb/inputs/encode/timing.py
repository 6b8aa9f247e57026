"""Time codes: the larger a value, the earlier its one spike."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .labelled import at_bins, bins, positive, shares, spikes, values_of


def latency(
    values: Any, T: Any, dt: Any = 0.1, *, course: str = "linear", tau: Any = 20.0, threshold: float = 0.01
) -> Any:
    r"""One spike for each value, the earlier the larger the value.

    .. math::

        t = T\,(1 - x) \;\text{ ("linear")}, \qquad
        t = \tau \ln \frac{x}{x - threshold} \;\text{ ("log")}

    The second is the time that a leaky integrator with time constant ``tau`` takes to charge to the threshold under a
    constant input ``x``.

    Parameters
    ----------
    values : array or DataArray
        Between 0 and 1.  Values at or below ``threshold``, and spikes that would come after ``T``, are left out.
    T, dt : number
        Duration and width of a bin, ms.
    course : {"linear", "log"}
    tau : number
        Time constant of the second course, ms.
    threshold : number
        Smallest value that spikes.

    Returns
    -------
    xarray.DataArray

    Notes
    -----
    Linearly the largest value spikes in the first bin and the smallest in the last.

    References
    ----------
    Thorpe, Delorme & Van Rullen 2001, doi:10.1016/S0893-6080(01)00083-1; in the retina: Gollisch & Meister 2008,
    doi:10.1126/science.1149639.

    Examples
    --------
    >>> found = latency([1.0, 0.5, 0.0], T=10, dt=1)
    >>> [found.time[found[:, i] > 0].values.tolist() for i in range(3)]
    [[0.0], [4.0], []]
    """
    where = "encode.latency"
    found = shares(values, where)
    times, dt = bins(T, dt, where)
    if isinstance(threshold, bool) or not 0.0 <= threshold < 1.0:
        raise ModelError(f"{where}: threshold={threshold!r}; a number from 0 to below 1 was expected.")
    over = found.array > threshold
    if course == "linear":
        at = (1.0 - found.array) * (len(times) - 1) * dt
    elif course == "log":
        ratio = np.where(over, found.array, 1.0) / np.where(over, found.array - threshold, 1.0)
        at = positive(tau, "tau", where) * np.log(ratio)
    else:
        raise ModelError(f"{where}: course={course!r}; 'linear' or 'log' was expected.")
    return spikes(at_bins(np.where(over, at, np.inf), times, dt), times, found)


def rank_order(values: Any, T: Any, dt: Any = 0.1, *, interval: Any = 1.0, threshold: float = 0.0) -> Any:
    r"""One spike for each value, in the order of the values: the largest first.

    .. math:: t = rank \cdot interval, \qquad rank = 0 \text{ for the largest}

    Only the order counts, so the code does not change with the brightness or contrast of a picture.

    Parameters
    ----------
    values : array or DataArray
        Of any size.  Values at or below ``threshold``, and spikes that would come after ``T``, are left out.
    T, dt : number
        Duration and width of a bin, ms.
    interval : number
        Time from spike to spike, ms.
    threshold : number

    Notes
    -----
    Equal values spike together.

    Reference: Thorpe & Gautrais 1998, doi:10.1007/978-1-4615-4831-7_19.

    Examples
    --------
    >>> found = rank_order([3.0, 9.0, 3.0, 5.0], T=5, dt=1)
    >>> found.time[found.argmax("time")].values.tolist()
    [2.0, 0.0, 2.0, 1.0]
    """
    where = "encode.rank_order"
    found = values_of(values, where)
    times, dt = bins(T, dt, where)
    order = np.unique(-found.array, return_inverse=True)[1].reshape(found.array.shape)
    at = order * positive(interval, "interval", where)
    return spikes(at_bins(np.where(found.array > threshold, at, np.inf), times, dt), times, found)
