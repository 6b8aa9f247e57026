"""The two tasks of `benchmarks/training.py`: sizes, constants and random numbers, the same for all."""

from typing import NamedTuple

import numpy as np

INPUTS, OUTPUTS, TAU = 100, 2, 10.0  # channels, classes, steps
RATE = 1e-3  # of Adam


class Spikes(NamedTuple):
    """A spiking network with recurrent weights that learns labels of random spike patterns."""

    steps: int
    units: int
    batch: int

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Patterns (trial, time, channel) and labels (trial,)."""
        rng = np.random.default_rng(0)
        x = (rng.random((self.batch, self.steps, INPUTS)) < 0.02).astype(np.float32)
        return x, rng.integers(0, OUTPUTS, self.batch)

    def weights(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """From the inputs (unit, channel), among units (to, from) and to the outputs (output, unit)."""
        rng = np.random.default_rng(1)
        shapes = (self.units, INPUTS), (self.units, self.units), (OUTPUTS, self.units)
        gains = 20.0, 2.0, 1.0
        return tuple(rng.normal(0, g / np.sqrt(s[1]), s).astype(np.float32) for g, s in zip(gains, shapes, strict=True))


class Force(NamedTuple):
    """A chaotic rate network that learns a sum of four sines by recursive least squares in every step."""

    steps: int
    units: int

    def target(self) -> np.ndarray:
        """The course of the output."""
        t, f = np.arange(self.steps) * 0.1, 1 / 60
        sines = [np.sin(k * np.pi * f * t) / over for k, over in ((1, 1), (2, 2), (3, 6), (4, 3))]
        return (1.3 / 1.5 * sum(sines)).astype(np.float32)

    def weights(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Among units, from the output, and the first currents."""
        rng, n = np.random.default_rng(2), self.units
        M = rng.normal(0, 1.5 / np.sqrt(0.1 * n), (n, n)) * (rng.random((n, n)) < 0.1)
        return M.astype(np.float32), rng.uniform(-1, 1, (n, 1)).astype(np.float32), 0.5 * rng.normal(size=n)
