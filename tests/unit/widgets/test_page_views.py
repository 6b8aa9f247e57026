"""The phase plane, the f-I curve and the table of a saved page: what they compute is what Python computes."""

import json
import re
import sys

import numpy as np
import pytest
from in_javascript import engine
from pages import run_cell

import brainnb as bn
from brainnb.cli import main
from brainnb.widgets.curves.packed import decoded
from brainnb.widgets.page import views
from brainnb.widgets.page.alone import limits
from brainnb.widgets.picture import Picture
from brainnb.widgets.plane import drawing as plane_drawing
from brainnb.widgets.plane.viewer import declared
from brainnb.widgets.rate import drawing as rate_drawing
from brainnb.widgets.save import page
from brainnb.widgets.skins import STATIC

PLANES = {
    "FitzHughNagumo": (bn.neurons.FitzHughNagumo(), {"I": 0.5}, [{}, {"b": 1.6, "I": 0.0}, {"a": 0.1, "b": 2.0, "I": 0.0}]),
    "MorrisLecar": (bn.neurons.MorrisLecar(), {"I": 60.0}, [{}, {"I": 120.0}, {"V_3": 12.0, "V_4": 17.4, "phi": 0.067, "g_Ca": 4.0, "I": 38.0}]),
    "WilsonCowan": (bn.rates.WilsonCowan(), {}, [{}, {"P": 1.25}]),
    "WongWang": (bn.rates.WongWang(), {}, [{}, {"mu": 30.0, "c": 0.1}]),
    "AdEx": (bn.neurons.AdEx(), {"I": 500.0}, [{}, {"I": 900.0}]),
}  # fmt: skip
T = 120.0


@pytest.fixture(scope="module")
def javascript():
    found = engine()
    yield found
    found.close()


def parts(html):
    """What a page is told, and the program of its worker."""
    about = re.search(r'id="about">(.*?)</script>', html, re.S).group(1)
    program = re.search(r'id="program">\n(.*?)\n</script>', html, re.S)
    return json.loads(about), program and program.group(1)


def computed(javascript, html, tab, values):
    """What the worker of a page computes for some values."""
    about, program = parts(html)
    setup = about["views"][tab]["setup"]["values"] | values
    return javascript(
        f"{program}\nconst asked = VIEW_WORK.{tab}({json.dumps(setup)}, VIEWS.{tab});\n"
        "for (;;) { const { done, value } = asked.next(); if (done) return { ...value, bytes: Array.from(value.bytes), out: null }; }"
    )


def curves(found, names):
    return decoded(Picture(found["header"], bytes(map(int, found["bytes"]))), names)


def saved(model, T=20.0, dt=0.1, **given):
    return page(bn.explore(model, T=T, dt=dt, **given).simulator)


@pytest.mark.parametrize("name", PLANES)
def test_a_page_finds_the_plane_that_python_finds(name, javascript):
    model, given, sets = PLANES[name]
    html = saved(model, **given)
    about, _ = parts(html)
    ranges = declared(model)
    for values in sets:
        found = computed(javascript, html, "phase_plane", values | {"T": T})
        inputs = given | {n: v for n, v in values.items() if n in model.inputs()}
        moved = model.replace({n: v for n, v in values.items() if n not in inputs})
        start = tuple(about["views"]["phase_plane"]["setup"]["values"][f"start.{axis}"] for axis in ranges)
        ds = bn.phase_plane(moved, start=start, T=T, inputs=inputs, **ranges)
        points = found["rest"]["points"]
        assert [p["word"] for p in points] == ds.stability.values.tolist()
        for axis, key in zip(ranges, "xy", strict=True):
            width = np.ptp(ranges[axis])
            np.testing.assert_allclose([p[key] for p in points], ds[f"point_{axis}"], rtol=0, atol=1e-8 * width)
        eigenvalues = np.array([[complex(*e) for e in p["eigenvalues"]] for p in points]).reshape(-1, 2)
        np.testing.assert_allclose(eigenvalues, ds.eigenvalue, rtol=1e-6, atol=1e-8)
        seen, drawn = curves(found, plane_drawing.CURVES), plane_drawing.curves(ds, *ranges)
        for curve in ("arrows", "threshold", "reset"):
            np.testing.assert_allclose(seen[curve], drawn[curve].astype(np.float32), rtol=1e-5, atol=1e-5)
        here, there = seen["trajectory"][:, -1], drawn["trajectory"][:, -1]
        np.testing.assert_allclose(here, there, rtol=1e-5, atol=1e-5 * max(map(np.ptp, ranges.values())))
        for part, axis in enumerate(ranges):
            lines = np.concatenate([np.reshape(line, (-1, 2)) for line in found["lines"][part]])
            assert same_curve(lines, ds[f"nullcline_{axis}"].values, [np.ptp(r) for r in ranges.values()]) < 2 / 192
        assert bool(ds.attrs["complete"]) is (not found["rest"]["missing"] and not found["rest"]["blind"])


def test_a_point_on_a_line_of_the_grid_is_no_gap_in_the_search(javascript):
    found = computed(javascript, saved(bn.neurons.Izhikevich(), I=0.0), "phase_plane", {"T": 20.0})
    assert found["text"] == "stable node at V = -70, w = -14; saddle at V = -50, w = -10"


def same_curve(a, b, width):
    """How far the points of one set are at most from the other, in units of the box."""
    from scipy.spatial import cKDTree

    a, b = a / width, b / width
    return max(cKDTree(a).query(b)[0].max(initial=0.0), cKDTree(b).query(a)[0].max(initial=0.0))


class Three(bn.Model):
    """Three resting points, told apart by a state that is no axis."""

    x = bn.state(0.0, "1", "follows z", bounds=(-3, 3))
    y = bn.state(0.0, "1", "follows x", bounds=(-3, 3))
    z = bn.state(0.5, "1", "goes to 1, and from -1", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        return dict(x=s.z - s.x, y=s.x - s.y, z=s.z * (1 - s.z**2) + 1e-3)


def test_states_that_are_no_axis_stand_where_they_rest(javascript):
    found = computed(javascript, saved(Three()), "phase_plane", {"T": 20.0})
    (point,) = found["rest"]["points"]
    z = point["x"]
    assert abs(z * (1 - z**2) + 1e-3) < 1e-12
    assert abs(z) < 0.01  # of the three resting points the nearest to the start
    assert point["y"] == pytest.approx(z, abs=1e-12)
    assert point["word"] == "stable node"


@pytest.mark.parametrize(
    ("model", "given", "values"),
    [
        (bn.neurons.LIF(), {"I": 150.0}, {"R": 0.15}),
        (bn.neurons.HodgkinHuxley(), {"I": 10.0}, {}),
        (bn.neurons.MorrisLecar(), {"I": 120.0}, {}),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, bn.Model) else "",
)
def test_a_page_measures_the_curve_that_python_measures(model, given, values, javascript):
    html = saved(model, dt=0.05, **given)
    about, _ = parts(html)
    over, span = "I", tuple(json.loads(re.search(r"const VIEWS = (.*?), VIEW_WORK", html).group(1))["fi_curve"]["span"])
    found = computed(javascript, html, "fi_curve", values | {"T": 200.0})
    ds = bn.analysis.fi_curve(model.replace(values), span, over=over, T=200.0, dt=0.05, transient=40.0)
    rate = curves(found, rate_drawing.CURVES)["dots"][1]
    np.testing.assert_allclose(rate, ds.rate, rtol=1e-6)
    assert found["found"]["word"] == str(ds.excitability.values)
    assert found["found"]["rheobase"] == pytest.approx(float(ds.rheobase), rel=1e-12)
    assert found["found"]["onset"] == pytest.approx(
        float(ds.onset_rate), rel=1e-3
    )  # a rate at threshold: the last bits count
    assert "fi_curve" in [tab["name"] for tab in about["tabs"]]


def test_it_says_what_python_says(javascript):
    view = bn.explore(bn.neurons.FitzHughNagumo(), T=100, I=0.5)
    html = page(view.simulator)
    for tab in ("phase_plane", "fi_curve"):
        live = view.open(tab)
        found = computed(javascript, html, tab, {})
        assert live.result is not None
        assert found["text"] == live.shown.text
        assert found["header"]["curves"] == live.shown.picture.header["curves"]


def test_a_page_offers_the_views_of_its_explorer(tmp_path):
    def tabs(view):
        html = view.save(tmp_path / "page.html").read_text(encoding="utf8")
        return [tab["name"] for tab in parts(html)[0]["tabs"]]

    assert tabs(bn.explore(bn.neurons.FitzHughNagumo(), T=20)) == ["time", "phase_plane", "fi_curve"]
    assert tabs(bn.explore(bn.neurons.FitzHughNagumo(), T=20, views=["bifurcation", "fi_curve"])) == [
        "time",
        "fi_curve",
    ]
    assert tabs(bn.explore(bn.neurons.FitzHughNagumo(), T=20, views=())) == ["time"]
    assert tabs(bn.explore(bn.rates.MackeyGlass(), T=20)) == ["time"]


def test_a_stimulus_is_still_in_a_plane(javascript):
    html = saved(bn.neurons.FitzHughNagumo(), I=bn.inputs.Step(amplitude=0.8, start=5.0))
    found = computed(javascript, html, "phase_plane", {"T": 20.0})
    rest = bn.fixed_points(bn.neurons.FitzHughNagumo())
    assert found["rest"]["points"][0]["x"] == pytest.approx(float(rest.V[0]), abs=1e-8)


@pytest.mark.parametrize("tab", ["phase_plane", "fi_curve"])
def test_the_cell_of_a_view_makes_it_in_python(tab, javascript):
    about, _ = parts(saved(bn.neurons.FitzHughNagumo(), I=0.5))
    own = about["views"][tab]
    source = "\n".join(
        [limits(), *((STATIC / name).read_text(encoding="utf8").replace("export default { render };", "") for name in ("look.js", "page.js"))]
    )  # fmt: skip
    cell = javascript(
        f"{source}\nconst kernel = new PageKernel({json.dumps(own)}, ''); kernel.values = {{ ...kernel.values, b: 1.6, I: 0.25, T: 60 }};"
        "return kernel.code();"
    )
    ds = run_cell(cell)["ds"]
    assert json.loads(ds.attrs["parameters"])["b"] == 1.6
    assert ds.attrs["analysis"] == tab
    if tab == "fi_curve":
        assert (ds.attrs["T"], ds.attrs["transient"]) == (60.0, 12.0)
    else:
        assert float(ds.trajectory_time.max()) == 60.0
        assert json.loads(ds.attrs["inputs"])["I"] == 0.25


def test_inputs_with_dots_are_one_argument():
    parts = views.given(["E.I", "P", "I.I"])
    filled = "".join(part if isinstance(part, str) else "1.0" for part in parts)
    assert filled == ", P=1.0, inputs={'E.I': 1.0, 'I.I': 1.0}"
    assert [part["path"] for part in parts if isinstance(part, dict)] == ["P", "E.I", "I.I"]


def test_a_model_that_cannot_run_there_becomes_a_table_of_runs(tmp_path):
    view = bn.explore(bn.rates.CANN(N=32), T=20, dt=0.5, sliders=["A", "k"])
    html = view.save(tmp_path / "cann.html").read_text(encoding="utf8")
    assert len(html) < 300_000
    assert "does not compute" in html
    assert "cann.py, line" in html
    about, program = parts(html)
    table = about["table"]
    assert program.strip() == ""
    assert [axis["path"] for axis in table["axes"]] == ["A", "k"]
    assert [c["path"] for c in about["setup"]["controls"]] == ["A", "k"]
    sizes = [len(axis["values"]) for axis in table["axes"]]
    assert len(table["pictures"]) == np.prod(sizes) >= 9
    i, j = 2, 1
    values = {axis["path"]: axis["values"][k] for axis, k in zip(table["axes"], (i, j), strict=True)}
    assert table["pictures"][i * sizes[1] + j]["text"] == told(view, values)


def told(view, values):
    view.simulator.set(values)
    assert view.result is not None
    return view.simulator.shown.text


def test_a_run_that_begins_elsewhere_is_a_table_too(tmp_path):
    view = bn.explore(bn.neurons.LIF(), T=20, init={"V": -55.0}, I=150.0)
    html = view.save(tmp_path / "begun.html").read_text(encoding="utf8")
    assert "cannot begin where `init` said" in html
    (axis,) = parts(html)[0]["table"]["axes"]
    assert axis["path"] == "I"
    assert 150.0 in axis["values"]
    assert axis["values"] == sorted(axis["values"])


def test_the_command_writes_a_table_and_says_why(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["page", "CANN", "--T", "5", "--dt", "0.5"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("CANN cannot run in a page: `fft` at cann.py")
    assert len(parts((tmp_path / "CANN.html").read_text(encoding="utf8"))[0]["table"]["pictures"]) == 15
    sys.modules.pop("__brainnb_app__", None)


def test_names_stay_text_in_the_views_too(javascript):
    evil = "</script><script>alert(1)</script><!-- \" ' ${alert(3)} \\x3c"

    class Evil(bn.Model):
        V = bn.state(0.5, evil, evil, bounds=(-2, 2))
        w = bn.state(0.0, evil, evil, bounds=(-2, 2))
        I = bn.input(0.25, evil, evil, bounds=(-1, 1))

        def vector_field(self, t, s, u):
            return dict(V=u.I - s.V - s.w, w=s.V - s.w)

    html = page(bn.explore(Evil(), T=5, title=evil).simulator)
    assert len(re.findall(r"</script", html, re.I)) == len(re.findall(r"<script\b", html, re.I)) == 5
    about, _ = parts(html)
    assert [tab["name"] for tab in about["tabs"]] == ["time", "phase_plane", "fi_curve"]
    assert about["views"]["phase_plane"]["panels"][0]["up"].startswith("w (</script>")
    (point,) = computed(javascript, html, "phase_plane", {"T": 5.0})["rest"]["points"]
    assert (point["x"], point["word"]) == (pytest.approx(0.125), "stable focus")
