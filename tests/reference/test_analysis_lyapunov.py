"""Exponents of chaos from the literature, within three of their own standard errors, with default settings."""

import high_systems as systems
import numpy as np
import pytest

import brainnb as bn


def within(found, expected, own=0.0):
    """Three standard errors, of the run and of the value that it is compared with."""
    error = np.hypot(found.standard_error.values[: len(expected)], own)
    return np.abs(found.exponent.values[: len(expected)] - expected) <= 3 * error + 1e-4


def test_lorenz():
    found = bn.lyapunov(systems.Lorenz())
    assert within(found, [0.9056, 0.0, -14.5723]).all()
    assert (found.standard_error < 0.02).all()
    assert float(found.exponent.sum()) == pytest.approx(-13.6666667, abs=1e-5)
    assert found.divergence.item() == pytest.approx(-41 / 3, abs=1e-9)
    assert found.kaplan_yorke.item() == pytest.approx(2.062, abs=0.003)


@pytest.mark.parametrize("seed", range(3))
def test_the_sum_of_the_exponents_is_the_divergence(seed):
    """-(sigma + 1 + b) for any numbers of Lorenz, and everywhere in its space."""
    sigma, r, b = np.random.default_rng(seed).uniform([5, 10, 1], [15, 40, 4])
    found = bn.lyapunov(systems.Lorenz(sigma=sigma, r=r, b=b), T=20.0)
    assert float(found.exponent.sum()) == pytest.approx(-(sigma + 1 + b), rel=1e-4)
    assert found.divergence.item() == pytest.approx(-(sigma + 1 + b), rel=1e-9)


def test_roessler():
    found = bn.lyapunov(systems.Roessler())
    assert within(found, [0.0714, 0.0, -5.394], 0.002).all()
    assert float(found.exponent.sum()) == pytest.approx(found.divergence.item(), abs=1e-4)


def test_hindmarsh_rose():
    found = bn.lyapunov(bn.neurons.HindmarshRose(), I=3.25)
    assert within(found, [0.0138, 0.0], 0.0005).all()
    assert found.exponent[0] > 5 * found.standard_error[0]
    assert float(found.exponent.sum()) == pytest.approx(-8.39, abs=0.1)
    assert float(found.exponent.sum()) == pytest.approx(found.divergence.item(), abs=1e-4)


def test_logistic_map():
    found = bn.lyapunov(systems.Logistic(), map=True)
    assert within(found, [np.log(2)]).all()
    assert found.standard_error.item() < 2e-3
    periodic = bn.lyapunov(systems.Logistic(r=3.2), map=True, T=20000)
    x = (4.2 + np.array([1, -1]) * np.sqrt(4.2 * 0.2)) / 6.4
    assert periodic.exponent.item() == pytest.approx(np.log(np.abs(3.2 * (1 - 2 * x))).sum() / 2, abs=1e-10)
