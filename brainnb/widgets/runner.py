"""The one place where the widgets call ``simulate``."""

from collections.abc import Callable, Mapping
from typing import Any

from ..core.errors import UnknownName
from ..run.simulate import simulate
from .panels import continuous_paths
from .settings import Settings


class Runner:
    """Runs settings, recording what is worth seeing.

    Parameters
    ----------
    settings : Settings
        Those of the start: structure never changes after.
    record : list of paths or None
        What the person asked to record.
    options : mapping
        Further keywords of ``simulate``; None means its default.
    """

    def __init__(self, settings: Settings, record: list[str] | None, options: Mapping[str, Any]):
        self._options = {name: value for name, value in options.items() if value is not None}
        self._choices = [record] if record is not None else _choices(settings)

    def run(self, settings: Settings, progress: Callable[[float], bool]) -> Any:
        """One run.  Whether a model reports spikes shows only now: the first choice that it accepts is kept."""
        begin = settings.begun(self._options.get("init"))
        options = self._options if begin is None else {**self._options, "init": begin}
        while True:
            try:
                return simulate(
                    settings.model,
                    settings.T,
                    settings.dt,
                    inputs=dict(settings.inputs),
                    seed=settings.seed,
                    record=self._choices[0],
                    progress=progress,
                    precision=settings.precision,
                    **options,
                )
            except UnknownName:
                if len(self._choices) == 1:
                    raise
                self._choices = self._choices[1:]


def _choices(settings: Settings) -> list[list[str] | None]:
    """What to record, best first: the states, what varies among the inputs, and the spikes if there are any."""
    states = [*continuous_paths(settings.model), *settings.stimuli()]
    return [[*states, "*spike"], states, None]
