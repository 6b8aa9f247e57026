"""Published networks do what their papers say: rates, irregularity, rhythms, what survives."""

import jax
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcx

import brainnb as bn
from brainnb.networks import Brunel, BrunelHakim, Synfire, VreeswijkSompolinsky


def rate(spikes):
    """Mean rate in Hz of an array (time, neurons) in steps of 0.1 ms."""
    return 1e4 * spikes.mean()


def irregularity(spikes):
    """Mean CV of the intervals of the neurons with at least five of them."""
    intervals = (np.diff(np.flatnonzero(train)) for train in spikes.T)
    return np.mean([x.std() / x.mean() for x in intervals if len(x) >= 5])


def rhythm(spikes):
    """Frequency (Hz) of the highest peak of the spectrum of the population, and how far it stands out of the mean."""
    counts = spikes.sum(1)[: len(spikes) // 5 * 5].reshape(-1, 5).sum(1)
    power = np.abs(np.fft.rfft(counts - counts.mean()))[1:] ** 2
    smooth = np.convolve(power, np.ones(5) / 5, "same")
    return np.fft.rfftfreq(len(counts), 0.5e-3)[1:][smooth.argmax()], smooth.max() / smooth.mean()


def modulation(spikes):
    """Standard deviation over mean of the activity of the population in 1 ms."""
    counts = spikes.sum(1)[: len(spikes) // 10 * 10].reshape(-1, 10).sum(1)
    return counts.std() / counts.mean()


# --- Brunel 2000 ---------------------------------------------------------------------------------------------------


def self_consistent_rate(g, eta):
    """Rate (Hz) of the mean-field theory of Brunel 2000 with theta 20, reset 10, tau 20, t_ref 2, J 0.1 and C_E 1000."""
    nu = 0.01
    for _ in range(2000):
        mu = 20 * 0.1 * 1000 * (nu * (1 - g / 4) + eta * 0.01)
        sigma = np.sqrt(20 * 0.01 * 1000 * (nu * (1 + g**2 / 4) + eta * 0.01))
        integral = quad(lambda x: erfcx(-x), (10 - mu) / sigma, (20 - mu) / sigma)[0]
        nu += 0.05 * (1 / (2 + 20 * np.sqrt(np.pi) * integral) - nu)
    return 1e3 * nu


@pytest.fixture(scope="module")
def brunel():
    """The spikes of the excitatory neurons in the four states; all are one network with other numbers."""
    with jax.enable_x64(False):
        net = Brunel(seed=1)
        states = {
            name: bn.simulate(net.replace(g=made.g, eta=made.eta), T=T)["E.spike"].values[600:]
            for name, T in (
                ("synchronous_regular", 90),
                ("synchronous_irregular_fast", 260),
                ("asynchronous_irregular", 260),
                ("synchronous_irregular_slow", 500),
            )
            for made in [getattr(Brunel, name)(100)]
        }
    return states


def test_brunel_rates(brunel):
    """Rates of the four states: those of the paper's simulations and its theory (fig. 8 and section 5)."""
    rates = {name: rate(spikes) for name, spikes in brunel.items()}
    assert rates["synchronous_regular"] == pytest.approx(self_consistent_rate(3, 2), rel=0.1)
    assert rates["synchronous_irregular_fast"] == pytest.approx(60.7, rel=0.1)
    assert rates["asynchronous_irregular"] == pytest.approx(37.7, rel=0.05)
    assert rates["synchronous_irregular_slow"] == pytest.approx(5.5, rel=0.2)
    assert rates["asynchronous_irregular"] == pytest.approx(self_consistent_rate(5, 2), rel=0.05)


def test_brunel_irregularity(brunel):
    assert irregularity(brunel["synchronous_regular"]) < 0.05
    assert irregularity(brunel["asynchronous_irregular"]) > 0.3
    assert irregularity(brunel["synchronous_irregular_fast"]) > 0.7


def test_brunel_rhythms(brunel):
    """Fast one near 180 Hz, three times the rate of the neurons; slow one near 22 Hz; least modulation without one."""
    fast, clear = rhythm(brunel["synchronous_irregular_fast"])
    assert 150 < fast < 200
    assert clear > 15
    assert fast > 2.5 * rate(brunel["synchronous_irregular_fast"])
    slow, clear = rhythm(brunel["synchronous_irregular_slow"])
    assert 15 < slow < 30
    assert clear > 10
    quiet = modulation(brunel["asynchronous_irregular"])
    assert all(modulation(brunel[name]) > 1.3 * quiet for name in brunel if name.startswith("synchronous"))


def test_brunel_parameters_are_three_numbers_and_cells():
    net = Brunel(500, inputs=40, J=0.5)
    known = net.parameters()
    assert {"J", "g", "eta", "EE.delay", "E.tau"} <= known.keys()
    assert not any(path.endswith((".weight", ".rate")) for path in known)
    with pytest.raises(bn.core.errors.UnknownName):
        net.replace({"EE.weight": 1.0})


def test_brunel_without_a_drive_or_with_more_inhibition():
    """eta = 0 leaves silence; more inhibition lowers the rate."""
    net = Brunel(1000, inputs=80, J=0.5)
    ds = bn.sweep(net, {"eta": [0.0, 2.0], "g": [4.0, 6.0]}, T=200, seed=2)
    counts = ds["E.spike"].isel(time=slice(1000, None)).sum(("time", "E_neuron")).values
    assert (counts[0] == 0).all()
    assert counts[1, 0] > 1.5 * counts[1, 1] > 0


def test_brunel_hakim():
    """Neurons fire at a few hertz, the population oscillates above 100 Hz, slower with a longer delay."""
    with jax.enable_x64(False):
        net = BrunelHakim()
        found = {}
        for delay in (1.5, 2.0, 3.0):
            spikes = bn.simulate(net.replace({"II.delay": delay}), T=250)["I.spike"].values[1000:]
            found[delay] = rhythm(spikes)[0]
            assert 2 < rate(spikes) < 8
    assert 110 < found[2.0] < 200
    assert found[1.5] > found[2.0] > found[3.0]


# --- van Vreeswijk & Sompolinsky -------------------------------------------------------------------------------------


def test_balance_makes_irregular_spikes_and_linear_rates():
    """CV near 1 without noise; rates grow linearly with the rate outside, and towards it as K grows."""
    rates = {}
    for n, inputs, outside in ((4000, 400, 20.0), (4000, 400, 40.0), (6000, 1200, 40.0)):
        ds = bn.simulate(VreeswijkSompolinsky(n, inputs, outside), T=1200)
        spikes = {p: ds[f"{p}.spike"].values[1000:] for p in "EI"}
        rates[inputs, outside] = np.array([rate(spikes["E"]), rate(spikes["I"])])
        if outside == 40.0:
            assert irregularity(spikes["E"]) == pytest.approx(1.0, abs=0.25)
            assert irregularity(spikes["I"]) == pytest.approx(1.0, abs=0.25)
    np.testing.assert_allclose(rates[400, 40.0] / rates[400, 20.0], 2.2, atol=0.4)
    assert (abs(rates[1200, 40.0] - 40) < abs(rates[400, 40.0] - 40)).all()
    assert (rates[1200, 40.0] < 40).all()


# --- Diesmann, Gewaltig & Aertsen 1999 -------------------------------------------------------------------------------


def travelled(ds, groups=10, size=100):
    """Spikes of every group in the 15 ms around the arrival of the volley."""
    spikes = ds["chain.spike"].values.reshape(-1, groups, size)
    return np.array([spikes[480 + 50 * k : 630 + 50 * k, k].sum() for k in range(groups)])


@pytest.mark.parametrize("spikes", [48, 100])
def test_a_volley_survives_or_dies_by_its_width(spikes):
    """The border lies below 1 ms for 48 spikes and above 3 ms for 100."""
    net = Synfire(spikes, seed=3)
    ends = {
        width: travelled(bn.simulate(net.replace({"pulse.times": net.volley(width, seed=3)}), T=110))
        for width in (0.0, 2.0, 8.0)
    }
    assert (ends[0.0][-3:] > 90).all()
    assert (ends[8.0][-3:] < 30).all()
    assert (ends[2.0][-3:] > 90).all() if spikes == 100 else (ends[2.0][-3:] < 30).all()


def test_a_surviving_volley_gets_narrow_and_runs_at_the_speed_of_its_delays():
    ds = bn.simulate(Synfire(100, width=2.0), T=120)
    spikes = ds["chain.spike"].values.reshape(-1, 10, 100)
    times = [0.1 * np.nonzero(spikes[480 + 50 * k : 630 + 50 * k, k])[0] + 48 + 5 * k for k in range(10)]
    assert np.subtract(*np.percentile(times[8], [75, 25])) < 0.4 * np.subtract(*np.percentile(times[0], [75, 25]))
    step = np.diff([np.median(t) for t in times[4:]])
    np.testing.assert_allclose(step, step.mean(), atol=0.3)
    assert 5.0 < step.mean() < 7.0


def test_the_background_makes_rare_spikes():
    net = Synfire()
    ds = bn.simulate(net.replace({"pulse.times": net.volley(1.0, at=5000)}), T=500)
    assert 0.5 < rate(ds["chain.spike"].values[500:]) < 5
