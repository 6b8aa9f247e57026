"""Spiking networks with a long memory in their thresholds."""

from typing import Any

import numpy as np

from .spiking_network import SpikingNetwork


def lsnn(
    regular: int = 50,
    adaptive: int = 50,
    inputs: int = 1,
    outputs: int = 1,
    *,
    beta: Any = 10.0,
    tau_a: Any = 800.0,
    **options: Any,
) -> SpikingNetwork:
    r"""A long short-term memory of spikes: ``regular`` leaky integrators, and ``adaptive`` ones whose threshold remembers.

    The threshold of an adaptive unit is :math:`V_{th} + \beta a`, and :math:`a` follows its spikes with the time constant
    ``tau_a``: firing now makes it fire less for a second, which others can read.  ``beta`` is the rise of the threshold at
    one spike in every step; the papers' is for :math:`a` that jumps by one, so theirs is divided by
    :math:`1 - e^{-dt / \tau_a}`.  All other options are those of :class:`SpikingNetwork`.

    References
    ----------
    Bellec, Salaj, Subramoney, Legenstein & Maass 2018, arXiv:1803.09574.

    Examples
    --------
    >>> net = lsnn(10, 5, inputs=3, outputs=2)
    >>> net.N, int((net.beta > 0).sum())
    (15, 5)
    """
    share = np.r_[np.zeros(regular), np.ones(adaptive)] * np.asarray(beta, float)
    return SpikingNetwork(regular + adaptive, inputs, outputs, beta=share, tau_a=tau_a, **options)
