"""The cache of compiled programs: a second process compiles less, and nothing that happens to the folder does harm."""

import json
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import jax
import numpy as np
import pytest

from brainnb.run import compiled

ROOT = Path(__file__).parents[3]

RUN = """
import collections, json, sys, warnings
import jax
events, seconds = collections.Counter(), []
jax.monitoring.register_event_listener(lambda name, **more: events.update([name.rpartition("/")[2]]))
import brainnb as bn

class Decay(bn.Model):
    tau: bn.Param = bn.param(10.0, "ms")
    x = bn.state(1.0)
    def vector_field(self, t, s, u):
        return dict(x=-s.x**3 / self.tau)

with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    one = bn.simulate(Decay(), T=5).x.values
    many = bn.sweep(Decay(), {"tau": [1.0, 2.0]}, T=5).x.values
print(json.dumps(dict(
    hits=events["cache_hits"], misses=events["cache_misses"], folder=jax.config.jax_compilation_cache_dir,
    values=[one.tolist(), many.tolist()], warned=[str(w.message) for w in warned],
)))
"""


def environment(home, **more):
    own = {k: v for k, v in os.environ.items() if not k.startswith("JAX_")}
    return own | {"XDG_CACHE_HOME": str(home), "PYTHONPATH": str(ROOT)} | more


def start(home, **settings):
    return subprocess.Popen(
        [sys.executable, "-c", RUN],
        env=environment(home, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


def entries(home):
    return sorted(home.glob("brainnb/programs/*/*-cache.*"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A folder that one process has filled, and what that process said."""
    home = tmp_path_factory.mktemp("home")
    return home, read(start(home))


@pytest.fixture
def home(filled, tmp_path):
    return shutil.copytree(filled[0], tmp_path / "home")


def test_the_second_process_compiles_less(filled, home):
    first, second = filled[1], read(start(home))
    assert first["hits"] == 0
    assert first["misses"] >= 4
    assert second["hits"] >= 4
    assert second["misses"] <= 1
    assert second["values"] == first["values"]
    assert second["warned"] == []
    folder = entries(home)[0].parent
    assert folder.stat().st_mode & 0o077 == 0
    assert not list(folder.glob("process-*"))  # gone with its process


def test_broken_entries_are_dropped_and_made_again(filled, home):
    for i, entry in enumerate(entries(home)):
        content = entry.read_bytes()
        entry.write_bytes(b"rubbish" if i % 2 else content[: len(content) // 2])
    found = read(start(home))
    assert found["hits"] == 0
    assert found["values"] == filled[1]["values"]
    assert found["warned"] == []
    assert len(entries(home)) == len(entries(filled[0]))
    assert all(f"{zlib.crc32(entry.read_bytes()):08x}" == entry.suffix[1:] for entry in entries(home))


def test_processes_at_the_same_time_do_not_meet(filled, tmp_path):
    both = [start(tmp_path), start(tmp_path)]
    found = [read(process) for process in both]
    assert len({one["folder"] for one in found}) == 2
    assert all(one["values"] == filled[1]["values"] and one["warned"] == [] for one in found)
    assert {p.name.rpartition(".")[0] for p in entries(tmp_path)} == {
        p.name.rpartition(".")[0] for p in entries(filled[0])
    }


def test_the_users_own_cache_is_left_alone(tmp_path):
    found = read(start(tmp_path / "ours", JAX_COMPILATION_CACHE_DIR=str(tmp_path / "theirs")))
    assert found["folder"] == str(tmp_path / "theirs")
    assert not (tmp_path / "ours").exists()
    assert list((tmp_path / "theirs").glob("*-cache"))


@pytest.fixture
def nothing_set(monkeypatch, tmp_path):
    """As in a fresh process of a user who said nothing."""
    before = jax.config.jax_compilation_cache_dir
    jax.config.update("jax_compilation_cache_dir", None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    jax.config.update("jax_compilation_cache_dir", before)


@pytest.mark.parametrize("word", ["off", "0", "OFF", "false"])
def test_one_switch_turns_it_off(word, nothing_set, monkeypatch):
    monkeypatch.setenv("BRAINNB_CACHE", word)
    assert compiled.keep() is None
    assert not nothing_set.exists()


def test_a_user_without_caches_gets_none(nothing_set):
    jax.config.update("jax_enable_compilation_cache", False)
    try:
        assert compiled.keep() is None
    finally:
        jax.config.update("jax_enable_compilation_cache", True)
    assert not nothing_set.exists()


def test_a_folder_that_cannot_be_made_costs_only_the_cache(nothing_set):
    nothing_set.write_text("a file where a folder should be")
    assert compiled.keep() is None
    assert jax.config.jax_compilation_cache_dir is None


def test_a_folder_that_others_may_write_is_not_used(nothing_set):
    folder = nothing_set / "brainnb" / "programs" / compiled.here()
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert compiled.keep() is None
    assert list(folder.iterdir()) == []


def test_another_processor_has_another_folder(monkeypatch):
    here = compiled.here()
    monkeypatch.setattr(compiled.Path, "read_text", lambda *_, **__: "flags : sse2\nmodel name : older")
    assert compiled.here() != here


def test_a_process_that_was_killed_leaves_nothing_behind(tmp_path):
    """Half an entry stays in the folder of the dead process; the next one removes it, and none of a living one."""
    tmp_path.chmod(0o700)
    dead, living = tmp_path / "process-dead", compiled.Kept(tmp_path)
    dead.mkdir()
    for folder in (dead, living.own):
        (folder / "half-cache").write_bytes(b"x")
        os.utime(folder, (0, 0))
    kept = compiled.Kept(tmp_path)
    assert not dead.exists()
    assert living.own.exists()
    assert not (kept.own / "half-cache").exists()
    for one in (living, kept):
        one.close()


def test_only_the_newest_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled, "MOST", 3)
    tmp_path.chmod(0o700)
    for i in range(6):
        entry = tmp_path / f"program{i}-cache.00000000"  # the checksum of nothing
        entry.touch()
        os.utime(entry, (1000 + i, 1000 + i))
    kept = compiled.Kept(tmp_path)
    assert sorted(p.name for p in kept.own.glob("*-cache")) == [f"program{i}-cache" for i in (3, 4, 5)]
    (kept.own / "new-cache").write_bytes(np.arange(100).tobytes())
    os.utime(kept.own / "new-cache", (0, 0))
    kept.close()
    assert len(list(tmp_path.glob("new-cache.*"))) == 1
    assert not kept.own.exists()
