"""Gamma rhythms by interneurons, and by pyramidal cells and interneurons in turn."""

import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.networks import ING, PING
from brainnb.networks.published.groups import BetweenGroups

AUTAPSE = {5.0: 48.53, 10.0: 39.04, 20.0: 28.66}
"""Hz of one Wang-Buzsaki cell at 1 uA/cm2 that inhibits itself with 0.1 mS/cm2: perfect synchrony, by decay (ms)."""


def volleys(spikes, dt):
    """Moments (ms) of the mean of every volley: activity with at least 3 ms of silence between."""
    times = dt * np.nonzero(spikes)[0]
    return np.array([x.mean() for x in np.split(times, np.flatnonzero(np.diff(times) > 3) + 1)])


@pytest.mark.parametrize("tau", AUTAPSE)
def test_interneurons_keep_the_pace_of_their_inhibition(tau):
    ds = bn.simulate(ING(tau=tau), T=1200, dt=0.05)
    assert 1e3 / float(ds.bn.period("I.spike", start=400).mean()) == pytest.approx(AUTAPSE[tau], rel=0.02)


def test_interneurons_fire_together():
    spikes = bn.simulate(ING(), T=1000, dt=0.05)["I.spike"].sel(time=slice(400, None)).values
    assert spikes.sum() / len(volleys(spikes, 0.05)) == pytest.approx(100, abs=1)


def coherence(net):
    return float(bn.simulate(net, T=1000, dt=0.05).bn.kappa(2.0, var="I.spike", start=600))


def test_synchrony_needs_inhibition_and_cells_that_are_alike():
    """The finding of Wang & Buzsáki 1996: a few percent of difference between the cells and it is lost."""
    net = ING(spread=0.2)
    assert coherence(net) > 0.5
    assert coherence(net.replace({"II.weight": 0.0})) < 0.3
    assert coherence(ING(spread=1.0)) < 0.3


def test_without_inhibition_the_rate_is_that_of_the_cell_alone():
    ds = bn.simulate(ING().replace({"II.weight": 0.0}), T=800, dt=0.05)
    assert 1e3 / float(ds.bn.period("I.spike", start=300).mean()) == pytest.approx(59.7, rel=0.01)


def test_pyramidal_cells_fire_before_interneurons_in_the_gamma_band():
    ds = bn.simulate(PING(), T=600, dt=0.05)
    E, I = (ds[f"{p}.spike"].sel(time=slice(200, None)).values for p in "EI")
    first, second = volleys(E, 0.05), volleys(I, 0.05)
    assert 30 < 1e3 / np.diff(second).mean() < 60
    before = np.array([first[first < t].max() for t in second[1:]])
    late = second[1:] - before
    assert (late > 0.5).all()
    assert (late < 8).all()


def test_slower_inhibition_makes_a_slower_rhythm():
    net = PING()
    found = []
    for tau in (6.0, 18.0):
        ds = bn.simulate(net.replace({"I*.synapse.tau_decay": tau}), T=600, dt=0.05)
        found.append(1e3 / np.diff(volleys(ds["I.spike"].values[4000:], 0.05)).mean())
    assert found[1] < 0.75 * found[0]


@pytest.mark.parametrize("seed", [0, 1])
def test_without_pyramidal_cells_onto_interneurons_the_rhythm_is_gone(seed):
    net = PING(seed=seed).replace({"EI.weight": 0.0})
    ds = bn.simulate(net, T=1000, dt=0.05)
    assert ds["I.spike"][4000:].sum() == 0
    counts = ds["E.spike"].values[12_000:].sum(1).reshape(-1, 40).sum(1)
    assert counts.std() < 0.6 * counts.mean()


@pytest.mark.parametrize(("pre", "post"), [((3, 2), (4, 1, 2)), ((5,), (5,))])
def test_synapses_between_groups_are_a_matrix(pre, post):
    rng = np.random.default_rng(1)
    wiring = BetweenGroups(rng.normal(size=(len(pre), len(post))), pre, post)
    dense, x, y = np.asarray(wiring.weights()), rng.normal(size=sum(pre)), rng.normal(size=sum(post))
    np.testing.assert_allclose(wiring.forward(jnp.asarray(x)), x @ dense, atol=1e-12)
    np.testing.assert_allclose(wiring.backward(jnp.asarray(y)), dense @ y, atol=1e-12)
    assert wiring.edges()[0].shape == dense.shape == wiring.stored
    assert len({float(v) for v in dense.ravel()}) == len(pre) * len(post)


def test_groups_and_weights_must_fit():
    with pytest.raises(bn.core.errors.ModelError, match=r"\(2, 1\) was expected"):
        BetweenGroups([[1.0, 2.0]], (2, 3), (4,))
