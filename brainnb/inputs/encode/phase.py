"""A phase code: binary digits, one in each phase of a clock."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .labelled import bins, positive, shares, spikes


def weighted_phase(values: Any, T: Any = None, dt: Any = 1.0, *, phases: int = 8) -> Any:
    r"""Spikes whose weight depends on the phase in which they come: the binary digits of the value.

    .. math:: x \approx \sum_{k=1}^{K} n_k\, 2^{-k}, \qquad n_k \in \{0, 1\}

    The same ``phases`` digits come again and again.  A receiver that weights spikes by the phase has the whole value
    after one cycle, where a rate code needs hundreds of steps.

    Parameters
    ----------
    values : array or DataArray
        Between 0 and 1; what is left below $2^{-K}$ is dropped, and 1 becomes $1 - 2^{-K}$.
    T, dt : number
        Duration (by default one cycle) and length of a phase, ms.
    phases : int
        Digits, 1 to 52.

    Returns
    -------
    xarray.DataArray
        With a coordinate ``weight`` along time: ``(spikes * spikes.weight).sum("time")`` over a cycle is the value.

    Reference: Kim, Kim, Huh, Lee & Choi 2018, doi:10.1016/j.neucom.2018.05.087.

    Examples
    --------
    >>> found = weighted_phase([0.625, 1.0], phases=4)
    >>> found.values.T.tolist(), (found * found.weight).sum("time").values.tolist()
    ([[1, 0, 1, 0], [1, 1, 1, 1]], [0.625, 0.9375])
    """
    where = "encode.weighted_phase"
    found = shares(values, where)
    if isinstance(phases, bool) or not isinstance(phases, int | np.integer) or not 1 <= phases <= 52:
        raise ModelError(f"{where}: phases={phases!r}; a whole number from 1 to 52 was expected.")
    dt = positive(dt, "dt", where)
    times, dt = bins(phases * dt if T is None else T, dt, where)
    whole = np.minimum(np.floor(found.array * 2.0**phases), 2.0**phases - 1).astype(np.int64)
    phase = np.arange(len(times)) % phases
    digit = (whole >> (phases - 1 - phase).reshape(-1, *(1,) * whole.ndim)) & 1
    weight = ("time", 2.0 ** -(1.0 + phase), {"units": "1", "long_name": "what a spike counts"})
    return spikes(digit, times, found, {"weight": weight})
