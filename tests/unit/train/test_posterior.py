"""Draws against the closed form of a linear problem with Gaussian noise."""

import sys

import numpy as np
import pytest

import brainnb as bn
from brainnb.core.errors import ModelError, UnknownName
from brainnb.train.inference import chains

NOISE = 0.3


@pytest.fixture
def linear(data):
    """Noisy data of a unit whose answer is linear in w and b, and the columns of that."""
    noisy = data.assign(V=data.V + NOISE * np.random.default_rng(0).normal(size=data.V.shape))
    X, kick = np.zeros((2, *data.I.shape)), np.stack([data.I.values, np.ones(data.I.shape)])
    x = np.zeros((2, len(data.I)))
    for k in range(data.sizes["time"]):
        x = x + (kick[:, :, k] - x) / 5.0
        X[:, :, k] = x
    return noisy, X.reshape(2, -1).T, noisy.V.values.ravel()


def test_a_linear_problem_has_a_gaussian_posterior(leaky, linear):
    data, X, y = linear
    options = dict(train=["w", "b"], noise=NOISE, chains=3, draws=600, warmup=300, seed=1)
    found = bn.train.posterior(leaky(tau=5.0), data, prior={"w": (1.0, 0.1)}, **options)
    precision = X.T @ X / NOISE**2 + np.diag([1 / 0.1**2, 0])
    covariance = np.linalg.inv(precision)
    mean = covariance @ (X.T @ y / NOISE**2 + [1.0 / 0.1**2, 0])
    error = np.sqrt(np.diag(covariance) / found.ess.values)
    for path, m, s, e in zip(("w", "b"), mean, np.sqrt(np.diag(covariance)), error, strict=True):
        assert float(found[path].mean()) == pytest.approx(m, abs=4 * e)
        assert float(found[path].std()) == pytest.approx(s, rel=0.15)
    assert found.w.dims == ("chain", "draw")
    assert found.attrs["model"] == "Leaky"
    assert (found.r_hat < 1.02).all()
    assert (found.ess > 300).all()
    assert not found.diverging.any()
    drawn = np.corrcoef(found.w.values.ravel(), found.b.values.ravel())[0, 1]
    assert drawn == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), abs=0.15)


def test_bounds_hold_and_their_slope_counts(leaky, linear):
    """With noise so large that data say nothing, a bounded parameter is uniform between its bounds."""
    data, *_ = linear
    found = bn.train.posterior(leaky(tau=50.0), data, train="tau", noise=1e6, chains=2, draws=800, warmup=300)
    tau = found.tau.values
    assert found.tau.attrs["units"] == "ms"
    assert 1 <= tau.min() < 10 < 90 < tau.max() <= 100
    error = 99 / np.sqrt(12 * float(found.ess[0]))
    assert tau.mean() == pytest.approx(50.5, abs=4 * error)
    assert tau.std() == pytest.approx(99 / np.sqrt(12), rel=0.15)


def test_what_is_refused(leaky, data, monkeypatch):
    with pytest.raises(ModelError, match="Say how data scatter"):
        bn.train.posterior(leaky(), data)
    with pytest.raises(ModelError, match="a mean of errors has no probability"):
        bn.train.posterior(leaky(), data, loss="mse")
    with pytest.raises(ModelError, match="standard deviation above 0"):
        bn.train.posterior(leaky(), data, noise=0.0)
    with pytest.raises(UnknownName, match="trained path `tua`"):
        bn.train.posterior(leaky(), data, train="tau", noise=1.0, prior={"tua": (1, 1)})
    monkeypatch.setitem(sys.modules, "blackjax", None)
    with pytest.raises(ModelError, match=r"blackjax, which is not installed: pip install \"brainnb\[bayes\]\""):
        bn.train.posterior(leaky(), data, noise=1.0)


def test_effective_draws_of_a_process_that_remembers():
    """An autoregression of coefficient a is worth (1 - a)/(1 + a) of its draws."""
    rng, a = np.random.default_rng(2), 0.7
    x = np.zeros((4, 4000))
    for k in range(1, 4000):
        x[:, k] = a * x[:, k - 1] + rng.normal(size=4)
    assert chains.effective_sample_size(x) == pytest.approx(16000 * (1 - a) / (1 + a), rel=0.12)
    assert chains.r_hat(x) < 1.01
    wider = x * np.array([1, 1, 1, 3])[:, None]
    assert chains.r_hat(wider) > 1.05  # same mean, other width
