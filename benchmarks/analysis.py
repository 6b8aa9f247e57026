"""Phase plane, branches of resting points and of cycles by brainnb, AUTO-07p, JaxCont and BrainPy, in one run.

    python benchmarks/analysis.py [--peers NAME=PYTHON ...] [--contenders brainnb AUTO ...] [--tasks redraw ...]
                                  [--repeats 7] [--budget 60] [--json FILE]

    redraw          field, nullclines and resting points of FitzHugh-Nagumo (FHN)
    equilibria 2    resting points of FHN for I from 0 to 2, its Hopf points located and classified
    equilibria 4    the same of Hodgkin-Huxley (HH), I from 0 to 200
    cycles 2, 4     the cycles from the first Hopf point of each as well, with their multipliers and special points

Each contender is a process of its own, NAME=PYTHON the interpreter where a peer is installed (`pip install jaxcont`,
`pip install brainpy`; AUTO is Debian's `auto-07p` with `gfortran`); one that is not installed is left out, and said so.
A task's first call builds and compiles and is timed apart; then all contenders take turns, every turn with another
value of a parameter (tau, g_Na), as under a slider; one whose turns would take longer than `--budget` seconds takes fewer.  Positions must agree with the first contender's before anything
is timed; one that finds something else gets no ratio.  brainnb tells how often it traced in its turns: never.

AUTO's time is that of its engine's process, which reads the constants and writes its files.  AUTO and JaxCont are told
their steps, meshes and starts; AUTO computes no normal forms, and neither looks for other branches.  Cycle branches
differ in their points, so time for 100 of them is told too.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CONTENDERS = {"brainnb": "ours", "AUTO": "in_auto", "JaxCont": "in_jaxcont", "BrainPy": "in_brainpy"}
TASKS = ("redraw", "equilibria 2", "equilibria 4", "cycles 2", "cycles 4")
FAR = 1e-4
"""Positions of special points may differ by this part; a contender that steps on a grid tells its spacing."""


class Contender:
    """A process that does a task whenever asked."""

    def __init__(self, name: str, python: str) -> None:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (lives as long as the process)
        self.process = subprocess.Popen(
            [python, str(ROOT / "benchmarks/analysis/serve.py"), CONTENDERS[name]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            bufsize=1,
            env={**os.environ, "PYTHONPATH": path, "BRAINNB_CACHE": "off", "OMP_NUM_THREADS": "1"},
        )
        self.told = self._reply()

    def _reply(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.errors.seek(0)
        last = (self.errors.read().strip() or "no reply").splitlines()[-1]
        return {"skipped": last}

    def turn(self, task: str, k: int) -> dict[str, Any]:
        """Do a task with the parameters of turn ``k``; -1 is the first call, with the published ones."""
        if self.process.poll() is not None:
            return {"skipped": "the process has ended"}
        self.process.stdin.write(json.dumps([task, k]) + "\n")
        return self._reply()

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(60)


def off(found: dict[str, Any], reference: dict[str, Any]) -> str:
    """What differs from the reference, in words; nothing when all agrees."""
    wrong = []
    for name, here in found["positions"].items():
        there = reference["positions"].get(name, [])
        far = found.get("spacing", 0.0) or FAR * max(map(abs, there), default=1.0)
        if len(here) != len(there) or any(abs(a - b) > far for a, b in zip(here, there, strict=False)):
            wrong.append(f"{name} {here} for {there}")
    return "; ".join(wrong)


def compare(task: str, contenders: list[Contender], repeats: int, budget: float) -> list[dict[str, Any]]:
    """Time one task; prints and gives its rows."""
    print(f"\n{task:24}{'first call':>12}{'median':>12}{'least':>12}{'ratio':>9}   found", flush=True)
    first, rows = {}, []
    for one in contenders:
        told = one.turn(task, -1)
        if "skipped" in told:
            print(f"{one.name:24}    {told['skipped']}")
        else:
            first[one] = told
    reference = next(iter(first.values()), None)
    agree = {one: off(told, reference) for one, told in first.items()}
    spent: dict[Contender, list[float]] = {one: [] for one in first}
    traced = dict.fromkeys(first, 0)
    for k in range(repeats):
        for one in first:
            if k and sum(spent[one]) + spent[one][0] > budget:
                continue
            told = one.turn(task, k)
            spent[one].append(told["seconds"])
            traced[one] += told.get("traced", 0)
    base = statistics.median(next(iter(spent.values()))) if spent else 1.0
    for one, told in first.items():
        middle = statistics.median(spent[one])
        points = told.get("points")
        words = [f"{points} points, {middle / points * 1e5:.0f} ms for 100"] if points else []
        words += [f"traced {traced[one]} times in {len(spent[one])} turns"] if "traced" in told else []
        words += [f"differs: {agree[one]}"] if agree[one] else []
        ratio = "none" if agree[one] else f"{middle / base:.2f}x"
        print(
            f"{one.name:24}{told['seconds']:10.2f} s{middle * 1e3:9.1f} ms{min(spent[one]) * 1e3:9.1f} ms{ratio:>9}   "
            + "; ".join(words),
            flush=True,
        )
        rows.append(
            dict(task=task, contender=one.name, first=told["seconds"], seconds=spent[one], traced=traced[one])
            | dict(found=told["positions"], points=points, differs=agree[one])
        )
    return rows


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peers", nargs="*", default=[], metavar="NAME=PYTHON")
    options.add_argument("--contenders", nargs="*", default=list(CONTENDERS), choices=CONTENDERS)
    options.add_argument("--tasks", nargs="*", default=list(TASKS), choices=TASKS)
    options.add_argument("--repeats", type=int, default=7)
    options.add_argument("--budget", type=float, default=60.0)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    python = dict(pair.split("=", 1) for pair in given.peers)
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    contenders = []
    for name in given.contenders:
        one = Contender(name, python.get(name, sys.executable))
        if "skipped" in one.told:
            print(f"{name}: absent, {one.told['skipped']}")
            continue
        print(f"{name}: {one.told['versions']}; ready after {one.told['ready']:.1f} s")
        contenders.append(one)
    rows = [row for task in given.tasks for row in compare(task, contenders, given.repeats, given.budget)]
    for one in contenders:
        one.end()
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
