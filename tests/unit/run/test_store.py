"""A run in a store is the run in memory: same numbers, same labels; and a store says what is wrong with it."""

import json
import shutil
import threading

import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.run import opened, sealed, store


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch, in_chunks_of):
    """Many pieces in a short run."""
    monkeypatch.setattr(store, "PIECE_BYTES", 1024)
    in_chunks_of(20)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.zarr"


RUN = dict(T=50, dt=0.1, I=2.0, seed=3, record=["x", "dice"])


@pytest.mark.parametrize("more", [{}, {"size": 2}, {"size": (2, 3), "every": 5}, {"record": []}])
def test_a_stored_run_is_the_run_in_memory(noisy, path, more):
    stored, kept = (bn.simulate(noisy, **RUN | more, store=where) for where in (path, None))
    xr.testing.assert_identical(stored.drop_attrs(deep=False), kept.drop_attrs(deep=False))
    assert {**stored.attrs, "wall_time": 0} == {**kept.attrs, "wall_time": 0}
    xr.testing.assert_identical(bn.open_run(path), stored)


def test_booleans_and_counters_are_stored_as_they_are(ticker, path):
    stored, kept = (bn.simulate(ticker, T=30, record=["*"], store=where) for where in (path, None))
    xr.testing.assert_identical(stored.drop_attrs(deep=False), kept.drop_attrs(deep=False))
    assert stored.steps.dtype.kind == "i"


def test_records_are_read_from_the_disk_when_they_are_used(noisy, path):
    ds = bn.simulate(noisy, **RUN, store=path)
    kept = bn.simulate(noisy, **RUN)
    for part in (slice(37, 3, -7), slice(None, None, 100), [400, 3, 77], -1, slice(5, 5)):
        np.testing.assert_array_equal(ds.x.isel(time=part), kept.x.isel(time=part))
    assert float(ds.x.sel(time=20.0)) == float(kept.x.sel(time=20.0))
    assert not ds.x.variable._in_memory


@pytest.mark.filterwarnings("ignore:Object at")  # zarr names the files that are ours
def test_other_programs_read_a_finished_store(noisy, path):
    ds = bn.simulate(noisy, **RUN, size=2, store=path)
    other = xr.open_zarr(path, consolidated=False, chunks=None)
    assert other.x.dims == ("time", "neuron")
    assert other.x.attrs["units"] == "mV"
    np.testing.assert_array_equal(other.x, ds.x)
    np.testing.assert_array_equal(other.time, ds.time)


@pytest.mark.parametrize("until", [0.02, 0.3, 0.77])
def test_a_stopped_run_goes_on_with_the_same_call(noisy, path, until):
    part = bn.simulate(noisy, **RUN, store=path, progress=lambda fraction: fraction < until)
    assert part.attrs["status"].startswith("stopped at t=")
    assert 0 < part.sizes["time"] < 500
    seen = []
    stored = bn.simulate(noisy, **RUN, store=path, progress=seen.append)
    assert seen[0] > part.sizes["time"] / 500
    kept = bn.simulate(noisy, **RUN)
    xr.testing.assert_identical(stored.drop_attrs(), kept.drop_attrs())
    assert stored.attrs["final_state"] == kept.attrs["final_state"]
    assert stored.attrs["wall_time"] > part.attrs["wall_time"]


def test_an_interrupt_anywhere_in_a_commit_loses_nothing(noisy, path, monkeypatch):
    kept = bn.simulate(noisy, **RUN)
    for n in range(1, 25):
        shutil.rmtree(path, ignore_errors=True)
        passed = iter(range(1000))

        def press(moment, n=n, passed=passed):
            if next(passed) == n:
                raise KeyboardInterrupt

        monkeypatch.setattr(store, "reached", press)
        try:
            part = bn.simulate(noisy, **RUN, store=path)
        except KeyboardInterrupt:  # it met the making of the store: there was nothing to keep
            assert n < 6
            continue
        np.testing.assert_array_equal(part.x, kept.x[: part.sizes["time"]])
    monkeypatch.undo()
    np.testing.assert_array_equal(bn.simulate(noisy, **RUN, store=path).x, kept.x)


def test_a_finished_run_is_not_run_again(noisy, path):
    first = bn.simulate(noisy, **RUN, store=path)
    again = bn.simulate(noisy, **RUN, store=path, progress=lambda fraction: pytest.fail("it ran"))
    xr.testing.assert_identical(again, first)


def test_a_run_continues_from_a_store_and_into_one(noisy, path):
    bn.simulate(noisy, **RUN, store=path)
    second = bn.simulate(noisy, **RUN, init=bn.open_run(path), store=path.with_name("second.zarr"))
    whole = bn.simulate(noisy, **RUN | dict(T=100))
    np.testing.assert_array_equal(second.x, whole.x[500:])
    np.testing.assert_allclose(second.time, whole.time[500:], rtol=0, atol=1e-9)


class Breaks(bn.Model):
    """NaN from t = 20 ms on."""

    x = bn.state(0.0, "1", "counts the time")

    def vector_field(self, t, s, u):
        return dict(x=np.float32(1.0) / (t < 20.0))


def test_the_part_before_a_nan_is_kept_and_told_again(path):
    with pytest.raises(bn.NumericalFailure) as first:
        bn.simulate(Breaks(), T=50, method="euler", store=path)
    with pytest.raises(bn.NumericalFailure) as second:
        bn.simulate(Breaks(), T=50, method="euler", store=path)
    assert str(first.value) == str(second.value)
    assert 190 <= second.value.partial.sizes["time"] <= 202
    assert np.isfinite(second.value.partial.x).all()
    assert bn.open_run(path).attrs["status"].startswith("NaN: `x`")


def test_a_running_store_can_be_watched_and_has_one_writer(noisy, path):
    go, at = threading.Event(), threading.Event()
    seen = {}

    def wait(fraction):
        if fraction > 0.5:
            at.set()
            go.wait(20)

    def work():
        seen["result"] = bn.simulate(noisy, **RUN, store=path, progress=wait)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert at.wait(60)
        watched = bn.open_run(path).load()
        assert watched.attrs["status"] == f"running at t={watched.time.values[-1]:.10g} ms"
        with pytest.raises(bn.StoreError, match=r"process \d+ on .* is writing to this store"):
            bn.simulate(noisy, **RUN, store=path)
    finally:
        go.set()
        thread.join()
    assert seen["result"].attrs["status"] == "finished"
    np.testing.assert_array_equal(watched.x, seen["result"].x[: watched.sizes["time"]])


def test_any_damage_is_told_or_harmless(noisy, path, tmp_path):
    """Flip, cut or remove any one file: the same data, or an error; never other data."""
    bn.simulate(noisy, **RUN, store=path)
    good = bn.open_run(path).load()
    dice = np.random.default_rng(0)
    told = 0
    for file in sorted(p.relative_to(path) for p in path.rglob("*") if p.is_file()):
        for damage in ("flip", "cut", "empty", "remove"):
            copy = tmp_path / "copy.zarr"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(path, copy)
            target = copy / file
            content = bytearray(target.read_bytes())
            if damage == "remove":
                target.unlink()
            elif content:
                if damage == "flip":
                    content[dice.integers(len(content))] ^= 1 << int(dice.integers(8))
                target.write_bytes({"flip": content, "cut": content[: len(content) // 2], "empty": b""}[damage])
            try:
                found = bn.open_run(copy).load()
            except bn.StoreError as error:
                told += names(error, file.name, "run.json")
            else:
                xr.testing.assert_identical(found, good)
    assert told > 50


def names(error, *files):
    """Whether a message names one of some files; anything else is a failure."""
    assert any(file in str(error) for file in files), str(error)
    return True


def test_the_others_can_be_read_where_one_piece_is_lost(noisy, path):
    bn.simulate(noisy, **RUN, store=path)
    kept = bn.simulate(noisy, **RUN)
    rows = sealed.read(path / opened.HEADER)["rows"]
    (path / "x" / "c" / "2").unlink()
    ds = bn.open_run(path)
    with pytest.raises(bn.StoreError, match=rf"x/c/2 is missing; records {2 * rows} to {3 * rows - 1} of `x` are lost"):
        ds.x.load()
    np.testing.assert_array_equal(ds.x.isel(time=slice(0, 2 * rows)), kept.x[: 2 * rows])
    np.testing.assert_array_equal(ds.x.isel(time=slice(3 * rows, None)), kept.x[3 * rows :])
    np.testing.assert_array_equal(ds.dice, kept.dice)


def test_another_jax_is_a_warning(noisy, path):
    bn.simulate(noisy, **RUN, store=path, progress=lambda fraction: fraction < 0.3)
    header = sealed.read(path / opened.HEADER)
    header["fingerprint"] |= {"jax": "0.1.0", "equations": "as that version wrote them"}
    sealed.write(path / opened.HEADER, header)
    with pytest.warns(UserWarning, match=r"begun with jax 0\.1\.0 on cpu.*equal to rounding") as warned:
        bn.simulate(noisy, **RUN, store=path)
    assert warned[0].filename == __file__


def test_a_sealed_file_is_text_that_people_read(noisy, path):
    bn.simulate(noisy, **RUN, store=path)
    assert json.loads((path / opened.VALID).read_text().partition(" ")[2])["records"] == 500
