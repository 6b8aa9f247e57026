"""``FICurve``: how often a neuron fires, over its input, under sliders; without any widget."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from ...analysis.cases import case
from ...analysis.orbits.fi_curve import Counted, counted, fi_curve, lasting, swept_values
from ...core.errors import ModelError
from ...core.model import Model
from ...run.simulate import simulate
from ..code import begun, given
from ..controls import Control, make_controls, nice
from ..curves.view import CurveView, checked
from ..panels import Panel
from ..settings import Settings
from ..shown import Shown
from ..worker import Job
from . import drawing

TRANSIENT = 0.2
"""The first part of each run is not counted."""


class FICurve(CurveView):
    """The firing rate over a range of input, and what the neuron does at the input that is clicked.

    The curve comes first; how firing begins, which takes finer sweeps around rheobase, follows.  ``keep`` holds a curve
    beside those to come.

    Parameters
    ----------
    model : Model
    over : path
        The input, or a parameter, on the horizontal axis.
    span : (lo, hi), optional
        Its range; by default the declared bounds.
    at : float, optional
        The value whose trace is shown first.
    var : path, optional
        The state that is shown, and counted where it rises through its threshold; by default what
        :func:`brainnb.analysis.fi_curve` counts.
    T, dt : float
        Duration and step of every run, ms; a fifth of it is left out of the rate.
    inputs, sliders, title, **given
        As of :class:`brainnb.widgets.Simulator`.

    Examples
    --------
    >>> import brainnb as bn
    >>> view = bn.widgets.FICurve(bn.neurons.LIF(), "I", (50, 300), T=500)
    >>> round(float(view.result.rheobase), 1), str(view.result.excitability.values)
    (100.0, 'type I')
    >>> view.controls["R"].value = 0.15
    >>> round(float(view.result.rheobase), 1)
    66.7
    """

    curves = drawing.CURVES

    def __init__(
        self,
        model: Model,
        over: str = "I",
        span: tuple[float, float] | None = None,
        *,
        at: float | None = None,
        var: str | None = None,
        T: float = 1000.0,
        dt: float = 0.05,
        inputs: Mapping[str, Any] | None = None,
        sliders: Any = None,
        title: str | None = None,
        **given: Any,
    ):
        checked(model, "bn.neurons.LIF()")
        found = case(model, {**(inputs or {}), **given})
        axis = found.constants[found.constant(over)]
        swept = swept_values(span, axis)
        self.over, self.span = over, (float(swept[0]), float(swept[-1]))
        self._var, self._count = var, counted(model, found, var)
        self.var = var or ("V" if "V" in found.names else found.names[0])
        self.units = axis.unit, found.attributes(self.var)["units"]
        self.panels = (
            Panel("plane", "rate", "Hz", ()),
            Panel("trace", self.var, self.units[1], ()),
            Panel("trace", "1 / interval", "Hz", ()),
        )
        self.tapped = (over,)
        self._found: tuple[Any, Any] = (None, None)
        value = found.value(over)
        value = (value if self.span[0] < value < self.span[1] else sum(self.span) / 2) if at is None else float(at)
        if over in model.inputs():
            inputs = {**(inputs or {}), over: value}
            given = {name: v for name, v in given.items() if name != over}
        else:
            model = model.replace({over: value})
        super().__init__(model, T, dt, inputs=inputs, sliders=sliders, title=title, **given)

    def _controls(self) -> dict[str, Control]:
        made = make_controls(self._settings, self)
        if self.over not in made:
            raise ModelError(f"{self.over} is no single number that a slider can move; name one of {', '.join(made)}.")
        lo, hi = self.span
        place = dataclasses.replace(made[self.over], low=lo, high=hi, step=nice((hi - lo) / 200), group="Shown beside")
        return {self.over: place} | {path: c for path, c in made.items() if path != self.over}

    @property
    def count(self) -> Counted:
        """What is counted as a spike."""
        return self._count

    # --- running --------------------------------------------------------------------------------------------------

    def _simulate(self, job: Job) -> Any:
        settings: Settings = job.request
        key = tuple((p, v) for p, v in settings.values().items() if p not in (self.over, "seed"))
        known, ds = self._found
        if known != key:
            coarse = self._curve(settings, onset=False)
            first = self._beside(coarse, settings, job).assign_attrs(partial=1)
            if job.stopped or job.overtaken:
                return first.assign_attrs(status="stopped before it was looked how firing begins")
            self._show(self._look(job.generation, settings, first), None)
            self._tell("progress", 0.5)
            ds = self._curve(settings)
            self._found = key, ds
        return self._beside(ds, settings, job)

    def _curve(self, settings: Settings, **how: Any) -> Any:
        still = {name: value for name, value in settings.inputs.items() if name != self.over}
        return fi_curve(
            settings.model, self.span, over=self.over, T=settings.T, dt=settings.dt,
            transient=TRANSIENT * settings.T, var=self._var, inputs=still, **how,
        )  # fmt: skip

    def _beside(self, ds: Any, settings: Settings, job: Job) -> Any:
        """The curve with the run at the present value."""
        recorded = [self.var, *(["spike"] if self._count.spiking else [])]
        run = simulate(
            settings.model, settings.T, settings.dt, inputs=dict(settings.inputs), record=recorded,
            progress=lambda fraction: job.go_on(), on_nan="keep",
        )  # fmt: skip
        times = self._count.times(run[self._count.name].values, run.time.values)
        ds = ds.assign({f"trace_{self.var}": run[self.var]})
        ds = ds.assign(
            spike_time=("shown_spike", times, {"units": "ms", "long_name": "spikes of the run that is shown"})
        )
        end = float(run.time[-1]) if run.sizes["time"] else 0.0
        return ds.assign_attrs(
            trace_value=settings.values()[self.over],
            trace_rate=lasting(times, end, TRANSIENT * settings.T),
            status=run.attrs["status"],
        )

    def _look(self, generation: int, settings: Settings, result: Any) -> Shown:
        stopped = str(result.attrs["status"]).startswith("stopped")
        partial = bool(result.attrs.get("partial", 0))
        picture = drawing.draw(result, self.over, self.var, partial)
        return Shown(generation, settings, result, self.panels, picture, sentence(result, self.over), stopped)

    # --- taking away ----------------------------------------------------------------------------------------------

    def to_code(self) -> str:
        """The cell that makes the same curve, and the same run at the value that is shown."""
        settings = self.shown.settings if self.shown else self._settings
        still = {name: value for name, value in settings.inputs.items() if name != self.over}
        var = "" if self._var is None else f", var={self._var!r}"
        lines = [
            *begun(settings.model, "f-I curve"),
            f"ds = bn.analysis.fi_curve(model, {self.span!r}, over={self.over!r}, T={settings.T!r}, dt={settings.dt!r}, "
            f"transient={TRANSIENT * settings.T!r}{var}{given(still)})",
            "ds.bn.plot()",
            f"run = bn.simulate(model, T={settings.T!r}, dt={settings.dt!r}{given(settings.inputs)})",
            "run.bn.plot()",
        ]
        return "\n".join(lines) + "\n"

    def table(self, result: Any) -> Any:
        """The curve as a table: rate, gain and first interval over the input."""
        return result[["rate", "gain", "first_interval"]].drop_vars("time", errors="ignore").to_dataframe()

    def copy(self) -> Self:
        """Another curve with the same values, that shares nothing with this one."""
        now = self._settings
        return type(self)(
            now.model, self.over, self.span, at=now.values()[self.over], var=self._var, T=now.T, dt=now.dt,
            inputs=now.inputs, sliders=self.sliders, title=self.title,
        )  # fmt: skip

    def figures(self) -> Any:
        from .figures import build

        return build(self)


def sentence(ds: Any, over: str) -> str:
    """What a curve and the run beside it show, in words."""
    unit = ds[over].attrs["units"]
    unit = "" if unit == "1" else f" {unit}"
    lo, hi = float(ds[over][0]), float(ds[over][-1])
    word, above, begins = str(ds.excitability.values), float(ds.onset_rate), float(ds.rheobase)
    told = {
        "not reached": f"no lasting firing up to {over} = {hi:.5g}{unit}",
        "below range": f"fires throughout, at {above:.3g} Hz already at {over} = {lo:.5g}{unit}",
        "not looked at": f"firing begins near {over} = {begins:.4g}{unit} (how it begins is being looked at)",
        "type I": f"type I: firing begins at {over} = {begins:.5g}{unit} with arbitrarily slow spikes ({above:.3g} Hz just above)",
        "type II": f"type II: firing begins at {over} = {begins:.5g}{unit} at once at {above:.3g} Hz",
    }[word]
    count, rate = len(ds.spike_time), float(ds.attrs["trace_rate"])
    here = f"At {over} = {ds.attrs['trace_value']:.5g}{unit}: "
    if rate > 0:
        here += f"{rate:.4g} Hz"
        gaps = np.diff(ds.spike_time.values)
        if gaps[-1] > 1.05 * gaps[0]:
            here += f", intervals grow from {gaps[0]:.3g} to {gaps[-1]:.3g} ms"
    else:
        here += "no spike" if not count else f"{count} spike{'s' if count > 1 else ''}, then rest"
    text = f"{told}. {here}"
    status = str(ds.attrs["status"])
    return f"{text} ({status})" if status.startswith("stopped") or status != "finished" else text
