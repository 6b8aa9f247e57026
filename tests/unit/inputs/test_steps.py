"""Stimuli of levels and edges: what they are at, before and after each edge, at every dt."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.inputs import Constant, FrozenNoise, Noise, Pulse, Pulses, Ramp, Sine, Step
from brainnb.inputs.edges import reached


class Probe(bn.Model):
    """Adds up its input: one step adds dt times the value at the step's beginning."""

    x = bn.state(0.0, "1", "integral", bounds=(0, 1))
    I = bn.input(0.0, "1", "drive", bounds=(0, 1))

    def vector_field(self, t, s, u):
        return dict(x=u.I + 0.0 * s.x)


def on_steps(stimulus, T, dt):
    """Beginning of every Euler step in which the stimulus is on."""
    ds = bn.simulate(Probe(), T=T, dt=dt, I=stimulus, method="euler")
    x = np.concatenate([[0.0], ds.x.values])
    return np.round(np.flatnonzero(np.diff(x) > 0.5 * dt) * dt, 9)


def test_constant_is_constant():
    assert float(Constant(level=3.5)(0.0)) == float(Constant(level=3.5)(1e6)) == 3.5


@pytest.mark.parametrize("start", [0.3, 0.7, 5.0, 12.3, 99.9])
@pytest.mark.parametrize("x64", [True, False])
def test_the_step_at_its_edge_is_on(start, x64):
    """Step numbers times dt miss decimal times by rounding: no step is lost or won, in either precision."""
    with jax.enable_x64(x64):
        steps = on_steps(Step(amplitude=1, start=start), T=100, dt=0.1)
    assert steps[0] == pytest.approx(start)
    assert len(steps) == round((100 - start) / 0.1)


def test_a_step_stands_on_its_baseline():
    step = Step(amplitude=10, start=5, baseline=-2)
    assert [float(step(t)) for t in (0.0, 4.999, 5.0, 80.0)] == [-2, -2, 8, 8]


@pytest.mark.parametrize(("start", "duration"), [(3.3, 1.1), (0.0, 0.1), (7.7, 20.0), (10.1, 0.3)])
@pytest.mark.parametrize("x64", [True, False])
def test_a_pulse_lasts_its_whole_steps(start, duration, x64):
    with jax.enable_x64(x64):
        steps = on_steps(Pulse(amplitude=1, start=start, duration=duration), T=30, dt=0.1)
    assert len(steps) == round(duration / 0.1)
    assert steps[0] == pytest.approx(start)


def test_no_duration_no_pulse():
    assert len(on_steps(Pulse(amplitude=1, start=3, duration=0), T=10, dt=0.1)) == 0


@pytest.mark.parametrize("x64", [True, False])
@pytest.mark.parametrize("count", [0, 1, 3, 3.9])
def test_a_train_has_its_number_of_pulses(count, x64):
    train = dict(amplitude=1, start=1.3, period=7.1, duration=0.4, count=count)
    with jax.enable_x64(x64):
        steps = on_steps(Pulses(**train), T=50, dt=0.1)
    expected = [1.3 + k * 7.1 + j * 0.1 for k in range(int(count)) for j in range(4)]
    np.testing.assert_allclose(steps, expected, atol=1e-9)


def test_pulses_longer_than_their_period_join():
    train = Pulses(amplitude=1, start=0, period=5, duration=7, count=3)
    assert len(on_steps(train, T=30, dt=0.1)) == 170  # two periods and a whole pulse


def test_a_ramp_holds_before_and_after():
    ramp = Ramp(start_value=2, end_value=-4, start=10, duration=20)
    assert [float(ramp(t)) for t in (0.0, 10.0, 15.0, 30.0, 31.0)] == [2, 2, 0.5, -4, -4]


def test_a_sine_in_hertz():
    sine = Sine(mean=1, amplitude=2, frequency=50, phase=np.pi / 2)
    t = np.linspace(0, 100, 31)
    found = jax.vmap(sine)(jnp.asarray(t))
    np.testing.assert_allclose(found, 1 + 2 * np.cos(2 * np.pi * t / 20), atol=1e-9)


def test_a_sine_keeps_its_phase_in_a_long_run():
    """In 32 bits and after 1000 cycles."""
    with jax.enable_x64(False):
        sine, t = Sine(amplitude=1, frequency=50), jnp.float32(20_005.0)
        assert float(sine(t)) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("cls", [Step, Pulse, Pulses, Ramp, Sine, Constant])
def test_amplitudes_have_exact_derivatives(cls):
    """A stimulus is linear in its levels."""
    stimulus = cls()
    names = [
        n for n in stimulus.parameters() if n in ("amplitude", "baseline", "level", "mean", "start_value", "end_value")
    ]
    slopes = jax.grad(lambda m: m.value(jnp.asarray(11.0), bn.Record()))(stimulus)
    for name in names:
        moved = stimulus.replace({name: float(getattr(stimulus, name)) + 1})
        assert float(getattr(slopes, name)) == pytest.approx(float(moved(11.0) - stimulus(11.0)), abs=1e-9)


def test_reached_bears_rounding_and_nothing_more():
    assert bool(reached(0.1 + 0.2, 0.3))
    assert bool(reached(0.3, 0.1 + 0.2))
    assert not bool(reached(0.3 - 1e-9, 0.3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Pulse(duration=-1), r"Pulse\.duration = -1 ms is outside \[0, inf\] ms"),
        (lambda: Pulses(period=0), r"Pulses\.period = 0 ms is outside \[0\.001, inf\] ms"),
        (lambda: Noise(tau=0), r"Noise\.tau = 0 ms is outside"),
        (lambda: Step(amplitude=np.nan), r"Step\.amplitude is NaN"),
        (lambda: Ramp(duration="1 mV"), r"Ramp\.duration = '1 mV' is in mV; a value in ms was expected"),
        (lambda: Step(amplitute=3), r"No argument `amplitute` in Step\. Did you mean `amplitude`\?"),
        (lambda: FrozenNoise(sigma=-1), r"FrozenNoise\.sigma = -1 is outside \[0, inf\]"),
    ],
)
def test_mistakes_are_answered(make, message):
    with pytest.raises((bn.OutOfBounds, bn.UnitError, TypeError), match=message):
        make()


def test_units_are_converted():
    assert float(Step(start="0.02 s").start) == 20.0


def test_noise_cannot_be_looked_at_without_a_run():
    with pytest.raises(bn.ModelError, match="Noise evolves: run it to see it"):
        Noise()(3.0)


def test_sweep_over_numbers_of_a_stimulus():
    ds = bn.sweep(Probe(), {"I.amplitude": [0.0, 1.0, 2.0], "I.start": [2.0, 5.0]}, T=10, I=Step(), method="euler")
    expected = np.array([[0, 0], [8, 5], [16, 10]])
    np.testing.assert_allclose(ds.x.isel(time=-1), expected, atol=1e-6)
