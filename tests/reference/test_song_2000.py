"""Competition by spike timing (Song, Miller & Abbott 2000): bimodal weights, a rate that keeps itself, correlated inputs win."""

import numpy as np
import pytest

import brainnb as bn


def test_weights_become_bimodal_and_the_rate_settles():
    ds = bn.simulate(
        bn.networks.Song2000(),
        T=100_000,
        dt=0.5,
        record=["from_independent.plasticity.weight", "cell.spike"],
        every=2000,
    )
    weights = ds["from_independent.plasticity.weight"].values / 0.1
    before, after = (np.histogram(w, bins=10, range=(0, 1))[0] for w in (weights[0], weights[-1]))
    assert before.max() < 1.5 * before.min()  # uniform
    assert min(after[0], after[-1]) > 2 * after[2:8].mean()
    assert after[2:8].max() < 100 < before[2:8].mean() * 1.2
    rate = ds["cell.spike"].values.reshape(5, -1).sum(1) / 20
    assert rate[-1] < rate[0]
    assert 10 < rate[-1] < 25


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_correlated_inputs_win(seed):
    net = bn.networks.Song2000(n=200, correlated=100, seed=seed)
    ds = bn.simulate(net, T=100_000, dt=0.5, record=["from_*.plasticity.weight"], every=20_000, seed=seed)
    final = ds.isel(time=-1).mean() / 0.5
    assert final["from_correlated.plasticity.weight"] > 0.9
    assert final["from_independent.plasticity.weight"] < 0.4


def test_without_more_depression_than_potentiation_nobody_loses():
    net = bn.networks.Song2000(n=200).replace({"*.plasticity.A_minus": 0.008})
    ds = bn.simulate(net, T=50_000, dt=0.5, record=["from_*.plasticity.weight"], every=20_000)
    assert ds["from_independent.plasticity.weight"][-1].mean() > 0.8 * 0.5


def test_spikes_are_shared_as_declared():
    """Rate and correlation of counts of the thinned process (Kuhn, Aertsen & Rotter 2003)."""
    source = bn.networks.CorrelatedPoisson(rate=20, c=0.3)
    ds = bn.simulate(bn.Network({"axons": bn.Population(source, 60)}), T=200_000, dt=1.0)
    counts = ds["axons.spike"].values.reshape(-1, 10, 60).sum(1).astype(float)  # in 10 ms
    assert counts.mean() / 0.01 == pytest.approx(1000 * (1 - np.exp(-0.02)), rel=0.02)
    matrix = np.corrcoef(counts.T)
    assert matrix[~np.eye(60, dtype=bool)].mean() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize(("given", "words"), [({"n": 2.5}, "whole number"), ({"n": 10, "correlated": 11}, "0 to n")])
def test_sizes_that_do_not_fit_are_refused(given, words):
    with pytest.raises((bn.core.errors.ModelError, bn.core.errors.OutOfBounds), match=words):
        bn.networks.Song2000(**given)
