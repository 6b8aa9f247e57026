r"""How much of the variance of one firing rate another one explains, against what repetitions would explain.

Functions of rates sampled at the same times, time last; :func:`brainnb.measures.explained_variance` takes Datasets.
"""

import math
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds


def explained_variance(model: Any, data: Any) -> float:
    r"""The share of variance that two rates have in common: 1 for equal rates, 0 on average for independent ones.

    .. math::

        EV = \frac{\mathrm{var}(r_m) + \mathrm{var}(r_d) - \mathrm{var}(r_m - r_d)}{\mathrm{var}(r_m) + \mathrm{var}(r_d)}

    which is the correlation of the two where their variances are equal, and less where they are not.

    Returns
    -------
    float
        NaN where neither changes.

    Raises
    ------
    ModelError
        For rates of different lengths.

    References
    ----------
    Teeter et al. 2018, doi:10.1038/s41467-017-02717-4, methods, with rates smoothed by a Gaussian.

    Examples
    --------
    >>> explained_variance([0.0, 2.0, 0.0, 2.0], [0.0, 1.0, 0.0, 1.0])
    0.8
    """
    model, data = np.asarray(model, float), np.asarray(data, float)
    if model.shape != data.shape:
        raise ModelError(
            f"Rates of shapes {model.shape} and {data.shape} are compared; the same samples were expected."
        )
    total = float(model.var() + data.var())
    return 1 - float((model - data).var()) / total if total > 0 else math.nan


def of_repetitions(model: Any, data: Any) -> float:
    r"""The mean explained variance of repetitions, divided by what their own mean rate explains of them.

    .. math::

        \frac{\langle EV(r_m, r_i) \rangle_i}{\langle EV(\bar r, r_i) \rangle_i}, \qquad \bar r = \langle r_i \rangle_i

    It is 1 for a model that gives the mean rate of the repetitions.  A model without noise gives the spikes of one, and stays below.

    Parameters
    ----------
    model : array (time,)
    data : array (repetition, time)

    Raises
    ------
    OutOfBounds
        For fewer than two repetitions.

    References
    ----------
    Teeter et al. 2018, doi:10.1038/s41467-017-02717-4, methods and table 2.

    Examples
    --------
    >>> round(of_repetitions([0.0, 1.0, 0.0, 0.0], [[0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0]]), 4)
    0.8936
    """
    data = np.atleast_2d(np.asarray(data, float))
    if len(data) < 2:
        raise OutOfBounds(f"{len(data)} repetition: at least two are needed to say how well they agree.")
    own = np.mean([explained_variance(data.mean(0), x) for x in data])
    return float(np.mean([explained_variance(model, x) for x in data]) / own)
