"""The blocks of a sweep on the cores of this machine: every core steps a block of its own.

One compiled loop keeps one core busy, so a sweep of many points is cut into as many blocks as there are cores.  The
caller's thread works too; it alone speaks to the user.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import jax
import numpy as np

from brainnb.core import processors

from . import cache, options
from .blocks import Blocks
from .gather import Gathered

_seen = cache.Recent()
"""Structures that are compiled: the first block of any other is begun alone, so that one thread compiles it."""


def count() -> int:
    """Cores that may step blocks side by side: those of this process, on the CPU."""
    if jax.default_backend() != "cpu" or jax.config.jax_default_device is not None or jax.local_device_count() > 1:
        return 1
    return processors.count()


def share(points: int, fits: int, least: int, hands: int) -> int:
    """Points of a block: as many blocks as hands, unless they would not fit or would be too small to pay."""
    if hands == 1:
        return min(points, fits)
    most = max(1, min(fits // hands, max(least, -(-points // hands))))
    return -(-points // -(-points // most))  # blocks of the same size


@functools.cache
def _pool(hands: int) -> ThreadPoolExecutor:
    """Threads that wait for the next sweep: a new one would cost a short sweep a twentieth of its time."""
    return ThreadPoolExecutor(hands - 1, thread_name_prefix="brainnb-sweep")


class Sweeping:
    """One sweep on its way: blocks wait in a row, hands take them, the caller reports."""

    def __init__(self, work: Blocks, gathered: Gathered, report: Callable[[float], Any], hands: int):
        self.work, self.gathered, self.report, self.hands = work, gathered, report, hands
        starts = range(0, len(work.grid), work.at_once)
        self.waiting = iter([np.arange(start, min(start + work.at_once, len(work.grid))) for start in starts])
        self.blocks = len(starts)
        self.reached: dict[int, float] = {}
        self.room = work.room()
        if self.room is not None:
            gathered.share({path: np.moveaxis(x, 0, 1) for path, x in self.room.items()})
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.helpers: list[Future] = []

    def run(self) -> str:
        """Run all blocks; returns the status."""
        if _seen.get(self.work.structure):
            self.call_helpers()
        try:
            self.work_on(self.in_charge)
            while wait(self.helpers, timeout=0.02).not_done and self.taken_by_helpers():
                self.in_charge()
        except BaseException:
            self.stop.set()
            raise
        finally:
            wait([helper for helper in self.helpers if not helper.cancel()])
        for helper in self.helpers:
            if not helper.cancelled():
                helper.result()  # raises what went wrong there
        done = self.done()
        if self.helpers and not self.stop.is_set():
            self.report(done)
        if self.stop.is_set() and done < 1:
            return f"stopped at {done:.0%}"
        return "finished"

    def call_helpers(self) -> None:
        """As many more threads as there are cores and blocks."""
        missing = min(self.hands, self.blocks) - 1
        if self.helpers or missing < 1:
            return
        wide = bool(jax.config.jax_enable_x64)  # a setting of this thread

        def help_out() -> None:
            try:
                with jax.enable_x64(wide):
                    self.work_on(lambda: not self.stop.is_set())
            except BaseException:  # raised where the sweep was called
                self.stop.set()
                raise

        self.helpers = [_pool(self.hands).submit(help_out) for _ in range(missing)]

    def work_on(self, going: Callable[[], bool]) -> None:
        """Take blocks until none is left or somebody said stop."""
        for index in self.taken():
            first = int(index[0])

            def told(fraction: float, first: int = first, many: int = len(index)) -> bool:
                self.reached[first] = many * fraction
                return going()

            last = first + len(index)
            room = self.room and {path: x[:, first:last] for path, x in self.room.items()}
            rows, reached, stopped = self.work.block(index, told, room)
            self.reached[first] = len(index) * reached
            with self.lock:
                self.gathered.add(index, rows)
            if stopped:
                self.stop.set()

    def taken(self) -> Iterator[np.ndarray]:
        while not self.stop.is_set():
            with self.lock:
                index = next(self.waiting, None)
            if index is None:
                return
            yield index

    def taken_by_helpers(self) -> bool:
        """Whether one of the helpers has begun; those that never came are not waited for."""
        return any(helper.running() for helper in self.helpers)

    def in_charge(self) -> bool:
        """What the caller's thread does between chunks: it lets the others begin, reports and hears Stop."""
        _seen.set(self.work.structure, True)
        self.call_helpers()
        if options.says_stop(self.report(self.done())):
            self.stop.set()
        return not self.stop.is_set()

    def done(self) -> float:
        """The part of all points that is computed."""
        return sum(list(self.reached.values())) / len(self.work.grid)


def here(work: Blocks, gathered: Gathered, report: Callable[[float], Any], hands: int) -> str:
    """Run all blocks in this process; returns the status."""
    return Sweeping(work, gathered, report, hands).run()
