"""A picture is small, exact at its peaks, and readable by the rule that pages use."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.widgets import figures, message
from brainnb.widgets.panels import arrange
from brainnb.widgets.picture import draw


@pytest.fixture(scope="module")
def spiking():
    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=200, dt=0.01, I=10.0)
    return ds, arrange(ds, [], ["V", "m", "h", "n"])


def unpacked(picture):
    """Traces of a picture, by the rule in its docstring."""
    header, block = picture
    total = sum(header["counts"])
    numbers = np.frombuffer(block, "<u2", total)
    levels = np.frombuffer(block, "<f4", total, offset=2 * total + (-2 * total) % 4)
    ends = np.cumsum(header["counts"])
    return [
        (header["start"] + numbers[e - c : e] * header["step"], levels[e - c : e])
        for c, e in zip(header["counts"], ends, strict=True)
    ]


def test_twenty_thousand_steps_stay_below_thirty_kilobytes(spiking):
    ds, panels = spiking
    assert ds.sizes["time"] == 20_000
    assert len(draw(ds, panels).block) <= 29_000


def test_peaks_are_exact_in_height_and_time(spiking):
    ds, panels = spiking
    times, levels = unpacked(draw(ds, panels))[0]
    v = ds.V.values.astype(np.float32)
    peaks = np.flatnonzero((v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:]) & (v[1:-1] > 0)) + 1
    assert len(peaks) >= 13
    for peak in peaks:
        nearest = np.abs(times - ds.time.values[peak]).argmin()
        assert times[nearest] == pytest.approx(ds.time.values[peak], abs=1e-6)
        assert levels[nearest] == v[peak]


def test_the_potential_stands_on_top_and_gates_share_a_panel(spiking):
    _, panels = spiking
    assert [(p.kind, p.unit, [t.label for t in p.traces]) for p in panels] == [
        ("state", "mV", ["V"]),
        ("state", "1", ["m", "h", "n"]),
    ]


def test_long_runs_fit_sixteen_bit_numbers(spiking):
    ds, panels = spiking
    import xarray as xr

    long = xr.concat([ds.drop_vars("time")] * 5, "time").assign_coords(time=np.arange(1, 100_001) * 0.01)
    times, _ = unpacked(draw(long, panels))[0]
    assert times[-1] == pytest.approx(1000.0, abs=0.03)
    assert (np.diff(times) >= 0).all()


@pytest.fixture(scope="module")
def wave():
    """Forty units, four hundred records."""
    import xarray as xr

    t, place = np.arange(1, 401) * 0.5, np.arange(40)
    U = 3.0 + 2.0 * np.sin(0.1 * t[:, None] - 0.3 * place)
    U[7, 3] = np.nan
    return xr.Dataset({"U": (("time", "place"), U), "top": ("time", np.nanmax(U, 1))}, {"time": t})


def test_a_state_of_many_units_is_seen_as_an_image(wave):
    panels = arrange(wave, [], ["U"])
    assert [(p.kind, p.label) for p in panels] == [("field", "U"), ("state", "top")]
    picture = draw(wave, panels)
    (field,) = picture.header["fields"]
    assert (field["panel"], field["rows"], field["columns"], field["units"]) == (0, 40, 200, 40)
    assert picture.header["spans"][0] == [0.0, 40.0]
    cells = np.frombuffer(picture.block[-8000:], np.uint8).reshape(40, 200)
    seen = field["low"] + cells * (field["high"] - field["low"]) / 255
    np.testing.assert_allclose(seen, np.nan_to_num(wave.U.values[1::2].T, nan=field["low"]), atol=0.01)
    assert len(unpacked(picture)[1][0]) == 400
    assert message.sentence(wave[["U"]], panels[:1]) == "U between 1 and 5"


def test_a_filled_page_holds_the_image(wave):
    panels = arrange(wave, [], ["U"])
    made = figures.build(panels)
    by_name = {m.name: m for m in made.references() if m.name}
    figures.fill(by_name, "live", draw(wave, panels))
    image = by_name["field:0"].data["image"][0]
    assert image.shape == (40, 200)
    assert by_name["colours:0"].high == pytest.approx(5.0, abs=0.01)
    figures.fill(by_name, "kept:0", draw(wave * 2, panels))
    assert by_name["field:0"].data["image"][0] is image


def test_an_empty_result_has_an_empty_picture(spiking):
    ds, panels = spiking
    picture = draw(ds.isel(time=slice(0, 0)), panels)
    assert picture.block == b""
    assert picture.header["counts"] == [0, 0, 0, 0]


def test_a_page_gets_sources_for_live_and_kept_traces(spiking):
    _ds, panels = spiking
    made = figures.build(panels)
    names = {m.name for m in made.references() if m.name}
    assert {f"live:{i}" for i in range(4)} | {f"kept:{k}:{i}" for k in range(3) for i in range(4)} <= names


def test_a_filled_page_holds_the_samples(spiking):
    ds, _panels = spiking
    from brainnb.widgets.settings import Settings
    from brainnb.widgets.shown import look

    model = bn.neurons.HodgkinHuxley()
    shown = look(1, Settings(model, {"I": 10.0}, 200.0, 0.01), ds)
    made = figures.filled(shown, [])
    source = next(m for m in made.references() if m.name == "live:0")
    assert source.data["y"].max() == np.float32(ds.V.max())


def test_dollar_signs_do_not_become_formulas():
    assert "$$" not in figures.label("$$\\alpha$$")


def test_units_are_printed_as_people_write_them():
    assert figures.unit_text("uA/cm2") == " (µA/cm²)"
    assert figures.unit_text("1") == ""
