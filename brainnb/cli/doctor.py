"""`brainnb doctor`: what is installed, does it run, and what to type where it does not."""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import brainnb as bn
from brainnb.cli.common import version

NEEDED = ("jax", "jaxlib", "equinox", "diffrax", "numpy", "xarray", "pint", "scipy", "zarr")
FOR_NOTEBOOKS = (
    "jupyterlab",
    "ipykernel",
    "ipywidgets",
    "anywidget",
    "panel",
    "bokeh",
    "matplotlib",
    "h5netcdf",
    "h5py",
)
LAB_EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@pyviz/jupyterlab_pyviz", "anywidget")
INSTALL_LAB = "pip install 'brainnb[lab]'"


@dataclass(frozen=True)
class Finding:
    """One line of the report; `fix` is what to type, and is empty where all is well."""

    subject: str
    detail: str
    fix: str = ""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Describe the command line of `brainnb doctor`."""
    parser = commands.add_parser(
        "doctor",
        help="show versions, device and extensions, do one test run, say what to fix",
        description="Examines this installation and does one run; exit code 1 when something needs fixing.",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the report; exit code 1 when something needs fixing."""
    findings = []
    for finding in examine():
        findings.append(finding)
        print(f"{'FIX ' if finding.fix else 'ok  '} {finding.subject:<38} {finding.detail}", flush=True)
    ailing = [finding for finding in findings if finding.fix]
    if not ailing:
        print("\nEverything works.")
        return 0
    print("\nWhat to fix:")
    for finding in ailing:
        print(f"  {finding.subject}: {finding.fix}")
    return 1


def examine() -> Iterator[Finding]:
    """All findings, the quick ones first."""
    yield Finding("python", f"{platform.python_version()} at {sys.executable}")
    yield Finding("brainnb", f"{bn.__version__} at {Path(bn.__file__).parent}")
    yield from packages(NEEDED, "pip install --upgrade brainnb")
    if version("jupyterlab") or version("panel"):
        yield from packages(FOR_NOTEBOOKS, INSTALL_LAB)
        yield from lab_extensions()
    else:
        yield Finding("notebooks and sliders", f"not installed (for scripts nothing is missing); {INSTALL_LAB}")
    yield device()
    yield networks()
    yield trial_run()


def packages(names: tuple[str, ...], fix: str) -> Iterator[Finding]:
    """Which of the packages are installed."""
    for name in names:
        found = version(name)
        yield Finding(name, found) if found else Finding(name, "not installed", fix)


def lab_extensions() -> Iterator[Finding]:
    """Whether JupyterLab finds the front-end halves of the widget packages."""
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError as error:
        yield Finding("extensions", f"not looked for: {error}", INSTALL_LAB)
        return
    folders = [Path(folder) for folder in jupyter_path("labextensions")]
    for name in LAB_EXTENSIONS:
        found = any((folder / name / "package.json").is_file() for folder in folders)
        yield Finding(f"extension {name}", "found" if found else "not found", "" if found else f"{INSTALL_LAB} again")


def device() -> Finding:
    """What JAX computes on."""
    import jax

    try:
        devices = jax.devices()
    except RuntimeError as error:
        return Finding("device", str(error).splitlines()[0], "unset JAX_PLATFORMS, or install the jaxlib it names")
    return Finding("device", ", ".join(f"{d.platform} ({d.device_kind})" for d in devices))


def networks() -> Finding:
    """How events are delivered: compiled where that is possible, and nothing to fix where it is not."""
    from brainnb.ops import kernels

    return Finding("networks", kernels.state())


def trial_run() -> Finding:
    """One Hodgkin-Huxley run that must spike: the whole way from declaration to result."""
    start = time.perf_counter()
    try:
        result = bn.simulate(bn.neurons.HodgkinHuxley(), T=50.0, dt=0.05, I=10.0)
    except Exception as error:  # whatever is wrong with this installation is what is being asked
        return Finding("test run", f"{type(error).__name__}: {error}", "pip install --force-reinstall brainnb")
    seconds = time.perf_counter() - start
    peak = float(result.V.max())
    if peak < 0.0:
        return Finding("test run", f"no spike (peak {peak:.1f} mV)", "please report this, with all lines above")
    return Finding("test run", f"50 ms of Hodgkin-Huxley in {seconds:.2f} s, peak {peak:.1f} mV")
