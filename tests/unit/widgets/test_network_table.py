"""The page of a network that cannot run in a browser: the runs it holds are those of the kernel."""

import base64
import gzip
import json
import re

import jax.numpy as jnp
import numpy as np
import pytest
from in_javascript import engine
from pages import run_cell

import brainnb as bn
from brainnb.widgets import NetworkViewer
from brainnb.widgets.network import drawing
from brainnb.widgets.page import table
from brainnb.widgets.page.alone import limits, script

pytestmark = pytest.mark.usefixtures("no_run_is_left")

UNPACKED = """
const raw = Uint8Array.from(sent), { header, bytes } = dotted(packed, raw, populations);
const total = header.counts.reduce((a, b) => a + b, 0);
return { header, x: Array.from(new Uint16Array(bytes.buffer, 0, total)), y: Array.from(new Float32Array(bytes.buffer, 4 * Math.ceil(total / 2), total)) };
"""


class Odd(bn.neurons.LIF):
    """Asks for the spectrum of its cells, which a page cannot tell."""

    def vector_field(self, t, s, u):
        return {name: jnp.fft.irfft(jnp.fft.rfft(x), x.size) for name, x in super().vector_field(t, s, u).items()}


def network():
    """Cells that excite others, in which nothing can be exported, and some that are silent."""
    cells = {
        "E": bn.Population(Odd(), 90, init={"V": bn.init.Uniform(-70.0, -50.0)}),
        "I": bn.Population(bn.neurons.LIF(), 30, init={"V": bn.init.Uniform(-70.0, -50.0)}),
    }
    links = {
        "EI": bn.Projection("E", "I", bn.connect.FixedProbability(0.2), bn.synapses.Exponential(tau=5.0), weight=40.0)
    }
    return bn.Network(cells, links)


def viewed(**options):
    return NetworkViewer(network(), T=50, inputs={"E.I": 350.0}, **options)


def about(view, tmp_path):
    html = view.save(tmp_path / "page.html").read_text(encoding="utf8")
    return json.loads(re.search(r'id="about">(.*?)</script>', html, re.S).group(1)), html


@pytest.fixture(scope="module")
def javascript():
    found = engine()
    yield found
    found.close()


def scripts():
    return "\n".join([limits(), *map(script, ("look.js", "page.js", "table.js"))])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return about(viewed(sliders=["E.I", "EI.weight"]), tmp_path_factory.mktemp("table"))


def test_the_page_says_why_and_holds_runs_over_two_sliders(saved):
    told, html = saved
    sizes = [len(axis["values"]) for axis in told["table"]["axes"]]
    assert [axis["path"] for axis in told["table"]["axes"]] == ["E.I", "EI.weight"]
    assert sizes == [6, 6]
    assert len(told["table"]["pictures"]) == 36
    assert (
        "it shows the nearest of 36 runs that were made when it was saved. `fft` at test_network_table.py, line" in html
    )
    assert "jnp.fft.rfft(x)" in html
    assert len(html) < 700_000
    assert [(p["kind"], p["unit"]) for p in told["panels"]] == [("raster", "1"), ("rate", "Hz")]


@pytest.mark.parametrize("spikes", [drawing.MOST_SPIKES, 20])
def test_its_rasters_and_rates_are_those_of_the_kernel(saved, javascript, monkeypatch, tmp_path, spikes):
    told = saved[0]
    if spikes == 20:  # a raster of bits
        monkeypatch.setattr(drawing, "MOST_SPIKES", spikes)
        told = about(viewed(sliders=["E.I"]), tmp_path)[0]
    axes = told["table"]["axes"]
    at = [len(axis["values"]) // 2 for axis in axes]
    place = at[0] * len(axes[1]["values"]) + at[1] if len(axes) == 2 else at[0]
    picture = told["table"]["pictures"][place]
    block = list(gzip.decompress(base64.b64decode(picture["block"])))
    view = viewed()
    view.set({axis["path"]: axis["values"][k] for axis, k in zip(axes, at, strict=True)})
    ds = view.result
    found = javascript(
        f"{scripts()}\nconst sent = {json.dumps(block)}, packed = {json.dumps(picture['header'])}, "
        f"populations = {json.dumps(told['panels'][0]['traces'])};\n{UNPACKED}"
    )
    assert picture["text"] == view.shown.text
    x, y = np.array(found["x"]), np.array(found["y"])
    counts = found["header"]["counts"]
    begins = np.cumsum([0, *counts])
    for k, (name, first) in enumerate((("E", 0), ("I", 90))):
        record, neuron = np.nonzero(ds[f"{name}.spike"].values)
        assert counts[k] == len(record)
        mine = sorted(zip(x[begins[k] : begins[k + 1]], y[begins[k] : begins[k + 1]], strict=True))
        assert mine == sorted(zip(record, first + neuron + 0.5, strict=True))  # fewer records than columns
        start, step = found["header"]["axes"][k]
        assert start == pytest.approx(0.05)
        assert step == pytest.approx(0.1)
        curve = view.activity.rate(k, 1.0)
        np.testing.assert_allclose(y[begins[2 + k] : begins[3 + k]], curve.y, rtol=1e-6)
    assert found["header"]["spans"][0] == [0, 120]


def test_the_cell_of_its_page_makes_the_run_that_is_seen(saved, javascript):
    cell = javascript(
        f"{scripts()}\nconst kernel = new TableKernel({json.dumps(saved[0])}, ''); kernel.values = {{ ...kernel.values, 'E.I': 401 }};"
        "return kernel.code();"
    )
    assert "precision" not in cell
    ds = run_cell(cell.replace("seed=0", "seed=0, record=['*.spike']"), model=network())["ds"]
    view = viewed()
    (axis, _) = saved[0]["table"]["axes"]
    view.set({"E.I": min(axis["values"], key=lambda value: abs(value - 401))})
    np.testing.assert_array_equal(ds["E.spike"], view.result["E.spike"])


def test_held_and_driven_neurons_are_so_in_every_run(javascript, tmp_path):
    view = viewed(sliders=["E.I"])
    view.hold("E", -65.0, neurons=(0, 60), start=10)
    view.drive("I", 300.0, start=20)
    told, html = about(view, tmp_path)
    assert "E 0 to 59 held at -65 mV, from 10 ms on; I driven by 300 pA, from 20 ms on." in html
    (axis,) = told["table"]["axes"]
    view.set({"E.I": axis["values"][-1]})
    expected = view.result
    assert told["table"]["pictures"][-1]["text"] == view.shown.text
    cell = javascript(
        f"{scripts()}\nconst kernel = new TableKernel({json.dumps(told)}, '');"
        f"kernel.values = {{ ...kernel.values, 'E.I': {axis['values'][-1]} }}; return kernel.code();"
    )
    ds = run_cell(cell.replace("seed=0", "seed=0, record=['*.spike']"), model=network())["ds"]
    for name in ("E.spike", "I.spike"):
        np.testing.assert_array_equal(ds[name], expected[name])
    silent = expected["E.spike"].sel(time=slice(10.2, None)).values
    assert not silent[:, :60].any()
    assert silent[:, 60:].any()
    assert expected["I.spike"].values.any()


def test_the_cell_says_the_precision_of_the_runs(tmp_path):
    view = viewed(sliders=["E.I"])
    view.in_browser = True
    assert "precision='float64'" in about(view, tmp_path)[0]["code"]["tail"]


def test_runs_that_take_long_are_fewer_and_then_one(tmp_path, monkeypatch):
    clock = iter(range(10_000))
    monkeypatch.setattr(table, "monotonic", lambda: next(clock))  # a second for every look
    monkeypatch.setattr(table, "SECONDS", 7.0)
    told, _ = about(viewed(sliders=["E.I", "EI.weight"]), tmp_path)
    assert [len(axis["values"]) for axis in told["table"]["axes"]] == [5]
    monkeypatch.setattr(table, "SECONDS", 3.0)
    html = viewed().save(tmp_path / "one.html").read_text(encoding="utf8")
    assert "This page shows one run and does not compute: `fft` at test_network_table.py" in html
    assert "Three runs for a slider would have taken longer than 3 s." in html


def test_rasters_that_are_large_are_fewer(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "NETWORK_BYTES", 8_000)
    told, _ = about(viewed(sliders=["E.I"]), tmp_path)
    assert 3 <= len(told["table"]["pictures"]) < 15
    assert sum(len(picture["block"]) for picture in told["table"]["pictures"]) <= 8_000
