"""Prints how long `import brainnb` takes beside `import jax` alone: medians over fresh processes."""

import statistics
import subprocess
import sys

RUNS = 11
LIMIT = 1.5


def seconds(module: str) -> float:
    """One import in a process of its own."""
    timed = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Alternate the two, so that a busy machine slows both."""
    times = {"jax": [], "brainnb": []}
    for module in times:
        seconds(module)  # files into the page cache
    for _ in range(RUNS):
        for module, measured in times.items():
            measured.append(seconds(module))
    jax, brainnb = (statistics.median(times[module]) for module in ("jax", "brainnb"))
    print(f"import jax {jax:.3f} s, import brainnb {brainnb:.3f} s: {brainnb / jax:.2f} times (goal {LIMIT})")


if __name__ == "__main__":
    main()
