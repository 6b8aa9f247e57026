"""A unit small enough that a training run compiles in a second."""

import numpy as np
import pytest
import xarray as xr

import brainnb as bn


class Leaky(bn.Model):
    """A leaky unit whose output is what it is."""

    default_method = "euler"

    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    w: bn.Param = bn.param(1.0, "1", "weight")
    b: bn.Param = bn.param(0.0, "1", "offset")
    V = bn.state(0.0, "mV", "potential", bounds=(-5, 5))
    I = bn.input(0.0, "1", "drive", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        return dict(V=(self.w * u.I + self.b - s.V) / self.tau)


@pytest.fixture(scope="session")
def leaky():
    return Leaky


def courses(model, trials=4, steps=30, dt=1.0):
    """Trials of random input, and what the model makes of them."""
    rng = np.random.default_rng(1)
    time = ("time", np.arange(steps) * dt, {"units": "ms"})
    I = rng.normal(size=(trials, steps))
    V = np.zeros((trials, steps))
    v = np.zeros(trials)
    for k in range(steps):
        v = v + dt * (float(model.w) * I[:, k] + float(model.b) - v) / float(model.tau)
        V[:, k] = v
    return xr.Dataset({"I": (("trial", "time"), I), "V": (("trial", "time"), V, {"units": "mV"})}, {"time": time})


@pytest.fixture
def data(leaky):
    """What a leaky unit of w = 2, tau = 5 does."""
    return courses(leaky(w=2.0, tau=5.0))
