"""Rate codes: the larger a value, the more spikes."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.inputs.data import FromData

from .labelled import Values, bins, positive, shares, spikes, timed, values_of


def poisson(values: Any, T: Any = None, dt: Any = 0.1, *, max_rate: Any = 100.0, seed: int = 0) -> Any:
    r"""Poisson spike trains with rates in proportion to the values.

    .. math:: n_k \sim \mathrm{Poisson}(x \cdot max\_rate \cdot dt)

    Parameters
    ----------
    values : array or DataArray
        Between 0 and 1.  With a dimension ``time`` (ms) the rate follows the values, on straight lines between them.
    T : number, optional
        Duration in ms; values with a time axis bring their own.
    dt : number
        Width of a bin in ms.
    max_rate : number
        Rate that a value of 1 stands for, Hz.
    seed : int

    Returns
    -------
    xarray.DataArray
        Number of spikes in each bin; more than one is possible, so the counts are exact at any dt.

    References
    ----------
    Dayan & Abbott 2001, Theoretical Neuroscience, 1.4; Heeger 2000, "Poisson model of spike generation".

    Examples
    --------
    >>> found = poisson([0.0, 0.5, 1.0], T=10_000, max_rate=40)
    >>> found.dims, int(found[:, 0].sum()), 150 < int(found[:, 1].sum()) < 250
    (('time', 'unit'), 0, True)
    """
    expected, times, like = _expected(values, T, dt, max_rate, "encode.poisson")
    return spikes(np.random.default_rng(seed).poisson(expected), times, like)


def bernoulli(values: Any, T: Any = None, dt: Any = 0.1, *, max_rate: Any = 100.0, seed: int = 0) -> Any:
    r"""At most one spike in a bin, with a probability in proportion to the value.

    .. math:: P(n_k = 1) = x \cdot max\_rate \cdot dt

    With dt = 1000 / max_rate a value is itself the probability.  Parameters are those of :func:`poisson`, which it
    approaches for small dt.

    Raises
    ------
    ModelError
        When max_rate asks for more than one spike in a bin.

    Examples
    --------
    >>> found = bernoulli([0.0, 0.25, 1.0], T=4000, dt=1, max_rate=1000)
    >>> int(found[:, 0].sum()), 900 < int(found[:, 1].sum()) < 1100, int(found[:, 2].sum())
    (0, True, 4000)
    """
    probability, times, like = _expected(values, T, dt, max_rate, "encode.bernoulli")
    if probability.max(initial=0.0) > 1.0 + 1e-9:
        raise ModelError(
            f"encode.bernoulli: max_rate={max_rate} Hz gives up to {probability.max():.3g} spikes in a bin of dt={dt} ms; "
            f"use a smaller dt, or encode.poisson."
        )
    return spikes(np.random.default_rng(seed).random(probability.shape) < probability, times, like)


def regular(values: Any, T: Any = None, dt: Any = 0.1, *, max_rate: Any = 100.0) -> Any:
    r"""Regular spike trains with rates in proportion to the values; no chance in it.

    .. math:: n_k = \lfloor \phi_{k+1} \rfloor - \lfloor \phi_k \rfloor, \qquad
              \phi_{k+1} = \phi_k + x \cdot max\_rate \cdot dt, \quad \phi_0 = 0

    The first spike comes after one interval.  Parameters are those of :func:`poisson`.

    Examples
    --------
    >>> found = regular([0.5, 1.0], T=100, dt=1, max_rate=100)
    >>> found.time[found[:, 1] > 0].values[:3].tolist(), found.sum("time").values.tolist()
    ([9.0, 19.0, 29.0], [5, 10])
    """
    expected, times, like = _expected(values, T, dt, max_rate, "encode.regular")
    passed = np.floor(np.cumsum(expected, axis=0) + 1e-9)
    return spikes(np.diff(passed, axis=0, prepend=0.0), times, like)


def _expected(values: Any, T: Any, dt: Any, max_rate: Any, where: str) -> tuple[np.ndarray, np.ndarray, Values]:
    """Expected spikes in each bin, time first."""
    found = shares(values, where)
    rate = positive(max_rate, "max_rate", where, "Hz")
    if "time" in found.dims:
        own, found = timed(values, where)
        if T is None:
            width = positive(dt, "dt", where)
            T = max(1.0, np.floor((own[-1] - own[0]) / width + 1e-9)) * width
        times, dt = bins(T, dt, where)
        flat = found.array.reshape(len(own), -1)
        course = np.stack([np.interp(own[0] + times, own, column) for column in flat.T], axis=1)
        share = course.reshape(len(times), *found.array.shape[1:])
    else:
        if T is None:
            raise ModelError(f"{where}: how long? Give T, the duration in ms.")
        times, dt = bins(T, dt, where)
        share = np.broadcast_to(found.array, (len(times), *found.array.shape))
    return share * rate * dt * 1e-3, times, found


def held(values: Any, duration: Any) -> FromData:
    """One value after the other, each held for a while: samples of a data set as a stimulus.

    Parameters
    ----------
    values : array or DataArray
        Shape (samples,) or (samples, units), in the unit of the input.
    duration : number
        How long each sample lasts, ms.

    Returns
    -------
    FromData
        Its ``gain`` and ``offset`` scale all samples.

    Examples
    --------
    >>> stimulus = held([[0, 1], [5, 2]], duration=100)
    >>> stimulus(99.0).tolist(), stimulus(100.0).tolist()
    ([0.0, 1.0], [5.0, 2.0])
    """
    found = values_of(values, "encode.held")
    if found.array.ndim == 0 or not len(found.array):
        raise ModelError("encode.held: at least one sample was expected, held([0, 5, 10], duration=100).")
    length = positive(duration, "duration", "encode.held")
    return FromData(np.arange(len(found.array)) * length, found.array, "previous")
