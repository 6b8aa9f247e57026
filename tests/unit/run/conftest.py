"""Small models that show one thing each."""

import jax
import jax.numpy as jnp
import pytest

import brainnb as bn


class Decay(bn.Model):
    """A number that decays to what is given."""

    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    gain: bn.Param = bn.param(1.0, "1", "gain", bounds=(0, 10))
    x = bn.state(1.0, "mV", "decays")
    I = bn.input(0.0, "mV", "target")

    def vector_field(self, t, s, u):
        return dict(x=(self.gain * u.I - s.x) / self.tau)


class Noisy(Decay):
    """The same with noise, in the dynamics and in the jumps."""

    sigma: bn.Param = bn.param(0.5, "mV", "noise")

    def diffusion(self, t, s, u):
        return dict(x=self.sigma)

    def on_step(self, t, s, u, key):
        return {}, dict(dice=jax.random.uniform(key, jnp.shape(s.x)))


class Ticker(bn.Model):
    """Spikes every ``period`` steps; counts its steps; reports time."""

    period: bn.Param = bn.param(3.0, "1", "steps between spikes", bounds=(1, 100))
    x = bn.state(0.0, "ms", "time since the start")
    steps = bn.state(0, "1", "steps done", discrete=True)

    def vector_field(self, t, s, u):
        return dict(x=1.0)

    def on_step(self, t, s, u, key):
        n = s.steps + 1
        return dict(steps=n), dict(spike=(n % self.period == 0) * 1.0, now=t)


@pytest.fixture
def decay():
    return Decay()


@pytest.fixture
def noisy():
    return Noisy()


@pytest.fixture
def ticker():
    return Ticker()


@pytest.fixture
def hh():
    return bn.neurons.HodgkinHuxley()
