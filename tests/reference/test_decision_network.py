"""The decision network of Wang 2002 at half its size: it ramps, decides for the evidence, and remembers.

``benchmarks/decisions.py`` measures the psychometric function at full size.
"""

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.networks import Wang2002
from brainnb.run.cache import trace_count

DT = 0.2


@pytest.fixture(scope="module")
def net():
    with jax.enable_x64(False):
        return Wang2002(scale=0.5, start=200, duration=800)


@pytest.fixture(scope="module")
def rates(net):
    """Rate of a group in a window, by coherence and trial: one structure, so compiled once."""
    with jax.enable_x64(False):
        before, found = None, {}
        for coherence, seed in TRIALS:
            ds = bn.simulate(net.replace(coherence=coherence), T=1300, dt=DT, seed=seed)
            before = before or trace_count()
            spikes = {name: ds["E.spike"].values[:, net.group(name)] for name in "ABN"}
            found[coherence, seed] = spikes | {"I": ds["I.spike"].values}
        assert trace_count() == before
    return lambda trial, name, begin, end: 1e3 / DT * found[trial][name][round(begin / DT) : round(end / DT)].mean()


TRIALS = [(51.2, 1), (-51.2, 0)]


@pytest.mark.parametrize("trial", TRIALS)
def test_the_favoured_group_wins_and_is_remembered(rates, trial):
    winner, loser = "AB" if trial[0] > 0 else "BA"
    assert rates(trial, winner, 800, 1000) > 15
    assert rates(trial, winner, 800, 1000) > 4 * rates(trial, loser, 800, 1000)
    assert rates(trial, winner, 1100, 1300) > 10
    assert rates(trial, loser, 1100, 1300) < 4


@pytest.mark.parametrize("trial", TRIALS)
def test_rest_is_quiet_and_the_decision_takes_its_time(rates, trial):
    """Pyramidal cells near 2 Hz, interneurons near 8 Hz before the motion; the winner climbs over hundreds of ms."""
    assert 0.5 < rates(trial, "N", 100, 200) < 4
    assert 4 < rates(trial, "I", 100, 200) < 12
    winner = "A" if trial[0] > 0 else "B"
    climb = [rates(trial, winner, t, t + 200) for t in (200, 400, 600)]
    assert climb[0] < climb[1] < climb[2] + 5
    assert climb[0] < 0.6 * max(climb)


def test_accuracy_rises_with_the_evidence(net):
    """Twenty trials at each coherence: who fires more in the last 200 ms of 800 ms of motion.

    Chance without evidence (of 20 coins, 5 to 15 are right in 99 of 100 cases), next to no error with much.
    """
    quick = net.replace({"see_*.start": 50.0})
    with jax.enable_x64(False):
        right = {c: np.mean([decides_for_A(quick, c, trial) for trial in range(20)]) for c in (0.0, 12.8, 51.2)}
    assert 0.25 <= right[0.0] <= 0.75
    assert 0.55 <= right[12.8] <= 0.95
    assert right[51.2] >= 0.9
    assert right[0.0] <= right[12.8] <= right[51.2]


def decides_for_A(net, coherence, trial):
    ds = bn.simulate(net.replace(coherence=coherence), T=850, dt=DT, seed=trial)
    late = ds["E.spike"].values[-round(200 / DT) :]
    return late[:, net.group("A")].mean() > late[:, net.group("B")].mean()


def test_evidence_has_the_published_statistics():
    """40 (1 + c/100) Hz on average, drawn anew every 50 ms with a spread of 10 Hz, nothing outside its window."""
    from brainnb.networks.published.decision import Evidence

    source = Evidence(start=100.0, duration=10_000.0, coherence=25.0)
    ds = bn.simulate(bn.Network({"seen": bn.Population(source, 400)}), T=10_200, dt=0.5, record=["seen.*"])
    spikes, drawn = ds["seen.spike"].values, ds["seen.rate"].values
    during = (ds.time.values > 99.9) & (ds.time.values < 10_099.9)
    assert spikes[~during].sum() == 0
    assert 2e3 * spikes[during].mean() == pytest.approx(50.0, abs=2.0)
    assert (drawn == drawn[:, :1]).all()
    levels = drawn[during, 0][50::100]
    assert len(np.unique(levels)) >= 195
    assert levels.std() == pytest.approx(10.0, abs=1.5)


def test_sizes_scale_and_the_input_is_checked():
    small = Wang2002(scale=0.1)
    assert [small.group(name) for name in "ABN"] == [slice(0, 24), slice(24, 48), slice(48, 160)]
    big = Wang2002(scale=1.0).parameters()["EI_NMDA.weight"].value
    assert float(small.parameters()["EI_NMDA.weight"].value) == pytest.approx(10 * float(big))
    assert "see_A.coherence" not in small.parameters()
    with pytest.raises(bn.core.errors.OutOfBounds):
        Wang2002(scale=0.0)
    with pytest.raises(bn.core.errors.OutOfBounds):
        small.replace(coherence=101)
