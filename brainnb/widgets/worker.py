"""A background worker that keeps only the newest request."""

import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 1.0  # s; a run that has taken this long gives way to a newer request


class NewestOnly:
    """Runs one job at a time in a thread of its own, always for the newest request.

    Requests that arrive during a run overwrite one another: a drag of a hundred moves leaves one request,
    never a queue.  A running job is asked to give way (``Job.go_on()`` turns false) when it was stopped,
    when the newest request is ``urgent``, or when it has run longer than ``PATIENCE`` and a newer request waits;
    otherwise it finishes, so that pictures keep coming during a drag.

    The thread lives only while there is work, so an abandoned worker leaves nothing behind.

    Parameters
    ----------
    work : callable
        ``work(job)``; it must not raise.
    """

    def __init__(self, work: Callable[["Job"], None]):
        self._work = work
        self._changed = threading.Condition()
        self._waiting: Job | None = None
        self._running: Job | None = None
        self._alive = False

    def submit(self, request: Any, generation: int, *, urgent: bool = True) -> None:
        """Replace the waiting request; returns at once."""
        with self._changed:
            self._waiting = Job(request, generation)
            if self._running is not None:
                self._running.overtaken = True
                self._running.hurried |= urgent
            if not self._alive:
                self._alive = True
                threading.Thread(target=self._loop, name="brainnb-run", daemon=True).start()

    def stop(self) -> bool:
        """Ask the running job to end with what it has, forget the waiting one; was there anything to stop?"""
        with self._changed:
            busy = self._running is not None or self._waiting is not None
            self._waiting = None
            if self._running is not None:
                self._running.stopped = True
            return busy

    def wait(self, timeout: float | None = None) -> bool:
        """Block until nothing runs or waits; False when ``timeout`` seconds were not enough."""
        if self._running is not None and self._running.thread is threading.current_thread():
            raise RuntimeError("A run cannot wait for itself: do not read .result inside a progress callback.")
        with self._changed:
            return self._changed.wait_for(lambda: not self._alive, timeout)

    @property
    def busy(self) -> bool:
        """Does a job run or wait?"""
        return self._alive

    def _loop(self) -> None:
        while True:
            with self._changed:
                job, self._waiting = self._waiting, None
                self._running = job
                if job is None:
                    self._alive = False
                    self._changed.notify_all()
                    return
            job.begin()
            try:
                self._work(job)
            except BaseException:
                # `work` reports its own errors; if that failed too, the next request must still find a worker
                with self._changed:
                    self._running, self._alive = None, False
                    self._changed.notify_all()
                raise


class Job:
    """One request on its way: what was asked, and whether it should go on."""

    def __init__(self, request: Any, generation: int):
        self.request = request
        self.generation = generation
        self.stopped = False
        self.overtaken = False
        self.hurried = False
        self.started = time.monotonic()
        self.thread: threading.Thread | None = None

    def begin(self) -> None:
        self.started = time.monotonic()
        self.thread = threading.current_thread()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    @property
    def gave_way(self) -> bool:
        """Should the run end for a newer request (its result is then worth nothing)?"""
        return not self.stopped and self.overtaken and (self.hurried or self.elapsed > PATIENCE)

    def go_on(self) -> bool:
        """Asked at every chunk of the run."""
        return not (self.stopped or self.gave_way)
