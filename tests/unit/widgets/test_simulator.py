"""The simulator without a page."""

import threading
import time

import numpy as np
import pytest

import brainnb as bn
from brainnb.widgets.state import StateError


def test_a_moved_control_gives_the_run_of_the_moved_model(simulator, leaky):
    simulator.controls["I"].value = 2
    simulator.controls["tau"].value = 20
    simulator.controls["gate.tau"].value = np.float32(3)
    expected = bn.simulate(leaky.replace({"tau": 20.0, "gate.tau": 3.0}), T=50, dt=0.5, I=2.0)
    np.testing.assert_array_equal(simulator.result.V, expected.V)
    np.testing.assert_array_equal(simulator.result["gate.x"], expected["gate.x"])
    assert simulator.model.parameters()["tau"].value == 20


def test_moves_never_compile_anew(simulator):
    _ = simulator.result
    before = bn.run.cache.trace_count()
    for path, control in simulator.controls.items():
        for number in np.linspace(control.low, control.high, 6)[1:-1]:
            if path in ("T", "dt"):
                number = control.default + control.step
            for kind in (float, np.float32, np.float64):
                simulator.set({path: kind(number)})
                _ = simulator.result
        control.value = int(np.ceil(max(control.low, control.step)))
        _ = simulator.result
        control.reset()
    _ = simulator.result
    assert bn.run.cache.trace_count() == before


def test_controls_say_what_they_hold(simulator):
    control = simulator.controls["I"]
    assert control.name == "I: injected current (nA)"
    assert (control.low, control.high, control.bounds) == (-5, 5, (-5, 5))
    assert control.group == "Input"
    assert [c.group for c in simulator.controls.values()] == ["Input", *["Parameters"] * 3, "gate", "Run", "Run"]
    assert list(simulator.controls) == ["I", "R", "tau", "E", "gate.tau", "T", "dt"]


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"tau": 1000}, bn.OutOfBounds, r"Leaky.tau = 1000 ms is outside \[1, 100\] ms"),
        ({"gate.tau": 0}, bn.OutOfBounds, r"gate.tau = 0 ms is outside \[0.5, 50\] ms"),
        ({"I": 50}, bn.OutOfBounds, r"Leaky.I = 50 nA is outside \[-5, 5\] nA"),
        ({"E": float("nan")}, bn.OutOfBounds, "E = nan: a finite number was expected"),
        ({"E": float("inf")}, bn.OutOfBounds, "E = inf: a finite number was expected"),
        ({"tua": 5}, bn.UnknownName, "No control `tua` in Leaky. Did you mean `tau`"),
        ({"I": lambda t: t}, bn.ModelError, "was given a function; under sliders a stimulus is a model"),
        ({"tau": "x"}, Exception, "tau"),
        ({"tau": None}, bn.ModelError, "a number or an array in ms was expected"),
        ({"seed": 1.5}, bn.ModelError, "seed = 1.5: a whole number was expected"),
        ({"seed": -1}, bn.OutOfBounds, "seed = -1 is outside"),
        ({"T": -5}, bn.OutOfBounds, "T = -5 ms is outside"),
        ({"dt": 0}, bn.OutOfBounds, "dt = 0 ms is outside"),
        ({"T": 1e12}, bn.OutOfBounds, "would take 2,000,000,000,000 steps; at most 50,000,000"),
        ({"dt": 1e-8}, bn.OutOfBounds, "5,000,000,000 steps"),
    ],
)
def test_refusals_name_the_limit_and_change_nothing(simulator, values, error, message):
    before = simulator.settings
    with pytest.raises(error, match=message):
        simulator.set({"R": 3.0, **values})
    assert simulator.settings is before


def test_a_result_too_large_is_refused_with_numbers(leaky):
    with pytest.raises(
        bn.OutOfBounds, match=r"would need 1.0 GB for its result; at most 1 GB is allowed here. Shorten T"
    ):
        bn.widgets.Simulator(leaky, T=25_000_000.0, dt=0.5)


def test_functions_are_refused_at_the_door(leaky):
    with pytest.raises(bn.ModelError, match=r"write I=bn.inputs.Step\(amplitude=10.0, start=5.0\)"):
        bn.widgets.Simulator(leaky, I=lambda t: 1.0)


def test_what_is_no_model_is_refused():
    with pytest.raises(bn.ModelError, match=r"A model was expected, for example bn.neurons.LIF\(\); got int"):
        bn.widgets.Simulator(3)


def test_unknown_inputs_and_sliders_name_the_known(leaky):
    with pytest.raises(bn.UnknownName, match=r"No input `J` in Leaky.* Known: I"):
        bn.widgets.Simulator(leaky, J=1.0)
    with pytest.raises(bn.UnknownName, match=r"No control `g`.*Known: I, R, tau"):
        bn.widgets.Simulator(leaky, sliders=["g"])


def test_the_duration_stays_a_whole_number_of_steps(simulator):
    simulator.set({"dt": 0.3})
    assert pytest.approx(50.1) == simulator.settings.T
    assert simulator.result.sizes["time"] == 167


def test_presets_and_reset(simulator):
    assert simulator.presets() == {"slow": "A slow membrane (nobody, 1900)."}
    simulator.use_preset("slow")
    assert simulator.controls["tau"].value == 50
    assert simulator.controls["I"].value == 1
    simulator.reset("tau")
    assert simulator.controls["tau"].value == 10
    simulator.set({"tau": 30, "R": 1})
    simulator.reset()
    assert simulator.settings.values() == {p: c.default for p, c in simulator.controls.items()} | {"seed": 0}
    with pytest.raises(bn.UnknownName, match="No preset `fast` in Leaky"):
        simulator.use_preset("fast")


def test_the_state_comes_back_from_its_link(simulator):
    simulator.set({"tau": 12.3, "I": -0.7, "seed": 5, "T": 40})
    link = simulator.link()
    there = simulator.result
    simulator.reset()
    simulator.load("http://127.0.0.1/app" + link)
    np.testing.assert_array_equal(simulator.result.V, there.V)
    assert simulator.seed == 5
    simulator.load(simulator.state())
    assert simulator.settings.values()["tau"] == 12.3


def test_a_link_out_of_bounds_is_refused_as_a_whole(simulator):
    state = simulator.state()
    state["values"] |= {"R": 5.0, "tau": 1e9}
    with pytest.raises(bn.OutOfBounds, match=r"tau = 1e\+09 ms is outside \[1, 100\] ms"):
        simulator.load(state)
    assert simulator.controls["R"].value == 2
    with pytest.raises(StateError, match="belongs to the model Firing"):
        simulator.load({**simulator.state(), "model": "Firing"})


def test_stop_keeps_the_part_that_was_reached(leaky):
    simulator = bn.widgets.Simulator(leaky, T=100_000, dt=0.01, every=20)
    fractions = []
    begun = threading.Event()

    def listen(event, value):
        if event == "progress":
            fractions.append(value)
            begun.set()

    simulator.listen(listen)
    simulator.run()
    assert begun.wait(20)
    asked = time.monotonic()
    assert simulator.stop()
    assert simulator.wait(5)
    assert time.monotonic() - asked < 0.5
    partial = simulator.result
    assert 0 < partial.sizes["time"] < 500_000
    assert partial.attrs["status"].startswith("stopped at t=")
    assert simulator.shown.stopped
    assert "stopped at t=" in simulator.text()
    assert 0 < fractions[0] < 1


def test_an_error_in_the_model_is_told_and_not_lost(monkeypatch, simulator):
    _ = simulator.result
    heard = []
    simulator.listen(lambda event, value: heard.append((event, value)))

    def broken(*args, **kwargs):
        raise ZeroDivisionError("a broken model")

    monkeypatch.setattr("brainnb.widgets.runner.simulate", broken)
    simulator.set({"tau": 11})
    with pytest.raises(ZeroDivisionError, match="a broken model"):
        _ = simulator.result
    assert [event for event, _ in heard] == ["problem"]
    monkeypatch.undo()
    simulator.set({"tau": 12})
    assert simulator.result.sizes["time"] == 100


def test_a_run_that_explodes_keeps_what_was_finite():
    class Explosive(bn.Model):
        """Grows without limit."""

        a: bn.Param = bn.param(1.0, "1", "growth", bounds=(0, 5))
        x = bn.state(1.0, "1", "size")

        def vector_field(self, t, s, u):
            return dict(x=self.a * s.x**3)

    simulator = bn.widgets.Simulator(Explosive(), T=20, dt=0.05)
    with pytest.raises(bn.NumericalFailure, match="Explosive"):
        _ = simulator.result
    assert 0 < simulator.shown.result.sizes["time"] < 400
    assert "Explosive" in simulator.shown.text


def test_kept_traces_list_what_differs(simulator):
    _ = simulator.result
    simulator.keep()
    simulator.set({"I": 2.0})
    _ = simulator.result
    assert simulator.comparisons() == [{"text": "I 1 nA", "count": 1}]
    assert "values differ" not in simulator.text()
    simulator.set({"tau": 20.0})
    _ = simulator.result
    assert simulator.comparisons() == [{"text": "I 1 nA, tau 10 ms", "count": 2}]
    assert "2 values differ from the trace kept last" in simulator.text()
    for _ in range(5):
        simulator.keep()
    assert len(simulator.kept) == 3
    simulator.forget(0)
    assert len(simulator.kept) == 2
    simulator.forget()
    assert simulator.kept == []


def test_the_text_names_the_last_change(simulator):
    simulator.set({"I": 2.5})
    _ = simulator.result
    assert simulator.text() == "V between -64.76 and -60.03 mV, at the end -60.03 mV; last change I 1 -> 2.5 nA"


def test_noise_is_drawn_anew_only_when_asked(simulator):
    assert simulator.seed == 0
    simulator.new_noise()
    first = simulator.seed
    assert first != 0
    simulator.set({"tau": 11})
    assert simulator.seed == first


def test_spikes_are_recorded_and_counted(firing):
    simulator = bn.widgets.Simulator(firing, T=100.0, dt=0.5)
    assert "spike" in simulator.result
    assert simulator.text().startswith("10 spikes, 100 Hz")
    assert [p.kind for p in simulator.shown.panels] == ["state", "spikes"]


def test_a_copy_shares_nothing(simulator):
    other = simulator.copy()
    other.set({"tau": 33})
    assert simulator.controls["tau"].value == 10
    assert other.controls["tau"].value == 33


def test_callbacks_from_two_threads_end_at_one_of_their_values(simulator):
    def drag(path, values):
        for value in values:
            simulator.set({path: value}, urgent=False)

    threads = [
        threading.Thread(target=drag, args=("tau", np.linspace(5, 50, 80))),
        threading.Thread(target=drag, args=("I", np.linspace(-4, 4, 80))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = simulator.result
    assert simulator.settings.values()["tau"] == 50
    assert simulator.settings.values()["I"] == 4
    expected = bn.simulate(simulator.model, T=50, dt=0.5, I=4.0)
    np.testing.assert_array_equal(result.V, expected.V)


@pytest.mark.parametrize("suffix", [".nc", ".csv", ".json", ".html"])
def test_saved_files_hold_the_result(simulator, tmp_path, suffix):
    import json

    import xarray as xr

    path = simulator.save(tmp_path / f"run{suffix}")
    if suffix == ".nc":
        with xr.open_dataset(path, engine="h5netcdf") as back:
            np.testing.assert_array_equal(back.V, simulator.result.V)
            assert back.attrs["model"] == "Leaky"
    elif suffix == ".csv":
        rows = path.read_text().splitlines()
        assert rows[0].split(",")[0] == "time"
        assert len(rows) == 101
    elif suffix == ".json":
        assert json.loads(path.read_text())["values"]["tau"] == 10
    else:
        page = path.read_text()
        assert "membrane resistance" in page
        assert "cdn." not in page.split("<body>")[0].lower().split("<script")[0]


def test_other_files_are_refused_in_words(simulator, tmp_path):
    with pytest.raises(ValueError, match=r"ends with one of .nc, .csv, .json, .html"):
        simulator.save(tmp_path / "run.pkl")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        simulator.save(tmp_path / "nowhere" / "run.nc")
