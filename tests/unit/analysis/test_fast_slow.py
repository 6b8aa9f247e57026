"""Fast and slow: dimensions, units, refusals, no retrace."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.analysis.bursting import bursts
from brainnb.run import cache


@pytest.fixture(scope="module")
def found():
    return bn.fast_slow(bn.neurons.HindmarshRose(), "z", (0.0, 4.0), T=1500, I=2.0)


def test_what_is_there(found):
    assert found.drift.dims == ("branch", "step")
    assert found.trajectory_x.dims == ("time",)
    assert {"slow_nullcline_z", "slow_nullcline_x", "balance_value", "branch_kind", "special_kind"} <= set(
        found.variables
    )
    assert found.attrs["range"] == [0.0, 4.0]
    assert all("long_name" in x.attrs for x in found.data_vars.values())


def test_the_drift_on_resting_points_is_the_equation_of_the_slow_variable(found):
    k = int(np.flatnonzero(found.branch_kind.values == "equilibrium")[0])
    here = np.isfinite(found.z.values[k])
    expected = 0.006 * (4 * (found.x.values[k] + 1.6) - found.z.values[k])
    np.testing.assert_allclose(found.drift.values[k][here], expected[here], atol=1e-14)


def test_the_nullcline_is_where_that_is_zero(found):
    np.testing.assert_allclose(4 * (found.slow_nullcline_x + 1.6), found.slow_nullcline_z, atol=1e-9)


def test_sliders_compile_nothing(found):
    before = cache.trace_count()
    for k in range(5):
        bn.fast_slow(bn.neurons.HindmarshRose(S=4.0 + 0.01 * k), "z", (0.0, 4.0 + 0.1 * k), T=1500, I=2.0 + 0.01 * k)
    assert cache.trace_count() == before


@pytest.mark.parametrize(
    ("slow", "answer"), [("w", "`w`"), (["z"], "the path of one slow variable"), ("r", "`r`"), ("", "``")]
)
def test_what_is_no_slow_variable(slow, answer):
    with pytest.raises((bn.ModelError, bn.UnknownName), match=answer):
        bn.fast_slow(bn.neurons.HindmarshRose(), slow)


T = np.arange(0, 400, 0.1)


@pytest.mark.parametrize(
    ("V", "word", "spikes"),
    [
        (np.zeros_like(T), "rest", np.nan),
        (np.sin(T), "spiking", np.nan),
        (np.where(np.sin(2 * np.pi * T / 100) > 0, np.sin(2 * np.pi * T / 10), -0.5), "bursting", 5),
        (np.exp(-T), "rest", np.nan),
    ],
)
def test_rhythms(V, word, spikes):
    found = bursts.rhythm(T, V)
    assert found.word == word
    np.testing.assert_equal(found.spikes_per_burst, spikes)


def test_spikes_that_slow_down_within_a_burst_are_one_burst():
    """Hindmarsh-Rose at r = 0.003: gaps of 12, 15 and 24 ms, then a pause of 153 ms."""
    gaps = np.tile([12.0, 15.0, 24.0, 153.0], 6)
    V = np.where(np.min(np.abs(T1[:, None] - np.cumsum(gaps)), axis=1) < 1.0, 1.0, 0.0)
    found = bursts.rhythm(T1, V)
    assert found.word == "bursting"
    assert found.spikes_per_burst == 4


T1 = np.arange(0, 1250, 0.1)


def test_names_of_bursts():
    assert bursts.name("snic", "snic") == "circle/circle (parabolic)"
    assert bursts.name("hopf", "cycle_fold") == "Hopf/fold cycle (elliptic)"
    assert bursts.name("fold", "?") == "fold/?"
