"""Hodgkin & Huxley 1952: spikes, rates, periods, gates; the composed cell is the flat one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.channels import ChannelGroup, Leak, PotassiumHH1952, SodiumHH1952
from brainnb.channels import hodgkin_huxley_1952 as hh
from brainnb.channels import traub_miles_1991 as tm

# The sheet of periods was computed with the rounded leak reversal of the paper.
SQUID = {"E_L": -54.4}


@pytest.mark.parametrize(("current", "spikes"), [(5.0, 1), (6.0, 2)])
def test_onset_counts(current, spikes, crossings):
    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=500, dt=0.02, I=current, record=["V"])
    assert len(crossings(ds.V, 0.0)) == spikes


@pytest.mark.parametrize(("current", "rate"), [(6.5, 55.0), (7.0, 58.0), (10.0, 68.0)])
def test_rates_jump_at_onset(current, rate, crossings):
    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=500, dt=0.02, I=current, record=["V"])
    times = crossings(ds.V, 0.0)
    assert times[-1] > 470  # it fires on
    assert 1000 / np.diff(times)[-5:].mean() == pytest.approx(rate, rel=0.03)


@pytest.mark.parametrize(("current", "period"), [(8, 16.011213510), (10, 14.638324789), (20, 11.565435599)])
def test_periods(current, period, crossings):
    ds = bn.simulate(bn.neurons.HodgkinHuxley(**SQUID), T=300, dt=0.01, I=current, method="rk4", record=["V"])
    assert np.diff(crossings(ds.V, 0.0))[-1] == pytest.approx(period, abs=1e-3)


def test_peak_at_10(crossings):
    ds = bn.simulate(bn.neurons.HodgkinHuxley(**SQUID), T=300, dt=0.01, I=10, method="rk4", record=["V"])
    assert ds.V.sel(time=slice(200, None)).max() == pytest.approx(30.43245245, abs=1e-2)


def test_the_default_method_is_accurate_at_its_default_step(crossings):
    """0.5 % of the period at dt = 0.1 ms, as the docstring says."""
    ds = bn.simulate(bn.neurons.HodgkinHuxley(**SQUID), T=300, dt=0.1, I=10)
    assert np.diff(crossings(ds.V, 0.0))[-3:].mean() == pytest.approx(14.638324789, rel=0.006)


def test_rest():
    ds = bn.simulate(bn.neurons.HodgkinHuxley(**SQUID), T=300, dt=0.05)
    at_rest = {"V": -64.999722434, "m": 0.0529342176, "h": 0.5961110463, "n": 0.3176811676}
    for name, value in at_rest.items():
        assert ds[name][-1] == pytest.approx(value, abs=1e-7), name


def test_gates_move_threefold_faster_ten_degrees_up():
    cold, warm = bn.neurons.HodgkinHuxley(), bn.neurons.HodgkinHuxley(temperature=16.3)
    s, u = cold.init_state().merge({"V": jnp.asarray(-30.0)}), bn.Record(I=0.0)
    slow, fast = cold.vector_field(0.0, s, u), warm.vector_field(0.0, s, u)
    for gate in "mhn":
        assert float(fast[gate]) == pytest.approx(3 * float(slow[gate]), rel=1e-12)
    assert fast["V"] == slow["V"]


@pytest.mark.parametrize("V", [-80.0, -40.0, 0.0])
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_gates_relax_exactly_under_voltage_clamp(V, dt):
    """Exponential Euler is exact: x_inf + (x0 - x_inf) exp(-t / tau_x) at any step."""
    channel = SodiumHH1952()
    ds = bn.simulate(channel, T=20, dt=dt, V=V, method="exponential_euler")
    rates = {
        "m": (0.1 * (V + 40) / (1 - np.exp(-(V + 40) / 10)) if V != -40 else 1.0, 4 * np.exp(-(V + 65) / 18)),
        "h": (0.07 * np.exp(-(V + 65) / 20), 1 / (1 + np.exp(-(V + 35) / 10))),
    }
    for name, (alpha, beta) in rates.items():
        x_inf, tau, x0 = alpha / (alpha + beta), 1 / (alpha + beta), channel.states()[name].default
        exact = x_inf + (x0 - x_inf) * np.exp(-ds.time.values / tau)
        np.testing.assert_allclose(ds[name], exact, atol=1e-12)


def test_three_channels_are_the_flat_equations():
    cell = bn.neurons.Cell({"Na": SodiumHH1952(), "K": PotassiumHH1952(), "leak": Leak()})
    nested = bn.neurons.Cell(
        {"axial": ChannelGroup({"Na": SodiumHH1952(), "rest": ChannelGroup({"K": PotassiumHH1952(), "leak": Leak()})})}
    )
    gates = {"m": 0.06, "h": 0.59, "n": 0.32}
    options = dict(T=100, dt=0.01, I=10)
    flat = bn.simulate(bn.neurons.HodgkinHuxley(), init=gates, **options)
    composed = bn.simulate(cell, init={"Na.m": 0.06, "Na.h": 0.59, "K.n": 0.32}, **options)
    deep = bn.simulate(nested, init={"axial.Na.m": 0.06, "axial.Na.h": 0.59, "axial.rest.K.n": 0.32}, **options)
    assert flat.V.max() > 20
    assert np.abs(composed.V - flat.V).max() < 1e-6
    assert np.abs(deep.V - flat.V).max() < 1e-6
    assert np.abs(composed["K.n"] - flat.n).max() < 1e-6


@pytest.mark.parametrize(
    ("rate", "at", "value"),
    [
        (hh.alpha_m, -40.0, 1.0),
        (hh.alpha_n, -55.0, 0.1),
        (tm.alpha_m, 13.0, 0.32 * 4),
        (tm.beta_m, 40.0, 0.28 * 5),
        (tm.alpha_n, 15.0, 0.032 * 5),
    ],
)
def test_rates_are_smooth_at_their_removable_singularities(rate, at, value):
    assert float(rate(at)) == pytest.approx(value, rel=1e-12)
    assert float(rate(at + 1e-9)) == pytest.approx(value, rel=1e-8)
    slope = float(jax.grad(rate)(at))
    assert slope == pytest.approx(float(rate(at + 0.5) - rate(at - 0.5)), rel=2e-2)
    # the series hands over to the formula without a step
    V = at + np.linspace(-1, 1, 4001)
    jumps = np.diff(np.asarray(rate(jnp.asarray(V))), 2)
    assert np.abs(jumps).max() < 1e-7


@pytest.mark.parametrize("V", [-150.0, -65.0, 0.0, 150.0])
@pytest.mark.parametrize("name", ["alpha_m", "beta_m", "alpha_h", "beta_h", "alpha_n", "beta_n"])
def test_traub_miles_rates_are_the_published_ones(name, V):
    x = V + 63.0
    published = {
        "alpha_m": 0.32 * (13 - x) / np.expm1((13 - x) / 4),
        "beta_m": 0.28 * (x - 40) / np.expm1((x - 40) / 5),
        "alpha_h": 0.128 * np.exp((17 - x) / 18),
        "beta_h": 4 / (1 + np.exp(-(x - 40) / 5)),
        "alpha_n": 0.032 * (15 - x) / np.expm1((15 - x) / 5),
        "beta_n": 0.5 * np.exp((10 - x) / 40),
    }
    assert float(getattr(tm, name)(x)) == pytest.approx(published[name], rel=1e-12)
