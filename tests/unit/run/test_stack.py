"""An ensemble of models is a loop over them, done at once."""

import numpy as np
import pytest

import brainnb as bn


def test_a_stack_equals_the_loop():
    cells = {"a": bn.neurons.AdEx.tonic(), "b": bn.neurons.AdEx.bursting(), "c": bn.neurons.AdEx(tau_w=50.0)}
    run = dict(T=50, I=600.0, record=["V", "spike"])
    ds = bn.sweep(bn.stack(cells), **run)
    assert ds.V.dims == ("model", "time")
    assert ds.model.values.tolist() == ["a", "b", "c"]
    for name, cell in cells.items():
        one = bn.simulate(cell, **run)
        np.testing.assert_array_equal(ds.spike.sel(model=name), one.spike)
        np.testing.assert_allclose(ds.V.sel(model=name), one.V, rtol=1e-7)


def test_what_differs_lies_beside_the_names(hh):
    ds = bn.sweep(bn.stack([hh, hh.replace(C=2.0), hh.replace(g_Na=100.0)]), T=1)
    assert ds.model.values.tolist() == [0, 1, 2]
    assert ds.C.dims == ("model",)
    assert (ds.C.values.tolist(), ds.g_Na.values.tolist()) == ([1.0, 2.0, 1.0], [120.0, 120.0, 100.0])
    assert ds.C.attrs["units"] == "uF/cm2"
    assert "g_K" not in ds.coords
    assert '"C": [1.0, 2.0, 1.0]' in ds.attrs["parameters"]


def test_a_stack_is_swept_as_one_model_is(hh):
    pair = bn.stack({"young": hh, "old": hh.replace(C=2.0)})
    ds = bn.sweep(pair, {"I": [0.0, 10.0], "g_K": [30.0, 36.0]}, T=5, chunk=3, reduce=lambda rows: {"V": rows["V"][-1]})
    assert ds.V.dims == ("model", "I", "g_K")
    one = bn.simulate(hh.replace(C=2.0, g_K=30.0), T=5, I=10.0)
    np.testing.assert_allclose(ds.V.sel(model="old", I=10.0, g_K=30.0), one.V[-1], rtol=1e-9)
    points = bn.run.designs.zipped({"I": [0.0, 10.0, 20.0], "g_K": [30.0, 36.0, 40.0]})
    listed = bn.sweep(pair, points, T=5)
    assert listed.V.dims == ("model", "point", "time")
    assert listed.I.dims == ("point",)
    np.testing.assert_allclose(listed.V[1, 2], bn.simulate(hh.replace(C=2.0, g_K=40.0), T=5, I=20.0).V, rtol=1e-9)


def test_parts_and_arrays_may_differ(decay):
    cell = bn.neurons.Cell({"leak": bn.channels.Leak(), "K": bn.channels.PotassiumHH1952()})
    other = cell.replace({"leak.E": -60.0})
    ds = bn.sweep(bn.stack([cell, other]), T=5)
    np.testing.assert_allclose(ds.V[1], bn.simulate(other, T=5).V, rtol=1e-9)
    arrays = [type(decay)(tau=[5.0, 10.0]), type(decay)(tau=[20.0, 40.0])]
    ds = bn.sweep(bn.stack(arrays), T=5, size=2)
    assert "tau" not in ds.coords
    for row, model in zip(ds.x.values, arrays, strict=True):
        np.testing.assert_allclose(row, bn.simulate(model, T=5, size=2).x, rtol=1e-9)


def test_precision_reaches_the_models(decay):
    ds = bn.sweep(bn.stack([decay, decay.replace(tau=3.0)]), T=1, precision="float32")
    assert ds.x.dtype == np.float32


def test_a_stack_of_equal_models_is_a_stack(decay):
    ds = bn.sweep(bn.stack([decay, decay]), T=1)
    np.testing.assert_array_equal(ds.x[0], ds.x[1])
    assert repr(bn.stack([decay, decay.replace(tau=3.0)])) == "<2 models Decay that differ in tau>"
    assert bn.stack({"a": decay})["a"] is decay


@pytest.mark.parametrize("chunk", [1, 2, 4])
def test_no_model_is_compiled_twice(decay, chunk):
    models = [decay.replace(tau=float(tau)) for tau in range(1, 9)]
    bn.sweep(bn.stack(models), T=1, chunk=chunk)
    before = bn.run.cache.trace_count()
    bn.sweep(bn.stack([model.replace(tau=float(model.tau) + 1) for model in models]), T=1, chunk=chunk)
    assert bn.run.cache.trace_count() == before
