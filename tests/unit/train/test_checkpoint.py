"""A training run is taken up again in another process, equal to the last bit; a kill costs little and breaks nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from brainnb.core.errors import StoreError
from brainnb.train.running import checkpoint

from .learner import learn

PROGRAM = Path(__file__).with_name("learner.py")


def process(folder, steps, *more):
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder), str(steps), *more], stdout=subprocess.PIPE, text=True
    )


def numbers(run):
    return [float(run.model.w).hex(), float(run.model.tau).hex(), float(run.loss).hex()]


def test_some_steps_and_the_rest_elsewhere_are_all_steps(tmp_path):
    whole = learn(tmp_path / "whole", 137)
    learn(tmp_path / "parts", 50)
    told, _ = process(tmp_path / "parts", 137).communicate(timeout=120)
    assert told.split()[1:] == numbers(whole)
    again = learn(tmp_path / "parts", 137)  # nothing is left to do
    assert numbers(again) == numbers(whole)
    assert np.array_equal(again.history.loss, whole.history.loss)
    assert again.history.sizes["step"] == 137


def test_a_killed_run_goes_on_from_its_newest_checkpoint(tmp_path):
    folder = tmp_path / "run"
    with process(folder, 10**6, "slow") as child:
        for line in child.stdout:
            if int(line) > 10 and checkpoint.found(folder):
                break
        child.send_signal(signal.SIGKILL)
    _, head, _ = checkpoint.newest(folder)
    done = head["history"]["steps"]
    assert done > 0
    assert numbers(learn(folder, done + 20)) == numbers(learn(tmp_path / "whole", done + 20))


def test_half_a_file_is_never_loaded(tmp_path):
    folder = tmp_path / "run"
    first = learn(folder, 20)
    learn(folder, 40)
    newest, older = checkpoint.found(folder)
    newest.write_bytes(newest.read_bytes()[:-7])
    assert checkpoint.newest(folder)[0] == older
    (folder / "step-0000000099.part").write_bytes(b"a draft that was never finished")
    again = learn(folder, 20)
    assert numbers(again) == numbers(first)


def test_another_run_is_neither_continued_nor_overwritten(tmp_path):
    folder = tmp_path / "run"
    learn(folder, 5)
    before = checkpoint.newest(folder)[0].read_bytes()
    with pytest.raises(StoreError, match="seed is 7 there, 8 now"):
        learn(folder, 10, seed=8)
    with pytest.raises(StoreError, match="what it begins with"):
        learn(folder, 10, optimizer=0.06)
    with pytest.raises(StoreError, match="trained"):
        learn(folder, 10, train="w")
    assert checkpoint.newest(folder)[0].read_bytes() == before
    with pytest.raises(ValueError, match="has no folder"):
        learn(None, 2).save()
