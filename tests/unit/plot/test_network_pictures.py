"""Pictures of connections and of measures: what is drawn, and that it is the right number."""

import matplotlib
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
import brainnb.plot.accessor
from brainnb import measures
from brainnb.core.errors import ModelError

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def population(n=30, T=2000.0, rate=25.0):
    time = np.round(np.arange(1, T + 1), 9)
    rhythm = 1 + np.sin(2 * np.pi * 0.01 * time)
    spikes = np.random.default_rng(0).random((len(time), n)) < rate / 1000 * rhythm[:, None]
    return xr.Dataset({"spike": (("time", "neuron"), spikes.astype(float))}, {"time": ("time", time, {"units": "ms"})})


def test_a_small_matrix_is_drawn_synapse_by_synapse():
    edges = bn.connect.FixedTotalNumber(40, multiple=True).connect(12, 15)
    matrix, sent, received = bn.plot.connectivity(edges)
    np.testing.assert_array_equal(matrix.images[0].get_array(), edges.matrix())
    assert matrix.get_xlabel() == "postsynaptic neuron"
    assert sum(bar.get_height() for bar in sent.patches) == 12
    assert sum(bar.get_height() for bar in received.patches) == 15


def test_a_large_matrix_is_drawn_in_blocks_with_their_mean():
    edges = bn.connect.FixedProbability(0.1).connect(1010, 803)
    matrix, sent, _ = bn.plot.connectivity(edges)
    drawn = np.asarray(matrix.images[0].get_array())
    assert drawn.shape == (200, 200)
    assert drawn.mean() == pytest.approx(len(edges) / (1010 * 803), rel=0.01)
    assert len(sent.patches) <= 31
    assert sent.get_title().startswith("mean 80")


def test_equal_degrees_and_dark_pages():
    import matplotlib.pyplot as plt

    with plt.style.context("dark_background"):
        axes = bn.plot.connectivity(bn.connect.AllToAll().connect(4, 6))
    assert axes[0].yaxis.label.get_color() == "#EEEEEE"
    assert axes[1].get_xlim() == (1.0, 11.0)


def test_the_rate_picture_draws_the_population_rate():
    ds = population()
    ax = ds.bn.plot_rate(width=5.0)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), measures.population_rate(ds, width=5.0))
    assert ax.get_ylabel() == "mean firing rate (Hz)"


def test_the_spectrum_picture_peaks_at_the_rhythm():
    ax = bn.plot.spectrum(population().bn.population_rate(width=2.0), most=50.0)
    frequency, power = ax.lines[0].get_data()
    assert frequency[power.argmax()] == pytest.approx(10.0)
    assert frequency.max() <= 50
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "frequency (Hz)"
    assert ax.get_ylabel() == "power (Hz²/Hz)"


def test_the_spectrogram_picture():
    ds = population()
    ax = bn.plot.spectrogram(ds.bn.population_rate(), most=60.0)
    assert ax.get_ylabel() == "frequency (Hz)"
    assert np.asarray(ax.collections[0].get_array()).max() == 0.0
    with pytest.raises(ModelError, match=r"choose one of neuron, for example ds\.isel\(neuron=0\)"):
        ds.bn.plot_spectrogram("spike")


def test_the_interval_picture_counts_every_interval():
    ds = population()
    ax = ds.bn.plot_intervals()
    drawn = ax.patches[0].get_data().values
    assert drawn.sum() == np.isfinite(measures.intervals(ds)).sum()
    with pytest.raises(ModelError, match="no unit has two spikes"):
        (ds * 0).bn.plot_intervals()


def test_intervals_of_a_sweep_have_a_line_for_each_value():
    ds = xr.concat([population(rate=10.0), population(rate=40.0)], xr.DataArray([1.0, 2.0], dims="I", name="I"))
    ax = ds.bn.plot_intervals()
    assert [p.get_label() for p in ax.patches] == ["I = 1", "I = 2"]


def test_the_accessor_has_every_measure():
    ds = population()
    for name in measures.__all__:
        assert getattr(ds.bn, name).__doc__, name
    assert ds.bn.cv().equals(measures.cv(ds))
    assert ds.bn.kappa(bin=2.0) == measures.kappa(ds, bin=2.0)
