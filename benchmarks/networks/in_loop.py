"""The hand-written C++ loop of `loop.cc`, built with the system's compiler."""

import ctypes
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
from common import DT, Built, Run

DISTRIBUTIONS = ()
WIDE = ("-mprefer-vector-width=512",) if platform.machine() == "x86_64" else ()
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffast-math", *WIDE)
SOURCE = Path(__file__).with_name("loop.cc")


def compiler() -> str:
    """The system's compiler; an ImportError where there is none."""
    found = os.environ.get("CXX") or shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    if found is None:
        raise ImportError("no C++ compiler was found (c++, g++ or clang++; the variable CXX may name one)")
    return found


def library(folder: str) -> ctypes.CDLL:
    """Compile and load."""
    target = str(Path(folder) / "loop.so")
    subprocess.run([compiler(), *FLAGS, "-shared", "-fPIC", str(SOURCE), "-o", target], check=True)
    loop = ctypes.CDLL(target)
    loop.network_new.restype = loop.network_spikes.restype = ctypes.c_void_p
    loop.network_new.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint]
    loop.network_spikes.argtypes = [ctypes.c_void_p]
    loop.network_run.argtypes = [ctypes.c_void_p, ctypes.c_int]
    loop.network_run.restype = ctypes.c_int64
    return loop


def build(network: str, n: int, T: float) -> Built:
    begun = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        loop = library(folder)
    compiled = perf_counter() - begun
    told = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    begun = perf_counter()
    held = loop.network_new(network.encode(), n, 1)
    wired = perf_counter() - begun

    def run() -> Run:
        begun = perf_counter()
        count = loop.network_run(held, round(T / DT))
        seconds = perf_counter() - begun
        found = np.ctypeslib.as_array(
            ctypes.cast(loop.network_spikes(held), ctypes.POINTER(ctypes.c_int32)), (count, 2)
        )
        return Run(seconds, found[:, 0].copy(), found[:, 1].copy())

    return Built(run, {"compile": compiled, "wiring": wired}, f"float32, {told} {' '.join(FLAGS)}")
