"""What a result says of itself."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.run import dataset


def test_provenance_says_how_to_make_it_again(hh):
    model = hh.replace(g_Na=100)
    ds = bn.simulate(model, T=10, dt=0.05, I=7.5, seed=3, every=2, method="rk4")
    attrs = ds.attrs
    assert attrs["model"] == "HodgkinHuxley"
    assert (attrs["dt"], attrs["seed"], attrs["every"], attrs["method"]) == (0.05, 3, 2, "rk4")
    assert (attrs["status"], attrs["brainnb_version"]) == ("finished", bn.__version__)
    assert attrs["wall_time"] > 0
    assert json.loads(attrs["inputs"]) == {"I": 7.5}
    parameters = json.loads(attrs["parameters"])
    assert parameters == {p: float(v.value) for p, v in model.parameters().items()}
    rebuilt = bn.neurons.HodgkinHuxley().replace(parameters)
    again = bn.simulate(
        rebuilt,
        T=10,
        dt=attrs["dt"],
        seed=attrs["seed"],
        every=attrs["every"],
        method=attrs["method"],
        **json.loads(attrs["inputs"]),
    )
    xr.testing.assert_equal(again.drop_attrs(), ds.drop_attrs())


def test_a_stimulus_is_described_with_its_numbers(hh):
    ds = bn.simulate(hh, T=1, I=bn.inputs.Step(amplitude=3, start=0.5))
    assert json.loads(ds.attrs["inputs"])["I"] == {"stimulus": "Step", "amplitude": 3.0, "start": 0.5, "baseline": 0.0}


def test_long_arrays_are_described_shortly(decay):
    short = bn.simulate(type(decay)(tau=[1.0, 2.0]), T=1, size=2)
    assert json.loads(short.attrs["parameters"])["tau"] == [1.0, 2.0]
    long = bn.simulate(type(decay)(tau=np.linspace(1, 2, 1000)), T=1, size=1000)
    assert json.loads(long.attrs["parameters"])["tau"] == {"shape": [1000], "min": 1.0, "max": 2.0}


def test_variables_carry_units_and_meaning(ticker, hh):
    ds = bn.simulate(hh, T=1, record=["V", "I", "I_Na"])
    assert ds.V.attrs == {"units": "mV", "long_name": "membrane potential"}
    assert ds.I.attrs["units"] == "uA/cm2"
    spikes = bn.simulate(ticker, T=1, record=["spike"]).spike
    assert spikes.attrs == {"units": "1", "long_name": "spikes since the last record"}


def test_a_dataset_survives_netcdf(tmp_path, hh):
    ds = bn.simulate(hh, T=5, size=2, record=["V", "m"])
    ds.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as again:
        xr.testing.assert_identical(again.load(), ds)


def test_results_may_be_written_to_and_share_nothing(decay):
    first, second = bn.simulate(decay, T=10), bn.simulate(decay, T=10)
    first.x[:] = 0.0
    assert (second.x != 0).all()
    first["time"] = first.time / 1000
    assert second.time[-1] == 10.0


@pytest.mark.parametrize("n", [1, 2, 255, 256, 257, 5000])
def test_any_number_of_records(decay, n):
    ds = bn.simulate(decay, T=n * 0.5, dt=0.5)
    assert ds.sizes["time"] == n
    np.testing.assert_allclose(ds.x, np.exp(-ds.time / 10), rtol=1e-4, atol=1e-12)


def test_dimensions_of_vector_states():
    class Vector(bn.Model):
        W: bn.Param = bn.param([[0.0, 1.0], [0.0, 0.0]], "1/ms", "coupling")
        r = bn.state([1.0, 2.0], "1", "rates")

        def vector_field(self, t, s, u):
            return dict(r=s.r @ self.W.T)

    ds = bn.simulate(Vector(), T=1, dt=0.5)
    assert ds.r.dims == ("time", "r_0")
    np.testing.assert_allclose(ds.r, [[2.0, 2.0], [3.0, 2.0]], rtol=1e-12)
    many = bn.simulate(Vector(), T=1, dt=0.5, size=5)
    assert many.r.dims == ("time", "neuron", "r_0")
    assert many.r.shape == (2, 5, 2)


def test_bounds_of_a_large_array_are_told_once_and_forgotten_with_it():
    wanted, known = {"shape": [100], "min": 1.0, "max": 100.0}, len(dataset._summaries)
    x = jnp.arange(100.0) + 1.0
    assert dataset.describe(x) == wanted
    assert dataset.describe(x) is dataset.describe(x)
    assert dataset.describe(2 * x)["max"] == 200.0
    host = np.asarray(x) * 1.0
    assert dataset.describe(host) == wanted
    host[0] = -5.0  # who may be written to is read anew
    assert dataset.describe(host)["min"] == -5.0
    assert len(dataset._summaries) == known + 1
    del x
    assert len(dataset._summaries) == known
