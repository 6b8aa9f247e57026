"""``Bifurcation``: a diagram under sliders, and what happens at any of its points; without any widget."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from ...analysis.cases import case
from ...analysis.continuation.bifurcations import bifurcation, checked_range
from ...core.errors import ModelError
from ...core.model import Model
from ...run.simulate import simulate
from ..controls import Control, make_controls, nice
from ..curves.view import checked
from ..panels import continuous_paths
from ..settings import Settings
from ..shown import Shown
from ..started import Started
from ..worker import Job
from . import code, drawing
from .base import Diagram, stages
from .begin import begin


class Bifurcation(Diagram):
    """The bifurcation diagram of a model under sliders, with a trajectory at the value where it is clicked.

    The control of ``param`` says where the trajectory is taken; every other parameter and input moves the diagram.
    Resting points and their marks come first, normal forms and oscillations follow.

    Parameters
    ----------
    model : Model
    param : path
        The parameter or input on the horizontal axis.
    span : (lo, hi)
        Its range.
    second : path, optional
        A second parameter, whose slider stands open beside that of ``param``.
    var : path, optional
        The state on the vertical axis; by default the first.
    cycles : bool
        Whether oscillations are followed.
    T, dt : float
        Duration and step of the trajectory, ms.
    start : float, optional
        Where the trajectory begins on the vertical axis; the other states come from the nearest branch.
    inputs, sliders, title, **given
        As of :class:`brainnb.widgets.Simulator`.

    Examples
    --------
    >>> import brainnb as bn
    >>> view = bn.widgets.Bifurcation(bn.neurons.FitzHughNagumo(), "I", (0, 1), cycles=False)
    >>> view.result.special_value.values.round(5).tolist()
    [0.33128]
    >>> view.controls["b"].value = 0.6
    >>> view.result.special_value.values.round(5).tolist()
    [0.46064]
    """

    def __init__(
        self,
        model: Model,
        param: str,
        span: tuple[float, float],
        *,
        second: str | None = None,
        var: str | None = None,
        cycles: bool = True,
        T: float = 500.0,
        dt: float = 0.1,
        start: float | None = None,
        inputs: Mapping[str, Any] | None = None,
        sliders: Any = None,
        title: str | None = None,
        **given: Any,
    ):
        checked(model, "bn.neurons.FitzHughNagumo()")
        found = case(model, {**(inputs or {}), **given})
        found.constant(param)
        self.span = checked_range(param, span)
        self.second, self._cycles = second, cycles
        self._stand(found, param, var, None)
        axis = found.state(self.var)
        self._begin = float(found.x[axis] if start is None else start)
        self._reach = tuple(map(float, found.box()[axis]))
        self._states = continuous_paths(model)
        self._found: tuple[Any, Any] = (None, None)
        value = found.value(param)
        at = value if self.span[0] <= value <= self.span[1] else sum(self.span) / 2
        if param in model.inputs():
            given = {name: v for name, v in given.items() if name != param}
            inputs = {**(inputs or {}), param: at}
        else:
            model = model.replace({param: at})
        if sliders is None:
            sliders = [param, *([second] if second else [])]
        super().__init__(model, T, dt, inputs=inputs, sliders=sliders, title=title, **given)
        self.tapped = (param, f"start.{self.var}")

    # --- what it is made of ---------------------------------------------------------------------------------------

    def _first(self, model: Model, drives: Mapping[str, Any], T: float, dt: float, every: int) -> Settings:
        return Started(model, drives, T, dt, width=len(self._states), axes=(self.var,), start=(self._begin,))

    def _controls(self) -> dict[str, Control]:
        made = make_controls(self._settings, self)
        if self.param not in made:
            raise ModelError(f"{self.param} is no single number that a slider can move; name one of {', '.join(made)}.")
        lo, hi = self.span
        place = dataclasses.replace(made[self.param], low=lo, high=hi, step=nice((hi - lo) / 200), group="Trajectory")
        name, (low, high) = f"start.{self.var}", self._reach
        start = Control(
            name, name, "where the trajectory begins", dict(self.traced)[self.var], (None, None), low, high,
            nice((high - low) / 200), "Trajectory", self._begin, self,
        )  # fmt: skip
        return {self.param: place, name: start} | {path: c for path, c in made.items() if path != self.param}

    def visit(self, value: float, height: float) -> int:
        """Take the trajectory at another value, from another start: what a click in the diagram does."""
        return self.set(dict(zip(self.tapped, (value, height), strict=True)))

    # --- running --------------------------------------------------------------------------------------------------

    def _simulate(self, job: Job) -> Any:
        settings: Started = job.request
        key = self._key(settings)
        known, ds = self._found
        if known != key:
            marks = self._diagram(settings, cycles=False, criticality=False)
            first = self._visited(marks, settings, job).assign_attrs(partial=1)
            if job.stopped or job.overtaken:
                return first.assign_attrs(status="stopped before oscillations were followed")
            self._publish_early(job, first)
            ds = self._diagram(settings, cycles=self._cycles)
            self._found = key, ds
        return self._visited(ds, settings, job)

    def _key(self, settings: Started) -> Any:
        """What decides the diagram: all values but those of the trajectory."""
        beside = {*self.tapped, "T", "dt", "seed"}
        return tuple((path, v) for path, v in settings.values().items() if path not in beside)

    def _diagram(self, settings: Started, **how: Any) -> Any:
        still = {name: value for name, value in settings.inputs.items() if name != self.param}
        return bifurcation(settings.model, self.param, self.span, inputs=still, **how)

    def _visited(self, ds: Any, settings: Started, job: Job) -> Any:
        """The diagram with the trajectory at the present value of the parameter."""
        value = settings.values()[self.param]
        initial = begin(ds, self._states, self.var, value, settings.start[0])
        run = simulate(
            settings.model, settings.T, settings.dt, inputs=dict(settings.inputs), record=self._states, init=initial,
            seed=settings.seed, progress=lambda fraction: job.go_on(), on_nan="keep",
        )  # fmt: skip
        named = run[self._states].rename({path: f"trajectory_{path}" for path in self._states})
        status = run.attrs["status"]
        told = status if str(status).startswith("stopped") else ds.attrs["status"]
        return ds.merge(named, combine_attrs="override").assign_attrs(
            trajectory_value=value,
            trajectory_start=json.dumps({path: np.asarray(v).tolist() for path, v in initial.items()}),
            trajectory_status=status,
            status=told,
        )

    def _look(self, generation: int, settings: Started, result: Any) -> Shown:
        value = float(result.attrs["trajectory_value"])
        return self._drawn(generation, settings, result, value, sentence(result, self.var))

    def _way(self, result: Any) -> drawing.Way:
        """The trajectory with its start in front."""
        initial = json.loads(result.attrs["trajectory_start"])
        up, second = (
            np.concatenate([[initial.get(name, np.nan)], result[f"trajectory_{name}"].values])
            for name in (self.var, self.traced[-1][0])
        )
        across = np.full(len(up), float(result.attrs["trajectory_value"]))
        return drawing.Way(np.concatenate([[0.0], result.time.values]), across, up, second)

    # --- taking away ----------------------------------------------------------------------------------------------

    def to_code(self) -> str:
        """The cell that makes the same diagram and the same trajectory."""
        result = self.result
        settings: Started = self.shown.settings
        plain = json.loads(result.attrs["trajectory_start"])
        return code.to_code(settings, self.param, self.span, self._cycles, plain)

    def copy(self) -> Self:
        """Another diagram with the same values, that shares nothing with this one."""
        now: Started = self._settings
        return type(self)(
            now.model, self.param, self.span, second=self.second, var=self.var, cycles=self._cycles, T=now.T, dt=now.dt,
            start=now.start[0], inputs=now.inputs, sliders=self.sliders, title=self.title,
        )  # fmt: skip


def sentence(ds: Any, var: str) -> str:
    """What a diagram shows, in words."""
    param = ds.attrs["parameter"]
    told = stages(ds, param)
    text = "; ".join(told[:6]) or f"no special point between {ds.attrs['range'][0]:g} and {ds.attrs['range'][1]:g}"
    if len(told) > 6:
        text += f"; and {len(told) - 6} more"
    level = ds[f"trajectory_{var}"].values
    late = level[len(level) // 2 :]
    if late.size and np.isfinite(late).all():
        unit = ds[f"trajectory_{var}"].attrs.get("units", "1")
        unit = "" if unit == "1" else f" {unit}"
        low, high = float(late.min()), float(late.max())
        place = f"At {param} = {ds.attrs['trajectory_value']:.5g}"
        still = high - low < 1e-3 * max(np.ptp(level), 1e-12) or high - low < 1e-6 * max(abs(high), 1e-12)
        text += (
            f". {place}: {var} settles at {high:.4g}{unit}"
            if still
            else f". {place}: {var} between {low:.4g} and {high:.4g}{unit}"
        )
    if ds.attrs.get("partial") and not str(ds.attrs["status"]).startswith("stopped"):
        return f"{text} (oscillations are being followed)"
    return text if ds.attrs["status"] == "finished" else f"{text} ({ds.attrs['status']})"
