"""The course of a run: bounded, and nothing in it is lost."""

import numpy as np

from brainnb.train.running.history import History


def test_every_step_is_there_until_it_is_full():
    history = History(capacity=8)
    history.add({"loss": np.array([3.0, 2.0, 1.0])})
    ds = history.dataset()
    assert ds.loss.values.tolist() == [3, 2, 1]
    assert ds.step.values.tolist() == [1, 2, 3]
    assert list(ds.data_vars) == ["loss"]


def test_a_million_steps_keep_first_last_and_every_spike():
    history, rng = History(), np.random.default_rng(0)
    loss = rng.normal(size=1_000_000)
    loss[123_456], loss[700_001] = 1e6, -1e6
    for piece in np.array_split(loss, 997):
        history.add({"loss": piece, "gradient w": np.abs(piece)})
    assert history.steps == 1_000_000
    assert sum(x.nbytes for x in history.series.values()) < 1e6
    ds = history.dataset()
    assert float(ds.loss[0]) == loss[0]
    assert float(ds.loss[-1]) == loss[-1]
    assert float(ds.loss_max.max()) == 1e6
    assert float(ds.loss_min.min()) == -1e6
    at = int(ds.step[int(np.argmax(ds.loss_max.values))])
    assert at - history.stride <= 123_457 <= at
    ends = ds.step.values[1:]
    assert np.array_equal(ds.loss.values[1:], loss[ends - 1])
    assert np.array_equal(
        ds.gradient_max.values[0, 1:], [np.abs(loss[a:b]).max() for a, b in zip(np.append(0, ends), ends, strict=False)]
    )
    back = History.unpacked(*history.packed())
    back.add({"loss": np.ones(3), "gradient w": np.ones(3)})
    assert back.steps == 1_000_003


def test_what_is_not_a_number_stays_visible():
    history = History(capacity=4)
    history.add({"loss": np.array([1.0, np.inf])})
    assert not np.isfinite(history.last("loss"))
    assert np.isnan(History().last("loss"))
