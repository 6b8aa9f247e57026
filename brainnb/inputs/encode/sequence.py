"""A code of sequences: every symbol has a pattern of spikes of its own, and a sequence is one after the other."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .labelled import Values, bins, positive, spikes


def temporal(
    symbols: Any,
    duration: Any = 50.0,
    dt: Any = 1.0,
    *,
    neurons: int = 20,
    count: int | None = None,
    each: int = 1,
    gap: Any = 0.0,
    jitter: Any = 0.0,
    seed: int = 0,
    trial: int | None = None,
) -> Any:
    r"""A sequence of symbols as spikes over time: each symbol is a pattern that is drawn once and comes back whenever it does.

    Neuron i fires ``each`` times in the pattern of symbol s, at times drawn from ``seed`` and s alone,

    .. math:: t_{s,i,k} \sim U(0, duration), \qquad
              \text{and in a sequence at } n\,(duration + gap) + t_{s_n,i,k} + N(0, jitter^2).

    Rates say nothing here, all patterns have equally many spikes; only the times tell symbols apart.  It is the code to
    ask with what a network can do with timing.

    Parameters
    ----------
    symbols : list of int, or text
        What comes one after the other; letters count as their number, so the patterns of a text and of another agree.
    duration : number
        Length of a pattern, ms.
    dt : number
        Width of a bin, ms.
    neurons : int
        How many carry a pattern.
    count : int, optional
        How many symbols there are, to refuse others; any by default.
    each : int
        Spikes of a neuron in a pattern.
    gap : number
        Silence behind every pattern, ms.
    jitter : number
        Standard deviation of every spike time in a sequence, ms; spikes stay inside their pattern.
    seed : int
        Of the patterns.  The same seed, duration, neurons and each give the same patterns, whatever the sequence.
    trial : int, optional
        Of the jitter: 0 by default.

    Returns
    -------
    xarray.DataArray
        (time, unit), with a coordinate ``position`` along time: which symbol of the sequence, -1 in a gap.

    Raises
    ------
    ModelError
        For symbols that are no whole numbers from 0, or beyond ``count``.

    Notes
    -----
    Names such as "temporal encoder" stand for several codes elsewhere; this one is a code of sequences.  Values as times of
    single spikes are :func:`latency`.  Two spikes of a neuron in one bin are counted as two.

    References
    ----------
    Precise patterns as symbols: Gütig & Sompolinsky 2006, doi:10.1038/nn1643; Ponulak & Kasiński 2010,
    doi:10.1162/neco.2009.11-08-901.

    Examples
    --------
    >>> found = temporal([0, 1, 0], duration=20, neurons=5)
    >>> found.shape, bool((found[:20].values == found[40:].values).all()), bool((found[:20].values == found[20:40].values).all())
    ((60, 5), True, False)
    """
    where = "encode.temporal"
    numbers = symbols_of(symbols, count, where)
    for name, x in (("neurons", neurons), ("each", each)):
        if isinstance(x, bool) or not isinstance(x, int | np.integer) or x < 1:
            raise ModelError(f"{where}: {name}={x!r}; a whole number from 1 was expected.")
    duration, dt = positive(duration, "duration", where), positive(dt, "dt", where)
    gap, jitter = (0.0 if x == 0 else positive(x, n, where) for x, n in ((gap, "gap"), (jitter, "jitter")))
    inside, _ = bins(duration, dt, where)
    silent = 0 if gap == 0 else len(bins(gap, dt, where)[0])
    length = len(inside) + silent
    times = np.round(np.arange(length * len(numbers)) * dt, 9)
    drawn = {s: np.random.default_rng((seed, s)).uniform(0, duration, (neurons, each)) for s in set(numbers)}
    shake = np.random.default_rng((seed, 0 if trial is None else trial, 1))
    array = np.zeros((len(times), neurons), np.int32)
    for n, s in enumerate(numbers):
        at = drawn[s] + (jitter * shake.normal(size=(neurons, each)) if jitter else 0.0)
        index = np.clip(np.floor(at / dt), 0, len(inside) - 1).astype(int) + n * length
        np.add.at(array, (index, np.arange(neurons)[:, None]), 1)
    position = np.repeat(np.arange(len(numbers)), length)
    position[np.tile(np.arange(length) >= len(inside), len(numbers))] = -1
    which = ("time", position, {"units": "1", "long_name": "which symbol of the sequence"})
    return spikes(array, times, Values(array, ("unit",), {}), {"position": which})


def symbols_of(symbols: Any, count: int | None, where: str) -> list[int]:
    """The symbols as whole numbers."""
    if isinstance(symbols, str):
        symbols = [ord(c) for c in symbols]
    found = np.asarray(symbols)
    whole = found.ndim == 1 and found.size and found.dtype.kind in "iu" and (found >= 0).all()
    if not whole:
        raise ModelError(f"{where}: symbols={symbols!r}; whole numbers from 0, [0, 2, 1], or a text were expected.")
    if count is not None and (found >= count).any():
        raise ModelError(f"{where}: symbol {int(found.max())} of {count} (0 to {count - 1}).")
    return found.tolist()
