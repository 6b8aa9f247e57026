"""Processors that this process may use: those of the system, and no more than a container has time for."""

import os

import pytest

from brainnb.core import processors


@pytest.fixture
def files(monkeypatch, tmp_path):
    monkeypatch.setattr(processors, "GROUP", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return write


@pytest.mark.parametrize(
    ("text", "count"),
    [("max 100000\n", 8), ("250000 100000\n", 2), ("50000 100000\n", 1), ("1600000 100000\n", 8), ("", 8), ("? ?", 8), ("100000 0", 8)],
)  # fmt: skip
def test_the_time_of_a_group(files, text, count):
    files("cpu.max", text)
    assert processors.count() == count


@pytest.mark.parametrize(("quota", "count"), [("-1", 8), ("300000", 3)])
def test_the_time_of_an_older_group(files, quota, count):
    files("cpu/cpu.cfs_quota_us", f"{quota}\n")
    files("cpu/cpu.cfs_period_us", "100000\n")
    assert processors.count() == count


def test_no_group(files):
    assert processors.count() == 8
