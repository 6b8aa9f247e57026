""".ci/chromium.sh: uses what is there, installs where it may, and otherwise says what to type."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "chromium.sh"


@pytest.fixture
def machine(tmp_path):
    """A machine that has only the programs it is given; each writes down how it was called."""
    log = tmp_path / "calls"
    log.touch()

    def program(name: str, body: str = "") -> None:
        path = tmp_path / name
        path.write_text(f'#!{shutil.which("bash")}\necho "{name} $*" >>{log}\n{body}\n')
        path.chmod(0o755)

    def run(user: int) -> tuple[str, str]:
        program("id", f"echo {user}")
        program("uname", "echo Linux")
        done = subprocess.run(
            [shutil.which("bash"), SCRIPT], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
        )
        return done.stdout, log.read_text()

    run.program = program
    return run


def test_a_browser_that_is_there_is_enough(machine):
    machine.program("google-chrome")
    machine.program("apt-get")
    assert machine(user=0) == ("", "")


def test_root_installs_it(machine):
    machine.program("apt-get")
    said, calls = machine(user=0)
    assert "Installing Chromium" in said
    assert "apt-get update" in calls
    assert "apt-get install -y -qq --no-install-recommends chromium" in calls


def test_others_are_told_what_to_type(machine):
    machine.program("apt-get")
    said, calls = machine(user=1000)
    assert "    sudo apt-get install chromium" in said
    assert "apt-get" not in calls


def test_an_installation_that_fails_is_not_hidden(machine):
    machine.program("apt-get", "exit 100")
    said, _ = machine(user=0)
    assert "cannot be installed from here" in said
    assert "    sudo apt-get install chromium" in said


def test_the_script_can_be_run():
    assert os.access(SCRIPT, os.X_OK)
