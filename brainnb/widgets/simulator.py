"""A model under sliders, without any widget: the object that pages, notebooks and tests drive alike."""

import contextlib
import dataclasses
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from ..core.errors import ModelError, NumericalFailure, UnknownName, unknown_message
from ..core.model import Model
from . import code, panels, save, state
from .controls import Control, make_controls, told
from .keeping import Keeping
from .linked import Linked
from .runner import Runner
from .settings import Settings, input_value
from .shown import Kept, Shown, is_partial, look
from .started import Started, begins
from .worker import Job, NewestOnly


class Simulator(Keeping, Linked):
    """Run a model again whenever one of its values changes, always for the newest values.

    Parameters
    ----------
    model : Model
    T, dt : float
        Duration and step in ms.
    inputs : mapping, optional
        What the inputs receive: numbers, or stimuli of ``bn.inputs``.  Functions are refused.
    record, every, method, init
        As in :func:`brainnb.simulate`.
    start : paths of states
        States whose initial value is under a slider too, ``start.V``.
    seed : int
        The noise stays the same while sliders move; :meth:`new_noise` draws another.
    sliders : list of paths, optional
        The controls that stand open; all others wait under "more".
    title : str, optional
        Heading; by default the name of the class.
    **given
        Inputs by name, ``I=10``.

    Attributes
    ----------
    controls : mapping of path to Control
        ``simulator.controls["Na.g_max"].value = 100``.

    Examples
    --------
    >>> import brainnb as bn
    >>> sim = bn.widgets.Simulator(bn.neurons.HodgkinHuxley(), T=100, dt=0.05, I=10.0)
    >>> sim.controls["I"].value = 7.5
    >>> float(sim.result.V.max()) > 0
    True
    """

    def __init__(
        self,
        model: Model,
        T: float = 200.0,
        dt: float = 0.1,
        *,
        inputs: Mapping[str, Any] | None = None,
        record: Iterable[str] | str | None = None,
        every: int = 1,
        method: Any = None,
        init: Any = None,
        start: Iterable[str] = (),
        seed: int = 0,
        sliders: Iterable[str] | None = None,
        title: str | None = None,
        **given: Any,
    ):
        if not isinstance(model, Model):
            raise ModelError(f"A model was expected, for example bn.neurons.LIF(); got {type(model).__name__}.")
        given = {**(inputs or {}), **given}
        drives = {n: input_value(model, n, given.pop(n, d.default)) for n, d in model.inputs().items()}
        if given:
            raise UnknownName(unknown_message("input", next(iter(given)), drives, where=type(model).__name__))
        self._record = [record] if isinstance(record, str) else None if record is None else list(record)
        self._start_axes = tuple(start)
        self._options = {"every": every, "method": method, "init": init}
        self._settings = self._first(model, drives, float(T), float(dt), every).changed({"seed": seed})
        self._start = self._settings
        self._runner = Runner(self._settings, self._record, self._options)
        self.title = title or type(model).__name__
        self.controls: dict[str, Control] = self._controls()
        self.sliders = self._chosen(sliders)
        self.kept: list[Kept] = []
        self.last_change = ""
        self.problem: Exception | None = None
        self._lock = threading.RLock()
        self._generation = 0
        self._shown: Shown | None = None
        self._listeners: list[Callable[[str, Any], None]] = []
        self._worker = NewestOnly(self._work)

    @property
    def options(self) -> dict[str, Any]:
        """How it runs: ``every``, ``method`` and ``init`` as they were given."""
        return dict(self._options)

    def _first(self, model: Model, drives: Mapping[str, Any], T: float, dt: float, every: int) -> Settings:
        """The settings at the start."""
        how = {"width": len(panels.continuous_paths(model)) + 2, "every": every}
        if not self._start_axes:
            return Settings(model, drives, T, dt, **how)
        known = begins(model)
        for path in self._start_axes:
            if path not in known:
                raise UnknownName(unknown_message("state", path, known, where=type(model).__name__))
        begin = tuple(known[path] for path in self._start_axes)
        return Started(model, drives, T, dt, **how, axes=self._start_axes, start=begin, begin=begin)

    def _controls(self) -> dict[str, Control]:
        return make_controls(self._settings, self)

    def _chosen(self, sliders: Iterable[str] | None) -> list[str] | None:
        if sliders is None:
            return None
        chosen = list(sliders)
        for path in chosen:
            if path not in self.controls:
                raise UnknownName(unknown_message("control", path, self.controls, where=self.title))
        return chosen

    # --- values ----------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """Everything that decides the next run."""
        return self._settings

    @property
    def model(self) -> Model:
        """The model with the values of this moment."""
        return self._settings.model

    @property
    def seed(self) -> int:
        """Seed of the noise; assigning runs again."""
        return self._settings.seed

    @seed.setter
    def seed(self, value: int) -> None:
        self.set({"seed": value})

    def new_noise(self) -> None:
        """Another seed, all else equal."""
        self.set({"seed": secrets.randbelow(2**31 - 1)})

    def set(self, values: Mapping[str, Any], *, urgent: bool = True) -> int:
        """Change values by path, all or none, and run; the one way for every page, preset and link.

        Parameters
        ----------
        values : mapping of path to number
        urgent : bool
            False lets a run that is under way finish first, so that pictures keep coming during a drag.

        Returns
        -------
        int
            Number of the request; results carry it.
        """
        with self._lock:
            before, after = self._settings, self._settings.changed(values)
            generation = self._adopt(after, told(before, after, self.controls), urgent)
        self._moved(urgent)
        return generation

    def reset(self, path: str | None = None) -> int:
        """One value, or all, back to the start."""
        start = self._start.values()
        return self.set(start if path is None else {path: start[self._known(path)]})

    def presets(self) -> dict[str, str]:
        """Published variants of the model's class: name -> first line of its docstring."""
        found = type(self.model).presets()
        return {name: (make.__doc__ or "").strip().split("\n")[0] for name, make in found.items()}

    def use_preset(self, name: str) -> int:
        """Take the parameter values of a published variant; inputs and duration stay."""
        known = type(self.model).presets()
        if name not in known:
            raise UnknownName(unknown_message("preset", str(name), known, where=type(self.model).__name__))
        variant = known[name]().parameters()
        mine = self.model.parameters()
        with self._lock:
            model = self.model.replace({p: v.value for p, v in variant.items() if p in mine})
            after = dataclasses.replace(self._settings, model=model)
            generation = self._adopt(after, f"preset {name}", True)
        self._moved(True)
        return generation

    def _known(self, path: str) -> str:
        if path not in self.controls:
            raise UnknownName(unknown_message("control", path, self.controls, where=self.title))
        return path

    def _adopt(self, settings: Settings, told: str, urgent: bool) -> int:
        self._settings = settings
        self.last_change = told or self.last_change
        return self.run(urgent=urgent)

    # --- running ---------------------------------------------------------------------------------------------

    def run(self, *, urgent: bool = True) -> int:
        """Ask for a run with the present values; returns at once with the number of the request."""
        with self._lock:
            self._generation += 1
            self._stale = False
            self._worker.submit(self._settings, self._generation, urgent=urgent)
            return self._generation

    @property
    def in_browser(self) -> bool:
        """Does a page run the model by itself while a slider is held?  Runs here are then of the same 64 bits."""
        return self._settings.precision is not None

    @in_browser.setter
    def in_browser(self, on: bool) -> None:
        with self._lock:
            if bool(on) == self.in_browser:
                return
            self._settings = dataclasses.replace(self._settings, precision="float64" if on else None)
            if self._generation:
                self.run()
        self._tell("browser", bool(on))

    def stop(self) -> bool:
        """End the run under way and keep what it has; was there one?"""
        return self._worker.stop()

    @property
    def busy(self) -> bool:
        """Is a run under way?"""
        return self._worker.busy

    def wait(self, timeout: float | None = None) -> bool:
        """Block until every asked run is done; False when ``timeout`` seconds were not enough."""
        return self._worker.wait(timeout)

    @property
    def result(self) -> Any:
        """The Dataset of the present values (waits for it); after :meth:`stop`, the part that was reached."""
        if self.stale:
            self.run()
        self.wait()
        if self.problem is not None:
            raise self.problem
        return self._shown.result if self._shown else None

    @property
    def shown(self) -> Shown | None:
        """The newest finished run, without waiting."""
        return self._shown

    def _work(self, job: Job) -> None:
        """In the worker's thread: run, draw, publish.  Every error becomes something that is shown."""
        try:
            result = self._simulate(job)
            if job.gave_way and is_partial(result):
                return
            shown = self._look(job.generation, job.request, result)
        except NumericalFailure as failure:
            if failure.partial is None:
                return self._fail(job, failure)
            shown = self._look(job.generation, job.request, failure.partial)
            self._show(shown._replace(text=f"{shown.text} {failure}"), failure)
        except Exception as error:
            self._fail(job, error)
        else:
            self._show(shown, None)

    def _simulate(self, job: Job) -> Any:
        def progress(fraction: float) -> bool:
            if job.elapsed > 0.15:
                self._tell("progress", fraction)
            return job.go_on()

        return self._runner.run(job.request, progress)

    def _look(self, generation: int, settings: Settings, result: Any) -> Shown:
        """A finished run as it is shown."""
        return look(generation, settings, result)

    def _show(self, shown: Shown, problem: Exception | None) -> None:
        with self._lock:
            if self._shown is not None and shown.generation < self._shown.generation:
                return
            self._shown, self.problem = shown, problem
        self._tell("shown", shown)

    def _fail(self, job: Job, error: Exception) -> None:
        self.problem = error
        self._tell("problem", (job.generation, error))

    # --- listening -------------------------------------------------------------------------------------------

    def listen(self, listener: Callable[[str, Any], None]) -> Callable[[], None]:
        """Call ``listener(event, value)`` from the worker's thread; returns the function that ends it."""
        self._listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return end

    def _tell(self, event: str, value: Any) -> None:
        for listener in tuple(self._listeners):
            listener(event, value)

    # --- taking away -----------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """All values as plain data: a hundred bytes of JSON, to save or to send."""
        return state.pack(type(self.model).__name__, self._settings.values())

    def link(self) -> str:
        """``#brainnb=...``: behind the address of a served page it restores every value, the seed included."""
        return state.to_link(self.state())

    def load(self, source: Any) -> int:
        """Restore a state, its JSON text or a link; all values are checked before any is taken."""
        return self.set(state.read(source, type(self.model).__name__))

    def to_code(self) -> str:
        """The cell that reproduces what is seen."""
        shown = self._shown
        record = list(map(str, shown.result.data_vars)) if shown else self._record
        if record is not None and sorted(record) == sorted(panels.continuous_paths(self.model)):
            record = None
        options = {"record": record, "every": self._options["every"] if self._options["every"] != 1 else None}
        for name in ("method", "init"):
            if self._options[name] is not None:
                options[name] = self._options[name]
        return code.to_code(
            shown.settings if shown else self._settings, {k: v for k, v in options.items() if v is not None}
        )

    def save(self, path: str | Path) -> Path:
        """Write the result (``.nc``, ``.csv``), the values (``.json``), or a page with the figure (``.html``)."""
        return save.save(self, Path(path))

    def copy(self) -> Self:
        """Another simulator with the same values, that shares nothing with this one."""
        now = self._settings
        made = type(self)(
            now.model, now.T, now.dt, inputs=now.inputs, record=self._record, start=self._start_axes, seed=now.seed,
            sliders=self.sliders, title=self.title, **self._options,
        )  # fmt: skip
        made.in_browser = self.in_browser
        return made

    def table(self, result: Any) -> Any:
        """A result as a pandas table."""
        return result.to_dataframe()

    def item(self, shown: Shown) -> dict[str, Any]:
        """The figures as JSON for a page, without data."""
        from . import figures

        return figures.item(shown.panels)

    def filled(self) -> Any:
        """The figures with the data inside, for a page without a kernel."""
        from . import figures

        return figures.filled(self._shown, [k.picture for k in self.kept])

    def talk(self, send: Callable[[dict[str, Any], list[bytes]], None]) -> Any:
        """A conversation with a page; what it is told goes to ``send``."""
        from .conversation import Conversation

        return Conversation(self, send)

    # --- showing ---------------------------------------------------------------------------------------------

    def panel(self) -> Any:
        """This simulator as a Panel component."""
        from .skins.panel_skin import component

        return component(self)

    def ipywidget(self) -> Any:
        """This simulator as a Jupyter widget (JupyterLab, Voila, Colab)."""
        from .skins.jupyter_skin import widget

        return widget(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title}, {len(self.controls)} controls)"
