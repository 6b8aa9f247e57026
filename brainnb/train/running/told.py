"""A training run in plain text: at most one line a second, and the last one says how it ended."""

import sys
import time
from typing import Any, TextIO


class Told:
    """Writes where a run stands; ``bn.fit(..., monitor=True)``.

    Parameters
    ----------
    every : float
        Seconds between two lines, at least.
    to : file
        The standard output by default, that of the moment in which a line is written.
    """

    def __init__(self, every: float = 1.0, to: TextIO | None = None):
        self.every, self.to, self._last = every, to, -float("inf")
        self._alarms = 0

    def __call__(self, run: Any) -> None:
        now = time.monotonic()
        if not run.ended and now - self._last < self.every:
            return
        self._last = now
        told = [line(run), *(f"alarm: {a.text}" for a in run.alarms[self._alarms :] if a.kind != "not finite")]
        self._alarms = len(run.alarms)
        print(" · ".join(told), file=sys.stdout if self.to is None else self.to, flush=True)


def line(run: Any) -> str:
    """Where a run stands."""
    told = [f"step {run.step:,} of {run.steps:,}", f"loss {run.loss:.4g}"]
    told += [f"{name} {run.series.last(name):.4g}" for name in run.chunks.problem.metrics]
    if run.seconds > 0 and run.made:
        told.append(f"{run.made / run.seconds:,.4g} steps/s")
    if run.ended:
        told.append(run.stop_reason)
    return " · ".join(told)
