"""``TrainingMonitor``: training runs seen and steered while they learn; without any widget."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import jax
import numpy as np

from ...core.errors import ModelError, UnknownName, unknown_message
from ...core.paths import expand
from ...train.running.probe import Probe, Probed
from .. import save
from ..controls import Control
from ..figures import unit_text
from ..shown import Shown
from ..worker import Job, NewestOnly
from . import drawing, taken, words
from .asked import Looking, known, trial_number
from .layout import layout, named
from .pace import Pace, Turns

APART = 0.1
"""Seconds between two pictures at least, whoever asks."""
FRESH = 999
"""The last fresh trial of a task that can be looked at."""


class TrainingMonitor:
    """A training run, or several, seen and steered while they learn.

    The loss in buckets that keep every extreme, metrics, lengths of gradients and of what is learned, the learned
    numbers now and at the start, and what the model does in one trial beside what it should do.  Pause, resume, one step
    and stop act on all runs that are shown.  A look never takes more than a few percent of the time, and none of it in
    the loop that learns.

    Parameters
    ----------
    runs : TrainingRun, list of runs, or mapping of names to runs
        Up to four; they may run, pause or have ended.
    truth : mapping of path to value, optional
        What the parameters should become, where that is known.
    parameters : paths, optional
        What gets curves of its own, six at most; by default what is trained.
    log : bool
        The axis of the loss.
    trial : int
        Which trial is shown first: of the data, or of the fresh ones of a task.
    title : str, optional

    Attributes
    ----------
    runs : dict of TrainingRun

    Raises
    ------
    ModelError
        For what is no run, more than four of them, or a truth of another shape.
    UnknownName
        For a parameter that the runs do not have.

    Examples
    --------
    >>> import brainnb as bn
    >>> data = bn.simulate(bn.neurons.FitzHughNagumo(a=0.6), T=60, dt=0.2, I=0.5)[["V"]]
    >>> run = bn.fit(bn.neurons.FitzHughNagumo(), data, train="a", optimizer=0.02, steps=120, I=0.5)
    >>> view = bn.TrainingMonitor(run, truth={"a": 0.6})
    >>> view.alarms, view.result.loss.sizes["step"]
    ([], 120)
    """

    def __init__(
        self,
        runs: Any,
        *,
        truth: Mapping[str, Any] | None = None,
        parameters: str | Iterable[str] = "*",
        log: bool = True,
        trial: int = 0,
        title: str | None = None,
    ):
        self.runs = named(runs)
        self._options = {"truth": truth, "parameters": parameters, "trial": trial, "title": title}
        first = next(iter(self.runs.values()))
        selection = first.chunks.problem.selection
        model, learned = selection.model, dict.fromkeys(selection.paths)
        patterns = [parameters] if isinstance(parameters, str) else list(parameters)
        chosen = dict.fromkeys(
            p for pattern in patterns for p in expand(pattern, learned, where="the trained parameters")
        )
        self.truth = known(truth or {}, model)
        self._probes = {name: self._probe(run) for name, run in self.runs.items()}
        self.layout = layout(self.runs, self._probes, tuple(chosen), self.truth)
        self.title = title or type(model).__name__
        self.doc = (
            ", ".join(name for name in self.runs if name)
            + f" · {len(learned)} trained parameter{'s' * (len(learned) > 1)}"
        )
        count = self._probes[next(iter(self.runs))].count
        last = FRESH if count is None else max(0, count - 1)
        if not 0 <= trial <= last:
            raise ModelError(f"trial={trial!r}: a number from 0 to {last} was expected.")
        what = "fresh trial of the task" if count is None else "trial of the data"
        self.controls = {}
        if last:
            self.controls["trial"] = Control(
                "trial", "trial", what, "1", (0, last), 0.0, float(last), 1.0, "Trial", float(trial), self
            )
        self.sliders, self.kept = list(self.controls), []
        self.settings = Looking(trial)
        self.problem: Exception | None = None
        self._log, self._wide, self._window = bool(log), False, None
        self._lock = threading.RLock()
        self._generation, self._shown, self._last = 0, None, 0.0
        self._begun: dict[str, dict[str, np.ndarray]] = {}
        self._listeners: list[Callable[[str, Any], None]] = []
        self._eyes: set[Any] = set()
        self._turns = Turns()
        self._paces = {name: Pace() for name in self.runs}
        self._worker = NewestOnly(self._work)
        for name, run in self.runs.items():
            if not run.ended:
                run.watch(self._observer(name))

    # --- steering ---------------------------------------------------------------------------------------------

    def stop(self) -> bool:
        """End all runs; was there one?"""
        return self.act("stop")

    def act(self, what: str) -> bool:
        """``pause``, ``resume``, ``one_step`` or ``stop`` for every run that has not ended; was there one?"""
        alive = [(name, run) for name, run in self.runs.items() if not run.ended]
        for name, run in alive:
            if what == "one_step":
                run.pause()
            getattr(run, what)()
            self._paces[name].forget()
        self.look()
        return bool(alive)

    # --- looking ----------------------------------------------------------------------------------------------

    @property
    def log(self) -> bool:
        """Whether the axis of the loss is logarithmic."""
        return self._log

    @log.setter
    def log(self, on: bool) -> None:
        self._log = bool(on)
        self.look()

    @property
    def window(self) -> tuple[float, float] | None:
        """The steps that are shown; None for all."""
        return self._window

    @window.setter
    def window(self, ends: tuple[float, float] | None) -> None:
        self._window = None if ends is None else (min(ends), max(ends))
        self.look()

    def set(self, values: Mapping[str, Any], *, urgent: bool = True) -> int:
        """Another trial."""
        for path, value in values.items():
            if path not in self.controls:
                raise UnknownName(unknown_message("control", str(path), self.controls, where=self.title))
            self.settings = Looking(trial_number(value, self.controls[path].high))
        return self.look()

    def look(self) -> int:
        """Ask for a picture of this moment; returns at once."""
        with self._lock:
            self._generation += 1
            self._worker.submit(self.settings, self._generation, urgent=False)
            return self._generation

    run = look

    def looking(self, page: Any, seen: bool) -> None:
        """A page is looked at, or hidden: nobody draws for a page that nobody sees."""
        if seen == (page in self._eyes):
            return
        if seen:
            self._eyes.add(page)
            self._turns.soon()
            self.look()
        else:
            self._eyes.discard(page)

    def left(self, conversation: int) -> None:
        """All pages of a conversation are gone."""
        self._eyes = {page for page in self._eyes if page[0] != conversation}

    def _probe(self, run: Any) -> Probe:
        with jax.enable_x64(run.wide):
            return Probe(run.chunks.rule, run.chunks.problem)

    def _observer(self, name: str) -> Callable[[Any], None]:
        def told(run: Any) -> None:
            self._paces[name].mark(run.step)
            if run.ended or run.paused or self._turns.due(bool(self._eyes)):
                self.look()

        return told

    def _work(self, job: Job) -> None:
        """In the worker's thread: look at every model, draw, publish.  Every error becomes something that is shown."""
        time.sleep(max(0.0, self._last + APART - time.monotonic()))
        begun = time.perf_counter()
        try:
            shown = self._look(job.generation, job.request)
        except Exception as error:
            self.problem = error
            self._tell("problem", (job.generation, error))
            return
        with self._lock:
            self._shown, self.problem, self._last = shown, None, time.monotonic()
        self._tell("shown", shown)
        self._turns.took(time.perf_counter() - begun)  # with what the pages are sent: it takes the same core

    def _look(self, generation: int, settings: Looking) -> Shown:
        probed = {name: self._probed(name, run, settings) for name, run in self.runs.items()}
        for name, found in probed.items():
            self._begun.setdefault(name, found.learned)
        looked = drawing.Looked(self.runs, probed, self._begun, self.truth)
        first = next(iter(probed.values()))
        told = {
            "runs": [words.standing(name, run, self._paces[name]) for name, run in self.runs.items()],
            "table": [] if self.layout.several else words.table(first.learned, self.truth, self.layout.leaves),
            "log": self._log,
        }
        picture, self._wide = drawing.draw(self.layout, looked, self._log, self._wide, self._window, told)
        stopped = any(run.ended and run.stop_reason == "stopped" for run in self.runs.values())
        panels = self.layout.panels(self._log, self._wide)
        return Shown(generation, settings, None, panels, picture, self._sentence(), stopped)

    def _probed(self, name: str, run: Any, settings: Looking) -> Probed:
        with jax.enable_x64(run.wide):
            found = self._probes[name](run.chunks.now, settings.trial)
        run.judge(self._probes[name], found)
        return found

    def _sentence(self) -> str:
        told = [(name, words.sentence(run, self._paces[name])) for name, run in self.runs.items()]
        return "; ".join(f"{name}: {text}" for name, text in told) if len(told) > 1 else told[0][1]

    # --- what pages and tests ask -----------------------------------------------------------------------------

    @property
    def alarms(self) -> list[Any]:
        """What went wrong so far, with its step and place, run by run: nothing for healthy ones."""
        return [alarm for run in self.runs.values() for alarm in run.alarms]

    @property
    def shown(self) -> Shown | None:
        """The newest picture, without waiting."""
        return self._shown

    @property
    def busy(self) -> bool:
        """Whether a picture is on its way."""
        return self._worker.busy

    stale = in_browser = False

    def wait(self, timeout: float | None = None) -> bool:
        """Until every picture that was asked for is there; the runs go on."""
        return self._worker.wait(timeout)

    @property
    def result(self) -> Any:
        """The history as a Dataset; over ``run`` too where there are several."""
        return taken.joined(self.runs)

    def text(self) -> str:
        """Where the runs stand, in a sentence."""
        return self._sentence()

    def comparisons(self) -> list[dict[str, Any]]:
        """Runs are overlaid; nothing else is kept."""
        return []

    def listen(self, listener: Callable[[str, Any], None]) -> Callable[[], None]:
        """Call ``listener(event, value)`` for every picture; returns the function that ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def _tell(self, event: str, value: Any) -> None:
        for listener in tuple(self._listeners):
            listener(event, value)

    def talk(self, send: Callable[[dict[str, Any], list[bytes]], None]) -> Any:
        """A conversation with a page; what it is told goes to ``send``."""
        from .conversation import MonitorConversation

        return MonitorConversation(self, send)

    # --- taking away ------------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Write the history (``.nc``, ``.csv``, ``.json``), or a page with the figure (``.html``)."""
        if self._shown is None:
            self.look()
        self.wait()
        return save.save(self, Path(path))

    def state(self) -> dict[str, Any]:
        """The histories as plain data."""
        return taken.plain(self.runs)

    def table(self, result: Any) -> Any:
        """The histories as one table with a row for each step."""
        return taken.table(self.runs)

    def to_code(self) -> str:
        """The cell that shows the same view of the same runs."""
        given = {name: x for name, x in self._options.items() if x not in (None, "*", 0)} | {"log": self._log}
        options = "".join(f", {name}={x!r}" for name, x in given.items())
        runs = "runs" if self.layout.several else "run"
        lines = ["import brainnb as bn", "", f"# `{runs}`: what bn.fit returned"]
        return "\n".join([*lines, f"bn.TrainingMonitor({runs}{options})", ""])

    def copy(self) -> Self:
        """Another view of the same runs."""
        options = self._options | {"trial": self.settings.trial}
        return type(self)(dict(self.runs), log=self._log, **options)

    # --- showing ----------------------------------------------------------------------------------------------

    def figures(self) -> Any:
        """The Bokeh figures with empty sources."""
        from .figures import build

        model = next(iter(self.runs.values())).chunks.problem.selection.model
        declared = model.declaration(self.layout.output) if self.layout.output else None
        classes = any(p.classes for p in next(iter(self._probes.values())).pairs[:1])
        unit = ", probability" if classes else "" if declared is None else unit_text(declared.unit)
        return build(self.layout, self._shown.panels, unit, self._shown.picture.header["ticks"])

    @property
    def curves(self) -> tuple[str, ...]:
        """Names of the curves in the order in which they are sent."""
        return self.layout.curves

    lines = ()

    def item(self, shown: Shown) -> dict[str, Any]:
        """The figures as JSON for a page, without data."""
        from bokeh.embed import json_item

        return json_item(self.figures())

    def filled(self) -> Any:
        """The figures with the data inside, for a page without a kernel."""
        from ..curves.figures import filled

        return filled(self)

    def panel(self) -> Any:
        """This monitor as a Panel component."""
        from ..skins.panel_skin import component

        return component(self)

    def ipywidget(self) -> Any:
        """This monitor as a Jupyter widget."""
        from ..skins.jupyter_skin import widget

        return widget(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        from ..place import headless, served

        if headless() or served():
            return {"text/plain": repr(self)}
        return self.ipywidget()._repr_mimebundle_(include=include, exclude=exclude)

    def __repr__(self) -> str:
        return f"TrainingMonitor({self.text()})"
