"""Errors by Fisher's information against the spread of many fits, and against closed forms."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.core.errors import ModelError
from brainnb.plot.identified import identifiability

NOISE = 0.05


@pytest.fixture(scope="module")
def course(leaky):
    """The same input for a unit with w = 2, tau = 5, and its answer without noise."""
    from tests.unit.train.conftest import courses

    return courses(leaky(w=2.0, tau=5.0))


def answers(I, w, tau, b):
    """What the unit does, by another program."""
    V, v = np.zeros_like(I), np.zeros(len(I))
    for k in range(I.shape[1]):
        v = v + (w * I[:, k] + b - v) / tau
        V[:, k] = v
    return V


def test_standard_errors_are_the_spread_of_many_fits(leaky, course):
    from scipy.optimize import least_squares

    I, rng, found = course.I.values, np.random.default_rng(0), []
    for _ in range(300):
        noisy = course.V.values + NOISE * rng.normal(size=I.shape)
        found.append(least_squares(lambda p, y=noisy: (answers(I, *p) - y).ravel(), (2.0, 5.0, 0.0)).x)
    found = np.array(found)
    report = bn.train.identifiability(leaky(w=2.0, tau=5.0), course, train=["w", "tau", "b"], noise=NOISE)
    assert report.parameter.values.tolist() == ["w", "tau", "b"]
    np.testing.assert_allclose(report.standard_error, found.std(0, ddof=1), rtol=4 / np.sqrt(600))
    np.testing.assert_allclose(report.correlation, np.corrcoef(found.T), atol=4 / np.sqrt(300))
    assert report.unit.values.tolist() == ["1", "ms", "1"]
    assert np.isnan(report.relative_error[2])  # b is 0: nothing is relative to it


def test_noise_is_what_a_fit_leaves_over(leaky, course):
    noisy = course.assign(V=course.V + NOISE * np.random.default_rng(5).normal(size=course.V.shape))
    run = bn.fit(leaky(w=2.0, tau=5.0), noisy, train=["w", "tau"], method="lbfgs", steps=8)
    own = bn.train.identifiability(run)
    known = bn.train.identifiability(run.model, noisy, train=["w", "tau"], noise=NOISE)
    np.testing.assert_allclose(own.standard_error, known.standard_error, rtol=0.25)
    assert abs(float(run.model.w) - 2) < 4 * float(own.standard_error[0])
    with pytest.raises(ModelError, match=r"fits `V` exactly.*noise=\{'V': 1\.0\}"):
        bn.train.identifiability(leaky(w=2.0, tau=5.0), course, train=["w", "tau"])


def test_a_pair_that_cannot_be_told_apart_is_named(course):
    class Doubled(bn.Model):
        """A leaky unit whose weight is a product."""

        default_method = "euler"
        w: bn.Param = bn.param(4.0, "1", "one factor")
        gain: bn.Param = bn.param(0.5, "1", "the other")
        tau: bn.Param = bn.param(5.0, "ms", "time constant")
        V = bn.state(0.0, "mV", "potential")
        I = bn.input(0.0, "1", "drive")

        def vector_field(self, t, s, u):
            return dict(V=(self.gain * self.w * u.I - s.V) / self.tau)

    report = bn.train.identifiability(Doubled(), course, noise=NOISE)
    assert np.isinf(report.standard_error.sel(parameter=["w", "gain"])).all()
    assert np.isfinite(report.standard_error.sel(parameter="tau"))
    assert report.attrs["condition_number"] == np.inf
    np.testing.assert_allclose(np.abs(report.component[-1]), [np.sqrt(0.5), np.sqrt(0.5), 0], atol=1e-5)
    assert "w = 4, not determined by these data" in report.attrs["summary"]
    assert "up and" in report.attrs["summary"]
    assert "down together, by any amount" in report.attrs["summary"]
    ax = identifiability(report)
    assert [t.get_text() for t in ax.get_yticklabels()][:2] == ["w unknown", "gain unknown"]


def test_information_of_a_likelihood_is_its_curvature():
    """A neuron that fires at a constant rate: the error of log lambda after n spikes is 1/sqrt(n)."""
    cell = bn.neurons.StochasticGIF.without_adaptation().replace(t_ref=0, V_reset=-67, E_L=-67, V_T=-67, lambda_0=0.05)
    ds = bn.simulate(cell, T=400, dt=0.5, record=["spike"], seed=1)
    data = ds.assign(recorded=ds.spike)
    report = bn.train.identifiability(cell, data, train="lambda_0", loss=bn.train.SpikeLikelihood())
    n = float(ds.spike.sum())
    assert n > 8
    exact = 0.5 * 0.05 / np.sqrt(n * 0.025**2 * np.exp(-0.025) / (1 - np.exp(-0.025)) ** 2)
    assert float(report.relative_error[0]) == pytest.approx(exact / 0.025, rel=1e-6)
    assert exact / 0.025 == pytest.approx(1 / np.sqrt(n), rel=0.02)
