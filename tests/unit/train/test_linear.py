"""Linear rules against the algebra that defines them, and against scikit-learn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from sklearn.linear_model import ElasticNet, Lasso
from sklearn.linear_model import Ridge as SkRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

import brainnb as bn
from brainnb.core import xla
from brainnb.core.errors import ModelError
from brainnb.train.linear import recursive
from brainnb.train.linear.symmetric import AT_ONCE, Symmetric
from brainnb.train.running import loop

N, T = 12, 160


@pytest.fixture(scope="module")
def net():
    with jax.enable_x64(True):
        return bn.rates.RateNetwork(N, 2, 3, tau=3.0, g=0.8, seed=4)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(2)
    weight = np.ones(T)
    weight[:20] = 0
    return xr.Dataset(
        {
            "I": (("trial", "time", "channel"), rng.normal(size=(2, T, 2))),
            "out": (("trial", "time", "output"), rng.normal(size=(2, T, 3))),
            "weight": ("time", weight),
        },
        {"time": ("time", np.arange(T) * 1.0, {"units": "ms"})},
    )


@pytest.fixture(scope="module")
def features(net, data):
    """What the readout reads at the moments that count, with a one, and what it should write."""
    with jax.enable_x64(True):
        run = bn.fit(net, data, method="least_squares", train="readout.*", steps=1, metrics={})
        problem = run.chunks.problem
        batch = problem.source.batch(jax.random.key(0), 0)
        seen = problem.seen(net, batch, jax.random.key(0))
    x = np.asarray(seen["features"])[:, 20:].reshape(-1, N)
    return np.hstack([x, np.ones((len(x), 1))]), np.asarray(data.out)[:, 20:].reshape(-1, 3)


def weights(run):
    return np.vstack([np.asarray(run.model.readout.weight).T, np.asarray(run.model.readout.bias)])


def learned(net, data, method, **more):
    return bn.fit(net, data, method=method, train="readout.*", **more)


def ridge(x, y, penalty, count=1.0):
    return np.linalg.solve(x.T @ (count * x.T).T + penalty * np.eye(x.shape[1]), x.T @ (count * y.T).T)


def test_ridge_is_its_normal_equations_and_scikit_learns(net, data, features):
    x, y = features
    w = weights(learned(net, data, bn.train.Ridge(0.3)))
    assert np.allclose(w, ridge(x, y, 0.3), rtol=0, atol=1e-10)
    assert np.allclose(w, SkRidge(0.3, fit_intercept=False).fit(x, y).coef_.T, rtol=0, atol=1e-10)
    free = weights(learned(net, data, bn.train.Ridge(0.3, penalise_bias=False)))
    peer = SkRidge(0.3).fit(x[:, :-1], y)
    assert np.allclose(free, np.vstack([peer.coef_.T, peer.intercept_]), rtol=0, atol=1e-10)


def test_its_report_is_the_loss_it_reached(net, data, features):
    x, y = features
    run = learned(net, data, "ridge")
    assert run.history.sizes["step"] == 1
    assert float(run.history.loss[0]) == pytest.approx(np.mean((x @ weights(run) - y) ** 2), rel=1e-9)


def test_recursive_least_squares_is_ridge_at_the_end(net, data, features, monkeypatch):
    x, y = features
    run = learned(net, data, bn.train.RLS(penalty=0.3, samples=40))
    assert run.step == 8  # two trials in stretches of 40
    assert np.allclose(weights(run), ridge(x, y, 0.3), rtol=0, atol=1e-10)
    P = np.asarray(run.chunks.now.carry.memory)
    assert np.allclose(P, np.linalg.inv(x.T @ x + 0.3 * np.eye(N + 1)), rtol=0, atol=1e-10)
    assert np.allclose(P, P.T, rtol=0, atol=1e-14)
    assert (np.linalg.eigvalsh(P) > 0).all()
    monkeypatch.setattr(recursive, "STRIPE", 4)  # half of P, as for many units
    other = learned(net, data, bn.train.RLS(penalty=0.3, samples=27))  # stretches that do not divide a trial
    assert np.allclose(weights(other), weights(run), rtol=0, atol=1e-10)
    half = np.asarray(other.chunks.now.carry.memory)
    assert np.allclose(half, P, rtol=0, atol=1e-10)
    assert np.array_equal(half, half.T)


@pytest.mark.parametrize("rows", [7, 16, 64])
def test_half_of_a_symmetric_matrix_does_what_the_whole_does(rows):
    rng = np.random.default_rng(8)
    P, A, x = rng.normal(size=(50, 50)), rng.normal(size=(AT_ONCE * 2, 64)), rng.normal(size=64)
    P, A[:, 50:], x[50:] = P + P.T, 0, 0
    half = Symmetric.of(jnp.asarray(P), rows)
    assert len(half.stripes) == -(-64 // rows)
    assert np.array_equal(half.whole(50), P)
    assert np.allclose((half @ jnp.asarray(x))[:50], P @ x[:50], rtol=0, atol=1e-12)
    lower = half.lowered(jnp.asarray(A), jnp.asarray(0.9)).whole(50)
    assert np.allclose(lower, (P - A[:, :50].T @ A[:, :50]) / 0.9, rtol=0, atol=1e-12)


def test_forgetting_weighs_old_samples_less(net, data, features):
    x, y = features
    f, n = 0.98, len(features[0])
    run = learned(net, data, bn.train.RLS(penalty=0.3, forgetting=f))
    assert np.allclose(weights(run), ridge(x, y, 0.3 * f**n, f ** (n - 1.0 - np.arange(n))), rtol=0, atol=1e-9)


def test_a_start_that_is_not_zero_is_where_it_pulls_to(net, data, features):
    x, y = features
    rng = np.random.default_rng(5)
    w0 = rng.normal(size=(N + 1, 3))
    started = net.replace({"readout.weight": w0[:-1].T, "readout.bias": w0[-1]})
    w = weights(learned(started, data, bn.train.RLS(penalty=0.3)))
    assert np.allclose(w, np.linalg.solve(x.T @ x + 0.3 * np.eye(N + 1), x.T @ y + 0.3 * w0), rtol=0, atol=1e-10)


def test_lms_nears_least_squares_and_runs_away_above_its_limit(net, data, features):
    x, y = features
    best = np.mean((x @ ridge(x, y, 0.0) - y) ** 2)
    run = learned(net, data, bn.train.LMS(rate=0.01), steps=200)
    assert float(run.history.loss[-4:].mean()) == pytest.approx(best, rel=0.08)
    most = np.linalg.eigvalsh(x.T @ x / len(x)).max()
    wild = learned(net, data, bn.train.LMS(rate=6 / most), steps=200)
    assert not float(wild.history.loss[-1]) < 1e3


@pytest.mark.parametrize("estimator", [Lasso(0.01), ElasticNet(0.01, l1_ratio=0.3)], ids=["lasso", "elastic net"])
def test_any_estimator_of_scikit_learn(net, data, features, estimator):
    x, y = features
    w = weights(learned(net, data, bn.train.Estimator(estimator)))
    found = estimator.fit(x[:, :-1], y)
    assert np.allclose(w, np.vstack([found.coef_.T, found.intercept_]), atol=1e-12)


@pytest.mark.parametrize(("degree", "interaction_only"), [(2, False), (3, True)])
def test_a_polynomial_is_scikit_learns(net, data, features, degree, interaction_only):
    x, y = features
    rule = bn.train.Polynomial(0.3, degree=degree, interaction_only=interaction_only, penalise_bias=False)
    run = learned(net, data, rule)
    peer = make_pipeline(
        PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=False), SkRidge(0.3)
    )
    peer.fit(x[:, :-1], y)
    assert run.model.readout.weight.shape == peer[-1].coef_.shape
    assert np.allclose(weights(run), np.vstack([peer[-1].coef_.T, peer[-1].intercept_]), rtol=0, atol=1e-9)
    assert np.allclose(run.model.readout(x[:5, :-1]), peer.predict(x[:5, :-1]), rtol=0, atol=1e-9)
    again = learned(
        run.model, data, bn.train.Ridge(0.3, penalise_bias=False)
    )  # what has products is learned by any rule
    assert np.allclose(weights(again), weights(run), rtol=0, atol=1e-9)
    with pytest.raises(ModelError, match=f"a polynomial already, of degree {degree}"):
        learned(run.model, data, bn.train.Polynomial(degree=4))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(train="weight"), "train='readout"),
        (dict(train="readout.bias"), "weights of a readout"),
        (dict(method=bn.train.Estimator), "build it"),
        (dict(method="ridgee"), "ridge"),
    ],
)
def test_mistakes(net, data, change, message):
    with pytest.raises((ModelError, AttributeError), match=message):
        bn.fit(net, data, **dict(method="ridge", train="readout.*") | change)


def test_numbers_that_make_no_sense():
    for make, said in [
        (lambda: bn.train.Ridge(-1.0), "penalty=-1.0"),
        (lambda: bn.train.RLS(penalty=0.0), "above 0"),
        (lambda: bn.train.RLS(forgetting=1.5), "forgetting=1.5"),
        (lambda: bn.train.Estimator(3), "fit"),
    ]:
        with pytest.raises(ModelError, match=said):
            make()


def test_models_without_a_readout_and_data_without_its_target(net, data):
    with pytest.raises(ModelError, match="names none"):
        bn.fit(bn.neurons.FitzHughNagumo(), data.rename(out="V")[["V"]], method="ridge", train="a")
    with pytest.raises(ModelError, match="a variable `out`"):
        bn.fit(
            net, data.rename(out="rate").isel(output=[0]), method="ridge", train="readout.*", loss=bn.train.Mean("rate")
        )


@pytest.fixture(scope="module")
def inverse(features):
    x, _ = features
    return np.linalg.inv(x.T @ x + 0.3 * np.eye(N + 1))


def test_blocks_are_the_same_as_sample_by_sample(net, data, features, inverse):
    x, y = features
    n, f = len(x), 0.98
    # a stretch of 100 samples is no whole number of blocks of 8, nor of 9: what waits at its end is learned from there
    run = learned(net, data, bn.train.RLS(penalty=0.3, block=8))
    assert np.allclose(weights(run), ridge(x, y, 0.3), rtol=0, atol=1e-10)
    assert np.allclose(run.chunks.now.carry.memory, inverse, rtol=0, atol=1e-10)
    old = learned(net, data, bn.train.RLS(penalty=0.3, forgetting=f, block=9))
    assert np.allclose(weights(old), ridge(x, y, 0.3 * f**n, f ** (n - 1.0 - np.arange(n))), rtol=0, atol=1e-9)


def test_the_history_shows_the_health_of_the_inverse_correlations(net, data, inverse):
    run = learned(net, data, bn.train.RLS(penalty=0.3))
    assert float(run.history.P_mean[-1]) == pytest.approx(np.trace(inverse) / (N + 1), rel=1e-9)
    assert float(run.history.P_condition[-1]) == pytest.approx(np.linalg.cond(inverse), rel=1e-6)
    assert float(run.history.P_asymmetry.max()) < 1e-13


@pytest.mark.parametrize("method", ["rls", "force"])
def test_a_stretch_in_which_nothing_counts_is_healthy_and_learning_goes_on(net, data, features, method):
    """Until the first sample counts, P is a multiple of the identity, in which no second direction can be seen."""
    x, y = features
    rule = dict(rls=bn.train.RLS, force=bn.train.FORCE)[method](penalty=0.3, samples=10)
    run = learned(net, data, rule)
    assert run.history.P_condition.values[:2] == pytest.approx([1.0, 1.0])
    assert run.step == 2 * T // 10
    assert np.allclose(weights(run), ridge(x, y, 0.3), rtol=0, atol=1e-10)


def test_internal_learning_is_the_loop_through_an_output_that_all_hear(data):
    """With weights of 1 from the output to all units the two networks hear the same (Sussillo & Abbott 2009, fig. 1)."""
    rng = np.random.default_rng(3)
    wanted = data.isel(output=[0], trial=[0], channel=[0], time=slice(0, 60)).drop_vars("weight")
    start = dict(init={"x": rng.normal(size=N)})
    external = bn.rates.RateNetwork(N, tau=3.0, g=1.5, seed=4, weight_back=np.ones((N, 1)))
    internal = external.replace({"weight_back": np.zeros((N, 1))})
    inside = bn.fit(
        internal, wanted, method=bn.train.FORCE(samples=20, internal=True), train=["weight", "readout.weight"], **start
    )
    loop = bn.fit(external, wanted, method=bn.train.FORCE(samples=20), train="readout.weight", **start)
    assert np.allclose(inside.history.loss, loop.history.loss, rtol=1e-9)
    assert np.allclose(inside.model.weight - internal.weight, inside.model.readout.weight, rtol=0, atol=1e-12)
    with pytest.raises(ModelError, match=r"learns train=\['weight', 'readout\.\*'\]"):
        bn.fit(internal, wanted, method=bn.train.FORCE(internal=True), train="readout.*")


def test_estimators_by_name(net, data, features):
    x, y = features
    for ours, theirs in [
        (bn.train.lasso(0.01), Lasso(0.01, tol=1e-8)),
        (bn.train.elastic_net(0.01, share=0.3), ElasticNet(0.01, l1_ratio=0.3, tol=1e-8)),
    ]:
        found = theirs.fit(x[:, :-1], y)
        assert np.allclose(weights(learned(net, data, ours)), np.vstack([found.coef_.T, found.intercept_]), atol=1e-6)
    w = weights(learned(net, data, "lasso"))[:-1]
    residual = y - x @ weights(learned(net, data, "lasso"))
    slope = x[:, :-1].T @ residual / len(x)  # of absolute weights: 1e-3 times a sign, or less where a weight is 0
    assert np.allclose(slope[w != 0], 1e-3 * np.sign(w[w != 0]), atol=1e-6)
    assert (np.abs(slope[w == 0]) <= 1e-3 + 1e-6).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_logistic_readouts_have_no_slope_left(net, data, features, classes):
    x, _ = features
    rng = np.random.default_rng(6)
    few = bn.rates.RateNetwork(N, 2, classes, tau=3.0, g=0.8, weight=net.weight, weight_in=net.weight_in)
    label = (x[:, :2] @ rng.normal(size=(2, classes)) + rng.gumbel(size=(len(x), classes))).argmax(1)
    named = np.zeros((2, T), int)
    named[:, 20:] = label.reshape(2, -1)
    labelled = data.drop_vars("out").assign(out=(("trial", "time"), named))
    w = weights(learned(few, labelled, bn.train.logistic(1.0)))
    logits = x @ w
    share = np.exp(logits - logits.max(1, keepdims=True))
    share /= share.sum(1, keepdims=True)
    slope = x.T @ (share - np.eye(classes)[label])
    slope[:-1] += w[:-1] * (1.0 if classes > 2 else 2.0)  # of two classes one weight stands for the difference of two
    assert np.abs(slope).max() < 1e-6


def test_labels_and_numbers_are_not_confused(net, data):
    with pytest.raises(ModelError, match="labels 0, 1"):
        learned(net, data, "logistic")
    for make, said in [
        (lambda: bn.train.lasso(0), "penalty=0"),
        (lambda: bn.train.logistic(-1.0), "penalty=-1.0"),
        (lambda: bn.train.RLS(block=0), "block=0"),
    ]:
        with pytest.raises(ModelError, match=said):
            make()


@pytest.mark.parametrize("samples", [10, 64, 100])  # all, none and some of them behind the last whole 16
def test_many_units_are_multiplied_on_all_cores_and_learn_the_same(net, data, features, samples, monkeypatch):
    asked = []
    monkeypatch.setattr(recursive, "LARGE", N)
    monkeypatch.setattr(loop, "program", lambda split, made=loop.program: asked.append(split) or made(split))
    with jax.enable_x64(True):
        run = learned(net, data, bn.train.RLS(penalty=0.3, samples=samples))
    assert asked == [True]
    assert xla.split() == xla.SPLIT
    assert np.abs(weights(run) - ridge(*features, 0.3)).max() < 1e-10


def test_after_a_sample_the_error_is_as_small_as_the_inverse_correlations_say():
    """e_after = e_before / (1 + x'Px) at every sample, whether P was written since or not."""
    rng, rule = np.random.default_rng(7), bn.train.FORCE(penalty=0.3)
    w = jnp.asarray(rng.normal(size=(5, 2)))
    P, noted, exact = rule.opened(rule.remembered(5, 2, w.dtype)), rule.blank(w, 6), np.eye(5) / 0.3
    for _ in range(6):
        x, wanted = jnp.asarray(rng.normal(size=5)), rng.normal(size=2)
        before = x @ w - wanted
        w, noted = rule.learn(w, P, noted, x, before)
        np.testing.assert_allclose(x @ w - wanted, before / (1 + x @ exact @ x), rtol=1e-12)
        exact = np.linalg.inv(np.linalg.inv(exact) + np.outer(x, x))
    P = rule.closed(rule.gathered(w, P, noted)[1], 5)
    np.testing.assert_allclose(P, exact, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("method", ["rls", "force", "lms"])
def test_it_goes_on_from_a_checkpoint_in_the_middle_of_a_trial(net, data, tmp_path, method):
    """Weights, P, the state of the network and the history, all equal to the last bit."""
    rule = dict(rls=bn.train.RLS, force=bn.train.FORCE, lms=bn.train.LMS)[method](samples=40)
    whole = learned(net, data, rule)
    learned(net, data, rule, steps=3, checkpoint=tmp_path)
    rest = learned(net, data, rule, checkpoint=tmp_path)
    assert (rest.made, whole.made) == (5, 8)
    assert np.array_equal(rest.history.loss, whole.history.loss)
    for ours, theirs in zip(*(jax.tree.leaves(run.chunks.now.carry) for run in (rest, whole)), strict=True):
        assert np.array_equal(ours, theirs)
