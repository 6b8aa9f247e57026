"""The Makefile: the two commands of the README are what runs, and no folder of tests is forgotten."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*arguments: str) -> str:
    done = subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_help_is_the_default_and_names_every_target():
    said = make()
    for target in ("lab", "test", "docs", "bench", "lint", "clean"):
        assert re.search(rf"^  make {target} +\w", said, re.M)


@pytest.mark.parametrize("folder", sorted(p.name for p in (ROOT / "tests").iterdir() if any(p.glob("**/test_*.py"))))
def test_make_test_runs_the_folder(folder):
    assert re.search(rf"pytest .*\btests/{folder}\b", make("--dry-run", "test"))


@pytest.mark.parametrize("mark", ["as_run", "alone"])
def test_what_one_run_leaves_out_another_takes(mark):
    """Tests that are marked, by themselves or by the conftest.py of their folder."""
    said = make("--dry-run", "test")
    (without,) = re.findall(rf'-m "not slow and not {mark}" (.*?) \|\|', said)
    (within,) = re.findall(rf'-m (?:"not slow and {mark}"|{mark}) (.*?) \|\|', said)
    marked = {
        path.relative_to(ROOT).parts[1]
        for path in (ROOT / "tests").rglob("*.py")
        if f"pytest.mark.{mark}" in path.read_text(encoding="utf8")
    }
    assert marked
    assert {f"tests/{folder}" for folder in marked} <= set(within.split())
    assert set(within.split()) - {"tests/reference"} <= set(without.split())


def test_make_test_runs_the_notebooks():
    assert re.search(r"pytest .*--nbval-lax .*notebooks", make("--dry-run", "test"))


def test_lab_honours_port_and_browser():
    assert re.search(r"brainnb lab notebooks --port 9123 --no-browser", make("-n", "lab", "PORT=9123", "BROWSER=none"))
    assert "--no-browser" not in make("-n", "lab", "BROWSER=firefox")


def test_ci_runs_what_the_readme_names():
    commands = [
        line
        for line in (ROOT / ".ci/run").read_text(encoding="utf8").splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["make test"]
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    assert "make lab" in readme
    assert "make test" in readme
