"""A sweep is a loop, done at once."""

import sys

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn


def loop(model, values, run):
    """The same grid, one run at a time."""
    import itertools

    found = []
    for point in itertools.product(*values.values()):
        changes = dict(zip(values, point, strict=True))
        inputs = {k: changes.pop(k) for k in list(changes) if k in model.inputs()}
        found.append(bn.simulate(model.replace(changes), **run, **inputs))
    return found


@pytest.mark.parametrize("method", [None, "euler", "rk4"])
def test_a_grid_equals_the_loop(hh, method):
    values = {"g_Na": [100.0, 120.0], "I": [0.0, 5.0, 10.0]}
    run = dict(T=20, dt=0.02, record=["V", "I_Na"], method=method)
    ds = bn.sweep(hh, values, **run)
    assert ds.V.dims == ("g_Na", "I", "time")
    np.testing.assert_array_equal(ds.g_Na, [100, 120])
    assert ds.g_Na.attrs["units"] == "mS/cm2"
    for name in ("V", "I_Na"):
        flat = ds[name].values.reshape(6, -1)
        for row, one in zip(flat, loop(hh, values, run), strict=True):
            np.testing.assert_allclose(row, one[name], rtol=1e-7, atol=1e-7)


def test_every_point_has_the_same_noise_as_its_own_run(noisy):
    values = {"tau": [5.0, 10.0, 20.0]}
    run = dict(T=20, seed=4, record=["x", "dice"])
    ds = bn.sweep(noisy, values, **run)
    for row, dice, one in zip(ds.x.values, ds.dice.values, loop(noisy, values, run), strict=True):
        np.testing.assert_array_equal(dice, one.dice)
        np.testing.assert_allclose(row, one.x, rtol=1e-9)


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 100])
def test_the_chunk_does_not_matter(decay, chunk):
    values = {"tau": [1.0, 2.0, 5.0, 7.0, 9.0]}
    whole, cut = (bn.sweep(decay, values, T=20, chunk=c) for c in (None, chunk))
    xr.testing.assert_allclose(cut.drop_attrs(), whole.drop_attrs(), rtol=1e-12)


def test_a_small_budget_of_memory_cuts_the_grid(decay, monkeypatch):
    values = {"tau": np.linspace(1, 50, 23)}
    whole = bn.sweep(decay, values, T=20)
    monkeypatch.setattr(sys.modules["brainnb.run.blocks"], "MEMORY_BYTES", 5 * 200 * 8)
    monkeypatch.setattr(sys.modules["brainnb.run.sweep"], "hands_here", lambda: 1)
    seen = []
    cut = bn.sweep(decay, values, T=20, progress=seen.append)
    assert len(seen) == 5
    assert seen[-1] == 1.0
    xr.testing.assert_allclose(cut.drop_attrs(), whole.drop_attrs(), rtol=1e-12)


def test_globs_stimuli_and_sizes_are_swept(hh):
    cell = bn.neurons.Cell({"a": bn.channels.Leak(), "b": bn.channels.Leak()})
    both = bn.sweep(cell, {"*.E": [-70.0, -50.0]}, T=5)
    one = bn.simulate(cell.replace({"*.E": -50.0}), T=5)
    np.testing.assert_allclose(both.V[1], one.V, rtol=1e-9)
    steps = bn.sweep(hh, {"I.amplitude": [0.0, 10.0]}, T=5, I=bn.inputs.Step(amplitude=1.0, start=1.0), record=["I"])
    assert steps.I[:, -1].values.tolist() == [0.0, 10.0]
    sized = bn.sweep(hh, {"I": [0.0, 10.0]}, T=1, size=3)
    assert sized.V.dims == ("I", "time", "neuron")


def test_a_swept_array_takes_the_value_everywhere(decay):
    model = type(decay)(tau=[5.0, 10.0, 20.0])
    ds = bn.sweep(model, {"tau": [3.0, 4.0]}, T=10, size=3)
    for value, row in zip((3.0, 4.0), ds.x.values, strict=True):
        np.testing.assert_allclose(row, bn.simulate(model.replace(tau=value), T=10, size=3).x, rtol=1e-9)


def test_values_come_in_any_spelling(decay):
    expected = bn.sweep(decay, {"tau": [1.0, 2.0, 3.0]}, T=2)
    for values in (
        (1, 2, 3),
        range(1, 4),
        np.array([1, 2, 3]),
        jnp.array([1, 2, 3]),
        (x for x in (1, 2, 3)),
        ["1 ms", "0.002 s", "3"],
    ):
        xr.testing.assert_equal(bn.sweep(decay, {"tau": values}, T=2).drop_attrs(), expected.drop_attrs())


def test_reduce_runs_on_every_point_and_drops_time(decay):
    values = {"tau": [1.0, 5.0], "I": [0.0, 1.0, 2.0]}
    whole = bn.sweep(decay, values, T=20)
    ds = bn.sweep(
        decay, values, T=20, reduce=lambda rows: {"mean": rows["x"].mean(), "ends": rows.x[jnp.array([0, -1])]}
    )
    assert ds["mean"].dims == ("tau", "I")
    np.testing.assert_allclose(ds["mean"], whole.x.mean("time"), rtol=1e-9)
    np.testing.assert_allclose(ds.ends, whole.x.isel(time=[0, -1]), rtol=1e-12)
    assert "time" not in ds.sizes


def test_a_sweep_continues_a_run(hh):
    first = bn.simulate(hh, T=10, I=10)
    ds = bn.sweep(hh, {"I": [0.0, 10.0]}, T=10, init=first)
    np.testing.assert_allclose(ds.V[1], bn.simulate(hh, T=10, I=10, init=first).V, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(ds.time[0], 10.1)


def test_initial_states_may_depend_on_what_is_swept():
    cell = bn.neurons.Cell({"K": bn.channels.PotassiumHH1952()})
    ds = bn.sweep(cell, {"K.g_max": [10.0, 40.0]}, T=1)
    for value, row in zip((10.0, 40.0), ds.V.values, strict=True):
        np.testing.assert_allclose(row, bn.simulate(cell.replace({"K.g_max": value}), T=1).V, rtol=1e-9)


def test_the_base_values_stay_in_the_provenance(decay):
    ds = bn.sweep(decay, {"tau": [1.0, 2.0]}, T=1)
    assert '"tau": 10.0' in ds.attrs["parameters"]
    assert ds.attrs["status"] == "finished"
