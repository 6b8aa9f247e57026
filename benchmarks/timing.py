"""Rounds of timings: every contender once a round, so that drift of the machine hits all alike."""

import platform
import statistics
from collections.abc import Callable, Mapping
from importlib import metadata
from time import perf_counter


def rounds(
    contenders: Mapping[str, Callable[[int], object]], repeats: int, drag: float = 0.0
) -> dict[str, list[float]]:
    """Seconds of each call of each contender; the call gets the round's number, so that it can change a value.

    With ``drag`` seconds a contender makes as many calls in a row as fit, at least one, and each of them counts: moves
    of a slider follow one another, they do not take turns with another simulator that empties the caches.
    """
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for k in range(repeats):
        for name, call in contenders.items():
            end = perf_counter() + drag
            while True:
                begun = perf_counter()
                call(k)
                spent[name].append(perf_counter() - begun)
                if perf_counter() >= end:
                    break
    return spent


def first_call(call: Callable[[int], object]) -> float:
    """Seconds of the first call: build and compile."""
    begun = perf_counter()
    call(-1)
    return perf_counter() - begun


def report(title: str, cold: Mapping[str, float], warm: Mapping[str, list[float]], reference: str) -> None:
    """A table of first call, median, 90th percentile and ratio to ``reference``."""
    base = statistics.median(warm[reference])
    print(f"\n{title}\n{'':28}{'first call':>12}{'median':>12}{'p90':>12}{'ratio':>10}")
    for name, spent in warm.items():
        middle, high = statistics.median(spent), sorted(spent)[int(0.9 * (len(spent) - 1))]
        print(f"{name:28}{cold[name] * 1e3:9.1f} ms{middle * 1e3:9.2f} ms{high * 1e3:9.2f} ms{middle / base:9.1f}x")


def versions(*names: str) -> None:
    """Print what was measured, on what."""
    found = []
    for name in ("brainnb", *names):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    print(f"Python {platform.python_version()}, {platform.machine()}; " + ", ".join(found))
