"""A training run: what ``bn.fit`` returns, alive while it learns."""

import atexit
import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from brainnb.core.model import Model
from brainnb.run.interrupt import held_back

from . import checkpoint, tables
from .alarms import Alarms
from .history import History
from .loop import Chunks, pieces
from .probe import Probe, Probed
from .stopping import Stopping

Observer = Callable[["TrainingRun"], Any]
"""Told after every chunk of updates, and once at the end."""

SAVE_SECONDS = 30.0

LOOK_AFTER, LOOK_SHARE = 10.0, 0.02
"""Seconds after which a run looks for units that are silent or saturated, and the share of its time that it spends on it."""


alive: "weakref.WeakSet[TrainingRun]" = weakref.WeakSet()
"""Runs in the background; they end before Python does, or they would be cut in the middle of a computation."""


@atexit.register
def end_all() -> None:
    """Stop what still learns."""
    for run in list(alive):
        run.stop()
    for run in list(alive):
        run.join()


class TrainingRun:
    """A training run, running or ended.

    ``model`` is the model as it is now, ``history`` the course so far; both are there at any moment.

    Attributes
    ----------
    stop_reason : str
        Why it ended; ``"running"`` before.
    """

    def __init__(
        self,
        chunks: Chunks,
        steps: int,
        *,
        keep: str,
        stopping: Stopping,
        about: dict[str, Any],
        history: History | None = None,
        folder: Path | None = None,
        save_seconds: float = SAVE_SECONDS,
        observers: Iterable[Observer] = (),
    ):
        self.chunks, self.steps, self.keep, self.about = chunks, steps, keep, about
        self.series = History() if history is None else history
        self.stopping, self.folder, self.save_seconds = stopping, folder, save_seconds
        self.observers = list(observers)
        self.stop_reason = "running"
        self._alarms = Alarms()
        self._probe: Probe | None = None
        self._looking = 0.0
        self.seconds = 0.0
        self._before = self.series.steps
        self.wide = bool(jax.config.jax_enable_x64)
        self._stop, self._going, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._going.set()
        self._single = 0
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    # --- what can be asked at any time -----------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """Updates that were made."""
        return self.series.steps

    @property
    def made(self) -> int:
        """Updates that were made in this session, without those before a checkpoint."""
        return self.step - self._before

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._ended.is_set()

    @property
    def paused(self) -> bool:
        """Whether it waits for :meth:`resume`."""
        return not self._going.is_set() and not self.ended

    @property
    def loss(self) -> float:
        """The newest loss."""
        return self.series.last("loss")

    @property
    def alarms(self) -> Alarms:
        """What went wrong so far, with the step and the parameter or the units; empty for a healthy run.

        Units are looked at by a view, now and then in a run of more than ten seconds, and when an ended run is asked.
        """
        if self.ended and self.step != self._alarms.looked and not self.stop_reason.startswith("failed"):
            self.look()
        return self._alarms

    @property
    def history(self) -> Any:
        """The course so far, a Dataset over ``step``."""
        return self.series.dataset(
            {**self.about["labels"], "stop_reason": self.stop_reason, "seconds": round(self.seconds, 3)}
        )

    @property
    def model(self) -> Model:
        """The model as it is now; after the end the one that ``keep`` chose."""
        with jax.enable_x64(self.wide):
            now, problem = self.chunks.now, self.chunks.problem
            if self.ended and self.keep == "best" and np.isfinite(now.best_loss):
                return problem.selection.model._with(dict(now.best) | problem.selection.followers(now.best))
            return self.chunks.rule.model(problem, now.carry)

    # --- what can be done to it --------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End it after the present chunk; what was learned stays."""
        self._stop.set()
        self._going.set()

    def pause(self) -> None:
        """Wait after the present chunk until :meth:`resume`."""
        self._going.clear()

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        self._going.set()

    def one_step(self) -> None:
        """Make one update while paused."""
        self._single += 1

    def wait(self, seconds: float | None = None) -> "TrainingRun":
        """Until it has ended, or so many seconds; raises what went wrong."""
        if self._thread is not None:
            self._ended.wait(seconds)
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return self

    def join(self) -> None:
        """Until its thread is over, whatever happened in it."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def save(self) -> Path:
        """Write a checkpoint now."""
        if self.folder is None:
            raise ValueError("This run has no folder; start it with bn.fit(..., checkpoint='folder').")
        return checkpoint.write(self.folder, self.chunks.now, self.series, self.about)

    def save_history(self, path: str | os.PathLike) -> Path:
        """Write the course so far as a table with a row for each step (``.csv``), or as columns by name (``.json``)."""
        return tables.save(self.history, Path(path))

    # --- how it runs -----------------------------------------------------------------------------------------------

    def start(self) -> "TrainingRun":
        """Learn in a thread of its own, and return at once."""
        alive.add(self)
        self._thread = threading.Thread(target=self._in_thread, name="brainnb training", daemon=True)
        self._thread.start()
        return self

    def _in_thread(self) -> None:
        try:
            with jax.enable_x64(self.wide):
                self.run()
        except BaseException as failure:  # kept for whoever waits
            self._failure = failure

    def run(self) -> "TrainingRun":
        """Learn here, until the end."""
        begun, saved = time.perf_counter(), time.monotonic()
        try:
            with held_back() as pressed:
                for rows, fine in pieces(self.chunks, self.steps):
                    self._alarms.updates(rows, self.step)
                    self.series.add(rows)
                    self.seconds = time.perf_counter() - begun
                    reason = self.stopping.reason(self, rows, fine) or (
                        "stopped" if self._stop.is_set() or pressed() else None
                    )
                    if not fine:
                        self._alarms.ended(self.step, reason)
                    if reason:
                        self.stop_reason = reason
                        break
                    if self.folder is not None and time.monotonic() - saved > self.save_seconds:
                        self.save()
                        saved = time.monotonic()
                    if self.seconds > max(LOOK_AFTER, self._looking / LOOK_SHARE):
                        self.look()
                    self._tell()
                    if not self._waited(pressed):
                        self.stop_reason = "stopped"
                        break
                else:
                    self.stop_reason = "all steps were made"
        except KeyboardInterrupt:
            self.stop_reason = "stopped"
        except BaseException as failure:
            self.stop_reason = f"failed: {failure}"
            raise
        finally:
            if self.keep == "best" and self.step and not self.stop_reason.startswith("failed"):
                self.chunks.measure()
            self.seconds = time.perf_counter() - begun
            if self.folder is not None and int(self.chunks.now.step) == self.step > 0:
                self.save()
            self._ended.set()
            self._tell()
        return self

    def look(self) -> None:
        """Judge what the units of the present model do."""
        begun = time.perf_counter()
        with jax.enable_x64(self.wide):
            if self._probe is None:
                self._probe = Probe(self.chunks.rule, self.chunks.problem)
            if self._probe.active:
                self.judge(self._probe, self._probe(self.chunks.now))
        self._looking += time.perf_counter() - begun

    def judge(self, probe: Probe, found: Probed) -> None:
        """Raise the alarms that a look at the present model gives reason to."""
        self._alarms.activity(self.step, probe.active, found.activity)

    def _waited(self, pressed: Callable[[], bool]) -> bool:
        """Wait while paused; False when it was stopped meanwhile."""
        while not self._going.is_set() and not self._single:
            if self._stop.is_set() or pressed():
                return False
            self._going.wait(0.05)
        if self._single:
            self._single -= 1
            self.chunks.speed = None  # one update, then look again
        return not self._stop.is_set()

    def watch(self, observer: Observer) -> Callable[[], None]:
        """Tell somebody after every chunk of updates, and once at the end; returns the function that ends it."""
        self.observers.append(observer)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self.observers.remove(observer)

        return end

    def _tell(self) -> None:
        for observer in tuple(self.observers):
            observer(self)

    def __repr__(self) -> str:
        """Where it stands, in one line."""
        return f"TrainingRun(step {self.step} of {self.steps}, loss {self.loss:.6g}, {self.stop_reason})"
