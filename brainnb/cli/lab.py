"""`brainnb lab`: open the course notebooks in JupyterLab."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import brainnb
from brainnb.cli.common import add_server_options, require

WORKING_FOLDER = "brainnb-notebooks"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Describe the command line of `brainnb lab`."""
    parser = commands.add_parser(
        "lab",
        help="open the course notebooks in JupyterLab",
        description="Opens JupyterLab on the course notebooks. From an installed package they are first "
        f"copied to DIR (default: ./{WORKING_FOLDER}); a file that is already there is never overwritten.",
    )
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="the folder of the notebooks")
    add_server_options(parser, default_port=None, which_port="8888 or the next free one")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Become the Jupyter server, so that its signals and its exit code are ours."""
    require("jupyterlab", "lab")
    source = shipped_notebooks()
    in_checkout = (source.parent / "pyproject.toml").exists()
    folder = (options.folder or (source if in_checkout else Path(WORKING_FOLDER))).resolve()
    for name in copy_missing(source, folder):
        print(f"brainnb: {name} copied to {folder}")
    command = server_command(folder, options.address, options.port, options.no_browser)
    sys.stdout.flush()
    os.execv(command[0], command)


def shipped_notebooks() -> Path:
    """The course notebooks: inside an installed package, or beside it in a checkout."""
    package = Path(brainnb.__file__).parent
    installed = package / "_notebooks"
    return installed if installed.is_dir() else package.parent / "notebooks"


def copy_missing(source: Path, folder: Path) -> list[str]:
    """Copy the notebooks that the folder does not have yet; what a student has written stays."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [p for p in sorted(source.iterdir()) if p.is_file() and not (folder / p.name).exists()]
    for path in missing:
        shutil.copyfile(path, folder / path.name)
    return [path.name for path in missing]


def server_command(folder: Path, address: str, port: int | None, no_browser: bool) -> list[str]:
    """The JupyterLab command: loopback, its usual token, no requests for news to other hosts."""
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.ip={address}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    lessons = sorted(p.name for p in folder.glob("*.ipynb"))
    if lessons:
        command.append(f"--LabApp.default_url=/lab/tree/{lessons[0]}")
    if port is not None:
        # Somebody will connect to the port that was asked for: if it is taken, the next one is no help.
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command
