"""Spike times, counts and rates on arrays whose answers are known."""

import numpy as np
import pytest

from brainnb.measures import spikes


def test_crossings_of_a_sine_are_interpolated_to_its_zeros():
    time = np.arange(0.0, 50.0, 0.1)
    x = np.sin(2 * np.pi * (time - 3.21) / 10.0)
    np.testing.assert_allclose(spikes.crossing_times(time, x, 0.0), [3.21, 13.21, 23.21, 33.21, 43.21], atol=1e-3)


def test_touching_the_threshold_counts_once():
    assert spikes.crossing_times([0, 1, 2, 3], [0, 1, 1, 0], 1.0).tolist() == [1.0]


def test_starting_above_the_threshold_is_no_spike():
    assert spikes.crossing_times([0, 1, 2], [5, 5, 5], 1.0).shape == (0,)


def test_nan_never_crosses():
    assert spikes.count(spikes.crossing_times([0, 1, 2, 3], [0, np.nan, 5, 0], 1.0)) == 0


def test_leading_dimensions_are_kept_and_rows_equal_single_runs():
    rng = np.random.default_rng(3)
    time, x = np.arange(200.0), rng.normal(size=(2, 3, 200))
    found = spikes.crossing_times(time, x, 0.5)
    assert found.shape[:2] == (2, 3)
    for i, j in np.ndindex(2, 3):
        row = found[i, j]
        np.testing.assert_array_equal(row[np.isfinite(row)], spikes.crossing_times(time, x[i, j], 0.5))


def test_a_record_of_two_spikes_gives_its_time_twice():
    assert spikes.event_times([1.0, 2.0], [2, 1]).tolist() == [1.0, 1.0, 2.0]


def test_since_drops_earlier_spikes_and_keeps_order():
    times = np.array([[1.0, 5.0, 9.0], [2.0, 3.0, np.nan]])
    np.testing.assert_array_equal(spikes.since(times, 4.0)[0], [5.0, 9.0, np.nan])
    assert spikes.count(spikes.since(times, 4.0)).tolist() == [2, 0]


def test_rate_is_in_hertz():
    assert spikes.mean_rate(np.array([10.0, 20.0, np.nan]), 500.0) == 4.0


@pytest.mark.parametrize(("row", "expected"), [([2.0, 4.0, 8.0], 3.0), ([2.0, np.nan, np.nan], np.nan)])
def test_period_is_the_mean_interval(row, expected):
    np.testing.assert_equal(spikes.mean_period(np.array(row)), expected)


def test_no_spike_at_all_has_no_period():
    none = spikes.crossing_times(np.arange(4.0), np.zeros((2, 4)), 1.0)
    assert none.shape == (2, 0)
    assert np.isnan(spikes.mean_period(none)).all()
    assert spikes.intervals(none).shape == (2, 0)
