"""Waves, chirps, shaped pulses and bursts against their formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal

import brainnb as bn
from brainnb.inputs import AlphaPulse, Bursts, Chirp, GaussianPulse, Square, Triangle

T = np.linspace(0, 400, 4001)[:-1] + 0.01  # off the edges


def course(stimulus):
    return np.asarray(jax.vmap(stimulus)(jnp.asarray(T)), float)


@pytest.mark.parametrize("duty", [0.0, 0.2, 0.5, 1.0])
def test_square(duty):
    wave = Square(mean=1, amplitude=3, frequency=25, duty=duty, phase=0.7)
    expected = 1 + 3 * signal.square(2 * np.pi * 0.025 * T + 0.7, duty)
    np.testing.assert_allclose(course(wave), expected, atol=1e-9)


@pytest.mark.parametrize("rise", [0.0, 0.3, 0.5, 1.0])
def test_triangle_and_sawtooth(rise):
    wave = Triangle(mean=-1, amplitude=2, frequency=25, rise=rise, phase=0.7)
    expected = -1 + 2 * signal.sawtooth(2 * np.pi * 0.025 * T + 0.7, rise)
    np.testing.assert_allclose(course(wave), expected, atol=1e-6)


@pytest.mark.parametrize("x64", [True, False])
def test_square_waves_have_whole_steps(x64):
    """40 Hz at dt = 0.1 ms: 125 steps up, 125 down, for 200 cycles."""
    with jax.enable_x64(x64):
        ds = bn.run.sample(Square(amplitude=1, frequency=40), T=5000, dt=0.1)
    edges = np.flatnonzero(np.diff(ds.stimulus.values))
    assert set(np.diff(edges)) == {125}


@pytest.mark.parametrize(("course_of", "method"), [("linear", "linear"), ("exponential", "logarithmic")])
def test_chirp(course_of, method):
    chirp = Chirp(mean=1, amplitude=2, start_frequency=2, end_frequency=60, duration=300, start=50, course=course_of)
    inside = (T >= 50) & (T < 350)
    wave = signal.chirp((T - 50) / 1000, 2, 0.3, 60, method, phi=-90)
    np.testing.assert_allclose(course(chirp), 1 + 2 * np.where(inside, wave, 0.0), atol=1e-6)


def test_a_chirp_of_one_frequency_is_a_sine():
    for kind in ("linear", "exponential"):
        chirp = Chirp(amplitude=1, start_frequency=20, end_frequency=20, duration=400, course=kind)
        np.testing.assert_allclose(course(chirp), np.sin(2 * np.pi * 0.02 * T), atol=1e-6)
        slopes = jax.grad(lambda m: m(123.0))(chirp)
        assert all(np.isfinite(x).all() for x in jax.tree.leaves(slopes))


def test_gaussian_pulse():
    bump = GaussianPulse(amplitude=3, center=150, sd=20, baseline=1)
    np.testing.assert_allclose(course(bump), 1 + 3 * np.exp(-((T - 150) ** 2) / 800), atol=1e-9)


def test_alpha_pulse():
    pulse = AlphaPulse(amplitude=3, start=20, tau=10, baseline=1)
    found = course(pulse)
    assert T[found.argmax()] == pytest.approx(30, abs=0.1)
    assert found.max() == pytest.approx(4)
    assert np.trapezoid(found - 1, T) == pytest.approx(np.e * 3 * 10, rel=1e-3)
    assert (found[T < 20] == 1).all()


@pytest.mark.parametrize("x64", [True, False])
@pytest.mark.parametrize(("bursts", "count"), [(0, 4), (2, 0), (3, 4), (2.9, 1)])
def test_bursts_have_their_pulses(bursts, count, x64):
    with jax.enable_x64(x64):
        train = Bursts(amplitude=1, start=1.3, bursts=bursts, burst_period=50.1, count=count, period=7.3, duration=0.4)
        found = bn.run.sample(train, T=200, dt=0.1).stimulus
    expected = [1.3 + j * 50.1 + k * 7.3 + i * 0.1 for j in range(int(bursts)) for k in range(count) for i in range(4)]
    np.testing.assert_allclose(found.time[found > 0.5], np.sort(expected), atol=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Chirp(course="cubic"), r"Chirp: course='cubic'; 'linear' or 'exponential' was expected"),
        (lambda: Square(duty=1.5), r"Square\.duty = 1\.5 is outside \[0, 1\]"),
        (lambda: AlphaPulse(tau=0), r"AlphaPulse\.tau = 0 ms is outside"),
        (lambda: GaussianPulse(center="3 mV"), r"GaussianPulse\.center = '3 mV' is in mV; a value in ms"),
    ],
)
def test_mistakes_are_answered(make, message):
    with pytest.raises((bn.ModelError, bn.OutOfBounds, bn.UnitError), match=message):
        make()
