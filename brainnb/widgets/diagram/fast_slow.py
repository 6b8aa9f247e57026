"""``FastSlow``: the diagram of the fast variables with the whole model's way over it, under sliders; without any widget."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from ...analysis.bursting.fast_slow import Others, check_others, dissected, paths, trajectory
from ...analysis.cases import case
from ...analysis.continuation.bifurcations import held_case
from ...core.errors import ModelError, NumericalFailure
from ...core.model import Model
from ..code import begun
from ..controls import Control, make_controls
from ..curves.view import checked
from ..settings import Settings
from ..shown import Shown
from ..worker import Job
from . import drawing
from .base import Diagram, stages


class FastSlow(Diagram):
    """A burst taken apart, under sliders: what the fast variables could do, and what the whole model does.

    Resting points come first, oscillations of the fast variables follow.

    Parameters
    ----------
    model : Model
    slow : path, or several
        The slow state, which stands on the horizontal axis; of several the first.
    others : "mean", "settle" or {path: value}
        Where the other slow states stand, as in :func:`brainnb.fast_slow`.
    span : (lo, hi), optional
        Its range; by default as :func:`brainnb.fast_slow` chooses it from the trajectory.
    var : path, optional
        The state on the vertical axis; by default the first fast one.
    T, dt : float
        Duration and step of the trajectory, ms; its first half is left out.
    inputs, sliders, title, **given
        As of :class:`brainnb.widgets.Simulator`.

    Examples
    --------
    >>> import brainnb as bn
    >>> view = bn.widgets.FastSlow(bn.neurons.HindmarshRose(), "z", (0, 4), T=1500, I=2.0)
    >>> view.result.attrs["burst_class"]
    'fold/homoclinic (square-wave)'
    """

    def __init__(
        self,
        model: Model,
        slow: str | Sequence[str],
        span: tuple[float, float] | None = None,
        *,
        others: Others = "mean",
        var: str | None = None,
        T: float = 2000.0,
        dt: float = 0.05,
        inputs: Mapping[str, Any] | None = None,
        sliders: Any = None,
        title: str | None = None,
        **given: Any,
    ):
        checked(model, "bn.neurons.HindmarshRose()")
        found = case(model, {**(inputs or {}), **given})
        self.slow, self.span, self.others = slow, span, others
        check_others(slow, others)
        first, *rest = paths(slow)
        found.state(first)
        held_case(model, {**(inputs or {}), **given}, (first, *rest), {})
        fast = next(name for name in found.names if "[" not in name and name not in (first, *rest))
        self._stand(found, first, var or fast, first)
        super().__init__(model, T, dt, inputs=inputs, sliders=sliders, title=title, **given)

    def _controls(self) -> dict[str, Control]:
        return {path: c for path, c in make_controls(self._settings, self).items() if path != "seed"}

    def _simulate(self, job: Job) -> Any:
        settings: Settings = job.request
        inputs = dict(settings.inputs)
        try:
            run = trajectory(
                settings.model, self.slow, T=settings.T, dt=settings.dt, inputs=inputs,
                progress=lambda fraction: job.go_on(),
            )  # fmt: skip
        except NumericalFailure as failure:
            raise ModelError(f"The whole model did not stay finite: {failure}") from failure
        if job.gave_way:
            return run
        if run.sizes["time"] < 2:
            raise ModelError("Stopped before the second half of the run, which is what is drawn.")
        first = dissected(settings.model, self.slow, run, self.span, others=self.others, cycles=False, inputs=inputs)
        first = first.assign_attrs(partial=1, status=_told(run, first))
        if job.stopped or job.overtaken:
            return first.assign_attrs(status="stopped before oscillations were followed")
        self._publish_early(job, first)
        whole = dissected(settings.model, self.slow, run, self.span, others=self.others, inputs=inputs)
        return whole.assign_attrs(status=_told(run, whole))

    def _look(self, generation: int, settings: Settings, result: Any) -> Shown:
        return self._drawn(generation, settings, result, None, sentence(result))

    def _way(self, result: Any) -> drawing.Way:
        up, across = (result[f"trajectory_{name}"].values for name in (self.var, self.param))
        return drawing.Way(result.time.values, across, up, across)

    def to_code(self) -> str:
        """The cell that makes the same picture."""
        shown = self._shown
        settings = shown.settings if shown else self._settings
        span = "" if self.span is None else f", {tuple(self.span)!r}"
        span += "" if self.others == "mean" else f", others={self.others!r}"
        lines = [
            *begun(settings.model, "diagram"),
            f"ds = bn.fast_slow(model, {self.slow!r}{span}, T={settings.T!r}, dt={settings.dt!r}, inputs={dict(settings.inputs)!r})",
            "ds.bn.plot()",
        ]
        return "\n".join(lines) + "\n"

    def copy(self) -> Self:
        """Another diagram with the same values, that shares nothing with this one."""
        now = self._settings
        return type(self)(
            now.model, self.slow, self.span, others=self.others, var=self.var, T=now.T, dt=now.dt, inputs=now.inputs,
            sliders=self.sliders, title=self.title,
        )  # fmt: skip


def _told(run: Any, ds: Any) -> str:
    """The status of a run that was stopped, else that of the diagram."""
    status = str(run.attrs["status"])
    return status if status.startswith("stopped") else ds.attrs["status"]


def sentence(ds: Any) -> str:
    """What a dissection shows, in words."""
    word, number = ds.attrs["rhythm"], ds.attrs["spikes_per_burst"]
    told = word
    if word == "bursting" and np.isfinite(number):
        told = f"{word}, {number:.3g} spikes in a burst"
    if ds.attrs.get("partial"):
        return f"{told} (oscillations are being followed)"
    if ds.attrs["burst_class"]:
        told = f"{told}: {ds.attrs['burst_class']}"
    text = "; ".join([told, *stages(ds, ds.attrs["slow"])[:6]])
    return text if ds.attrs["status"] == "finished" else f"{text} ({ds.attrs['status']})"
