"""The network viewer without a page: what it runs, what it shows, what is done to its neurons."""

import json

import numpy as np
import pytest
from pages import run_cell
from waiting import until

import brainnb as bn
from brainnb.networks import Manipulated, Manipulation
from brainnb.run.cache import trace_count
from brainnb.widgets.network import drawing, layout, runner
from brainnb.widgets.state import pack, to_link

pytestmark = [pytest.mark.as_run, pytest.mark.usefixtures("no_run_is_left")]


class Ticking(bn.Model):
    """Rises, fires at 1, starts again."""

    tau: bn.Param = bn.param(20.0, "ms", "time constant", bounds=(1, 100))
    V = bn.state(0.0, "mV", "potential")
    I = bn.input(0.0, "pA", "drive", bounds=(-10, 10))

    def vector_field(self, t, s, u):
        return dict(V=(u.I - s.V) / self.tau)

    def on_step(self, t, s, u, key):
        fired = s.V >= 1.0
        return dict(V=s.V * (1.0 - fired)), dict(spike=1.0 * fired)


@pytest.fixture
def net():
    cells = {"init": {"V": bn.init.Uniform(0, 1)}, "inputs": {"I": 1.5}}
    return bn.Network(
        {"E": bn.Population(Ticking(), 200, **cells), "I": bn.Population(Ticking(), 30, **cells)},
        {
            "EI": bn.Projection("E", "I", bn.connect.FixedProbability(0.2), weight=0.02, delay=1.5),
            "IE": bn.Projection("I", "E", bn.connect.FixedProbability(0.2), weight=-0.1),
        },
    )


@pytest.fixture
def view(net):
    return bn.widgets.NetworkViewer(net, T=60, method="euler")


@pytest.fixture
def in_pieces(monkeypatch, in_chunks_of):
    """Runs that pause after every chunk."""
    monkeypatch.setattr(runner, "PAUSE", 0.0)
    in_chunks_of(5000)


def spikes_in(picture, bands):
    """Column and neuron of every spike that a picture holds."""
    raster, block = picture.header["raster"], picture.block[picture.header["lines"] :]
    at, found = 0, []
    for count in raster["counts"]:
        columns = np.frombuffer(block, "<u2", raster["columns"], at)
        neurons = np.frombuffer(block, "<u2", count, at + 2 * raster["columns"])
        at += 2 * (raster["columns"] + count)
        found.append((np.repeat(np.arange(raster["columns"]), columns), neurons))
    assert at == len(block)
    assert len(found) == len(bands)
    return found


def curves_of(picture):
    """The curves of a picture as (x, y)."""
    header = picture.header
    total = sum(header["counts"])
    places = np.frombuffer(picture.block, "<u2", total)
    levels = np.frombuffer(picture.block, "<f4", total, 2 * total + (-2 * total) % 4)
    found, begin = [], 0
    for count, (start, step) in zip(header["counts"], header["axes"], strict=True):
        found.append((start + places[begin : begin + count] * step, levels[begin : begin + count]))
        begin += count
    return found


# --- what is run ------------------------------------------------------------------------------------------------------


def test_the_result_is_the_run(view, net):
    expected = bn.simulate(net, T=60, method="euler")
    for name in ("E.spike", "I.spike"):
        np.testing.assert_array_equal(view.result[name], expected[name])
    assert int(expected["E.spike"].sum()) > 100
    assert view.text().startswith(f"E {float(expected['E.spike'].sum()) / 200 / 0.06:.3g} Hz, I ")


def test_explore_takes_it_for_networks_that_fire(net):
    assert isinstance(bn.explore(net, T=5).simulator, bn.widgets.NetworkViewer)
    silent = bn.Network({"E": bn.Population(bn.neurons.FitzHughNagumo(), 5)})
    assert type(bn.explore(silent, T=5).simulator) is bn.widgets.Simulator
    with pytest.raises(bn.ModelError, match="no population of Network reports spikes"):
        bn.widgets.NetworkViewer(silent)
    with pytest.raises(bn.ModelError, match=r"got HodgkinHuxley. bn.explore takes any model"):
        bn.widgets.NetworkViewer(bn.neurons.HodgkinHuxley())


def test_controls_stand_with_their_population_or_projection(view):
    groups = {}
    for path, control in view.controls.items():
        groups.setdefault(control.group, []).append((path, control.symbol))
    assert groups["E: 200 Ticking"] == [("E.I", "I"), ("E.tau", "tau")]
    assert groups["EI: E to I"] == [("EI.weight", "weight"), ("EI.delay", "delay"), ("EI.synapse.tau", "synapse.tau")]
    assert view.controls["EI.delay"].unit == "ms"
    assert view.sliders == ["E.I", "I.I", "EI.weight", "IE.weight", "EI.delay"]


def test_moves_compile_nothing(view):
    view.run()
    view.wait()
    before = trace_count()
    for i in range(5):
        view.controls["E.I"].value = 1 + i  # an int, as sliders send
        view.controls["EI.weight"].value = 0.01 * i
        view.controls["EI.delay"].value = 0.5 * i
        view.controls["I.tau"].value = 10.5 + i
        view.controls["T"].value = 30 + 10 * i
        view.choose("E", 7 * i + 1)
        assert view.result.sizes["time"] == 300 + 100 * i
    assert trace_count() == before


# --- what is seen -----------------------------------------------------------------------------------------------------


def test_every_spike_is_in_the_picture(view):
    ds = view.result
    for (column, neuron), path in zip(spikes_in(view.shown.picture, view.bands), ("E", "I"), strict=True):
        expected = np.argwhere(ds[f"{path}.spike"].values)
        np.testing.assert_array_equal(np.column_stack([column, neuron]), expected)


def test_too_many_spikes_become_cells_that_hide_none(view, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_SPIKES", 50)
    monkeypatch.setattr(drawing, "GRID", (100, 40))
    view.controls["E.I"].value = 9
    ds = view.result
    header, block = view.shown.picture
    raster = header["raster"]
    assert raster["kind"] == "grid"
    rows = raster["rows"][0]
    size = -(-rows * 100 // 8)
    bits = np.unpackbits(np.frombuffer(block, np.uint8, size, header["lines"]))[: rows * 100].reshape(rows, 100)
    step, neuron = np.nonzero(ds["E.spike"].values)
    cells = set(zip((neuron * rows // 200).tolist(), (step * 100 // 600).tolist(), strict=True))
    assert cells == set(map(tuple, np.argwhere(bits).tolist()))


def test_a_picture_is_bounded_whatever_fires(net):
    view = bn.widgets.NetworkViewer(net, T=400, method="euler")
    view.set({"E.I": 10.0, "E.tau": 1.0, "IE.weight": 0.0})
    assert int(view.result["E.spike"].sum()) > 3 * drawing.MOST_SPIKES
    assert len(view.shown.picture.block) < 75_000


def test_rates_histogram_and_traces_are_those_of_the_result(view):
    view.choose("E", 33)
    ds = view.result
    curves = curves_of(view.shown.picture)
    x, y = curves[0]
    counts = ds["E.spike"].values.reshape(60, 10, 200).sum((1, 2))
    np.testing.assert_allclose(y, counts / 200 / 1e-3, rtol=1e-6)
    np.testing.assert_allclose(x, np.arange(60) + 0.5)
    assert [p.kind for p in view.shown.panels] == ["raster", "rate", "trace", "histogram", "spectrum", "matrix"]
    assert view.chosen == [("E", 0), ("I", 0), ("E", 33)]
    x, y = curves[2 + 2]  # the third slot
    trace = bn.simulate(view.model, T=60, method="euler", record=["E.V[33]"])["E.V"][:, 0]
    np.testing.assert_allclose(y, np.interp(x, trace.time, trace), atol=1e-5)
    assert max(y) == pytest.approx(float(trace.max()))
    assert sum(curves[2 + 4][1]) == pytest.approx(100, abs=0.1)  # per cent, of E


def test_a_click_finds_the_spike_beside_it(view):
    ds = view.result
    step, neuron = (int(x[len(x) // 2]) for x in np.nonzero(ds["E.spike"].values))
    view.choose_near("E", neuron + 0.3, (step + 1) * 0.1 + 0.05, (5.0, 2.0))
    assert view.chosen[-1] == ("E", neuron)
    view.choose_near("E", 150.2, 1e6, (5.0, 2.0))  # nothing there: the row itself
    assert view.chosen[-1] == ("E", 150)
    view.choose_near("E", 199.9, 1e6, (5.0, 2.0))
    assert view.chosen == [("I", 0), ("E", neuron), ("E", 150), ("E", 199)]
    view.forget_neuron(0)
    assert view.chosen[0] == ("E", neuron)


def test_the_wiring_is_blue_where_it_excites_and_orange_where_it_does_not(net, view):
    image = layout.matrix(net, view.bands).view(np.uint8).reshape(layout.CELLS, layout.CELLS, 4)
    border = round(view.bands[0].high * layout.CELLS)
    there = image[..., 3] > 0
    assert (image[: border - 1, border + 1 :][there[: border - 1, border + 1 :]][:, :3] == layout.PLUS).all()
    assert (image[border + 1 :, : border - 1][there[border + 1 :, : border - 1]][:, :3] == layout.MINUS).all()
    assert not there[: border - 1, : border - 1].any()  # nothing from E to E


def test_small_populations_can_be_seen():
    net = bn.Network({"many": bn.Population(Ticking(), 3000), "few": bn.Population(Ticking(), 3)})
    found = layout.bands(net, {"many", "few"})
    assert found[1].high - found[1].low > 0.05
    assert found[0].high == found[1].low
    assert found[1].high == pytest.approx(1)


# --- what is done to neurons ------------------------------------------------------------------------------------------


def test_held_neurons_are_silent_and_the_others_hear_it(view):
    free = view.result
    view.hold("E", neurons=(0, 50), start=20, stop=30)
    held = view.result
    np.testing.assert_array_equal(held["E.spike"][:200], free["E.spike"][:200])
    assert int(held["E.spike"][201:300, :50].sum()) == 0
    assert int(held["E.spike"][301:, :50].sum()) > 0
    assert (held["I.spike"].values != free["I.spike"].values).any()
    assert "E 0 to 49 held at 0 mV, 20 to 30 ms" in view.text()


def test_driven_neurons_fire_more(view):
    view.drive("I", 5.0, neurons=(10, 20))
    counts = view.result["I.spike"].sum("time")
    assert float(counts[10:20].min()) > float(counts[:10].max())


def test_other_manipulations_compile_nothing(view):
    view.hold("E")
    view.wait()
    before = trace_count()
    view.hold("I", 0.5, neurons=3, start=10)
    view.drive("E", -1.0, neurons=slice(5, 9), stop=20)
    view.wait()
    view.release(0)
    view.wait()
    view.release()
    view.wait()
    assert trace_count() == before
    assert view.manipulations == ()


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda v: v.hold("X"), bn.UnknownName, "`X`.*E"),
        (lambda v: v.hold("E", neurons=(0, 500)), bn.OutOfBounds, "has 200, 0 to 199"),
        (lambda v: v.hold("E", neurons=(9, 9)), bn.OutOfBounds, "200"),
        (lambda v: v.hold("E", start=30, stop=20), bn.OutOfBounds, "stop = 20"),
        (lambda v: v.hold("E", float("nan")), bn.ModelError, "hold = nan"),
        (lambda v: v.drive("E", 1.0, neurons="all"), bn.ModelError, r"neurons=\(0, 800\)"),
        (lambda v: v.choose("E", 200), bn.OutOfBounds, "0 to 199"),
        (lambda v: v.choose("E", 1.5), bn.OutOfBounds, "got 1.5"),
        (lambda v: v.choose("X", 1), bn.UnknownName, "`X`"),
    ],
)
def test_mistakes_are_answered_and_change_nothing(view, act, error, words):
    before = view.settings
    with pytest.raises(error, match=words):
        act(view)
    assert view.settings is before


def test_manipulated_is_the_network_until_something_is_done(net):
    hands = Manipulated(net)
    plain = bn.simulate(net, T=20, method="euler")
    same = bn.simulate(hands, T=20, method="euler", inputs=hands.given([]))
    np.testing.assert_array_equal(plain["E.spike"], same["E.spike"])
    held = hands.given([Manipulation("E", (0, 9), hold=0.2), Manipulation("E", (3, 5), hold=0.4, start=10)])
    ds = bn.simulate(hands, T=20, method="euler", inputs=held, record=["E.V[:6]"])
    np.testing.assert_allclose(ds["E.V"][-1], [0.2, 0.2, 0.2, 0.4, 0.4, 0.2])
    assert float(ds["E.V"][50, 3]) != pytest.approx(0.2)  # the later one counts, and it has not begun
    with pytest.raises(bn.ModelError, match="either current= or hold="):
        Manipulation("E")
    with pytest.raises(bn.ModelError, match="takes a network; got Ticking"):
        Manipulated(Ticking())


# --- while it runs ----------------------------------------------------------------------------------------------------


def test_pieces_are_equal_to_one_run(net, in_pieces):
    view = bn.widgets.NetworkViewer(net, T=3000, method="euler")
    seen = []
    view.listen(lambda event, value: seen.append(value) if event == "shown" else None)
    result = view.result
    whole = bn.simulate(net, T=3000, method="euler", record=["*.spike", "E.V[::3]"])
    np.testing.assert_array_equal(result["E.spike"], whole["E.spike"])
    np.testing.assert_array_equal(result["E.V"].sel({"E.V_neuron": [0, 3]}), whole["E.V"][:, :2])
    np.testing.assert_array_equal(result.time, whole.time)
    assert result.attrs["status"] == "finished"
    reached = [s.picture.header["reached"] for s in seen]
    assert len(reached) > 3
    assert reached == sorted(reached)
    assert [bool(s.picture.header.get("partial")) for s in seen] == [True] * (len(seen) - 1) + [False]


def test_stop_keeps_what_was_reached(net, in_pieces):
    view = bn.widgets.NetworkViewer(net, T=100_000, method="euler", every=10)
    view.run()
    until(lambda: view.shown is not None)
    view.stop()
    assert 0 < view.result.time[-1] < 100_000
    assert "stopped at t=" in view.text()
    assert view.result.sizes["time"] == round(float(view.result.time[-1]))


def test_what_is_done_now_begins_at_the_time_reached(net, in_pieces):
    view = bn.widgets.NetworkViewer(net, T=4000, method="euler")
    view.hold("I", stop=1)  # so that the program for manipulations is there
    view.run()
    until(lambda: view.shown is not None and view.shown.picture.header.get("partial"))
    generation = view._generation
    view.hold("E", neurons=(0, 100), start=None)
    result = view.result
    start = view.manipulations[-1].start
    assert 0 < start < 4000
    assert view._generation == generation  # the run went on
    again = bn.widgets.NetworkViewer(net, T=4000, method="euler")
    again.hold("I", stop=1)
    again.hold("E", neurons=(0, 100), start=start)
    np.testing.assert_array_equal(again.result["E.spike"], result["E.spike"])
    assert int(result["E.spike"][round(start * 10) + 1 :, :100].sum()) == 0


def test_what_begins_in_the_past_starts_the_run_again(net, in_pieces):
    view = bn.widgets.NetworkViewer(net, T=2000, method="euler")
    view.run()
    until(lambda: view.shown is not None)
    view.hold("E", start=0.0)
    assert int(view.result["E.spike"][1:].sum()) == 0


# --- taking away ------------------------------------------------------------------------------------------------------


def test_the_cell_makes_the_same_result(view, net):
    view.controls["EI.weight"].value = 0.03
    view.hold("E", neurons=(0, 50), start=20, stop=40)
    view.drive("I", 2.0)
    view.choose("E", 34)
    expected = view.result
    assert run_cell(view.to_code(), net=net)["ds"].drop_attrs().equals(expected.drop_attrs())
    assert "'EI.weight': 0.03" in view.to_code()
    assert "E.tau" not in view.to_code()


def test_files(view, tmp_path):
    import pandas as pd
    import xarray as xr

    view.keep()
    view.controls["E.I"].value = 2
    ds = view.result
    table = pd.read_csv(view.save(tmp_path / "spikes.csv"))
    assert list(table) == ["time (ms)", "population", "neuron"]
    assert len(table) == int(ds["E.spike"].sum() + ds["I.spike"].sum())
    with xr.open_dataset(view.save(tmp_path / "run.nc"), engine="h5netcdf") as opened:
        np.testing.assert_array_equal(opened["E.spike"], ds["E.spike"])
    page = view.save(tmp_path / "page.html").read_text()
    assert "function advance" in page  # it runs by itself
    assert '"variable": "E.spike"' in page


def test_a_copy_shares_nothing(view):
    view.hold("E", neurons=(0, 50))
    made = view.copy()
    assert made.manipulations == view.manipulations
    view.release()
    assert len(made.manipulations) == 1
    assert made.chosen == view.chosen


def test_now_with_an_end_that_has_passed_does_nothing(net, in_pieces):
    view = bn.widgets.NetworkViewer(net, T=3000, method="euler")
    view.run()
    until(lambda: view.shown is not None and view.shown.picture.header["reached"] >= 5)
    if view.busy:
        view.hold("E", start=None, stop=1.0)
    assert view.result.attrs["status"] == "finished"
    assert all(m.start < m.stop for m in view.manipulations)


@pytest.mark.parametrize(
    "make",
    [
        lambda: bn.networks.ING(30),
        lambda: bn.networks.Brunel(200),
        lambda: bn.networks.Synfire(),
        lambda: bn.networks.Microcircuit(scale=0.005),
    ],
    ids=["all to all", "jumps", "chain", "delays of its own"],
)
def test_every_kind_of_wiring_has_its_picture(make):
    net = make()
    image = layout.matrix(net, layout.bands(net, layout.fires(net)))
    assert image.shape == (layout.CELLS, layout.CELLS)
    assert np.count_nonzero(image) > 10


# --- links ----------------------------------------------------------------------------------------------------------


def test_a_link_brings_back_what_is_done_to_neurons(view, net):
    view.controls["E.I"].value = 2.0
    view.hold("E", 0.25, neurons=(0, 50), start=20, stop=30.5)
    view.drive("I", -1.5)
    other = bn.widgets.NetworkViewer(net, T=view.settings.T, method="euler")
    other.load("http://127.0.0.1:5006/net" + view.link())
    assert other.manipulations == view.manipulations
    assert other.controls["E.I"].value == 2.0
    for name in ("E.spike", "I.spike"):
        np.testing.assert_array_equal(other.result[name], view.result[name])
    other.release()
    plain = bn.widgets.NetworkViewer(net, T=view.settings.T, method="euler")
    assert set(other.state()) == set(plain.state()) == {"v", "model", "values"}
    view.load(other.link())  # where nothing is done, nothing is done
    assert view.manipulations == ()


def test_a_saved_state_holds_them_too(view, tmp_path):
    view.hold("E", neurons=3)
    saved = json.loads(view.save(tmp_path / "state.json").read_text())
    assert saved["manipulations"] == [{"population": "E", "neurons": [3, 4], "hold": 0.0, "start": 0.0}]
    view.release()
    view.load(saved)
    assert view.manipulations == (bn.networks.Manipulation("E", (3, 4), hold=0.0),)


ONE = {"population": "E", "hold": 0.0}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("E", "a list of 50 at most"),
        ([ONE] * 51, "a list of 50 at most"),
        (["E"], "a mapping of population, neurons"),
        ([{"hold": 1.0}], "a mapping of population, neurons"),
        ([ONE | {"run": "x"}], "a mapping of population, neurons"),
        ([{"population": ["E"], "hold": 1}], "is a name"),
        ([{"population": "X", "hold": 1}], "No population `X`"),
        ([{"population": "E", "hold": True}], "hold of a manipulation is a finite number"),
        ([{"population": "E", "hold": "1"}], "hold of a manipulation is a finite number"),
        ([{"population": "E", "hold": 10**400}], "hold of a manipulation is a finite number"),
        ([{"population": "E"}], "either current= or hold="),
        ([ONE | {"current": 1}], "either current= or hold="),
        ([ONE | {"start": -1}], "a start of 0 or later"),
        ([ONE | {"neurons": 3}], "the first and the one behind the last"),
        ([ONE | {"neurons": [0, 1.5]}], "the first and the one behind the last"),
        ([ONE | {"neurons": [0, True]}], "the first and the one behind the last"),
        ([ONE | {"neurons": [0, 201]}], "has 200, 0 to 199"),
    ],
)
def test_a_link_from_a_stranger_is_read_strictly(view, said, words):
    view.hold("I")
    before = view.manipulations, view.controls["E.I"].value
    values = view.state()["values"] | {"E.I": 3.0}
    link = to_link({**pack(type(view.model).__name__, values), "manipulations": said})
    with pytest.raises((TypeError, ValueError, AttributeError), match=words):
        view.load(link)
    assert (view.manipulations, view.controls["E.I"].value) == before
