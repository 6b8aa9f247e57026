"""Where each start ends up."""

import numpy as np

import brainnb as bn


def test_two_resting_points_share_the_plane():
    ds = bn.analysis.basins(bn.rates.WongWang(), S1=(0, 1), S2=(0, 1), mu=30.0, resolution=15)
    assert ds.basin.dims == ("S1", "S2")
    assert ds.attractor_kind.values.tolist() == ["resting point", "resting point"]
    first, second = ds.basin.values[0, -1], ds.basin.values[-1, 0]  # S2 large, S1 large
    assert first != second
    assert (ds.basin.values[np.triu_indices(15, 1)] == first).all()
    assert (ds.basin.values[np.tril_indices(15, -1)] == second).all()
    assert (np.diag(ds.basin.values) == -2).all()  # the border goes to the saddle
    assert ds.attrs["undecided"] == 15


def test_a_rest_inside_a_cycle():
    """Morris-Lecar between fold of cycles and Hopf: rest and spiking both attract."""
    ds = bn.analysis.basins(bn.neurons.MorrisLecar(), V=(-60, 40), w=(0, 0.6), I=90.0, resolution=24)
    assert ds.attractor_kind.values.tolist() == ["resting point", "cycle"]
    at_rest = ds.basin.sel(V=-26.6, w=0.13, method="nearest")
    assert int(at_rest) == 0
    assert int(ds.basin[-1, 0]) == 1
    assert 0 < float(ds.share[0]) < 0.1


def test_the_ghost_of_a_saddle_node_is_no_attractor():
    """Just above a saddle-node on a cycle the neuron hesitates for long: it still fires."""
    ds = bn.analysis.basins(bn.neurons.MorrisLecar.snic(), V=(-60, 40), w=(0, 0.6), I=40.2, resolution=8)
    assert ds.attractor_kind.values.tolist() == ["cycle"]
    assert ds.attrs["undecided"] == 0
    assert float(ds.period[0]) > 200


def test_a_neuron_that_resets_has_a_cycle():
    ds = bn.analysis.basins(bn.neurons.Izhikevich(), V=(-90, 20), w=(-20, 20), I=10.0, resolution=8)
    assert ds.attractor_kind.values.tolist() == ["cycle"]
    spikes = bn.simulate(bn.neurons.Izhikevich(), T=2000, dt=0.002, I=10.0, record=["spike"], method="rk4")
    times = spikes.time.values[spikes.spike.values > 0]
    np.testing.assert_allclose(ds.period[0], np.diff(times)[-5:].mean(), rtol=2e-3)
