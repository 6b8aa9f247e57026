"""The tables of the macaque cortex, and the response that travels through 29 areas or dies out."""

import numpy as np
import pytest
from scipy.linalg import expm

import brainnb as bn
from brainnb.data import macaque
from brainnb.networks import Joglekar2018
from brainnb.networks.published import ventral_stream

ON, OFF, T = 100.0, 350.0, 2000.0
AUTHORS = {"weak_gba": 22.05 * 1.9 / 0.066, "strong_gba": 11.54 * 1.9 / 0.066}
"""Pulses to V1, pA, which the authors chose so that it answers by 100 Hz."""


@pytest.fixture(scope="module")
def responses():
    """Peak above rest of every area, by the name of the preset and of the area."""
    found = {}
    for name, amplitude in AUTHORS.items():
        net = getattr(Joglekar2018, name)()
        ds = bn.simulate(net, T=T, dt=0.5, inputs=net.pulse("V1", amplitude, ON, OFF - ON))
        found[name] = dict(zip(net.areas, (ds["cortex.r_E"].max("time") - 10).values, strict=True))
    return found


def test_the_tables_are_those_that_others_printed():
    areas, fln, distance, hierarchy = macaque()
    assert len(areas) == len(set(areas)) == 29
    assert ((fln.sum(1) > 0) & (fln.sum(1) < 1)).all()
    assert (np.diag(fln) == 0).all()
    assert (np.count_nonzero(fln)) == 536  # two thirds of all that could be: Markov et al. 2014
    assert (np.diff(hierarchy) > 0).all()
    few = [areas.index(a) for a in ventral_stream.AREAS]
    np.testing.assert_allclose(fln[np.ix_(few, few)], ventral_stream.SHARE, atol=6e-5)
    for pair, delay in ventral_stream.DELAY.items():
        i, j = (areas.index(a) for a in pair)
        assert distance[i, j] / 3.5 == pytest.approx(delay, abs=0.006)  # at 3.5 m/s
    with pytest.raises(ValueError, match="read-only"):
        fln[0, 0] = 1.0


@pytest.mark.parametrize("name", AUTHORS)
def test_the_authors_pulse_raises_V1_by_100_Hz(responses, name):
    assert responses[name]["V1"] == pytest.approx(100, abs=0.2)


def test_weak_amplification_loses_the_response_and_strong_carries_it_to_the_top(responses):
    weak, strong = responses["weak_gba"], responses["strong_gba"]
    assert weak["V1"] / weak["24c"] > 1e4  # "four orders of magnitude"
    assert weak["24c"] < 0.01 < 1 < strong["24c"]
    assert 100 < strong["24c"] / weak["24c"] < 1000
    above = [a for a in weak if a not in ("V1", "V2")]
    assert all(strong[a] > 10 * weak[a] for a in above)
    assert strong["V4"] > strong["TEO"] > strong["TEpd"] > strong["24c"]


def test_excitation_between_areas_alone_dies_out_or_blows_up():
    """A few per cent more of it and rates grow without bounds; with the inhibition of the strong preset they do not."""

    def late(**weights):
        net = Joglekar2018(**weights)
        ds = bn.simulate(net, T=T, dt=0.5, inputs=net.pulse("V1", 600, ON, OFF - ON), on_nan="keep")
        return float(np.abs(ds["cortex.r_E"][-1] - 10).max())

    assert late(mu_EE=34.0) < 0.1
    assert late(mu_EE=37.0) > 100
    assert late(mu_EE=37.0, feedback=False) < 1  # it was the way back that made the loop
    assert late(mu_EE=51.5, w_EI=25.2) < 20


@pytest.mark.parametrize("name", AUTHORS)
def test_rates_are_those_of_the_linear_system(name):
    """Above threshold the equations are linear: written out here with their matrix, solved by its exponential."""
    mu_EE, w_EI = {"weak_gba": (33.7, 19.7), "strong_gba": (51.5, 25.2)}[name]
    _, fln, _, h = macaque()
    gain, one = np.diag(1 + 0.68 * h / h.max()), np.eye(29)
    to_E = 0.066 * np.hstack([gain @ (24.3 * one + mu_EE * fln), -w_EI * one])
    to_I = 0.351 * np.hstack([gain @ (12.2 * one + 25.3 * fln), -12.5 * one])
    A = (np.vstack([to_E, to_I]) - np.eye(58)) / np.repeat([20.0, 10.0], 29)[:, None]
    given = np.zeros(58)
    given[0] = 0.066 * AUTHORS[name] / 20.0
    settled = -np.linalg.solve(A, given)
    at_end = settled - expm(A * (OFF - ON)) @ settled
    later = expm(A * 150.0) @ at_end

    net = getattr(Joglekar2018, name)()
    ds = bn.simulate(net, T=500, dt=0.1, inputs=net.pulse("V1", AUTHORS[name], ON, OFF - ON))
    found = np.hstack([ds["cortex.r_E"] - 10, ds["cortex.r_I"] - 35])
    np.testing.assert_allclose(found[ds.time.values < ON], 0, atol=1e-9)
    when = np.searchsorted(ds.time.values, [OFF - 0.05, 499.95])
    # the edges of the pulse fall within steps of rk4, whose last stage is ahead: a sixth of a step
    np.testing.assert_allclose(found[when], [at_end, later], rtol=2e-3, atol=2e-3)


def test_numbers_are_sliders_of_the_whole_cortex():
    net = Joglekar2018.weak_gba()
    assert set(net.parameters()) >= {"mu_EE", "mu_IE", "w_EE", "w_IE", "w_EI", "eta", "rest_E", "cortex.w_II"}
    assert "cortex.w_EE" not in net.parameters()
    assert "EE.weight" not in net.parameters()
    bn.simulate(net, T=5)
    before = bn.run.cache.trace_count()
    for area in ("V1", "24c"):
        ds = bn.simulate(net.replace(mu_EE=40, eta=0.5, rest_E=4.0), T=5, inputs=net.pulse(area, 50.0, start=2))
        moved = ds["cortex.r_E"][-1].values - 4.0
        assert net.areas[np.abs(moved).argmax()] == area
        np.testing.assert_allclose(ds["cortex.r_E"][0], 4.0)
    assert bn.run.cache.trace_count() <= before + 1  # the first stimulus is new


def test_what_is_not_there_is_said():
    with pytest.raises(bn.UnknownName, match=r"No area `V3` in the macaque cortex.*Did you mean"):
        Joglekar2018().pulse("V3", 10)
    with pytest.raises(bn.UnknownName, match="No parameter `mu_EI` in Joglekar2018"):
        Joglekar2018(mu_EI=3)
    with pytest.raises(bn.ModelError, match=r"feedback='no'; True or False"):
        Joglekar2018(feedback="no")
