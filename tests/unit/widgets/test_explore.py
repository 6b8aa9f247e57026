"""explore without a page: graders, plain Python, imports."""

import subprocess
import sys

import brainnb as bn


def test_headless_shows_text_and_runs_nothing(monkeypatch, leaky):
    monkeypatch.setenv("BRAINNB_HEADLESS", "1")
    view = bn.explore(leaky, T=50, dt=0.5, I=1.0)
    shown = view._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert shown["text/plain"].startswith(
        "Explorer of Leaky (controls: I, R, tau, E, gate.tau, start.V, start.gate.x, T, and 1 more)"
    )
    assert view.simulator.shown is None
    assert len(shown["text/plain"]) < 300


def test_the_explorer_hands_on_what_it_holds(leaky):
    view = bn.explore(leaky, T=50, dt=0.5, I=1.0)
    view.controls["tau"].value = 20
    assert view.result.V.sizes["time"] == 100
    assert view.model.tau == 20
    assert "bn.simulate(" in view.to_code()


def test_in_a_kernel_it_is_a_jupyter_widget(monkeypatch, leaky):
    monkeypatch.delenv("BRAINNB_HEADLESS", raising=False)
    bundle = bn.explore(leaky, T=50, dt=0.5)._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_logic_imports_no_widget_library():
    code = (
        "import sys, brainnb as bn; v = bn.explore(bn.neurons.HodgkinHuxley(), T=5, dt=0.05, I=1.0); v.result;"
        "print(*[m for m in ('panel', 'bokeh', 'ipywidgets', 'anywidget', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_static_files_travel_with_the_package():
    from importlib.resources import files

    static = files("brainnb.widgets") / "static"
    script = (static / "explorer.js").read_text()
    assert "export default { render }" in script
    assert "innerHTML" not in script
    assert (static / "explorer.css").is_file()
