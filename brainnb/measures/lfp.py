"""Stand-ins for the local field potential, which point neurons do not have."""

from typing import Any

import numpy as np

from brainnb.core.errors import OutOfBounds

Array = np.ndarray
AMPA_DELAY = 6.0
"""Delay of the excitatory currents, ms."""
GABA_WEIGHT = 1.65
"""Weight of the inhibitory currents."""


def weighted_sum(ampa: Any, gaba: Any, dt: float, delay: float = AMPA_DELAY, alpha: float = GABA_WEIGHT) -> Array:
    r"""Mazzoni's reference weighted sum of synaptic currents, without its normalisation.

    $\sum_i |I_{\mathrm{AMPA}, i}(t - 6\,\mathrm{ms})| + 1.65 \sum_i |I_{\mathrm{GABA}, i}(t)|$ over excitatory cells.
    Of the formulas tried it explained most of the field of a three-dimensional network of the same activity.

    Parameters
    ----------
    ampa, gaba : array, shape (..., n)
        Currents summed over cells.  Their sign does not matter: synapses near the apical dendrite and the soma make
        dipoles of the same direction with currents of opposite sign, so that the two add up.
    dt : float
        Time between samples (ms).
    delay, alpha : float
        Delay of excitation (ms) and weight of inhibition.

    Returns
    -------
    array, shape (..., n)
        NaN until the delay has passed.

    References
    ----------
    Mazzoni, Lindén, Cuntz, Lansner, Panzeri, Einevoll (2015) Computing the local field potential (LFP) from
    integrate-and-fire network models. PLoS Comput. Biol. 11, e1004584. doi:10.1371/journal.pcbi.1004584

    Examples
    --------
    >>> weighted_sum([-1.0, 0, 0, 0], [0, 0, 0, 2.0], dt=3.0)
    array([nan, nan, 1. , 3.3])
    """
    ampa, gaba = np.broadcast_arrays(np.abs(np.asarray(ampa, float)), np.abs(np.asarray(gaba, float)))
    steps = round(delay / dt)
    if not 0 <= steps < ampa.shape[-1]:
        raise OutOfBounds(
            f"delay = {delay:g} ms; between 0 and the length of the signal, {ampa.shape[-1] * dt:g} ms, was expected."
        )
    late = np.full(ampa.shape, np.nan)
    late[..., steps:] = ampa[..., : ampa.shape[-1] - steps]
    return late + alpha * gaba


def normalised(x: Array) -> Array:
    """Mean 0 and variance 1 along the last axis, NaN left out: the field has no absolute scale."""
    mean, spread = np.nanmean(x, axis=-1, keepdims=True), np.nanstd(x, axis=-1, keepdims=True)
    return (x - mean) / np.where(spread > 0, spread, 1)
