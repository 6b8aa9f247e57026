r"""How many spikes of a model coincide with those of a recording, against what chance would give.

Functions of rising spike times in ms, NaN left out; :func:`brainnb.measures.coincidence_factor` takes Datasets.
"""

import math
from typing import Any

import numpy as np

from brainnb.core.errors import OutOfBounds

from .distances import _not_negative, _train

Array = np.ndarray


def coincidences(data: Any, model: Any, precision: float = 4.0) -> int:
    """How many spikes of ``data`` have one of ``model`` within ``precision`` ms, each spike counted once.

    Pairs are made in order of time, which finds the most there can be.

    Examples
    --------
    >>> coincidences([10.0, 12.0, 50.0], [11.0, 49.0, 90.0], precision=2.0)
    2
    """
    data, model = _train(data), _train(model)
    _not_negative("precision", precision)
    found = i = j = 0
    while i < len(data) and j < len(model):
        gap = model[j] - data[i]
        if abs(gap) <= precision + 1e-9:  # both ends belong to the window, whatever the last digit of a time says
            found, i, j = found + 1, i + 1, j + 1
        elif gap > 0:
            i += 1
        else:
            j += 1
    return found


def coincidence_factor(data: Any, model: Any, duration: float, precision: float = 4.0) -> float:
    r"""Kistler's and Jolivet's coincidence factor $\Gamma$: 1 for equal trains, 0 on average for a Poisson train.

    .. math::

        \Gamma = \frac{N_c - 2 \nu \Delta N_d}{\frac 1 2 (N_d + N_m)} \, \frac{1}{1 - 2 \nu \Delta}

    with $N_c$ coincidences within $\pm\Delta$, $N_d$ and $N_m$ spikes of data and model, and the model's rate $\nu = N_m /$ ``duration``:
    $2 \nu \Delta N_d$ is what a Poisson neuron of that rate would reach by chance.  It is negative below chance.

    Chance is 0 as long as windows seldom overlap: a spike counts once, so that with $c = 2 \nu \Delta$ independent Poisson trains
    of one rate give about $-c^2$, -0.003 at 7 spikes a second and 4 ms, -0.03 at 20.

    Parameters
    ----------
    duration : float
        Length of the recording (ms).
    precision : float
        $\Delta$ (ms), 2 in Kistler et al., 4 in the competitions.

    Returns
    -------
    float
        NaN without any spike in both.

    Raises
    ------
    OutOfBounds
        When the model fires so often that every window holds a spike, $2 \nu \Delta \ge 1$: chance explains all.

    References
    ----------
    Kistler, Gerstner, van Hemmen 1997, doi:10.1162/neco.1997.9.5.1015; Jolivet, Lewis, Gerstner 2004,
    doi:10.1152/jn.00190.2004, eq. 19; Jolivet et al. 2008, doi:10.1016/j.jneumeth.2007.11.006.

    Examples
    --------
    >>> round(coincidence_factor([100.0, 200.0, 300.0, 400.0], [101.0, 210.0, 303.0, 398.0], 500.0), 4)
    0.7329
    """
    data, model = _train(data), _train(model)
    if not duration > 0:
        raise OutOfBounds(f"duration = {duration}; the length of the recording in ms was expected, above 0.")
    if not len(data) + len(model):
        return math.nan
    chance = 2 * len(model) / duration * precision
    if chance >= 1:
        raise OutOfBounds(
            f"The model fires {1000 * len(model) / duration:.4g} times a second: windows of ±{precision:g} ms around its spikes cover "
            f"everything. Give a precision below {duration / (2 * len(model)):.3g} ms."
        )
    return (coincidences(data, model, precision) - chance * len(data)) / (0.5 * (len(data) + len(model)) * (1 - chance))


def reliability(trains: Any, duration: float, precision: float = 4.0) -> float:
    r"""How well a neuron repeats itself: the mean $\Gamma$ of all ordered pairs of ``trains``, repetitions of one input.

    References
    ----------
    Jolivet et al. 2008, doi:10.1016/j.jneumeth.2007.11.006.

    Examples
    --------
    >>> reliability([[10.0, 60.0], [11.0, 61.0], [10.5, 60.0]], 100.0)
    1.0
    """
    trains = [_train(x) for x in trains]
    if len(trains) < 2:
        raise OutOfBounds(f"{len(trains)} repetition: at least two are needed to say how well they agree.")
    pairs = [(a, b) for i, a in enumerate(trains) for j, b in enumerate(trains) if i != j]
    return float(np.mean([coincidence_factor(a, b, duration, precision) for a, b in pairs]))
