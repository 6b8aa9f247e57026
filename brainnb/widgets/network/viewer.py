"""``NetworkViewer``: a network under sliders, seen while it runs; without any widget."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Self

from ...core.errors import ModelError, OutOfBounds, UnknownName, unknown_message
from ...core.model import Model
from ...networks import Manipulated, Manipulation, Network
from .. import state
from ..controls import Control, make_controls, told
from ..settings import Settings
from ..shown import Kept, Shown, is_partial
from ..simulator import Simulator
from ..worker import Job
from . import code, drawing, hands, layout, watch
from .activity import Activity
from .runner import Runner
from .settings import MOST_MANIPULATIONS, NetworkSettings, as_range

MOST_OPEN = 8

Neurons = tuple[tuple[int, int], ...]
"""(population, neuron) of each."""


class NetworkViewer(Simulator):
    """A network that can be watched and touched: raster, rates, potentials, wiring and spectrum, while it runs.

    Parameters
    ----------
    model : Network
        At least one population of it reports spikes.
    T, dt, inputs, method, init, every, seed, sliders, title
        As of :class:`brainnb.widgets.Simulator`; by default the inputs, weights and delays stand open.
    record : list of paths, optional
        What :attr:`result` holds beside the spikes and the potentials of some neurons.

    Notes
    -----
    A long run is shown piece by piece.  :meth:`hold` and :meth:`drive` act on some neurons of a population, also while
    it runs; :meth:`choose` shows the potential of a neuron.  None of them compiles anything, but for the first
    manipulation.

    Examples
    --------
    >>> import brainnb as bn
    >>> view = bn.widgets.NetworkViewer(bn.networks.COBA(400), T=50)
    >>> view.controls["EE.weight"].value = 4
    >>> view.hold("E", neurons=(0, 100), start=20)
    >>> int(view.result["E.spike"][250:, :100].sum())
    0
    """

    def __init__(self, model: Model, T: float = 200.0, dt: float = 0.1, **options: Any):
        if not isinstance(model, Network):
            raise ModelError(f"NetworkViewer shows networks; got {type(model).__name__}. bn.explore takes any model.")
        firing = layout.fires(model)
        if not firing:
            raise ModelError(
                f"NetworkViewer: no population of {type(model).__name__} reports spikes; use bn.widgets.Simulator."
            )
        self.bands = layout.bands(model, firing)
        self.panels = drawing.panels(self.bands, wired=any(layout.links(model)))
        self._now: list[Manipulation] = []
        self._running: Job | None = None
        self._activity: Activity | None = None
        super().__init__(model, T, dt, **options)
        if self.sliders is None:
            self.sliders = opened(self)

    # --- what it is made of ---------------------------------------------------------------------------------------

    def _first(self, model: Model, drives: Mapping[str, Any], T: float, dt: float, every: int) -> Settings:
        numbers = sum(b.number / 4 + (watch.SAMPLE * 2 if b.unit else 0) for b in self.bands)  # flags are bytes
        first = [(i, 0) for i, b in enumerate(self.bands) if b.unit][:2]  # of the sample, so there is something to see
        return NetworkSettings(model, drives, T, dt, width=round(numbers), every=every, chosen=tuple(first))

    def _controls(self) -> dict[str, Control]:
        """Controls by population and by projection, each with all that belongs to it."""
        found = make_controls(self._settings, self)
        places = {b.path: f"{b.path}: {b.number} {b.kind}" for b in self.bands}
        places |= {path: f"{path}: {pre} to {post}" for path, _, pre, post in layout.links(self.model)}
        for path, control in found.items():
            place = next((p for p in places if path.startswith(f"{p}.")), None)
            if place is not None:
                control.group, control.symbol = places[place], path[len(place) + 1 :]
        return found

    # --- values ---------------------------------------------------------------------------------------------------

    @property
    def activity(self) -> Activity | None:
        """What was seen last."""
        return self._activity

    @property
    def manipulations(self) -> tuple[Manipulation, ...]:
        """What is done to its neurons."""
        return self._settings.manipulations

    @property
    def chosen(self) -> list[tuple[str, int]]:
        """The neurons whose potential is shown, as (population, number)."""
        return [(self.bands[i].path, n) for i, n in self._settings.chosen]

    @property
    def watched(self) -> list[list[int]]:
        """The neurons of each population whose potential is in the picture."""
        found = self._activity
        return [[] if found is None else found.watched(i).tolist() for i in range(len(self.bands))]

    def hold(
        self,
        population: str,
        level: float | None = None,
        *,
        neurons: Any = None,
        start: float | None = 0.0,
        stop: float | None = None,
    ) -> None:
        """Hold the potential of some neurons, as a voltage clamp does: below threshold they are silent.

        Parameters
        ----------
        population : str
        level : float, optional
            Potential, in the unit of ``V``; by default that at rest.
        neurons : int or pair of int, optional
            One, or the first and the one after the last; by default all.
        start, stop : float or None
            From when to when, ms.  ``start=None`` is now, if a run is under way.
        """
        level = self._band(population).rest if level is None else level
        self._manipulate(Manipulation(population, as_range(neurons), hold=level, start=start or 0.0, stop=stop), start)

    def drive(
        self,
        population: str,
        current: float,
        *,
        neurons: Any = None,
        start: float | None = 0.0,
        stop: float | None = None,
    ) -> None:
        """Add a current to the input of some neurons, as light on their channels does; arguments as of :meth:`hold`."""
        m = Manipulation(population, as_range(neurons), current=current, start=start or 0.0, stop=stop)
        self._manipulate(m, start)

    def release(self, index: int | None = None) -> None:
        """Take back one manipulation, or all."""
        left = [] if index is None else [m for i, m in enumerate(self.manipulations) if i != index]
        with self._lock:
            self._change(dataclasses.replace(self._settings, manipulations=tuple(left)), "manipulation taken back")

    def choose(self, population: str, neuron: int) -> None:
        """Show the potential of a neuron; the oldest of five goes."""
        band = self._band(population)
        if band.unit is None:
            raise ModelError(f'"{population}" has no potential `V` to show: {band.kind}.')
        if isinstance(neuron, bool) or int(neuron) != neuron or not 0 <= neuron < band.number:
            raise OutOfBounds(f'"{population}" has the neurons 0 to {band.number - 1}; got {neuron}.')
        new = (self.bands.index(band), int(neuron))
        self._look_at(lambda chosen: (*(c for c in chosen if c != new), new)[-drawing.SLOTS :])

    def forget_neuron(self, index: int) -> None:
        """Do not show a neuron any more."""
        self._look_at(lambda chosen: tuple(c for i, c in enumerate(chosen) if i != index))

    def choose_near(self, population: str, neuron: float, time: float, reach: tuple[float, float]) -> None:
        """Show the neuron whose spike is nearest to a place in the raster."""
        i = self.bands.index(self._band(population))
        seen = self._activity
        number = int(neuron) if seen is None else seen.nearest(i, neuron, time, reach)
        self.choose(population, number)

    def in_words(self, m: Manipulation) -> str:
        """A manipulation as a phrase with its unit."""
        band = self._band(m.population)
        return m.in_words((band.drive if m.hold is None else band.unit) or "1")

    def _band(self, population: str) -> layout.Band:
        for band in self.bands:
            if band.path == population:
                return band
        raise UnknownName(
            unknown_message("population", str(population), [b.path for b in self.bands], where=self.title)
        )

    # --- changing while it runs -----------------------------------------------------------------------------------

    def _manipulate(self, m: Manipulation, start: float | None) -> None:
        Manipulated(self.model).neurons_of(m)  # raises
        with self._lock:
            if len(self.manipulations) >= MOST_MANIPULATIONS:
                raise OutOfBounds(f"At most {MOST_MANIPULATIONS} manipulations; take some back first.")
            if start is None and self._joins():
                self._now.append(m)
                self._running.request = dataclasses.replace(self._settings)  # another object: the piece ends here
                self._settings = self._running.request
                return
            changed = dataclasses.replace(self._settings, manipulations=(*self.manipulations, m))
            self._change(changed, self.in_words(m))

    def _change(self, settings: NetworkSettings, told: str) -> None:
        """Give settings with other manipulations to the run under way, or begin one."""
        if self._joins():
            self._settings = self._running.request = settings
            self.last_change = told
        else:
            self._adopt(settings, told, True)

    def _joins(self) -> bool:
        """Whether the run under way has the values of this moment."""
        return self._running is not None and self._running.request is self._settings and not self._running.stopped

    def _look_at(self, chosen: Callable[[Neurons], Neurons]) -> None:
        """Show other neurons: at once when they were recorded, else with a run."""
        with self._lock:
            settings = dataclasses.replace(self._settings, chosen=chosen(self._settings.chosen))
            before, shown = self._settings.chosen, self._shown
            there = all(watch.is_watched(self.bands[i], n) or (i, n) in before for i, n in settings.chosen)
            if not there or shown is None or self._activity is None or self.busy:
                self._adopt(settings, "", True)
                return
            self._settings, generation = settings, self._generation
        # listeners are told without the lock: they have locks of their own
        self._show(self._look(generation, settings, shown.result), self.problem)

    # --- running --------------------------------------------------------------------------------------------------

    def _simulate(self, job: Job) -> Any:
        def tell(fraction: float) -> None:
            if job.elapsed > 0.15:
                self._tell("progress", fraction)

        def show(activity: Activity) -> None:
            self._activity = activity
            shown = self._look(job.generation, job.request, None)
            shown.picture.header["partial"] = True
            self._show(shown, None)

        with self._lock:
            self._running = job
        run = Runner(job, self.bands, self._record or [], self._options, tell, show, self._newest)
        try:
            return run.go()
        finally:
            with self._lock:
                self._running = None
            self._activity = run.activity

    def _newest(self, job: Job, reached: float, over: bool) -> NetworkSettings:
        """The settings to go on with; at the end of a run nothing more is taken in."""
        with self._lock:
            if self._now:
                start = 0.0 if over else round(reached + job.request.dt, 9)
                begun = tuple(dataclasses.replace(m, start=start) for m in self._now if (m.stop or start + 1) > start)
                self._now = []
                after = dataclasses.replace(job.request, manipulations=(*job.request.manipulations, *begun))
                self._settings = job.request = after
                self.last_change = self.in_words(begun[-1]) if begun else "nothing: its end has passed"
            if over:
                self._running = None
            return job.request

    def _look(self, generation: int, settings: NetworkSettings, result: Any) -> Shown:
        activity = self._activity
        text = activity.sentence()
        stopped = result is not None and is_partial(result)
        if stopped:
            text = f"{text} ({result.attrs['status']})"
        picture = drawing.draw(activity, settings.T, settings.chosen, self.panels)
        return Shown(generation, settings, result, self.panels, picture, text, stopped)

    def _kept_of(self, shown: Shown) -> Kept:
        return Kept(shown.settings, shown.panels, drawing.only_lines(shown.picture))

    # --- taking away ----------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """All values, and what is done to neurons, as plain data."""
        done = [hands.as_plain(m) for m in self.manipulations]
        return super().state() | ({"manipulations": done} if done else {})

    def load(self, source: Any) -> int:
        """Restore a state, its JSON text or a link, manipulations included; all is checked before any is taken."""
        found = state.opened(source, type(self.model).__name__, more=("manipulations",))
        values, done = state.values_of(found), hands.read(found.get("manipulations", []), Manipulated(self.model))
        with self._lock:
            after = dataclasses.replace(self._settings.changed(values), manipulations=done)
            return self._adopt(after, told(self._settings, after, self.controls), True)

    def to_code(self) -> str:
        """The cell that reproduces what is seen."""
        shown = self._shown
        settings = shown.settings if shown else self._settings
        return code.to_code(
            settings, self._start.model, watch.paths(self.bands, settings.chosen) + (self._record or []), self._options
        )

    def table(self, result: Any) -> Any:
        """Every spike, one a row: its time, population and neuron; a table of all neurons at all times would not fit."""
        return self._activity.table(result["time"].values)

    def copy(self) -> Self:
        """Another viewer with the same values, that shares nothing with this one."""
        made = super().copy()
        now = self._settings
        made._settings = dataclasses.replace(made._settings, manipulations=now.manipulations, chosen=now.chosen)
        return made

    # --- showing --------------------------------------------------------------------------------------------------

    def item(self, shown: Shown) -> dict[str, Any]:
        from . import figures

        return figures.item(self)

    def filled(self) -> Any:
        from . import figures

        return figures.filled(self)

    def talk(self, send: Callable[[dict[str, Any], list[bytes]], None]) -> Any:
        from .conversation import NetworkConversation

        return NetworkConversation(self, send)


def opened(view: NetworkViewer) -> list[str]:
    """Controls that stand open: inputs, weights, delays."""
    inputs = [p for p in view.controls if p in view.model.inputs()]
    weights = [p for p in view.controls if p.endswith(".weight")]
    delays = [p for p in view.controls if p.endswith(".delay")]
    return [*inputs[:3], *weights, *delays][:MOST_OPEN] or list(view.controls)[:4]
