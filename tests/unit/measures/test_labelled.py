"""The measures on Datasets keep names and units, and refuse what would silently be zero."""

import json

import numpy as np
import pytest
import xarray as xr

from brainnb import measures
from brainnb.core.errors import ModelError, UnknownName


def train(periods, T=100.0, dt=0.1):
    """A Dataset of narrow bumps in mV, one row for each period."""
    time = np.arange(dt, T + dt / 2, dt)
    V = np.stack([np.where((time - 3.05) % p < 1.0, 20.0, -65.0) for p in periods])
    return xr.Dataset(
        {"V": (("I", "time"), V, {"units": "mV"})},
        {"I": ("I", np.asarray(periods, float), {"units": "pA"}), "time": ("time", time, {"units": "ms"})},
    )


def test_swept_dimensions_and_units_stay():
    found = measures.rate(train([10.0, 25.0]))
    assert found.dims == ("I",)
    assert found.attrs["units"] == "Hz"
    np.testing.assert_allclose(found, [100.0, 40.0])


def test_period_of_each_row():
    np.testing.assert_allclose(measures.period(train([10.0, 25.0])), [10.0, 25.0], atol=0.1)


def test_start_leaves_earlier_spikes_out():
    ds = train([10.0])
    assert measures.spike_count(ds, start=50.0).item() == 5
    assert measures.spike_times(ds, start=50.0).min() >= 50.0


def test_recorded_spikes_come_before_the_voltage():
    ds = train([10.0]).assign(spike=(("I", "time"), np.zeros((1, 1000))))
    ds["spike"][0, 100] = 1
    assert measures.spike_count(ds).item() == 1
    assert measures.spike_count(ds, "V").item() > 5


def test_a_resetting_model_without_recorded_spikes_is_refused():
    ds = train([10.0]).assign_attrs(model="LIF", parameters=json.dumps({"V_reset": -60}))
    with pytest.raises(ModelError, match=r"record=\['V', 'spike'\]"):
        measures.spike_count(ds)


def test_unknown_variable_names_the_known_ones():
    with pytest.raises(UnknownName, match="Did you mean `V`"):
        measures.spike_count(train([10.0]), "v")


def test_neither_spike_nor_voltage():
    with pytest.raises(ModelError, match="neither `spike` nor `V`"):
        measures.spike_count(train([10.0]).rename(V="x"))


def test_reduced_results_have_no_spikes():
    with pytest.raises(ModelError, match="no time axis"):
        measures.spike_count(train([10.0]).mean("time"))


def test_two_spiking_populations_must_be_named():
    ds = train([10.0]).rename(V="E.spike").assign({"I.spike": 0})
    with pytest.raises(ModelError, match=r"name one: E\.spike, I\.spike"):
        measures.spike_count(ds)


def test_a_run_that_diverged_has_no_rate():
    ds = train([10.0, 25.0])
    ds["V"][1, 600:] = np.nan
    np.testing.assert_allclose(measures.rate(ds), [100.0, np.nan])


def test_a_start_behind_the_end_is_refused():
    with pytest.raises(ModelError, match="the run ends at 100 ms"):
        measures.rate(train([10.0]), start=100.0)
