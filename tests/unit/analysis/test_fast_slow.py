"""Fast and slow: dimensions, units, refusals, no retrace."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.analysis.bursting import bursts
from brainnb.analysis.bursting.burst_class import named
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
    ("slow", "answer"),
    [
        ("w", "`w`"),
        (["z", "z"], "several different ones"),
        (3, "the path of a slow variable"),
        ("r", "`r`"),
        ("", "``"),
    ],
)
def test_what_is_no_slow_variable(slow, answer):
    with pytest.raises((bn.ModelError, bn.UnknownName), match=answer):
        bn.fast_slow(bn.neurons.HindmarshRose(), slow)


@pytest.mark.parametrize(
    ("others", "answer"),
    [("still", "'mean', 'settle' or {path: value}"), ({"x": 1.0}, "a value was expected .* for y"), ({}, "for y")],
)
def test_where_the_others_cannot_stand(others, answer):
    with pytest.raises(bn.ModelError, match=answer):
        bn.fast_slow(bn.neurons.HindmarshRose(), ("z", "y"), (0.0, 4.0), others=others, T=100, I=2.0)


def test_a_number_that_is_none_holds_nothing():
    with pytest.raises(bn.ModelError, match="a finite number was expected"):
        bn.bifurcation(bn.neurons.HindmarshRose(), "z", (0, 4), hold={"z": np.nan})


def test_two_that_stand():
    """Hindmarsh-Rose with y and z held has one fast variable: x' = y - x^3 + 3 x^2 + I - z."""
    ds = bn.fast_slow(bn.neurons.HindmarshRose(), ("z", "y"), (0.0, 4.0), others={"y": -1.0}, T=300, I=2.0)
    rest = np.isfinite(ds.z.values)
    x, z = ds.x.values[rest], ds.z.values[rest]
    np.testing.assert_allclose(-1.0 - x**3 + 3 * x**2 + 2.0, z, atol=1e-9)
    np.testing.assert_allclose(ds.drift.values[rest], 0.006 * (4 * (x + 1.6) - z), atol=1e-12)
    np.testing.assert_allclose(ds.drift_y.values[rest], 1 - 5 * x**2 + 1.0, atol=1e-9)
    assert float(ds.held_y) == -1.0
    mean = bn.fast_slow(bn.neurons.HindmarshRose(), ("z", "y"), (0.0, 4.0), T=300, I=2.0)
    assert float(mean.held_y) == pytest.approx(float(mean.trajectory_y.mean()))


def test_one_event_or_two():
    kinds, values = np.array(["fold", "homoclinic", "fold"]), np.array([1.0, 1.001, 2.0])
    assert named(kinds, values, 0.01).tolist() == ["snic", "snic", "fold"]
    assert named(kinds, values, 0.0001).tolist() == kinds.tolist()


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
