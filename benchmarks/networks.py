"""COBA, CUBA and COBAHH (Brette et al. 2007) by brainnb, a hand-written C++ loop, BrainPy, Brian2 and NEST, in one run.

    python benchmarks/networks.py [--peers PYTHON] [--sizes 4000 16000 32000] [--networks COBA CUBA COBAHH]
                                  [--contenders loop brainnb ...] [--T 1000] [--repeats 7] [--json FILE]

80 % of the cells excite, 80 synapses lead into each on average (p = 80/N), a step is 0.1 ms, a spike acts in the next
step, all spikes are recorded; equations and parameters stand in `benchmarks/networks/`, one file a contender.
"brainnb Euler" steps by exponential Euler as the loop and the peers do, "brainnb" by its defaults of order 2.  Each is
a process of its own, PYTHON the interpreter where the peers are installed (`pip install brian2 nest-simulator brainpy
numba`); one that is not installed is left out, and said so.  Building and compiling are timed apart from runs.

Every contender runs once unmeasured, then all in turn, so that drift of the machine hits all alike.  Before times are
compared, rates and CV of intervals are, by their medians: networks and random numbers are drawn apart, so they may
differ from the loop's by 15 % (COBAHH: 25 %), and a contender that computes something else gets no ratio.  One whose
turns would take longer than `--budget` seconds at one size takes fewer, and none where it would need three times that.
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTENDERS = {  # module in benchmarks/networks, is it a peer, its environment
    "loop": ("in_loop", False, {}),
    "brainnb": ("ours", False, {"BRAINNB_CACHE": "off"}),
    "brainnb Euler": ("ours", False, {"BRAINNB_CACHE": "off", "METHOD": "exponential_euler"}),
    "brainnb fused": ("ours", False, {"BRAINNB_CACHE": "off", "BRAINNB_KERNELS": "off", "BRAINNB_XLA": "fused"}),
    "brainnb portable": ("ours", False, {"BRAINNB_CACHE": "off", "BRAINNB_KERNELS": "off"}),
    "BrainPy": ("in_brainpy", True, {}),
    "Brian2": ("in_brian2", True, {}),
    "NEST": ("in_nest", True, {}),
}
FAR = {"rate_E": 0.15, "rate_I": 0.15, "CV": 0.15}  # parts of the loop's value
ENOUGH = 500.0  # ms; in less time too few cells have the four spikes that a CV needs
WANDERS = {"COBAHH": 0.25}  # where one contender's own runs differ by 15 %
DT = 0.1  # ms

Costs = dict[tuple[str, str], tuple[int, float]]  # contender and network: cells, and the seconds of a run


class Contender:
    """A process that has built one network and runs it whenever asked."""

    def __init__(self, name: str, network: str, n: int, T: float, peers: str) -> None:
        module, peer, environment = CONTENDERS[name]
        self.name = name
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (lives as long as the process)
        self.process = subprocess.Popen(
            [
                peers if peer else sys.executable,
                str(ROOT / "benchmarks/networks/serve.py"),
                module,
                network,
                str(n),
                str(T),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=os.environ | environment | ({} if peer else {"PYTHONPATH": path}),
        )
        try:
            self.built = self.answer()
        except RuntimeError as error:
            self.built = {"skipped": str(error)}

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            told = self.errors.read().strip().splitlines() or ["it said nothing"]
            raise RuntimeError(f"{self.name} ended with code {code}: {told[-1]}")
        return json.loads(line)

    def run(self) -> dict[str, float]:
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        """End it: some interpreters wait at their exit for threads that never end."""
        try:
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        self.errors.close()


def differences(network: str, T: float, checked: Mapping[str, float], loop: Mapping[str, float]) -> list[str]:
    """What differs from the loop by more than it may."""
    return [
        f"{what} {checked[what]:.2f} where the loop has {loop[what]:.2f}"
        for what, far in FAR.items()
        if (what != "CV" or T >= ENOUGH)
        and not math.isclose(checked[what], loop[what], rel_tol=WANDERS.get(network, far))
    ]


def start(names: list[str], network: str, n: int, given: argparse.Namespace, known: Costs) -> list[Contender]:
    """Build every contender that is installed and fast enough, one after the other."""
    ready = []
    for name in names:
        size, cost = known.get((name, network), (n, 0.0))
        if cost * n / size > 3 * given.budget:
            print(f"{name}: left out, a run of {n} cells would take about {cost * n / size:.0f} s", flush=True)
            continue
        contender = Contender(name, network, n, given.T, given.peers)
        if "skipped" in contender.built:
            print(f"{name}: left out, {contender.built['skipped']}", flush=True)
            contender.close()
            continue
        ready.append(contender)
    return ready


def measure(network: str, n: int, given: argparse.Namespace, known: Costs) -> list[dict]:
    """All contenders on one network: build, check, take turns; a row of the table each."""
    print(f"\n## {network}, {n} cells, {given.T:g} ms\n", flush=True)
    ready = start(given.contenders, network, n, given, known)
    checked = {contender.name: contender.run() for contender in ready}
    turns = {c.name: max(1, min(given.repeats, int(given.budget / checked[c.name]["seconds"]))) for c in ready}
    taken: dict[str, list[dict[str, float]]] = {contender.name: [] for contender in ready}
    for k in range(given.repeats):
        for contender in ready:
            if k < turns[contender.name]:
                taken[contender.name].append(contender.run())
    found = {
        name: {what: statistics.median(run[what] for run in (checked[name], *runs)) for what in FAR}
        for name, runs in taken.items()
    }
    wrong = {
        name: differences(network, given.T, did, found["loop"]) if "loop" in found else []
        for name, did in found.items()
    }
    if len(found) > 1 and "loop" in found and not any(wrong.values()):
        print("Rates and CV of all agree with the loop's.\n", flush=True)
    rows = []
    for contender in ready:
        name = contender.name
        contender.close()
        spent = [turn["seconds"] / given.T * DT * 1e6 for turn in taken[name]]
        known[name, network] = n, checked[name]["seconds"]
        row = dict(network=network, cells=n, contender=name, turns=len(spent), wrong=wrong[name], **contender.built)
        rows.append(row | found[name] | dict(us=statistics.median(spent), least=min(spent), most=max(spent)))
    return rows


def table(rows: list[dict]) -> None:
    """Markdown: rates first, then time, then ratios to the loop and of brainnb to each."""
    by = {row["contender"]: row for row in rows}
    print("| contender | Hz E | Hz I | CV | build s | us/step | least | most | turns | x loop | x brainnb |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        phases = " + ".join(f"{name} {seconds:.2f}" for name, seconds in row["phases"].items())
        ratios = [
            f"{row['us'] / by[other]['us']:.2f}" if other in by and not (row["wrong"] or by[other]["wrong"]) else "-"
            for other in ("loop", "brainnb")
        ]
        print(
            f"| {row['contender']} | {row['rate_E']:.1f} | {row['rate_I']:.1f} | {row['CV']:.2f} | {phases} | {row['us']:.2f} | "
            f"{row['least']:.2f} | {row['most']:.2f} | {row['turns']} | {' | '.join(ratios)} |",
            flush=True,
        )
    print()
    for row in rows:
        print(f"{row['contender']}: {row['note']}")
        for line in row["wrong"]:
            print(f"{row['contender']} computed something else and gets no ratio: {line}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    options.add_argument("--sizes", type=int, nargs="+", default=[4_000, 16_000, 32_000])
    options.add_argument(
        "--networks", nargs="+", default=["COBA", "CUBA", "COBAHH"], choices=["COBA", "CUBA", "COBAHH"]
    )
    options.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS))
    options.add_argument("--T", type=float, default=1000.0)
    options.add_argument("--repeats", type=int, default=7)
    options.add_argument("--budget", type=float, default=30.0)
    options.add_argument("--json", type=Path)
    given = options.parse_args()

    known: Costs = {}
    rows: list[dict] = []
    for network in given.networks:
        for n in given.sizes:
            found = measure(network, n, given, known)
            table(found)
            rows += found
    versions = {name: version for row in rows for name, version in row["versions"].items()}
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"\n{machine}; " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    if given.json:
        given.json.write_text(json.dumps(dict(machine=machine, versions=versions, T=given.T, rows=rows), indent=1))
    return int(any(row["wrong"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
