"""Measures of real runs: swept, of many units, recorded every few steps."""

import numpy as np
import pytest

import brainnb as bn

pytestmark = pytest.mark.as_run


class Noisy(bn.neurons.LIF):
    """A leaky integrate-and-fire neuron with a noise of its own."""

    sigma: bn.Param = bn.param(2.0, "mV / ms**0.5", "noise", bounds=(0, 10))

    def diffusion(self, t, s, u):
        return dict(V=self.sigma)


@pytest.fixture(scope="module")
def fine_and_coarse():
    def run(every):
        return bn.sweep(Noisy(), {"I": [60.0, 140.0]}, T=600, dt=0.1, size=8, every=every, record=["spike"], seed=2)

    return run(1), run(20)


def test_what_was_recorded_every_two_ms_counts_the_same(fine_and_coarse):
    fine, coarse = fine_and_coarse
    assert coarse.sizes["time"] * 20 == fine.sizes["time"]
    np.testing.assert_array_equal(fine.bn.spike_count(), coarse.bn.spike_count())
    np.testing.assert_array_equal(fine.bn.spike_counts(bin=10.0), coarse.bn.spike_counts(bin=10.0))
    np.testing.assert_allclose(fine.bn.fano(window=50.0), coarse.bn.fano(window=50.0))
    np.testing.assert_allclose(
        fine.bn.population_rate(width=20.0).mean("time"), coarse.bn.population_rate(width=20.0).mean("time"), rtol=0.02
    )
    # a time is known to 2 ms only
    np.testing.assert_allclose(fine.bn.cv(start=50), coarse.bn.cv(start=50), atol=0.06)


def test_swept_and_unit_dimensions_stay_apart(fine_and_coarse):
    ds, _ = fine_and_coarse
    assert ds.bn.cv().dims == ("I", "neuron")
    assert ds.bn.kappa(bin=2.0).dims == ("I",)
    assert ds.bn.population_rate().dims == ("I", "time")
    assert ds.bn.spike_train_distance("isi").dims == ("I", "neuron", "neuron_other")
    assert ds.bn.sttc(dim="neuron").sizes["neuron_other"] == 8
    rate = ds.bn.population_rate(width=2.0)
    assert bn.measures.spectrum(rate).dims == ("I", "frequency")
    assert (ds.bn.rate().mean("neuron").diff("I") > 10).all()
    assert ds.bn.cv(start=50).sel(I=140.0).mean() < ds.bn.cv(start=50).sel(I=60.0).mean()


def test_another_current_is_named_in_the_measure(fine_and_coarse):
    found = fine_and_coarse[0].bn.fano()
    assert found.I.attrs["units"] == "pA"
    assert found.name == "fano"
