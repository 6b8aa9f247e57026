"""The floors of the house: what may import what, and what a plain `import brainnb` costs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

USED_LATER = (
    "panel",
    "bokeh",
    "ipywidgets",
    "anywidget",
    "matplotlib",
    "xarray",
    "pandas",
    "pint",
    "diffrax",
)


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_import_contracts_hold():
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = run("-c", lint)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.fixture(scope="module")
def modules_after_import():
    done = run("-c", "import brainnb, sys; print(*sys.modules, sep='\\n')")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("library", USED_LATER)
def test_import_brainnb_does_not_import(library, modules_after_import):
    assert "jax" in modules_after_import
    assert library not in modules_after_import
