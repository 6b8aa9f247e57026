"""What every diagram under sliders has in common: axes, a trajectory over branches, and how it is shown."""

from typing import Any

from ...analysis.cases import Case
from ...core.errors import UnknownName, unknown_message
from ..curves.view import CurveView
from ..figures import label, unit_text
from ..panels import Panel, Trace
from ..shown import Shown
from ..worker import Job
from . import drawing


class Diagram(CurveView):
    """Branches over a parameter or a slow state, and the model's own way through them.

    Attributes
    ----------
    param, var : str
        What stands on the horizontal and on the vertical axis.
    traced : tuple of (name, unit)
        The states that are drawn over time.
    """

    param: str
    var: str
    curves = drawing.CURVES
    traced: tuple[tuple[str, str], ...]
    axes_text: tuple[str, str]

    def _stand(self, found: Case, param: str, var: str | None, second: str | None) -> None:
        """Decide what is drawn; ``found`` knows units and meanings."""
        scalars = [name for name in found.names if "[" not in name]
        if var is not None and var not in scalars:
            raise UnknownName(unknown_message("state", var, scalars, where=type(found.model).__name__))
        self.param = param
        self.var = var or next(name for name in scalars if name != param)
        lower = second or next((name for name in scalars if name != self.var), None)
        about = {name: found.attributes(name)["units"] for name in {param, self.var, lower} - {None}}
        self.traced = tuple((name, about[name]) for name in (self.var, lower) if name is not None)
        self.lines = (("trajectory", 1), ("time", 1))[: len(self.traced)]
        self.axes_text = tuple(label(name) + label(unit_text(about[name])) for name in (param, self.var))
        self.panels = (
            Panel("plane", self.var, about[self.var], ()),
            *(Panel("trace", name, unit, (Trace(name, None, name),)) for name, unit in self.traced),
        )

    def _publish_early(self, job: Job, result: Any) -> None:
        """Show what is known before all of it is."""
        self._show(self._look(job.generation, job.request, result), None)
        self._tell("progress", 0.5)

    def _drawn(self, generation: int, settings: Any, result: Any, value: float | None, text: str) -> Shown:
        stopped = str(result.attrs["status"]).startswith("stopped")
        partial = bool(result.attrs.get("partial", 0))
        picture = drawing.draw(result, self.var, self._way(result), value, partial)
        return Shown(generation, settings, result, self.panels, picture, text, stopped)

    def _way(self, result: Any) -> drawing.Way:
        raise NotImplementedError(
            f"{type(self).__name__} defines `_way`: the trajectory that is laid over its diagram."
        )

    def table(self, result: Any) -> Any:
        """The branches as a table: one row for each step."""
        grid = [name for name, x in result.data_vars.items() if x.dims == ("branch", "step")]
        table = result[[*grid, "branch_kind"]].to_dataframe()
        return table[table[self.param].notna()]

    def figures(self) -> Any:
        from .figures import build

        return build(self)


def stages(ds: Any, param: str) -> list[str]:
    """The special points of a diagram in words, each place once."""
    unit = ds[param].attrs.get("units", "1")
    told = []
    for kind, value, note in zip(ds.special_kind.values, ds.special_value.values, ds.special_note.values, strict=True):
        if kind in drawing.KINDS:
            name = f"{note} {drawing.WORDS[kind]}" if kind == "hopf" and note else drawing.WORDS[kind]
            text = f"{name} at {param} = {value:.5g}{'' if unit == '1' else ' ' + unit}"
            if text not in told:
                told.append(text)
    return told
