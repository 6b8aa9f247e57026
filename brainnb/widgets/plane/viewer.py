"""``PhasePlane``: two states against each other under sliders; without any widget."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from ...analysis.cases import case
from ...analysis.plane.phase_plane import phase_plane
from ...analysis.plane.readings import read
from ...core.errors import ModelError
from ...core.model import Model
from ..controls import Control, make_controls
from ..curves.view import CurveView, checked
from ..panels import Panel, Trace
from ..settings import Settings
from ..shown import Shown
from ..started import UNUSED, Started
from ..worker import Job
from . import code, drawing


class PhasePlane(CurveView):
    """The phase plane of a model under sliders: field, nullclines, resting points, and a trajectory from any start.

    Parameters
    ----------
    model : Model
    T : float
        How long the trajectory lasts, ms.
    fixed : mapping
        What the states do that are no axis; as in :func:`brainnb.phase_plane`.
    start : pair
        Where the trajectory begins; by default the declared start.
    inputs, sliders, title
        As of :class:`brainnb.widgets.Simulator`.
    **given
        Two states with their ranges, ``V=(-2.5, 2.5), w=(-1, 2)`` (by default the first two and their declared
        bounds), and inputs by name, ``I=0.5``.

    Examples
    --------
    >>> import brainnb as bn
    >>> view = bn.widgets.PhasePlane(bn.neurons.FitzHughNagumo(), V=(-2.5, 2.5), w=(-1, 2))
    >>> view.result.stability.values.tolist()
    ['stable focus']
    >>> view.controls["I"].value = 0.5
    >>> view.result.stability.values.tolist()
    ['unstable focus']
    """

    curves = drawing.CURVES
    lines = (("trajectory", 0), ("trajectory", 1))

    def __init__(
        self,
        model: Model,
        T: float = 200.0,
        *,
        fixed: Mapping[str, Any] | None = None,
        start: Any = None,
        inputs: Mapping[str, Any] | None = None,
        sliders: Any = None,
        title: str | None = None,
        **given: Any,
    ):
        checked(model, "bn.neurons.FitzHughNagumo()")
        ranges = {n: v for n, v in given.items() if n not in model.inputs() and isinstance(v, tuple | list)}
        self._ranges, self._fixed = ranges or declared(model), fixed
        given = {n: v for n, v in given.items() if n not in self._ranges}
        found = case(model, inputs, **given)
        self.axes = read(found, self._ranges, fixed, lambda _: None).axes
        if len(self.axes) != 2:
            raise ModelError("PhasePlane: two states with ranges were expected, V=(lo, hi), w=(lo, hi).")
        self.tapped = tuple(f"start.{a}" for a in self.axes)
        self._about = {a: found.attributes(a) for a in self.axes}
        self._begin = self._start_of(model, start)
        self.panels = (
            Panel("plane", self.axes[1], self._about[self.axes[1]]["units"], ()),
            *(Panel("trace", a, self._about[a]["units"], (Trace(a, None, a),)) for a in self.axes),
        )
        super().__init__(model, T, dt=0.1, inputs=inputs, sliders=sliders, title=title, **given)

    def _start_of(self, model: Model, start: Any) -> tuple[float, ...]:
        if start is None:
            declared_start = {n: d.default for n, d in type(model).states().items()}
            middles = {a: sum(map(float, self._ranges[a])) / 2 for a in self.axes}
            start = [np.ravel(declared_start.get(a, middles[a]))[0] for a in self.axes]
        if isinstance(start, Mapping):
            start = [start.get(a) for a in self.axes]
        row = np.ravel(np.asarray(start, object))
        if len(row) != 2 or any(v is None for v in row):
            raise ModelError(f"start={start!r}: one value for each of {', '.join(self.axes)} was expected.")
        return tuple(map(float, row))

    # --- what it is made of ---------------------------------------------------------------------------------------

    def _first(self, model: Model, drives: Mapping[str, Any], T: float, dt: float, every: int) -> Settings:
        return Started(model, drives, T, dt, axes=self.axes, start=self._begin)

    def _controls(self) -> dict[str, Control]:
        found = {path: c for path, c in make_controls(self._settings, self).items() if path not in UNUSED}
        for axis, begin in zip(self.axes, self._begin, strict=True):
            low, high = map(float, self._ranges[axis])
            about = self._about[axis]
            found[f"start.{axis}"] = Control(
                f"start.{axis}", f"start.{axis}", f"{about['long_name']} at the start", about["units"], (None, None),
                low, high, (high - low) / 200, "Start", begin, self,
            )  # fmt: skip
        return found

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """The states on the axes, and what is seen of them."""
        return {axis: tuple(map(float, self._ranges[axis])) for axis in self.axes}

    @property
    def fixed(self) -> Mapping[str, Any]:
        """What was said of the states that are no axis."""
        return self._fixed or {}

    @property
    def start(self) -> dict[str, float]:
        """Where the trajectory begins."""
        return dict(zip(self.axes, self._settings.start, strict=True))

    def begin_at(self, *start: float) -> int:
        """Start the trajectory elsewhere, as a click in the plane does."""
        return self.set({f"start.{a}": v for a, v in zip(self.axes, start, strict=True)})

    # --- running --------------------------------------------------------------------------------------------------

    def _simulate(self, job: Job) -> Any:
        settings: Started = job.request
        return phase_plane(
            settings.model, fixed=self._fixed, start=settings.start, T=settings.T, inputs=settings.inputs,
            **self._ranges,
        )  # fmt: skip

    def _look(self, generation: int, settings: Started, result: Any) -> Shown:
        return Shown(
            generation, settings, result, self.panels, drawing.draw(result, self.axes), sentence(result), False
        )

    # --- taking away ----------------------------------------------------------------------------------------------

    def to_code(self) -> str:
        """The cell that reproduces what is seen."""
        shown = self._shown
        return code.to_code(shown.settings if shown else self._settings, self._ranges, self._fixed)

    def table(self, result: Any) -> Any:
        """The trajectory as a table: time and the states of the plane."""
        import pandas as pd

        good = np.isfinite(result.trajectory_time.values[0])
        columns = {a: result[f"trajectory_{a}"].values[0][good] for a in self.axes}
        return pd.DataFrame({"time": result.trajectory_time.values[0][good], **columns}).set_index("time")

    def copy(self) -> Self:
        """Another plane with the same values, that shares nothing with this one."""
        now: Started = self._settings
        return type(self)(
            now.model, now.T, fixed=self._fixed, start=now.start, inputs=now.inputs, sliders=self.sliders,
            title=self.title, **self._ranges,
        )  # fmt: skip

    def figures(self) -> Any:
        from .figures import build

        return build(self)


def declared(model: Model) -> dict[str, tuple[float, float]]:
    """The first two states with an equation and closed bounds."""
    found = {}
    for name, state in type(model).states().items():
        low, high = state.bounds
        if not state.discrete and low is not None and high is not None:
            found[name] = (low, high)
    if len(found) < 2:
        raise ModelError(
            f"PhasePlane: {type(model).__name__} declares no two states with bounds; say what is seen, "
            "V=(-90, 60), w=(0, 1)."
        )
    return dict(list(found.items())[:2])


def sentence(ds: Any) -> str:
    """What a plane shows, in words."""
    axes = list(map(str, ds.axis.values))
    told = []
    for i, word in enumerate(ds.stability.values):
        place = ", ".join(f"{a} = {float(ds[f'point_{a}'][i]):.4g}" for a in axes)
        told.append(f"{word} at {place}")
    text = "; ".join(told[:6]) or "no resting point in the box"
    return text if ds.attrs["complete"] else f"{text} (search not complete: {ds.attrs['checked']})"
