"""Recordings from files: the numbers, units and times that were written by others, and messages that help."""

import datetime

import numpy as np
import pyabf.abfWriter
import pynwb
import pytest
from pynwb.icephys import CurrentClampSeries, CurrentClampStimulusSeries

import brainnb as bn
from brainnb.core.errors import ModelError, UnknownName
from brainnb.datasets import read_abf, read_csv, read_nwb


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recordings")


def write(folder, text, name="cell.csv"):
    file = folder / name
    file.write_text(text, encoding="utf8")
    return file


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_columns_have_names_and_units(folder):
    file = write(
        folder, "# a cell\n\ntime (s);Vm [V];I (nA);note\n0.1;-0.07;0.5;1\n0.1001;-0.06;0.5;2\n0.1002;-0.05;0;3\n"
    )
    ds = read_csv(file, rename={"Vm": "V"})
    assert ds.time.values.tolist() == [100.0, 100.1, 100.2]
    assert np.allclose(ds.V, [-70, -60, -50])
    assert np.allclose(ds.I, [500, 500, 0])
    assert (ds.V.attrs["units"], ds.I.attrs["units"], ds.time.attrs["units"]) == ("mV", "pA", "ms")
    assert "units" not in ds.note.attrs
    assert ds.note.values.tolist() == [1, 2, 3]


def test_a_recording_is_what_training_and_a_stimulus_take(folder):
    true = bn.simulate(bn.neurons.FitzHughNagumo(a=0.6), T=30, dt=0.2, I=0.5)
    rows = "\n".join(f"{float(t) / 1000!r},{float(v)!r},0.5" for t, v in zip(true.time, true.V, strict=True))
    ds = read_csv(write(folder, "t (s),V,I\n" + rows + "\n", "fhn.csv"))
    assert bn.train.evaluate(bn.neurons.FitzHughNagumo(a=0.6), ds, "mse") < 1e-20
    assert bn.train.evaluate(bn.neurons.FitzHughNagumo(a=0.7), ds, "mse") > 1e-4
    assert float(bn.inputs.FromData(ds.V)(float(ds.time[3]))) == pytest.approx(float(ds.V[3]))


def test_without_times_a_step_is_given(folder):
    file = write(folder, "V\tI\n1\t2\n3\t4\n5\t6\n", "bare.tsv")
    ds = read_csv(file, dt="50 us", units={"V": "mV"})
    assert ds.time.values.tolist() == [0.0, 0.05, 0.1]
    assert ds.V.attrs["units"] == "mV"


@pytest.mark.parametrize(
    ("text", "more", "error", "said"),
    [
        ("V,I\n1,2\n3,4\n", {}, ModelError, r"It has V, I: give time='V', or dt='0.1 ms'"),
        ("t,V\n0,1\n1,x\n", {}, ModelError, r"line 3, `V`: 'x' is no number"),
        ("t,V\n0,1\n1\n", {}, ModelError, r"line 3 has 1 cells, the first line 2"),
        ("0,1\n1,2\n2,3\n", {}, ModelError, r"line 1 holds numbers; names of the columns"),
        ("t,V\n0,1\n1,2\n5,3\n", {}, ModelError, r"not even \(steps from 1 to 4 ms\)"),
        ("t,V\n0,1\n1,2\n", dict(rename={"Vm": "V"}), UnknownName, "Vm"),
        ("t,V\n0,1\n1,2\n", dict(time="tt"), UnknownName, "tt"),
        ("t,V\n", {}, ModelError, "at least two samples"),
    ],
)
def test_a_table_that_is_none_says_where(folder, text, more, error, said):
    with pytest.raises(error, match=said):
        read_csv(write(folder, text, "bad.csv"), **more)


def test_a_file_that_is_not_there_names_its_neighbours(folder):
    write(folder, "t,V\n0,1\n1,2\n", "there.csv")
    with pytest.raises(ModelError, match=r"there is no file .*ther\.csv.*there\.csv"):
        read_csv(folder / "ther.csv")


# --- ABF --------------------------------------------------------------------------------------------------------------


def test_sweeps_of_an_axon_file(folder):
    sweeps = np.round(np.random.default_rng(0).normal(-60, 5, (3, 5000)), 2)
    file = folder / "cell.abf"
    pyabf.abfWriter.writeABF1(sweeps, str(file), 20_000, units="mV")
    assert list(read_abf(file)) == ["channel 0"]  # a file without a name of its own, and without a command
    ds = read_abf(file, rename={"channel 0": "V"}, sweeps=[2, 0])
    assert ds.V.dims == ("trial", "time")
    assert np.allclose(ds.V, sweeps[[2, 0]], atol=0.02)  # 16 bits over the range
    assert np.allclose(np.diff(ds.time), 0.05)
    assert ds.V.attrs["units"] == "mV"
    with pytest.raises(ModelError, match=r"sweep 3 of 3 \(0 to 2\)"):
        read_abf(file, sweeps=[3])
    with pytest.raises(ModelError, match="cannot be read as ABF"):
        read_abf(write(folder, "no", "no.abf"))


# --- NWB --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nwb(folder):
    """Two recordings in current clamp with their stimuli, and two sorted units, as pynwb writes them."""
    file = pynwb.NWBFile("one cell", "id", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    device = file.create_device(name="amplifier")
    electrode = file.create_icephys_electrode(name="pipette", description="glass", device=device)
    shared = dict(electrode=electrode, gain=1.0, rate=10_000.0, starting_time=0.5)
    for k in (0, 1):
        V = np.linspace(-0.07 + 0.01 * k, -0.05, 40)
        file.add_acquisition(CurrentClampSeries(name=f"cell_{k}", data=V * 1000, conversion=1e-3, **shared))
        step = CurrentClampStimulusSeries(name=f"step_{k}", data=np.full(40, 1e-10), **shared)
        file.add_stimulus(step)
    file.add_unit(spike_times=[0.1, 0.25])
    file.add_unit(spike_times=[0.2])
    path = folder / "cell.nwb"
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(file)
    return path


@pytest.mark.filterwarnings("default")
def test_series_of_a_neurodata_file(nwb):
    ds = read_nwb(
        nwb,
        {
            "V": ["acquisition/cell_0", "acquisition/cell_1"],
            "I": ["stimulus/presentation/step_0", "stimulus/presentation/step_1"],
        },
    )
    assert ds.V.dims == ("trial", "time")
    assert np.allclose(ds.V[:, 0], [-70, -60])
    assert np.allclose(ds.I, 100.0)
    assert (ds.V.attrs["units"], ds.I.attrs["units"]) == ("mV", "pA")
    assert np.allclose(ds.time[:2], [500.0, 500.1])
    trains = read_nwb(nwb, {"spike_times": "units"}).spike_times
    assert np.allclose(trains, [[100, 250], [200, np.nan]], equal_nan=True)


@pytest.mark.filterwarnings("default")
def test_a_file_says_what_it_holds(nwb, folder):
    with pytest.raises(ModelError, match=r"(?s)acquisition/cell_1: 40 samples, volts.*read_nwb\('cell.nwb', \{'V'"):
        read_nwb(nwb)
    with pytest.raises(ModelError, match=r"(?s)no series at 'acquisition/cell_9'.*units: sorted spikes"):
        read_nwb(nwb, {"V": "acquisition/cell_9"})
    with pytest.raises(ModelError, match="cannot be read as NWB"):
        read_nwb(write(folder, "no", "no.nwb"))
