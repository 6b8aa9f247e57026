"""One call for a diagram: its dimensions, its words, its refusals, and that a slider compiles nothing."""

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.core.errors import ModelError, UnknownName
from brainnb.run import cache


@pytest.fixture(scope="module")
def bistable():
    return bn.bifurcation(bn.neurons.FitzHughNagumo.bistable(), "I", (0, 1), cycles=False)


def test_dimensions_and_units(bistable):
    assert bistable.I.dims == bistable.V.dims == bistable.stable.dims == ("branch", "step")
    assert bistable.special_kind.dims == ("special",)
    assert bistable.stable.dtype == bool
    assert bistable.period.attrs["units"] == "ms"
    assert bistable.V.attrs["long_name"] == "fast variable"
    assert list(bistable.branch_kind.values) == ["equilibrium"]
    assert list(bistable.branch_end.values) == ["range"]
    assert bistable.attrs["model"] == "FitzHughNagumo"
    assert bistable.attrs["parameter"] == "I"


def test_every_point_solves_the_equations(bistable):
    I, V, w = (bistable[name].values[0] for name in ("I", "V", "w"))
    np.testing.assert_allclose(V - V**3 / 3 - w + I, 0, atol=1e-12)
    np.testing.assert_allclose(V + 0.7 - 1.6 * w, 0, atol=1e-12)
    assert I.min() == 0.0
    assert I.max() == 1.0


def test_stability_is_that_of_the_eigenvalues(bistable):
    V = bistable.V.values[0]
    trace, det = 1 - V**2 - 1.6 / 12.5, (-1.6 * (1 - V**2) + 1) / 12.5
    np.testing.assert_array_equal(bistable.stable.values[0], (trace < 0) & (det > 0))


def test_at_a_fold_an_eigenvalue_is_zero_and_at_a_hopf_point_a_pair_is_imaginary(bistable):
    for kind, V in zip(bistable.special_kind.values, bistable.special_V.values, strict=True):
        trace, det = 1 - V**2 - 1.6 / 12.5, (-1.6 * (1 - V**2) + 1) / 12.5
        assert abs(det if kind == "fold" else trace) < 1e-12


def test_steps_turn_by_less_than_the_promised_angle(bistable):
    scaled = np.stack([bistable.V.values[0] / 6, bistable.w.values[0] / 5, bistable.I.values[0]], axis=1)
    steps = np.diff(scaled, axis=0)[:-1]
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    assert np.rad2deg(np.arccos(np.clip((steps[1:] * steps[:-1]).sum(axis=1), -1, 1))).max() < 15


def test_a_neutral_saddle_is_no_hopf_point():
    """On the middle branch of the SNIC set the trace vanishes while both eigenvalues are real."""
    found = bn.bifurcation(bn.neurons.MorrisLecar.snic(), "I", (-20, 150), cycles=False)
    assert list(found.special_kind.values).count("hopf") == 1
    trace = found.eigenvalue.values[0].sum(axis=1).real
    assert (np.diff(np.sign(trace[np.isfinite(trace)])) != 0).sum() > 1


def test_criticality_may_come_later():
    marks = bn.bifurcation(bn.neurons.FitzHughNagumo(), "I", (0, 2), cycles=False, criticality=False)
    assert list(marks.special_kind.values) == ["hopf", "hopf"]
    assert np.isnan(marks.special_coefficient.values).all()


def test_no_move_compiles():
    model = bn.neurons.FitzHughNagumo()
    bn.bifurcation(model.replace(b=1.6), "I", (0, 1), cycles=False)
    before = cache.trace_count()
    random = np.random.default_rng(1)
    for k in range(100):
        moved = model.replace(a=random.uniform(0.2, 1), b=random.uniform(0.3, 2), tau=random.uniform(5, 30))
        param, (lo, hi) = [("I", (-1, 3)), ("a", (0, 2)), ("b", (0.2, 2)), ("tau", (1, 50))][k % 4]
        given = {} if param == "I" else {"I": random.uniform(0, 1)}
        found = bn.bifurcation(moved, param, (lo, hi - random.uniform(0, 0.5)), cycles=False, **given)
        assert found.sizes["branch"] >= 1
    assert cache.trace_count() == before


def test_single_precision_users_get_the_same():
    with jax.enable_x64(False):
        found = bn.bifurcation(bn.neurons.FitzHughNagumo(), "I", (0, 2), cycles=False)
        assert jax.numpy.zeros(1).dtype == jax.numpy.float32
    np.testing.assert_allclose(found.special_value.values, [0.33128133745475, 1.4187186625453], rtol=1e-11)


def test_a_state_that_is_held_may_move():
    found = bn.bifurcation(bn.neurons.HindmarshRose(), "z", (-1, 2), hold=["z"], cycles=False, I=2.0)
    assert "z" not in [name.removeprefix("special_") for name in found.data_vars if name.startswith("special_")]
    folds = found.special_value.values[found.special_kind.values == "fold"]
    np.testing.assert_allclose(folds, [2 - 5 / 27], rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (dict(param="J"), UnknownName, "J"),
        (dict(param="V"), UnknownName, "hold=['V']"),
        (dict(span=(1, 0)), ModelError, "lo < hi"),
        (dict(span=3), ModelError, "(lo, hi)"),
        (dict(I=0.5), ModelError, "do not give it a value"),
        (dict(param2="I"), ModelError, "already the first"),
        (dict(param2="c"), UnknownName, "c"),
        (dict(param2=("b", (2, 1))), ModelError, "lo < hi"),
    ],
)
def test_refusals_say_what_to_type(change, error, words):
    how = dict(param="I", span=(0, 1)) | change
    with pytest.raises(error) as caught:
        bn.bifurcation(bn.neurons.FitzHughNagumo(), cycles=False, **how)
    assert words in str(caught.value)


def test_nothing_found_is_said():
    class Away(bn.Model):
        x = bn.state(0.0, "1", "state", bounds=(-1, 1))
        mu = bn.input(0.0, "1", "parameter", bounds=(-1, 1))

        def vector_field(self, t, s, u):
            return dict(x=1.0 + s.x**2 + u.mu**2)

    found = bn.bifurcation(Away(), "mu", (-1, 1), cycles=False)
    assert found.sizes["branch"] == found.sizes["special"] == 0
    assert "no resting point was found" in found.attrs["status"]


def test_a_result_survives_a_file(bistable, tmp_path):
    import xarray as xr

    path = tmp_path / "diagram.nc"
    bistable.drop_vars("eigenvalue").to_netcdf(path)
    again = xr.load_dataset(path)
    np.testing.assert_array_equal(again.special_value, bistable.special_value)
