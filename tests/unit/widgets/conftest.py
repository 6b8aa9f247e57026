"""A small model for the widgets: two states, an input, bounds, presets, a part."""

import sys
import threading
import time
from pathlib import Path

import pytest

import brainnb as bn

sys.path.insert(0, str(Path(__file__).parent))  # pages.py, which the tests share


@pytest.fixture
def no_run_is_left(double_precision):
    """Wait for what still computes before the precision is set back."""
    yield
    given_up = time.monotonic() + 20
    # a thread is listed before it is started, and one that ends may start another: the list is read until it is empty
    while any(thread.name == "brainnb-run" for thread in threading.enumerate()) and time.monotonic() < given_up:
        time.sleep(0.01)


class Gate(bn.Model):
    """A first-order gate."""

    tau: bn.Param = bn.param(5.0, "ms", "time constant", bounds=(0.5, 50))
    x = bn.state(0.0, "1", "open fraction")

    def vector_field(self, t, s, u):
        return dict(x=(1 - s.x) / self.tau)


class Leaky(bn.Model):
    """A leaky membrane with a gate.

    Only for tests.
    """

    R: bn.Param = bn.param(2.0, "MOhm", "membrane resistance", bounds=(0.1, 10))
    tau: bn.Param = bn.param(10.0, "ms", "membrane time constant", bounds=(1, 100))
    E: bn.Param = bn.param(-65.0, "mV", "resting potential")
    gate: Gate = bn.part(Gate)
    V = bn.state(-65.0, "mV", "membrane potential")
    I = bn.input(0.0, "nA", "injected current", bounds=(-5, 5))

    def vector_field(self, t, s, u):
        return dict(V=(self.E - s.V + self.R * u.I) / self.tau, gate=self.gate.vector_field(t, s.gate, u))

    @bn.preset
    def slow(cls):
        """A slow membrane (nobody, 1900)."""
        return cls(tau=50.0)


class Firing(bn.Model):
    """Fires whenever its clock runs out."""

    interval: bn.Param = bn.param(10.0, "ms", "time between spikes", bounds=(1, 100))
    V = bn.state(0.0, "1", "clock")

    def vector_field(self, t, s, u):
        return dict(V=1.0 / self.interval)

    def on_step(self, t, s, u, key):
        fired = s.V >= 1.0
        return dict(V=s.V * (1.0 - fired)), dict(spike=fired)


@pytest.fixture
def leaky():
    return Leaky()


@pytest.fixture
def simulator(leaky):
    return bn.widgets.Simulator(leaky, T=50.0, dt=0.5, I=1.0)


@pytest.fixture
def firing():
    return Firing()
