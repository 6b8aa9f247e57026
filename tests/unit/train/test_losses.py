"""Losses against what they say they are."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax

import brainnb as bn
from brainnb.core.errors import ModelError
from brainnb.core.record import Record
from brainnb.train.batches import Batch

rng = np.random.default_rng(0)
Y, WANTED = rng.normal(size=(4, 9, 3)), rng.normal(size=(4, 9, 3))
WEIGHT = (rng.random((4, 9)) > 0.3).astype(float)
COUNTS = WEIGHT > 0


def batch(**targets):
    return Batch(Record(), Record(targets), jnp.asarray(WEIGHT))


def value(loss, y=Y, **targets):
    return float(loss({"y": jnp.asarray(y)}, batch(**(targets or {"y": jnp.asarray(WANTED)})), None))


def test_errors_over_the_moments_that_count():
    assert value(bn.train.MSE("y")) == pytest.approx(np.mean((Y - WANTED)[COUNTS] ** 2))
    assert value(bn.train.MAE("y")) == pytest.approx(np.mean(np.abs(Y - WANTED)[COUNTS]))
    e = np.abs(Y - WANTED)[COUNTS]
    assert value(bn.train.Huber("y", delta=0.5)) == pytest.approx(
        np.mean(np.where(e < 0.5, e**2 / 2, 0.5 * (e - 0.25)))
    )
    assert value(bn.train.NRMSE("y"), y=np.broadcast_to(WANTED[COUNTS].mean(), Y.shape)) == pytest.approx(1.0)


def test_they_add_up_with_factors():
    two = 2 * bn.train.MSE("y") + bn.train.MAE("y") * 0.5
    assert value(two) == pytest.approx(2 * value(bn.train.MSE("y")) + 0.5 * value(bn.train.MAE("y")))
    assert (two + bn.train.Mean("z")).paths() == ("y", "z")
    with pytest.raises(ModelError, match="added to a loss"):
        bn.train.MSE("y") + 3


def test_one_target_for_several_units_and_a_name_of_its_own():
    one = rng.normal(size=(4, 9))
    assert value(bn.train.MSE("y", "goal"), goal=jnp.asarray(one)) == pytest.approx(
        np.mean((Y - one[..., None])[COUNTS] ** 2)
    )


def test_classes_at_every_moment_and_one_a_trial():
    labels = rng.integers(0, 3, (4, 9))
    p = np.take_along_axis(log_softmax(Y, -1), labels[..., None], -1)[..., 0]
    assert value(bn.train.CrossEntropy("y", "c"), c=jnp.asarray(labels)) == pytest.approx(-np.mean(p[COUNTS]))
    label = labels[:, 0]
    made = {
        "mean": np.stack([y[w].mean(0) for y, w in zip(Y, COUNTS, strict=True)]),
        "sum": np.stack([y[w].sum(0) for y, w in zip(Y, COUNTS, strict=True)]),
        "max": np.stack([y[w].max(0) for y, w in zip(Y, COUNTS, strict=True)]),
        "last": np.stack([y[w][-1] for y, w in zip(Y, COUNTS, strict=True)]),
    }
    for readout, logits in made.items():
        wanted = -np.mean(log_softmax(logits, -1)[np.arange(4), label])
        assert value(bn.train.CrossEntropy("y", "c", readout=readout), c=jnp.asarray(label)) == pytest.approx(wanted)
        right = np.mean(logits.argmax(-1) == label)
        assert value(bn.train.Accuracy("y", "c", readout=readout), c=jnp.asarray(label)) == pytest.approx(right)
    with pytest.raises(ModelError, match="one of mean, last"):
        bn.train.CrossEntropy("y", readout="first")


def test_ties_count_by_their_part():
    zeros = np.zeros((4, 9, 2))
    assert value(bn.train.Accuracy("y", "c"), y=zeros, c=jnp.zeros(4, int)) == pytest.approx(0.5)


def test_activity_and_weights():
    assert value(bn.train.Activity("y", target=0.2)) == pytest.approx(np.mean((Y.mean((0, 1)) - 0.2) ** 2))
    net = bn.rates.RateNetwork(4, g=1.0)
    assert float(bn.train.Weights("weight")({}, batch(), net)) == pytest.approx(np.mean(np.asarray(net.weight) ** 2))
    assert float(bn.train.Weights("weight", 1)({}, batch(), net)) == pytest.approx(np.mean(np.abs(net.weight)))


def test_a_function_of_what_was_seen():
    loss = bn.train.FromFunction(lambda seen, targets: jnp.max(seen["y"]) - jnp.max(targets["y"]), ("y",))
    assert value(loss) == pytest.approx(Y.max() - WANTED.max())


def test_more_errors():
    y, wanted = np.abs(Y), np.abs(WANTED)
    positive = {"goal": jnp.asarray(wanted)}
    assert value(bn.train.MSLE("y", "goal"), y, **positive) == pytest.approx(
        np.mean((np.log1p(y) - np.log1p(wanted))[COUNTS] ** 2)
    )
    assert value(bn.train.LogCosh("y")) == pytest.approx(np.mean(np.log(np.cosh(Y - WANTED))[COUNTS]))
    yes = (WANTED > 0).astype(float)
    p = 1 / (1 + np.exp(-Y))
    likely = np.where(yes > 0, np.log(p), np.log(1 - p))
    assert value(bn.train.BinaryCrossEntropy("y", "yes"), yes=jnp.asarray(yes)) == pytest.approx(
        -np.mean(likely[COUNTS])
    )


def test_sure_answers_and_margins():
    labels = rng.integers(0, 3, (4, 9))
    p = log_softmax(Y, -1)
    right = np.take_along_axis(p, labels[..., None], -1)[..., 0]
    smooth = -(0.8 * right + 0.2 * p.mean(-1))
    given = {"c": jnp.asarray(labels)}
    assert value(bn.train.CrossEntropy("y", "c", smoothing=0.2), **given) == pytest.approx(np.mean(smooth[COUNTS]))
    assert value(bn.train.NLL("y", "c"), y=p, **given) == pytest.approx(-np.mean(right[COUNTS]))
    own = np.take_along_axis(Y, labels[..., None], -1)
    short = np.maximum(0, 0.5 - own + Y) ** 2
    np.put_along_axis(short, labels[..., None], 0, -1)
    margin = bn.train.MultiMargin("y", "c", margin=0.5, power=2)
    assert value(margin, **given) == pytest.approx(np.mean(short.sum(-1)[COUNTS] / 3))
