"""Runs a network piece by piece: a picture after each, and what is done to it in between takes effect at once.

A piece ends after :data:`PAUSE` seconds, or when somebody asked for a manipulation; the next goes on from the state
that was reached, equal to the last bit to a run in one piece.  A short run is one piece.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ...core.errors import NumericalFailure
from ...run.simulate import simulate
from ..worker import Job
from . import watch
from .activity import Activity
from .layout import Band
from .settings import NetworkSettings

PAUSE = 0.15
"""Seconds of a piece: pictures come about as often."""


class Runner:
    """One run: ``go()`` brings it to its end, or to where it was stopped.

    Parameters
    ----------
    job : Job
        Whose ``request`` may be exchanged on the way for settings with other manipulations.
    bands : tuple of Band
    more : list of paths
        What else to record.
    options : mapping
        Further keywords of ``simulate``.
    tell, show : callable
        Take the finished fraction, and an activity that is not at its end.
    newest : callable
        ``newest(job, reached, over)``: the settings to go on with, ``job.request`` unless somebody asked for another
        manipulation.
    """

    def __init__(
        self,
        job: Job,
        bands: tuple[Band, ...],
        more: list[str],
        options: Mapping[str, Any],
        tell: Callable[[float], None],
        show: Callable[[Activity], None],
        newest: Callable[[Job, float, bool], NetworkSettings],
    ):
        self.job, self.bands, self.more = job, bands, more
        self.options = {name: value for name, value in options.items() if value is not None}
        self.tell, self.show, self.newest = tell, show, newest
        self.activity = Activity(bands)
        self.last: Any = None
        self.done = 0

    def go(self) -> Any:
        """The whole run as a Dataset; its status says whether it was stopped."""
        while True:
            settings: NetworkSettings = self.job.request
            steps = round(settings.T / settings.dt)
            paused = self.piece(settings, steps)
            newer = self.newest(self.job, self.activity.end, not paused)
            # jumps at the time reached were those of the old settings: the first that can change come a step later
            in_the_past = newer.begins_at(settings) < self.activity.end + 0.5 * settings.dt
            if not paused and (self.done < steps or not in_the_past):
                return self.activity.dataset()
            if in_the_past:
                self.activity, self.last, self.done = Activity(self.bands), None, 0
            else:
                self.show(self.activity)

    def piece(self, settings: NetworkSettings, steps: int) -> bool:
        """Run on; True when it is to be continued."""
        model, inputs = settings.run()
        begun, paused = time.monotonic(), False
        left = steps - self.done

        def progress(fraction: float) -> bool:
            nonlocal paused
            self.tell((self.done + fraction * left) / steps)
            if not self.job.go_on():
                paused = False
                return False
            paused = time.monotonic() - begun > PAUSE or self.job.request is not settings
            return not paused

        options = dict(self.options)
        if self.last is not None:
            options["init"] = self.last.assign_attrs(model=type(model).__name__)  # the same cells, with other inputs
        record = [*watch.paths(self.bands, settings.chosen), *self.more]
        try:
            ds = simulate(
                model, round(left * settings.dt, 9), settings.dt, inputs=inputs, seed=settings.seed, record=record,
                progress=progress, precision=settings.precision, **options,
            )  # fmt: skip
        except NumericalFailure as failure:
            if failure.partial is None:
                raise
            self.activity.add(failure.partial)
            raise NumericalFailure(str(failure), self.activity.dataset()) from failure
        self.activity.add(ds)
        self.last = ds
        self.done += ds.sizes["time"] * self.options.get("every", 1)
        return paused and str(ds.attrs["status"]).startswith("stopped")
