"""Binder: the configuration is accepted, and its commands give a working, empty-handed installation."""

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """The variables of a shell in a clean environment in which postBuild was run."""
    folder = tmp_path_factory.mktemp("binder") / "venv"
    venv.create(folder, with_pip=True)
    # JUPYTER_PATH and the like would show it the packages of the environment that runs the tests.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTHON", "VIRTUAL_ENV"))}
    # Little of what is installed is imported here, and is compiled then; pip reads "no" as a yes to --no-compile.
    variables = {**inherited, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PIP_NO_COMPILE": "no"}
    done = subprocess.run(
        [ROOT / "binder" / "postBuild"], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return variables


def output(environment: dict[str, str], folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_an_installation_by_post_build_is_whole(environment, tmp_path):
    extensions = output(environment, tmp_path, "jupyter", "labextension", "list")
    for name in ("@jupyter-widgets/jupyterlab-manager", "@pyviz/jupyterlab_pyviz", "anywidget"):
        assert re.search(rf"{name} v\S+ .*enabled.*OK", extensions), extensions
    assert not re.search(r"error|not compatible|\bX\b", extensions, re.IGNORECASE)

    files = json.loads(
        output(
            environment,
            tmp_path,
            *("python", "-c"),
            "import json, pathlib, brainnb; p = pathlib.Path(brainnb.__file__).parent; "
            "print(json.dumps([str(f.relative_to(p)) for f in p.rglob('*') if f.is_file()]))",
        )
    )
    in_the_repository = [
        path.relative_to(ROOT / "brainnb")
        for path in (ROOT / "brainnb").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert {str(path) for path in in_the_repository} <= set(files)
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"_notebooks/{notebook.name}" in files

    assert "Everything works" in output(environment, tmp_path, "brainnb", "doctor")


def test_repo2docker_accepts_the_configuration():
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-2000:]
    assert "Building conda environment for python=3.12" in said
    assert "binder/postBuild" in said


def test_python_is_exact_and_post_build_can_be_run():
    """A minimum is not recognised by repo2docker, and a postBuild that is not executable is ignored."""
    assert re.search(r"- python=3\.12\.\d+$", (ROOT / "binder/environment.yml").read_text(), re.M)
    assert os.access(ROOT / "binder/postBuild", os.X_OK)
