"""A page that runs by itself: what it draws and says is what Python draws and says, and names stay text."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from in_javascript import engine

import brainnb as bn
from brainnb.core.errors import UnknownName
from brainnb.widgets import message, picture, skins
from brainnb.widgets.decimate import min_max
from brainnb.widgets.network import program
from brainnb.widgets.page import alone, page_alone
from brainnb.widgets.page.alone import inert, inert_json
from brainnb.widgets.panels import Panel, Trace
from brainnb.widgets.skins import STATIC

LOOK = (STATIC / "look.js").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def javascript():
    found = engine()
    yield found
    found.close()


@pytest.fixture
def asked(javascript):
    """The value of an expression over the functions of look.js, for arrays and numbers given as JSON."""

    def answer(expression, **given):
        values = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
        return javascript(f"{LOOK}\n{values}\nreturn {expression};")

    return answer


def dataset(**variables):
    first = np.asarray(next(iter(variables.values())))
    time = 0.1 * np.arange(1, len(first) + 1)
    found = {n: (("time", "neuron")[: np.ndim(x)], np.asarray(x, np.float32)) for n, x in variables.items()}
    return xr.Dataset(found, {"time": time})


def page_panels(panels):
    return [
        {"kind": p.kind, "label": p.label, "unit": p.unit,
         "traces": [{"variable": t.variable, "unit": t.unit_index, "label": t.label} for t in p.traces]}
        for p in panels
    ]  # fmt: skip


def out_of(ds):
    rows = {name: x.values.reshape(-1).astype(float).tolist() for name, x in ds.data_vars.items()}
    return {"time": ds.time.values.tolist(), **rows}


def line(*names, unit="mV"):
    return Panel("state", ", ".join(names), unit, tuple(Trace(n, None, n) for n in names))


wave = np.sin(np.arange(20_001) / 300) * np.linspace(1, 3, 20_001)
spike = (np.arange(20_001) % 4001 == 4000).astype(float)
CASES = {
    "long lines": (dataset(V=wave, w=wave[::-1]), (line("V", "w", unit="1"),)),
    "spikes": (dataset(V=-60 + 80 * spike, spike=spike), (line("V"), Panel("spikes", "spikes", "1", (Trace("spike", None, "spike"),)))),
    "voltage": (dataset(V=-60 + 90 * spike), (line("V"),)),
    "two spikes": (dataset(V=-60 + 90 * np.isin(np.arange(900), (100, 700))), (line("V"),)),
    "rest": (dataset(V=np.full(50, -65.25)), (line("V"),)),
    "units": (dataset(x=np.outer(wave[:400], [1.0, -2.0, 3.0])), (Panel("state", "x", "1", tuple(Trace("x", i, f"x[{i}]") for i in range(3))),)),
    "a field": (dataset(x=np.outer(wave[:701], np.arange(90.0))), (Panel("field", "x", "Hz", (Trace("x", None, "x"),)),)),
    "a gap": (dataset(V=np.where(np.arange(500) == 77, np.nan, wave[:500])), (line("V", unit="1"),)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_page_draws_and_says_what_python_does(name, asked):
    ds, panels = CASES[name]
    out = {k: [None if v != v else v for v in x] for k, x in out_of(ds).items()}
    revived = "Object.fromEntries(Object.entries(out).map(([k, x]) => [k, Float64Array.from(x, (v) => v === null ? NaN : v)]))"
    header, block, said = asked(
        f"(() => {{ const found = {revived}, seen = pictureOf(found, panels);"
        "return [seen.header, Array.from(seen.bytes), sentence(found, panels)]; })()",
        out=out,
        panels=page_panels(panels),
    )
    wanted = picture.draw(ds, panels)
    assert said == message.sentence(ds, panels)
    assert bytes(map(int, block)) == wanted.block
    assert header["counts"] == wanted.header["counts"]
    for key in ("start", "step", "end"):
        assert header[key] == pytest.approx(wanted.header[key])
    np.testing.assert_allclose(header["spans"], wanted.header["spans"], rtol=1e-6)
    assert [f["units"] for f in header["fields"]] == [f["units"] for f in wanted.header["fields"]]


def test_a_raster_holds_every_spike_and_tells_the_rates(asked):
    fired = np.random.default_rng(3).random((400, 30)) < 0.02
    out = {"time": (0.5 * np.arange(1, 401)).tolist(), "E.spike": fired.astype(int).ravel().tolist()}
    panels = [{"kind": "raster", "label": "neuron", "unit": "1", "traces": [
        {"variable": "E.spike", "unit": None, "label": "E", "first": 10, "units": 30}]}]  # fmt: skip
    header, block, said = asked(
        "(() => { const seen = pictureOf(out, panels); return [seen.header, Array.from(seen.bytes), sentence(out, panels)]; })()",
        out=out,
        panels=panels,
    )
    (count,) = header["counts"]
    at, neuron = np.nonzero(fired)
    assert count == len(at)
    block = bytes(map(int, block))
    np.testing.assert_array_equal(np.frombuffer(block, "<u2", count), at)
    np.testing.assert_array_equal(np.frombuffer(block, "<f4", count, offset=4 * -(-count // 2)), 10.5 + neuron)
    assert header["spans"] == [[0, 40]]
    assert said == f"E {1000 * count / 30 / 200:.3g} Hz"


def test_a_network_is_a_page_with_its_raster(tmp_path):
    view = bn.explore(bn.networks.COBA(200), T=20)
    html = view.save(tmp_path / "coba.html").read_text(encoding="utf8")
    about = json.loads(re.search(r'id="about">(.*?)</script>', html, re.S).group(1))
    assert [(t["label"], t["first"], t["units"]) for t in about["panels"][0]["traces"]] == [
        ("E", 0, 160),
        ("I", 160, 40),
    ]
    assert "EE.weight" in about["setup"]["sliders"]
    assert "EE: E to E" in {g["name"] for g in about["setup"]["groups"]}
    assert about["setup"]["fixed"] == "Without a slider, as each is many numbers: the wiring."
    assert len(html) < 1_000_000


def test_what_was_done_to_neurons_is_not_lost_in_silence(tmp_path):
    view = bn.widgets.NetworkViewer(bn.networks.COBA(200), T=5, sliders=["EE.weight"])
    view.hold("E", neurons=(0, 50), start=2)
    saved = view.save(tmp_path / "held.html").read_text(encoding="utf8")
    assert (
        "cannot hold or drive neurons by itself; in every run that it shows: E 0 to 49 held at -60 mV, from 2 ms on."
        in saved
    )
    assert "function advance" not in saved
    begun = (
        bn.explore(bn.neurons.LIF(), T=20, init={"V": -55.0}).save(tmp_path / "begun.html").read_text(encoding="utf8")
    )
    assert "cannot begin where `init` said" in begun


@pytest.mark.parametrize("count", [5, 200, 201, 997, 5000])
def test_extremes_survive_the_decimation(count, asked):
    y = np.random.default_rng(count).normal(size=count)
    kept = asked("Array.from(minMax(Float64Array.from(y), 200))", y=y.tolist())
    assert kept == min_max(y, 200).tolist()


def test_numbers_are_written_as_python_writes_them(asked):
    numbers = [
        0.0,
        1.0,
        -65.0,
        1234.5,
        123456.0,
        1234567.0,
        0.00012345,
        0.000012345,
        -0.5,
        99999.5,
        1e22,
        3.0e-7,
        68.25,
    ]
    assert asked("numbers.map((x) => [general(x, 4), general(x, 6)])", numbers=numbers) == [
        [f"{x:.4g}", f"{x:.6g}"] for x in numbers
    ]


@pytest.fixture(scope="module")
def html():
    """A page of a hostile model: markup in every place where a text can be."""
    evil = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)> \" ' ${alert(3)} \\x3c"

    class Evil(bn.Model):
        a: bn.Param = bn.param(1.0, evil, evil, bounds=(0, 2))
        x = bn.state(0.0, evil, evil)
        I = bn.input(0.5, evil, evil)

        def vector_field(self, t, s, u):
            return dict(x=u.I - self.a * s.x)

    Evil.__doc__, Evil.__name__ = evil, evil
    return page_alone(bn.widgets.Simulator(Evil(), T=5, title=evil))


def test_names_of_a_model_stay_text(html):
    assert len(re.findall(r"</script", html, re.I)) == len(re.findall(r"<script\b", html, re.I)) == 5
    assert "<!--" not in html
    assert "<img" not in re.sub(r"<script\b.*?</script>", "", html, flags=re.S)
    assert html.startswith("<!doctype html>")


def test_it_asks_nobody_for_anything(html):
    assert not re.search(
        r"""(src|href)\s*=\s*["']?(?!\$)[a-z]+:""", re.sub(r"<script.*?</script>", "", html, flags=re.S)
    )
    assert "default-src 'none'" in html


def test_what_is_inert_means_the_same(javascript):
    assert json.loads(inert_json({"x": "</script><!--"})) == {"x": "</script><!--"}
    text = 'const x = "</script><!-- <b>"; 1 < 2;'
    assert "</" not in inert(text)
    assert javascript(f"{inert(text)}\nreturn x;") == "</script><!-- <b>"


@pytest.mark.parametrize(
    "names",
    [
        skins.NAMES,
        (*alone.SCRIPTS, *alone.CURVES, "table.js"),
        (*alone.WORKER, *alone.ANALYSIS),
        program.WORKER,
    ],
    ids=lambda names: names[-1],
)
def test_scripts_that_are_put_together_share_no_name(names):
    text = "\n".join(map(alone.script, names))
    found = re.findall(r"^(?:async )?(?:function\*?|const|let|class) +([A-Za-z_]+)", text, re.M)
    assert len(found) > 10
    assert [name for name in set(found) if found.count(name) > 1] == []


def test_pages_are_small(tmp_path):
    for model in (bn.neurons.FitzHughNagumo(), bn.neurons.Izhikevich()):
        path = bn.explore(model, T=100).save(tmp_path / "page.html")
        assert path.stat().st_size < 300_000
        assert "advance(" in path.read_text(encoding="utf8")


def test_what_was_given_is_written_into_the_page():
    sim = bn.widgets.Simulator(bn.neurons.LIF(), T=50, I=bn.inputs.Step(amplitude=20.0), sliders=["I.amplitude", "tau"])
    sim.controls["tau"].value = 12.0
    about = json.loads(re.search(r'id="about">(.*?)</script>', page_alone(sim), re.S).group(1))
    assert about["setup"]["values"]["tau"] == 12.0
    assert about["setup"]["sliders"] == ["I.amplitude", "tau"]
    assert about["code"]["inputs"][0]["text"].startswith("bn.inputs.Step(")
    with pytest.raises(UnknownName):
        bn.widgets.Simulator(bn.neurons.LIF(), nothing=1.0)


def test_a_model_that_cannot_run_there_is_saved_with_its_runs_and_the_reason(tmp_path, monkeypatch):
    from brainnb import export

    def refuse(*_, **__):
        raise export.ExportError("`fft` has no form in JavaScript")

    monkeypatch.setattr(export, "javascript", refuse)
    saved = bn.explore(bn.neurons.LIF(), T=20).save(tmp_path / "page.html").read_text(encoding="utf8")
    assert "This page does not compute: it shows the nearest of 15 runs" in saved
    assert "`fft` has no form in JavaScript" in saved


def test_the_command_writes_a_page(tmp_path, capsys, monkeypatch):
    from brainnb.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["page", "FitzHughNagumo", "--T", "50"]) == 0
    assert Path("FitzHughNagumo.html").stat().st_size > 50_000
    assert "FitzHughNagumo.html: " in capsys.readouterr().out
    assert main(["page", "FitzHughNagumo", "-o", "nowhere/page.html"]) != 0
    assert "there is no folder nowhere" in capsys.readouterr().err
    sys.modules.pop("__brainnb_app__", None)
