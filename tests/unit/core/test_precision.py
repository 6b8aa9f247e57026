"""Single precision is the default; double when asked for, thread by thread."""

import jax
import numpy as np
import pytest

import brainnb as bn


class Decay(bn.Model):
    tau: bn.Param = bn.param(10.0, "ms", "time constant")
    x = bn.state(1.0, "1", "decays")

    def vector_field(self, t, s, u):
        return dict(x=-s.x / self.tau)


@pytest.mark.parametrize(("double", "dtype", "error"), [(False, "float32", 1e-5), (True, "float64", 1e-9)])
def test_results_have_the_precision_that_was_asked_for(double, dtype, error):
    with jax.enable_x64(double):
        model = Decay()
        assert model.tau.dtype == dtype
        ds = bn.simulate(model, T=50, dt=0.05)
        assert ds.x.dtype == dtype
        assert float(np.abs(ds.x - np.exp(-ds.time / 10)).max()) < error


def test_both_precisions_live_side_by_side():
    found = {}
    for double in (False, True, False, True):
        with jax.enable_x64(double):
            found.setdefault(double, []).append(bn.simulate(Decay(), T=5, dt=0.1).x)
    assert found[False][0].dtype == "float32"
    assert found[True][0].dtype == "float64"
    for first, second in found.values():
        np.testing.assert_array_equal(first, second)


def test_a_model_from_single_precision_runs_in_double():
    with jax.enable_x64(False):
        model = Decay(tau=0.1)
    ds = bn.simulate(model.replace(tau=0.2), T=1, dt=0.05)
    assert model.replace(tau=0.2).tau.dtype == "float32"
    assert np.isfinite(ds.x).all()


def test_provenance_holds_the_number_that_was_typed():
    with jax.enable_x64(False):
        assert '"tau": 0.1' in bn.simulate(Decay(tau=0.1), T=1).attrs["parameters"]


def test_a_bound_in_single_precision_is_within_the_bound():
    """Near 1e-4 the single number lies below the double one; nobody who types it means less."""
    assert float(np.float32(1e-4)) < 1e-4
    model = bn.neurons.GLIF()
    assert float(model.replace(k_1=np.float32(1e-4)).k_1) == pytest.approx(1e-4, rel=1e-6)
    with pytest.raises(bn.core.errors.OutOfBounds, match=r"k_1 = 9.9e-05 1/ms is outside \[0.0001, 1\]"):
        model.replace(k_1=np.float32(0.99e-4))
