"""A network in the page's own browser: the same spikes, the same picture, and what is left to the kernel."""

import gzip
import json

import numpy as np
import pytest
from in_javascript import engine
from pages import Page, run_cell
from test_browser import programs

import brainnb as bn
from brainnb.core.errors import ModelError
from brainnb.widgets import NetworkViewer, browser
from brainnb.widgets.network import drawing, program, runner

pytestmark = [pytest.mark.as_run, pytest.mark.usefixtures("no_run_is_left")]

SHOWN = """
const asked = %s, state = model.start(asked.given, { seed: asked.values.seed, dt: asked.values.dt }), found = watching(asked);
const records = Math.round(asked.values.T / asked.values.dt / EVERY);
for (let done = 0; done < records;) {
  const n = Math.min(137, records - done); // pieces of no round length
  found.add(model.more(asked.given, state, n, EVERY));
  done += n;
}
const { header, bytes, text, bad } = found.picture();
return { header, bytes: Array.from(bytes), text, bad, spikes: found.bands.map(({ record, neuron }) => [record, neuron]) };
"""


@pytest.fixture(scope="module")
def javascript():
    found = engine()
    yield found
    found.close()


def in_page(javascript, view, text=None):
    """What the worker of a page makes of the present values."""
    made = browser.program(view)
    values = view.settings.values()
    given = {path: x for path, x in values.items() if path in made.about["known"]}
    asked = {"values": values, "given": given, "watched": view.watched, "chosen": view.settings.chosen}
    # what listens to messages is the browser's
    head = "const MessageChannel = class { port1 = {}; port2 = {}; }; let onmessage;"
    return javascript(f"{head}\n{text or made.text}\n{SHOWN % json.dumps(asked)}")


def noisy():
    """Cells that Poisson spikes drive, and their answer after a delay."""
    cells = {
        "E": bn.Population(bn.neurons.LIF(), 150, init={"V": bn.init.Uniform(-70.0, -50.0)}),
        "noise": bn.Population(bn.networks.Poisson(rate=40.0), 30),
    }
    links = {
        "in": bn.Projection("noise", "E", bn.connect.FixedProbability(0.3), bn.synapses.Exponential(tau=4.0), weight=120.0),
        "EE": bn.Projection("E", "E", bn.connect.FixedProbability(0.05), bn.synapses.Exponential(tau=4.0), weight=20.0, delay=1.5),
    }  # fmt: skip
    return bn.Network(cells, links)


CASES = {
    "COBA": lambda: NetworkViewer(bn.networks.COBA(400), T=300),
    "every other step": lambda: NetworkViewer(bn.networks.COBA(200), T=80, every=2),
    "as a grid": lambda: NetworkViewer(bn.networks.COBA(400), T=100),
    "noise": lambda: NetworkViewer(noisy(), T=120, seed=4),
}


@pytest.mark.parametrize("name", CASES)
def test_a_page_draws_and_says_of_a_network_what_the_kernel_does(name, javascript, monkeypatch):
    if name == "as a grid":
        monkeypatch.setattr(drawing, "MOST_SPIKES", 300)
    view = CASES[name]()
    view.in_browser = True
    view.choose("E", 7)
    ds = view.result
    found = in_page(javascript, view)
    for i, band in enumerate(view.bands):
        record, neuron = np.nonzero(ds[f"{band.path}.spike"].values)
        assert len(record) > 20
        np.testing.assert_array_equal(found["spikes"][i], [record, neuron])
    header, block = view.shown.picture
    assert found["text"] == view.shown.text
    assert found["bad"] == ""
    assert found["header"]["raster"] == header["raster"]
    assert found["header"]["counts"] == header["counts"]
    lines = header["lines"]
    assert found["header"]["lines"] == lines
    assert bytes(map(int, found["bytes"][lines:])) == block[lines:]
    for key in ("start", "step", "end", "reached", "axes", "spans"):
        np.testing.assert_allclose(found["header"][key], header[key], rtol=1e-6, atol=1e-9, err_msg=key)
    total = sum(header["counts"])
    mine, kernels = (
        np.frombuffer(x, "<f4", total, offset=4 * -(-total // 2)) for x in (bytes(map(int, found["bytes"])), block)
    )
    np.testing.assert_allclose(mine, kernels, rtol=1e-4, atol=1e-4)
    assert header["raster"]["kind"] == ("grid" if name == "as a grid" else "spikes")


def test_the_switch_of_a_network_brings_its_program():
    view = NetworkViewer(bn.networks.COBA(200), T=20)
    assert browser.offered(view) == {"on": False, "reason": ""}
    page = Page(view).say(type="hello", bokeh=[])
    assert "watched" not in page.last("hands")
    page.say(type="browser", on=True)
    told, (packed,) = programs(page)[-1]
    assert told["on"]
    assert b"new Activity(asked)" in gzip.decompress(packed)
    assert {"EE.weight", "E.tau"} <= set(told["about"]["known"])
    hands = page.last("hands")
    assert hands["watched"] == [[*range(0, 160, 2), 1, 3, 5, 7], list(range(40))]
    assert list(map(list, hands["places"])) == [[0, 0], [1, 0]]
    page.say(type="choose", population="E", neuron=33)
    assert 33 in page.last("hands")["watched"][0]
    assert json.dumps([m for m, _ in page.heard])


def test_the_run_on_release_is_of_64_bits_and_so_is_its_cell():
    view = bn.explore(bn.networks.COBA(200), T=30, in_browser=True)
    assert view.result["E.V"].dtype == np.float64
    again = run_cell(view.to_code(), net=bn.networks.COBA(200))["ds"]
    np.testing.assert_array_equal(again["E.V"], view.result["E.V"])


def test_a_run_of_64_bits_in_pieces_is_that_in_one(monkeypatch, in_chunks_of):
    whole = bn.simulate(noisy(), T=120, record=["*.spike"], precision="float64", seed=4)
    monkeypatch.setattr(runner, "PAUSE", 0.0)
    in_chunks_of(300)
    view = CASES["noise"]()
    view.in_browser = True
    np.testing.assert_array_equal(view.result["E.spike"], whole["E.spike"])
    assert len(view.activity.parts) == 4


def test_a_network_too_large_stays_in_the_kernel_and_says_why(monkeypatch):
    view = NetworkViewer(bn.networks.COBA(200), T=21)
    monkeypatch.setattr(program, "MOST_SYNAPSES", 5000)
    said = "COBA has 15,931 synapses"
    assert browser.offered(view)["reason"] == f"{said}; a page is sent networks of at most 5,000."
    with pytest.raises(ModelError, match=said):
        browser.program(view)
    assert not bn.explore(bn.networks.COBA(200), T=21, in_browser=True).simulator.in_browser
    monkeypatch.undo()
    monkeypatch.setattr(browser, "MOST_BYTES", 10_000)
    with pytest.raises(ModelError, match=r"The program of COBA takes 0\.0\d+ MB; a page is sent at most 0\.01 MB\."):
        browser.program(view)
