"""Change codes: spikes where a signal over time rises or falls, none while it stands still."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .labelled import Values, positive, spikes, timed

POLARITIES = ("up", "down")


def difference(signal: Any, threshold: Any = 0.1) -> Any:
    r"""A spike wherever the signal changes by the threshold from one sample to the next.

    .. math::

        n_k^{up} = [x_k - x_{k-1} \ge threshold], \qquad n_k^{down} = [x_{k-1} - x_k \ge threshold]

    Slow changes are never seen, however far they lead; :func:`step_forward` sees them.

    Parameters
    ----------
    signal : DataArray
        With a dimension ``time``.
    threshold : number
        Smallest change that spikes, in the unit of the signal.

    Returns
    -------
    xarray.DataArray
        With a dimension ``polarity``, ``up`` and ``down``; ``.sel(polarity="up")`` leaves the falls out.

    Reference: Petro, Kasabov & Kiss 2020, doi:10.1109/TNNLS.2019.2906158 (temporal contrast).

    Examples
    --------
    >>> import xarray as xr
    >>> found = difference(xr.DataArray([0.0, 1.0, 1.2, 0.0], dims="time"), threshold=0.5)
    >>> found.sel(polarity="up").values.tolist(), found.sel(polarity="down").values.tolist()
    ([0, 1, 0, 0], [0, 0, 0, 1])
    """
    where = "encode.difference"
    times, found = timed(signal, where)
    limit = positive(threshold, "threshold", where, "1")
    change = np.diff(found.array, axis=0, prepend=found.array[:1])
    return _polar(change >= limit, change <= -limit, times, found, limit)


def step_forward(signal: Any, threshold: Any = 0.1) -> Any:
    r"""A spike whenever the signal has left a baseline by the threshold; the baseline then follows.

    .. math::

        x_k \ge b + threshold: \; \text{up}, \; b \to b + threshold; \qquad
        x_k \le b - threshold: \; \text{down}, \; b \to b - threshold

    Also known as send-on-delta; what an event camera does with each pixel.  :func:`decoded` gives the signal back within the
    threshold, as long as it moves by no more than the threshold from sample to sample.

    Parameters and result are those of :func:`difference`.

    References
    ----------
    Kasabov et al. 2016, doi:10.1016/j.neunet.2015.09.011; Lichtsteiner, Posch & Delbruck 2008,
    doi:10.1109/JSSC.2007.914337.

    Examples
    --------
    >>> import xarray as xr
    >>> found = step_forward(xr.DataArray([0.0, 0.3, 0.6, 0.9, 0.2], dims="time"), threshold=0.5)
    >>> found.sel(polarity="up").values.tolist(), found.sel(polarity="down").values.tolist()
    ([0, 0, 1, 0, 0], [0, 0, 0, 0, 0])
    """
    where = "encode.step_forward"
    times, found = timed(signal, where)
    limit = positive(threshold, "threshold", where, "1")
    base = found.array[0].copy()
    up, down = (np.zeros(found.array.shape, bool) for _ in POLARITIES)
    for k, x in enumerate(found.array):
        slack = 1e-12 * np.maximum(np.abs(x), limit)
        up[k], down[k] = x - base >= limit - slack, base - x >= limit - slack
        base = base + limit * (up[k].astype(float) - down[k])
    return _polar(up, down, times, found, limit, start=found.array[0])


def decoded(spikes: Any) -> Any:
    """The signal that the spikes of :func:`step_forward` tell: its first value, and a step of the threshold at each spike.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> signal = xr.DataArray(np.sin(np.linspace(0, 9, 500)), dims="time")
    >>> bool(abs(decoded(step_forward(signal, threshold=0.05)) - signal).max() < 0.0500001)
    True
    """
    if "start" not in getattr(spikes, "coords", {}) or "threshold" not in spikes.attrs:
        raise ModelError("encode.decoded: spikes of encode.step_forward were expected, with all their coordinates.")
    signed = spikes.sel(polarity="up").astype(float) - spikes.sel(polarity="down")
    signal = spikes["start"] + spikes.attrs["threshold"] * signed.cumsum("time")
    return signal.drop_vars(("polarity", "start"), errors="ignore").transpose("time", ...).rename("decoded")


def _polar(up: np.ndarray, down: np.ndarray, times: np.ndarray, like: Values, limit: float, start: Any = None) -> Any:
    """Both kinds of spikes, side by side."""
    own = Values(like.array, (*like.dims, "polarity"), like.coords)
    more = {"polarity": list(POLARITIES)}
    if start is not None:
        more["start"] = (like.dims[1:], start, {"long_name": "first value of the signal"})
    found = spikes(np.stack([up, down], axis=-1), times, own, more)
    found.attrs["threshold"] = limit
    return found
