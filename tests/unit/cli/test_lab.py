"""`brainnb lab`: what is copied, and how the server is asked to run."""

import os
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from brainnb import cli
from brainnb.cli import lab


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "00_welcome.ipynb").write_text("welcome")
    (folder / "01_next.ipynb").write_text("next")
    return folder


def test_missing_notebooks_are_copied_and_a_students_work_stays(course, tmp_path):
    working = tmp_path / "working"
    working.mkdir()
    (working / "01_next.ipynb").write_text("my answers")
    assert lab.copy_missing(course, working) == ["00_welcome.ipynb"]
    assert (working / "00_welcome.ipynb").read_text() == "welcome"
    assert (working / "01_next.ipynb").read_text() == "my answers"


def test_a_checkout_is_opened_in_place(course):
    assert lab.copy_missing(course, course) == []


def test_the_notebooks_are_found_in_a_checkout():
    assert lab.shipped_notebooks().name in ("notebooks", "_notebooks")
    assert lab.shipped_notebooks().is_dir()


def test_the_server_listens_to_this_machine_and_opens_the_first_lesson(course):
    command = lab.server_command(course, "127.0.0.1", port=None, no_browser=False)
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--LabApp.default_url=/lab/tree/00_welcome.ipynb" in command
    assert not any("port" in word or "token" in word or "no-browser" in word for word in command)


def test_a_port_that_was_asked_for_is_that_port(course):
    command = lab.server_command(course, "127.0.0.1", port=9123, no_browser=True)
    assert "--ServerApp.port=9123" in command
    assert "--ServerApp.port_retries=0" in command
    assert "--no-browser" in command


@pytest.mark.parametrize(("user", "as_root"), [(0, True), (1000, False)])
def test_root_is_allowed_only_to_root(course, monkeypatch, user, as_root):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert ("--allow-root" in lab.server_command(course, "127.0.0.1", None, True)) is as_root


def test_an_installed_package_copies_the_course_into_a_folder(course, tmp_path, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(lab, "shipped_notebooks", lambda: course)
    monkeypatch.setattr(os, "execv", lambda program, command: started.append(command))
    monkeypatch.chdir(tmp_path)
    cli.main(["lab", "--no-browser"])
    assert sorted(p.name for p in Path("brainnb-notebooks").iterdir()) == [
        "00_welcome.ipynb",
        "01_next.ipynb",
    ]
    assert "00_welcome.ipynb copied" in capsys.readouterr().out
    assert f"--ServerApp.root_dir={tmp_path / 'brainnb-notebooks'}" in started[0]


def test_without_jupyterlab_the_line_that_installs_it_is_shown(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(cli.UsageError, match=r"needs jupyterlab\. Type: pip install 'brainnb\[lab\]'"):
        lab.run(Namespace())
