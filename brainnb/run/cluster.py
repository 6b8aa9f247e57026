"""A sweep on the workers of a ``dask.distributed`` cluster: blocks go out, rows come home.

A block whose workers died is tried again alone and in smaller parts, until the points that cannot be computed are known
by name; everything else is kept.  A worker that dies for another reason costs only time: blocks depend on nothing but
their numbers, so that the scheduler may run them anywhere and again.
"""

import dataclasses
import queue
import time
import uuid
import warnings
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import jax
import numpy as np

from brainnb.core.errors import ClusterError
from brainnb.core.fields import float_dtype
from brainnb.core.pickled import to_host

from . import options, worker
from .blocks import Blocks, Job
from .client import check_travels, checked
from .gather import Gathered, label
from .interrupt import held_back

BLOCKS_A_THREAD = 4
"""Blocks for every thread of the cluster: small enough to share the work evenly, large enough to be worth a journey."""

PARTS = 16
"""Parts into which a deadly block is cut: two rounds find one point among 256."""

MOST_DEADLY = 8
"""Points that killed their workers before the search for more is given up: each costs several workers."""

MOST_TRIES = 5
"""Times that a block is sent: its rows are lost when a worker dies that holds them and had not sent them home yet."""

LOOK_EVERY = 0.1
"""Seconds between two looks at Stop, Ctrl-C and the client."""

PATIENCE = 10.0
"""Seconds of silence before a look at whether there are workers at all."""

USER = 7
"""Frames between a warning from inside a conversation and the line that called ``sweep``."""


class Gone(Exception):
    """The cluster cannot be talked to any more."""


class Stopped(Exception):
    """Somebody asked to stop."""


class Cluster:
    """A cluster that was looked at before anything is sent."""

    def __init__(self, client: Any, devices: Any = None):
        self.client = checked(client, devices)

    def share(self, points: int) -> int:
        """Points of one block, so that all threads have some."""
        threads = sum(self.client.nthreads().values()) or 8
        return max(1, -(-points // (BLOCKS_A_THREAD * threads)))

    def run(self, work: Blocks, gathered: Gathered, report: Callable[[float], Any], failed: dict[int, str]) -> str:
        """Run all points; fills ``gathered`` and ``failed``, returns the status."""
        work.outline()  # mistakes in reduce are told here, in the words they have here
        job = portable(work)
        check_travels(job)
        parcel = dict(token=uuid.uuid4().hex, job=job, at_once=work.at_once, wide=float_dtype() == np.float64)
        with held_back() as pressed:
            talk = Talk(self.client, parcel, gathered, failed, report, pressed)
            try:
                status = talk.all_points(work.at_once)
            except (Stopped, KeyboardInterrupt):
                status = f"stopped at {talk.fraction:.0%}"
            except Gone as gone:
                result, _ = label(work, gathered, 0.0, f"stopped at {talk.fraction:.0%}: {gone}", failed)
                came = f"{int(gathered.there.sum())} of {len(work.grid)} points came back"
                raise ClusterError(f"{gone} {came} and are in the error's .partial.", result) from gone.__cause__
            finally:
                talk.end()
        tell(work, failed)
        return status


def portable(work: Blocks) -> Job:
    """The job with everything that was read here as plain numbers: it means the same on any machine."""
    job = work.job
    values = {axis.name: axis.values for axis in work.grid.axes}
    return dataclasses.replace(
        job,
        values=type(job.values)(values) if values else None,
        given=jax.tree.map(to_host, dict(job.given)),
        options=jax.tree.map(to_host, dict(job.options)),
    )


def tell(work: Blocks, failed: dict[int, str]) -> None:
    """Name the points that failed."""
    if not failed:
        return
    name, points, first = type(work.base.model).__name__, len(work.grid), min(failed)
    if len(failed) == points:
        raise ClusterError(f"{name}: every point of the sweep failed. The first: {failed[first]}")
    at = ", ".join(f"{path}={value}" for path, value in work.grid.point(first).items())
    more = f" {len(failed) - 1} more are in attrs['failed']." if len(failed) > 1 else ""
    warnings.warn(
        f"{name}: {len(failed)} of {points} points failed and hold NaN, the first at {at}: {failed[first]}.{more} "
        f"All others are there.",
        stacklevel=5,
    )


class Talk:
    """Sends blocks out, takes rows in, and looks up every moment whether to go on."""

    def __init__(
        self,
        client: Any,
        parcel: dict[str, Any],
        gathered: Gathered,
        failed: dict[int, str],
        report: Callable[[float], Any],
        pressed: Callable[[], bool],
    ):
        self.client, self.parcel, self.gathered, self.failed = client, parcel, gathered, failed
        self.report, self.pressed = report, pressed
        self.arrived: queue.SimpleQueue = queue.SimpleQueue()
        self.out: dict[Any, list[int]] = {}
        self.shipped: Any = None
        self.makers = {worker.makers()}
        self.heard = time.monotonic()
        self.tries: Counter = Counter()

    @property
    def fraction(self) -> float:
        """Part of the points that is settled."""
        return (int(self.gathered.there.sum()) + len(self.failed)) / self.gathered.points

    def all_points(self, at_once: int) -> str:
        """Everything in blocks; then what killed its workers alone, in smaller and smaller parts."""
        numbers = list(range(self.gathered.points))
        suspects = self.done(cut(numbers, at_once))
        deadly = 0
        while suspects and deadly < MOST_DEADLY:
            part = suspects.pop(0)
            if not self.done([part]):  # one at a time: nobody is condemned for having been near
                continue
            if len(part) == 1:
                deadly += 1
                self.failed[part[0]] = "every worker that tried it died (out of memory, or a crash)"
            else:
                suspects = cut(part, -(-len(part) // PARTS)) + suspects
        for number in (n for part in suspects for n in part):
            self.failed[number] = f"given up: {MOST_DEADLY} points before it had killed their workers"
        return "finished"

    def done(self, parts: list[list[int]]) -> list[list[int]]:
        """Run some parts; returns those whose workers died."""
        self.send(parts)
        suspects = []
        while self.out:
            try:
                future = self.arrived.get(timeout=LOOK_EVERY)
                if (part := self.out.pop(future, None)) is not None:
                    self.heard = time.monotonic()
                    suspects += self.take(future, part)
            except queue.Empty:
                self.look()
            if (options.says_stop(self.report(self.fraction)) or self.pressed()) and self.fraction < 1:
                raise Stopped
        return suspects

    def send(self, parts: list[list[int]]) -> None:
        """One task for every part, and before the first one the job itself."""
        try:
            if self.shipped is None:
                self.shipped = self.client.submit(worker.kept, self.parcel, key=f"brainnb-sweep-{uuid.uuid4().hex}")
            for part in parts:
                key = f"brainnb-block-{uuid.uuid4().hex}"
                future = self.client.submit(worker.run_points, self.shipped, part, key=key)
                self.out[future] = part
                future.add_done_callback(self.arrived.put)
        except Exception as error:
            self.check_client(error)
            raise

    def take(self, future: Any, part: list[int]) -> list[list[int]]:
        """Bring the rows home; returns the part when its workers died."""
        from distributed import KilledWorker

        self.check_client()
        if self.shipped.status == "cancelled":
            raise Gone("The cluster dropped the sweep: it was restarted, or somebody cancelled its tasks.")
        if future.status in ("cancelled", "lost"):
            return self.again(part)
        try:
            found, failed, makers = future.result(timeout=60)
        except KilledWorker:
            return [part]
        except (CancelledError, TimeoutError) as error:
            self.check_client(error)
            return self.again(part)
        except Exception as error:
            self.check_client(error)
            raise Gone(f"A worker could not run the sweep: {worker.in_one_line(error)}.") from error
        for numbers, rows in found:
            self.gathered.add(np.array(numbers), rows)
        self.failed |= failed
        if makers not in self.makers:
            self.makers.add(makers)
            here = worker.makers()
            warnings.warn(
                f"A worker computes with {makers}, here it is {here}: equal to rounding only.", stacklevel=USER
            )
        return []

    def again(self, part: list[int]) -> list[list[int]]:
        """Send a part whose rows were lost once more."""
        self.tries[part[0], len(part)] += 1
        if self.tries[part[0], len(part)] >= MOST_TRIES:
            raise Gone(
                f"The rows of a block were lost {MOST_TRIES} times on their way home: workers die while they hold them."
            )
        self.send([part])
        return []

    def look(self) -> None:
        """Whether there is still somebody to talk to."""
        self.check_client()
        if time.monotonic() - self.heard < PATIENCE:
            return
        self.heard = time.monotonic()
        if not self.client.nthreads():
            warnings.warn(
                "The cluster has no workers; the sweep waits for them. Stop (Ctrl-C) keeps what is there.",
                stacklevel=USER,
            )

    def check_client(self, error: Exception | None = None) -> None:
        """Raise when the client is gone."""
        if self.client.status in ("closed", "closing"):
            raise Gone("The client was closed while the sweep ran.") from error
        if self.client.status != "running":
            raise Gone("The scheduler of the cluster is gone.") from error

    def end(self) -> None:
        """Nothing of this sweep stays on the cluster."""
        if self.client.status == "running" and self.shipped is not None:
            self.client.cancel([*self.out, self.shipped])
        self.out.clear()


def cut(numbers: list[int], size: int) -> list[list[int]]:
    """A list in pieces of some size."""
    return [numbers[i : i + size] for i in range(0, len(numbers), size)]
