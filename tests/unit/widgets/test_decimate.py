import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainnb.widgets.decimate import min_max


@given(st.integers(1, 5000), st.integers(4, 400), st.integers(0, 2**31))
def test_extremes_and_ends_survive(samples, points, seed):
    y = np.random.default_rng(seed).normal(size=samples)
    kept = min_max(y, points)
    assert len(kept) <= max(points + 4, 4)
    assert (np.diff(kept) > 0).all()
    assert kept[0] == 0
    assert kept[-1] == samples - 1
    assert y[kept].max() == y.max()
    assert y[kept].min() == y.min()


def test_a_peak_one_sample_wide_keeps_its_time():
    y = np.sin(np.linspace(0, 9, 20_000))
    y[13_337] = 40.0
    assert 13_337 in min_max(y, 500)


def test_short_traces_stay_whole():
    assert min_max(np.arange(7.0), 10).tolist() == list(range(7))


def test_a_gap_does_not_hide_the_extremes_beside_it():
    y = np.zeros(1000)
    y[500] = np.nan
    y[505] = 3.0
    y[495] = -3.0
    kept = min_max(y, 20)
    assert {495, 505} <= set(kept.tolist())


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="points=3: a decimated trace needs at least 4"):
        min_max(np.zeros(10), 3)
