"""Initialisers draw from the distributions that they name, look at distance, and refuse what makes no sense."""

import numpy as np
import pytest
from scipy import stats

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.networks import connect, init
from brainnb.networks.connect import Positions, Sheet

EVERY = {
    "Zero": init.Zero(),
    "One": init.One(),
    "Constant": init.Constant(2.5),
    "Identity": init.Identity(),
    "Normal": init.Normal(1.0, 2.0),
    "TruncatedNormal": init.TruncatedNormal(0.0, 1.0, -1.0, 2.0),
    "Uniform": init.Uniform(-1.0, 3.0),
    "LogNormal": init.LogNormal(2.0, 1.0),
    "Gamma": init.Gamma(2.0, 0.5),
    "Choice": init.Choice((1.0, 2.0), (0.3, 0.7)),
    "VarianceScaling": init.VarianceScaling(3.0, "fan_out", "normal"),
    "KaimingNormal": init.KaimingNormal(),
    "KaimingUniform": init.KaimingUniform(),
    "XavierNormal": init.XavierNormal(),
    "XavierUniform": init.XavierUniform(),
    "LecunNormal": init.LecunNormal(),
    "LecunUniform": init.LecunUniform(),
    "Orthogonal": init.Orthogonal(),
    "GaussianDecay": init.GaussianDecay(0.2),
    "ExponentialDecay": init.ExponentialDecay(0.2),
    "MexicanHat": init.MexicanHat(0.1, 0.2),
    "ConductionDelay": init.ConductionDelay(2.0),
    "ByDistance": init.ByDistance(np.sqrt),
    "FromArray": init.FromArray(np.arange(20.0).reshape(4, 5)),
    "FromFunction": init.FromFunction(lambda shape, rng: rng.random(shape)),
}


def test_every_exported_initialiser_is_tested_here():
    concrete = {n for n in init.__all__ if isinstance(getattr(init, n), type)}
    assert concrete - {"Initialiser", "DistanceInitialiser", "DeltaOrthogonal"} == set(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_shape_type_and_seed(name):
    first, again, other = (EVERY[name]((4, 5), seed=s) for s in (1, 1, 2))
    assert first.shape == (4, 5)
    assert first.dtype == np.float64
    np.testing.assert_array_equal(first, again)
    drawn = name.endswith(("Normal", "Uniform", "Gamma", "Choice", "Scaling", "Orthogonal", "FromFunction"))
    assert (first != other).any() == drawn


LAWS = [
    (init.Normal(-65.0, 3.0), stats.norm(-65, 3)),
    (init.TruncatedNormal(1.5, 0.75, low=0.1), stats.truncnorm((0.1 - 1.5) / 0.75, np.inf, 1.5, 0.75)),
    (init.TruncatedNormal(0.0, 1.0, 5.0, 6.0), stats.truncnorm(5, 6)),
    (init.Uniform(-70.0, -50.0), stats.uniform(-70, 20)),
    (init.Gamma(2.0, 0.5), stats.gamma(2, scale=0.5)),
    (init.LogNormal(2.0, 1.0), stats.lognorm(np.sqrt(np.log(1.25)), scale=2 / np.sqrt(1.25))),
]


@pytest.mark.parametrize(("law", "expected"), LAWS, ids=lambda x: type(x).__name__)
def test_distributions(law, expected):
    drawn = law(20_000, seed=4)
    assert stats.kstest(drawn, expected.cdf).pvalue > 0.001
    assert stats.kstest(1.02 * drawn + 0.02 * drawn.std(), expected.cdf).pvalue < 0.001  # the test can fail


def test_log_normal_values_have_the_mean_and_spread_that_were_asked_for():
    drawn = init.LogNormal(0.5, 0.3)(200_000)
    assert drawn.mean() == pytest.approx(0.5, rel=0.01)
    assert drawn.std() == pytest.approx(0.3, rel=0.02)


def test_choice_frequencies():
    drawn = init.Choice((1.0, 5.0), (0.2, 0.8))(10_000)
    assert (drawn == 5.0).mean() == pytest.approx(0.8, abs=0.015)
    assert set(init.Choice([1, 2, 3])(1000).tolist()) == {1.0, 2.0, 3.0}


@pytest.mark.parametrize("distribution", ["normal", "truncated_normal", "uniform"])
@pytest.mark.parametrize(("mode", "n"), [("fan_in", 300), ("fan_out", 150), ("fan_avg", 225)])
def test_variance_scaling(distribution, mode, n):
    W = init.VarianceScaling(2.0, mode, distribution)((150, 300), seed=1)
    assert W.var() == pytest.approx(2.0 / n, rel=0.03)
    most = {"normal": np.inf, "truncated_normal": 2.28, "uniform": np.sqrt(3)}[distribution]
    assert np.abs(W).max() <= most * np.sqrt(2.0 / n)


@pytest.mark.parametrize(("name", "scale", "n"), [("Lecun", 1, 300), ("Xavier", 1, 200), ("Kaiming", 2, 300)])
def test_named_scalings(name, scale, n):
    normal, uniform = getattr(init, f"{name}Normal")()((100, 300)), getattr(init, f"{name}Uniform")()((100, 300))
    assert normal.var() == pytest.approx(scale / n, rel=0.03)
    assert uniform.var() == pytest.approx(scale / n, rel=0.03)
    assert stats.kurtosis(normal.ravel()) == pytest.approx(-0.63, abs=0.08)  # of a normal cut at 2 standard deviations
    assert stats.kurtosis(uniform.ravel()) == pytest.approx(-1.2, abs=0.05)


def test_a_receptive_field_counts_on_both_sides():
    W = init.VarianceScaling(1.0, "fan_in", "normal")((50, 3, 3, 40))
    assert W.var() == pytest.approx(1 / 360, rel=0.03)


def test_variance_scaling_keeps_the_size_of_activity():
    x = np.random.default_rng(0).normal(size=400)
    for seed in range(10):
        x = init.LecunNormal()((400, 400), seed) @ x
    assert x.std() == pytest.approx(1.0, rel=0.3)


@pytest.mark.parametrize("shape", [(4, 7), (7, 4), (5, 5), (6, 2, 3)])
def test_orthogonal(shape):
    W = init.Orthogonal(gain=2.0)(shape).reshape(shape[0], -1)
    small = W @ W.T if W.shape[0] <= W.shape[1] else W.T @ W
    np.testing.assert_allclose(small, 4.0 * np.eye(min(W.shape)), atol=1e-12)


def test_orthogonal_matrices_are_uniform():
    """Of all rotations: the trace has mean 0 and variance 1; without the sign correction it has not."""
    traces = [np.trace(init.Orthogonal()((4, 4), s)) for s in range(1500)]
    assert np.mean(traces) == pytest.approx(0.0, abs=0.1)
    assert np.var(traces) == pytest.approx(1.0, abs=0.15)


def test_delta_orthogonal_keeps_an_image_channel_by_channel():
    W = init.DeltaOrthogonal()((6, 5, 4))
    assert np.count_nonzero(W[:, [0, 1, 3, 4]]) == 0
    np.testing.assert_allclose(W[:, 2].T @ W[:, 2], np.eye(4), atol=1e-12)


def test_weights_and_delays_follow_the_distance_of_each_synapse():
    space = Sheet(extent=2.0, periodic=True)
    edges = connect.FixedProbability(0.2).connect((6, 5), (4, 4))
    x, y = space.both((6, 5), (4, 4))
    d = np.abs(x[edges.pre] - y[edges.post])
    d = np.linalg.norm(np.minimum(d, 2.0 - d), axis=1)
    np.testing.assert_allclose(init.GaussianDecay(0.3, 2.0, space).on(edges), 2 * np.exp(-(d**2) / 0.18))
    np.testing.assert_allclose(init.ExponentialDecay(0.3, -1.0, space).on(edges), -np.exp(-d / 0.3))
    np.testing.assert_allclose(init.ConductionDelay(0.3, 0.5, space).on(edges), 0.5 + d / 0.3)
    hat = np.exp(-(d**2) / 0.02) - 0.6 * np.exp(-(d**2) / 0.08)
    np.testing.assert_allclose(init.MexicanHat(0.1, 0.2, 0.6, 1.0, space).on(edges), hat)


def test_a_matrix_and_its_synapses_agree():
    weight = init.GaussianDecay(0.3)
    edges = connect.FixedProbability(0.4).connect(8, 6)
    np.testing.assert_allclose(weight.on(edges), weight((8, 6))[edges.pre, edges.post])


def test_other_initialisers_give_one_number_for_each_synapse():
    edges = connect.FixedTotalNumber(70, multiple=True).connect(8, 6)
    assert init.Normal().on(edges, seed=3).shape == (70,)
    assert init.FromArray(np.arange(70)).on(edges)[-1] == 69.0


def test_numbers_arrays_and_functions_become_initialisers():
    assert init.as_initialiser(2)(3).tolist() == [2.0, 2.0, 2.0]
    assert init.as_initialiser(np.float32(0.5))(1).tolist() == [0.5]
    assert init.as_initialiser([1, 2])(2).tolist() == [1.0, 2.0]
    assert init.as_initialiser(lambda shape, rng: rng.random(shape))(2).shape == (2,)
    assert init.as_initialiser(given := init.Zero()) is given


BAD = [
    (lambda: init.Normal(std=-1.0), OutOfBounds, "std = -1"),
    (lambda: init.Normal(mean=np.nan), OutOfBounds, "finite"),
    (lambda: init.Normal(mean="0"), ModelError, "one number"),
    (lambda: init.Uniform(2.0, 1.0), OutOfBounds, "low = 2 is above high = 1"),
    (lambda: init.TruncatedNormal(low=1.0, high=1.0), OutOfBounds, "is not below"),
    (lambda: init.LogNormal(-1.0, 1.0), OutOfBounds, "mean = -1"),
    (lambda: init.Gamma(0.0), OutOfBounds, "above 0"),
    (lambda: init.Choice(()), ModelError, "some finite numbers"),
    (lambda: init.Choice((1.0, 2.0), (0.5, 0.6)), OutOfBounds, "2 probabilities with sum 1"),
    (lambda: init.Normal()((3, -1)), ModelError, "shape = (3, -1)"),
    (lambda: init.Normal()(3, seed="a"), ModelError, "seed = 'a'"),
    (lambda: init.Identity()(3), ModelError, "a matrix has two"),
    (lambda: init.Orthogonal()(3), ModelError, "at least two"),
    (lambda: init.LecunNormal()(3), ModelError, "needs a matrix, (n_post, n_pre)"),
    (lambda: init.VarianceScaling(mode="fan"), ModelError, "'fan_in', 'fan_out', 'fan_avg'"),
    (lambda: init.VarianceScaling(distribution="gamma"), ModelError, "'truncated_normal'"),
    (lambda: init.DeltaOrthogonal()((2, 3, 4)), OutOfBounds, "fewer outputs, 2, than inputs, 4"),
    (lambda: init.DeltaOrthogonal()((2, 3)), ModelError, "axes of the kernel"),
    (lambda: init.GaussianDecay(0.1)(5), ModelError, "on(edges)"),
    (lambda: init.ConductionDelay(0.0), OutOfBounds, "speed = 0"),
    (lambda: init.ConductionDelay(1.0, -0.1), OutOfBounds, "a delay is not negative"),
    (lambda: init.GaussianDecay(0.1, space=Positions([[0.0]]))((2, 2)), ModelError, "places 1 neurons"),
    (lambda: init.FromArray([1.0, 2.0])(3), ModelError, "the values have shape (2,); (3,) was expected"),
    (lambda: init.FromArray([1.0, np.nan])(2), OutOfBounds, "1 of 2 values are NaN"),
    (lambda: init.FromArray(["a"])(1), ModelError, "numbers were expected"),
    (lambda: init.FromFunction(1.0), ModelError, "no function"),
    (lambda: init.FromFunction(lambda shape, rng: 1.0)(2), ModelError, "(2,) was expected"),
    (lambda: init.ByDistance(lambda d: 0.0 * d[:1]).on(connect.OneToOne().connect(3, 3)), ModelError, "shape (1,)"),
    (lambda: init.as_initialiser(None), ModelError, "None is no initialiser"),
    (lambda: init.as_initialiser(init.Normal), ModelError, "is a class"),
]


@pytest.mark.parametrize(("typed", "error", "words"), BAD, ids=range(len(BAD)))
def test_bad_input_is_told(typed, error, words):
    with pytest.raises(error) as caught:
        typed()
    assert words in str(caught.value)
    assert type(caught.value) is error
