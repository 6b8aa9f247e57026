"""A run that dies at any moment, or meets a full disk, leaves a store that opens right and goes on to the same end."""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import brainnb as bn

ROOT = Path(__file__).parents[3]


class Crasher:
    """A process that runs into stores and dies there; see crasher.py."""

    def __init__(self, cache):
        env = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_COMPILATION_CACHE_DIR": cache}
        env |= {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
        command = [sys.executable, str(Path(__file__).with_name("crasher.py"))]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
        )

    def do(self, path, **job):
        """Exit status of the child that ran, and what it said."""
        self.process.stdin.write(json.dumps({"path": str(path), **job}) + "\n")
        self.process.stdin.flush()
        said = ""
        for line in self.process.stdout:
            if line.strip().lstrip("-").isdigit():
                return int(line), said.strip()
            said += line
        raise AssertionError(f"the crasher itself died: {said}")


@pytest.fixture(scope="module")
def crasher():
    with tempfile.TemporaryDirectory() as cache:
        crasher = Crasher(cache)
        yield crasher
        crasher.process.stdin.close()
        crasher.process.wait(timeout=30)
        crasher.process.stdout.close()


@pytest.fixture(scope="module")
def whole(crasher, tmp_path_factory):
    """The run that nothing happened to."""
    path = tmp_path_factory.mktemp("whole") / "run.zarr"
    assert crasher.do(path) == (0, "")
    return bn.open_run(path).load()


def valid_part(path, whole):
    """Records in the store, each equal to the last bit to the run that nothing happened to."""
    ds = bn.open_run(path).load()
    n = ds.sizes["time"]
    xr.testing.assert_identical(ds.drop_attrs(), whole.isel(time=slice(0, n)).drop_attrs())
    return n


def same_end(path, whole):
    """Whether the store holds the whole run and the very same last state."""
    ds = bn.open_run(path)
    assert valid_part(path, whole) == whole.sizes["time"]
    assert ds.attrs["status"] == "finished"
    return ds.attrs["final_state"] == whole.attrs["final_state"]


def test_death_at_every_named_moment(crasher, whole, tmp_path):
    path, n, seen, last = tmp_path / "run.zarr", 1, [], 0
    while True:  # each child takes up what the one before left, and gets one moment further
        status, moment = crasher.do(path, at=n)
        if status == 0:
            break
        assert status == 9
        seen.append(moment)
        if len(seen) < 7:  # before the header is there, every open is told so
            with pytest.raises(bn.StoreError, match="holds nothing yet"):
                bn.open_run(path)
        else:
            now = valid_part(path, whole)
            assert now >= last
            last = now
        n += 1
    assert set(seen) > {
        "group",
        "array x",
        "count",
        "header",
        "wrote x",
        "wrote dice",
        "wrote time",
        "before the count",
        "after the count",
    }
    assert same_end(path, whole)


def test_kill_9_at_random_moments(crasher, whole, tmp_path):
    survives(crasher, whole, tmp_path, kills=12, dice=random.Random(1))


@pytest.mark.slow
def test_a_hundred_kills_at_random_moments(crasher, whole, tmp_path):
    assert survives(crasher, whole, tmp_path, kills=100, dice=random.Random(2)) > 30, "too few met half a run"


def survives(crasher, whole, folder, kills, dice):
    """Kill runs until so many have died, each store taken up again until its run is whole; how many died halfway."""
    halfway, store = 0, 0
    while kills > 0:
        path, sizes, store = folder / f"{store}.zarr", [], store + 1
        while kills > 0:
            status, _ = crasher.do(path, kill=dice.uniform(0.1, 1.5))
            if status == 0:
                break
            assert status == -9
            kills -= 1
            if (path / "run.json").exists():
                sizes.append(valid_part(path, whole))
            else:
                with pytest.raises(bn.StoreError, match=r"holds nothing yet|There is no store"):
                    bn.open_run(path)
        assert sizes == sorted(sizes)
        halfway += sum(0 < n < whole.sizes["time"] for n in sizes)
        assert crasher.do(path)[0] == 0
        assert same_end(path, whole)
    return halfway


def test_a_full_disk_keeps_what_was_written_and_goes_on_when_there_is_room(crasher, whole, tmp_path):
    path = tmp_path / "run.zarr"
    assert crasher.do(path, at=20)[0] == 9  # some records are there
    before = valid_part(path, whole)
    status, said = crasher.do(path, limit=200)  # no file may grow beyond 200 bytes
    assert status == 3
    assert "the disk is full" in said
    assert f"{before * 0.2:.10g} of 80 ms are safe there" in said
    assert valid_part(path, whole) == before
    assert crasher.do(path)[0] == 0
    assert same_end(path, whole)
    assert np.isfinite(bn.open_run(path).x).all()
