"""The standard pictures: what is drawn, where, with which words."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import xarray as xr

import brainnb.plot.accessor
from brainnb.core.errors import ModelError, UnknownName
from brainnb.plot import page

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def run(**attrs):
    time = np.arange(0.1, 50.05, 0.1)
    V = np.where((time - 3.05) % 10 < 1, 20.0, -65.0)
    return xr.Dataset(
        {
            "V": ("time", V, {"units": "mV"}),
            "m": ("time", np.cos(time), {"units": "1"}),
            "h": ("time", np.sin(time), {"units": "1"}),
            "I_Na": ("time", 9 * np.sin(time)),
        },
        {"time": ("time", time, {"units": "ms"})},
        attrs,
    )


def swept(n=3):
    I = xr.DataArray(np.linspace(0, 10, n), dims="I", attrs={"units": "uA/cm2"})
    ds = run().drop_vars("I_Na").expand_dims(I=n).assign_coords(I=I)
    return ds.assign(V=ds.V.where(ds.I > 1, -65.0).assign_attrs(units="mV"))


def test_traces_have_one_row_for_each_unit_and_share_time():
    axes = run().bn.traces()
    assert [ax.get_ylabel() for ax in axes] == ["V (mV)", "m, h", "I_Na"]
    assert axes[-1].get_xlabel() == "time (ms)"
    assert axes[0].get_shared_x_axes().joined(axes[0], axes[2])


def test_traces_of_a_sweep_say_what_each_line_is_and_what_is_left_out():
    (ax,) = swept(20).bn.traces("V")
    assert len(ax.lines) == page.MOST_LINES
    assert ax.lines[0].get_label() == "I = 0 µA/cm²"
    assert ax.get_legend().get_title().get_text() == "6 of 20 shown"


def test_lines_differ_in_dash_as_well_as_colour():
    ax = run().bn.traces("m", "h")[0]
    assert {line.get_linestyle() for line in ax.lines} == {"-", "--"}


def test_plane_marks_start_and_end():
    ax = run().bn.plane("V", "m")
    assert ax.get_xlabel() == "V (mV)"
    assert [line.get_marker() for line in ax.lines] == ["None", "o", "o"]


def test_raster_has_a_tick_for_each_spike_at_the_swept_value():
    ax = swept(3).bn.raster()
    segments = ax.collections[0].get_segments()
    assert len(segments) == 2 * 5
    assert {round(float(s[:, 1].mean()), 3) for s in segments} == {5.0, 10.0}
    assert ax.get_ylabel() == "I (µA/cm²)"


def test_curve_is_the_rate_over_the_swept_input():
    ax = swept(3).bn.curve()
    assert ax.get_xlabel() == "I (µA/cm²)"
    assert ax.get_ylabel() == "firing rate (Hz)"
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0, 100, 100], atol=0.5)


def test_curve_of_a_reduced_sweep():
    ds = swept(3).mean("time", keep_attrs=True)
    assert ds.bn.curve("V").get_ylabel() == "V (mV)"
    with pytest.raises(UnknownName, match="quantity"):
        ds.bn.curve("Vmax")


def test_curve_without_a_sweep_says_what_to_run():
    with pytest.raises(ModelError, match=r"bn\.sweep"):
        run().bn.curve()


def test_plot_chooses():
    assert swept().bn.plot().get_ylabel() == "firing rate (Hz)"
    assert len(run().bn.plot()) == 3
    many = xr.Dataset({"spike": (("time", "neuron"), np.eye(20))}, {"time": np.arange(1.0, 21.0)})
    assert many.bn.plot().get_ylabel() == "neuron"


def test_dark_figures_get_light_ink():
    import matplotlib.pyplot as plt

    with plt.style.context("dark_background"):
        ax = run().bn.traces("V")[0]
    assert ax.yaxis.label.get_color() == "#EEEEEE"


def test_foreign_text_is_never_read_as_mathematics():
    ds = run().rename(V="$x^2$")
    ax = ds.bn.traces("$x^2$")[0]
    assert ax.get_ylabel() == r"\$x^2\$ (mV)"


@pytest.mark.parametrize(
    ("unit", "shown"),
    [("uA/cm2", "µA/cm²"), ("1", ""), ("degC", "°C"), ("mV", "mV"), ("1/ms", "1/ms"), ("cm**-2", "cm⁻²")],
)
def test_units_as_readers_expect_them(unit, shown):
    assert page.unit_text(unit) == shown


def test_the_accessor_loads_neither_jax_nor_matplotlib():
    code = (
        "import sys; before = set(sys.modules); import brainnb.plot.page, brainnb.measures.spikes, brainnb.plot.palette;"
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_fetching_simulate_registers_the_accessor():
    code = "import brainnb as bn, xarray as xr; bn.simulate; print(hasattr(xr.Dataset(), 'bn'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_methods_measure_as_the_functions_do():
    assert isinstance(run().bn, brainnb.plot.accessor.Accessor)
    assert run().bn.spike_count().item() == 5
    assert run().bn.period().item() == pytest.approx(10.0, abs=0.01)
    assert run().bn.rate().item() == pytest.approx(100.0)
    assert run().bn.intervals().sizes["intervals"] == 4


def test_a_stimulus_is_drawn_with_its_unit():
    import brainnb as bn

    made = bn.inputs.Ramp(end_value=5, duration=50) + 1
    ax = bn.plot.stimulus(made, T=100, dt=0.5, unit="uA/cm2", name="I")
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("I (µA/cm²)", "time (ms)")
    time, drawn = ax.lines[0].get_data()
    np.testing.assert_allclose(drawn, 1 + 5 * np.clip(time / 50, 0, 1), rtol=1e-5)


def test_noise_and_sequences_are_drawn_and_a_seed_is_a_course():
    import brainnb as bn

    made = bn.inputs.Sequence([(0, 10), (bn.inputs.Noise(mean=3) + bn.inputs.PoissonSpikes(), 40)])
    a, b, c = (bn.plot.stimulus(made, T=50, seed=seed).lines[0].get_ydata() for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert np.abs(a - c).max() > 0.5
    assert (a[:98] == 0).all()


def test_one_line_for_each_unit():
    import brainnb as bn

    ax = bn.plot.stimulus(np.array([1.0, 2.0, 3.0]) * bn.inputs.Step(), T=20)
    assert [line.get_label() for line in ax.lines] == ["unit 0", "unit 1", "unit 2"]
