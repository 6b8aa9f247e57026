"""A sweep on the workers of a ``dask.distributed`` cluster: blocks go out, rows come home.

A block that fails is tried again alone and in smaller parts, until the points that cannot be computed are known by
name; everything else is kept.  A worker that dies by another's fault, or by the machine's, costs only time: blocks
depend on nothing but their numbers, so that the scheduler may run them anywhere and again.
"""

import logging
import queue
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np

from brainnb.core.errors import ClusterError, ModelError
from brainnb.core.fields import float_dtype
from brainnb.core.pickled import to_host

from . import cache, limits, options
from .blocks import Blocks, Job
from .devices import chosen
from .gather import Gathered, label
from .interrupt import held_back

BLOCKS_A_THREAD = 4
"""Blocks for every thread of the cluster: small enough to share the work evenly, large enough to be worth a journey."""

PARTS = 16
"""Parts into which a failed block is cut: two rounds find one point among 256."""

MOST_DEADLY = 8
"""Points that killed their workers before the search for more is given up: each costs four workers."""

LOOK_EVERY = 0.1
"""Seconds between two looks at Stop, Ctrl-C and the client."""

PATIENCE = 10.0
"""Seconds without any worker before a warning says so."""

_opened = cache.Recent(4)


# --- on a worker ----------------------------------------------------------------------------------------------------


def kept(parcel: dict[str, Any]) -> dict[str, Any]:
    """The parcel itself: a task, so that a cluster that lost it can make it again."""
    return parcel


def opened(parcel: dict[str, Any]) -> Blocks:
    """The sweep of a parcel, built once in every process."""
    work = _opened.get(parcel["token"])
    if work is None:
        with limits.watched_elsewhere():
            work = Blocks(parcel["job"], lambda points, fits: parcel["at_once"], chosen(None))
        _opened.set(parcel["token"], work)
    return work


def on_worker(parcel: dict[str, Any], numbers: list[int]) -> tuple[list[tuple[list[int], dict]], dict[int, str], str]:
    """Rows of the points with these numbers, the points that raised an error with its words, and who computed."""
    with jax.enable_x64(parcel["wide"]):
        work = opened(parcel)
        found, failed = [], {}
        todo = [numbers]
        while todo:
            part = todo.pop()
            try:
                rows, _, _ = work.block(np.array(part), lambda reached: True)
                found.append((part, rows))
            except Exception as error:  # whatever a point raises is its own: it is named, the others go on
                if len(part) == 1:
                    failed[part[0]] = in_one_line(error)
                else:
                    half = len(part) // 2
                    todo += [part[half:], part[:half]]
        return found, failed, makers()


def in_one_line(error: Exception) -> str:
    """An error without the traceback that some carry in their text: what went wrong stands at the end."""
    lines = str(error).strip().splitlines() or [""]
    return lines[-1] if "Traceback" in str(error) else f"{type(error).__name__}: {lines[0]}"


def makers() -> str:
    """What the numbers depend on beside the job."""
    from brainnb import __version__

    return f"brainnb {__version__}, jax {jax.__version__} on {jax.default_backend()}"


# --- on the side of the client ----------------------------------------------------------------------------------------


class Cluster:
    """A client that was looked at, and the conversation with its workers."""

    def __init__(self, client: Any, devices: Any = None):
        self.client = checked(client)
        if devices is not None:
            raise ModelError("devices= and client= do not go together: every worker uses all devices of its own.")

    def share(self, points: int) -> int:
        """Points of one block, so that all threads have some."""
        threads = sum(self.client.nthreads().values()) or 8
        return max(1, -(-points // (BLOCKS_A_THREAD * threads)))

    def run(self, work: Blocks, gathered: Gathered, report: Callable[[float], Any], failed: dict[int, str]) -> str:
        """Run all points; fills ``gathered`` and ``failed``, returns the status."""
        work.outline()  # mistakes in reduce are told here, in the words they have here
        job = work.job
        shipped = Job(
            job.model,
            {axis.name: axis.values for axis in work.grid.axes} or None,
            jax.tree.map(to_host, dict(job.given)),
            dict(job.options),
            job.reduce,
        )
        if work.grid.listed:
            shipped = replaced(shipped, values=type(job.values)(shipped.values))
        check_travels(shipped)
        parcel = dict(token=uuid.uuid4().hex, job=shipped, at_once=work.at_once, wide=float_dtype() == np.float64)
        talk = Talk(self.client, parcel, len(work.grid), gathered, failed, report)
        try:
            with held_back() as pressed:
                talk.pressed = pressed
                status = talk.all_points(work.at_once)
        except KeyboardInterrupt:
            status = talk.stopped()
        except Gone as gone:
            status = f"stopped at {talk.fraction:.0%}: {gone}"
            result, _ = label(work, gathered, 0.0, status, failed)
            raise ClusterError(
                f"{gone} {int(gathered.there.sum())} of {len(work.grid)} points came back and are in the error's .partial.",
                result,
            ) from None
        finally:
            talk.end()
        if failed:
            if len(failed) == len(work.grid):
                raise ClusterError(f"Every point failed. The first: {failed[min(failed)]}")
            first = min(failed)
            point = ", ".join(f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in work.grid.point(first).items())
            more = f"; {len(failed) - 1} more in attrs['failed']" if len(failed) > 1 else ""
            warnings.warn(
                f"{type(work.base.model).__name__}: {len(failed)} of {len(work.grid)} points failed and hold NaN: {point}: "
                f"{failed[first]}{more}. All others are there.",
                stacklevel=4,
            )
        return status


def replaced(job: Job, **changes: Any) -> Job:
    import dataclasses

    return dataclasses.replace(job, **changes)


class Gone(Exception):
    """The cluster cannot be talked to any more."""


class Stopped(Exception):
    """Somebody asked to stop."""


class Talk:
    """Sends blocks out, takes rows in, and looks up every moment whether to go on."""

    def __init__(
        self,
        client: Any,
        parcel: dict[str, Any],
        points: int,
        gathered: Gathered,
        failed: dict[int, str],
        report: Callable[[float], Any],
    ):
        self.client, self.parcel, self.points = client, parcel, points
        self.gathered, self.failed, self.report = gathered, failed, report
        self.arrived: queue.SimpleQueue = queue.SimpleQueue()
        self.out: dict[Any, list[int]] = {}
        self.pressed: Callable[[], bool] = lambda: False
        self.shipped: Any = None
        self.told: set[str] = set()
        self.alone_since: float | None = None

    @property
    def fraction(self) -> float:
        """Part of the points that is settled."""
        return (int(self.gathered.there.sum()) + len(self.failed)) / self.points

    def stopped(self) -> str:
        """The status of a sweep that was stopped."""
        return f"stopped at {self.fraction:.0%}"

    def all_points(self, at_once: int) -> str:
        """Everything in blocks; then what failed alone, in smaller and smaller parts."""
        numbers = list(range(self.points))
        suspects = []
        try:
            self.send([numbers[i : i + at_once] for i in range(0, self.points, at_once)])
            suspects += self.settle()
            deadly = 0
            while suspects:
                part = suspects.pop(0)
                self.send([part])  # one at a time: nobody is condemned for having been near
                if not self.settle():
                    continue
                if len(part) == 1:
                    deadly += 1
                    self.failed[part[0]] = "every worker that tried it died (out of memory, or a crash)"
                else:
                    size = -(-len(part) // PARTS)
                    suspects = [part[i : i + size] for i in range(0, len(part), size)] + suspects
                if deadly == MOST_DEADLY:
                    for number in sum(suspects, []):
                        self.failed[number] = f"not tried alone: {MOST_DEADLY} others had killed their workers"
                    break
        except Stopped:
            return self.stopped()
        return "finished"

    def send(self, parts: list[list[int]]) -> None:
        """One task for every part."""
        try:
            if self.shipped is None:
                self.shipped = self.client.submit(kept, self.parcel, key=f"brainnb-sweep-{self.parcel['token']}")
            for part in parts:
                future = self.client.submit(
                    on_worker, self.shipped, part, key=f"brainnb-block-{uuid.uuid4().hex}", pure=False
                )
                self.out[future] = part
                future.add_done_callback(self.arrived.put)
        except Exception as error:
            self.lost(error)
            raise

    def settle(self) -> list[list[int]]:
        """Wait for everything that is out; returns the parts whose workers died."""
        suspects = []
        while self.out:
            try:
                future = self.arrived.get(timeout=LOOK_EVERY)
            except queue.Empty:
                future = None
            if future is not None and (part := self.out.pop(future, None)) is not None:
                self.take(future, part, suspects)
            if (options.says_stop(self.report(self.fraction)) or self.pressed()) and self.fraction < 1:
                raise Stopped
            self.look()
        return suspects

    def take(self, future: Any, part: list[int], suspects: list[list[int]]) -> None:
        """Rows, or the reason why there are none."""
        from distributed import KilledWorker

        if future.status == "error" and isinstance(future.exception(), KilledWorker):
            suspects.append(part)
            return
        try:
            found, failed, who = future.result(timeout=60)
        except Exception as error:
            self.lost(error)
            raise Gone(f"A worker could not run the sweep: {type(error).__name__}: {error}.") from error
        for numbers, rows in found:
            self.gathered.add(np.array(numbers), rows)
        self.failed |= failed
        if who != makers() and who not in self.told:
            self.told.add(who)
            warnings.warn(
                f"Workers compute with {who}; here it is {makers()}. Results agree to rounding, not to the last bit.",
                stacklevel=6,
            )

    def look(self) -> None:
        """Whether there is still somebody to talk to."""
        self.lost(None)
        if self.client.nthreads():
            self.alone_since = None
        elif self.alone_since is None:
            self.alone_since = time.monotonic()
        elif time.monotonic() - self.alone_since > PATIENCE and "alone" not in self.told:
            self.told.add("alone")
            warnings.warn(
                "The cluster has no workers; the sweep waits for them. Stop (Ctrl-C) ends it and keeps what is there.",
                stacklevel=7,
            )

    def lost(self, error: Exception | None) -> None:
        """Raise when the client is gone."""
        if self.client.status in ("closed", "closing"):
            raise Gone("The client was closed while the sweep ran.") from error
        if self.client.status != "running":
            raise Gone("The scheduler of the cluster is gone.") from error

    def end(self) -> None:
        """Nothing of this sweep stays on the cluster."""
        if self.client.status == "running":
            self.client.cancel([*self.out, *([self.shipped] if self.shipped is not None else [])])
        self.out.clear()


# --- mistakes ---------------------------------------------------------------------------------------------------------


def checked(client: Any) -> Any:
    """The client, if it is one that can be asked."""
    try:
        import distributed
    except ImportError:
        raise ModelError("client= needs dask.distributed: pip install 'brainnb[cluster]'.") from None
    if isinstance(client, str):
        raise ModelError(f"client={client!r}: connect first, client=distributed.Client({client!r}).")
    if isinstance(client, distributed.Scheduler | distributed.SpecCluster) or hasattr(client, "get_client"):
        raise ModelError(f"client= got a {type(client).__name__}; give its client, client=cluster.get_client().")
    if not isinstance(client, distributed.Client):
        raise ModelError(
            f"client= takes a dask.distributed.Client, such as distributed.Client() makes on this machine; "
            f"got {type(client).__name__}."
        )
    if client.asynchronous:
        raise ModelError("client= takes a client that waits; this one was made with asynchronous=True.")
    if client.status != "running":
        raise ClusterError(f"The client is {client.status}; connect again, client=distributed.Client(...).")
    return client


def check_travels(job: Job) -> None:
    """Everything of a job reaches a worker, or the message says what does not."""
    from distributed.protocol.pickle import dumps

    things = {"reduce=": job.reduce, "the model": job.model}
    things |= {f"input `{name}`": value for name, value in job.given.items()}
    things |= {f"{name}=": value for name, value in job.options.items()}
    with quiet("distributed.protocol.pickle"):
        for name, thing in things.items():
            try:
                dumps(thing)
            except Exception as error:
                raise ModelError(
                    f"{name} cannot be sent to a worker ({type(error).__name__}: {error}). Functions travel with "
                    f"everything they use: keep open files, locks and connections out of them."
                ) from None


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Without the log of one module: its errors are told in other words."""
    log = logging.getLogger(name)
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
