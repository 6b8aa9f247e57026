"""How connection probability or weight falls with distance: plain functions of arrays."""

import numpy as np

Array = np.ndarray


def gaussian(distance: Array, sigma: float) -> Array:
    """1 at distance 0, 0.61 at ``sigma``."""
    return np.exp(-0.5 * np.square(distance / sigma))


def exponential(distance: Array, length: float) -> Array:
    """1 at distance 0, 0.37 at ``length``."""
    return np.exp(-distance / length)


def mexican_hat(distance: Array, sigma: float, sigma_surround: float, surround: float) -> Array:
    """A narrow Gaussian less a wide one: 1 - ``surround`` at distance 0, negative around it."""
    return gaussian(distance, sigma) - surround * gaussian(distance, sigma_surround)
