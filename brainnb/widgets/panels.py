"""What stands where in the picture: the recorded variables, grouped by unit, the potential on top."""

from typing import Any, NamedTuple

from ..core.model import Model

MOST_TRACES = 6
MOST_UNITS = 3  # of a population or a vector state; the rest is in the result
FIELD = 16
"""A state of so many units is seen as an image over time instead: a bump on a ring, a wave along a line."""


class Trace(NamedTuple):
    """One line: a variable of the Dataset, or one unit of it."""

    variable: str
    unit_index: int | None
    label: str


class Panel(NamedTuple):
    """One figure of the column."""

    kind: str  # "state", "field", "input" or "spikes"
    label: str
    unit: str
    traces: tuple[Trace, ...]


def continuous_paths(model: Model, prefix: str = "") -> list[str]:
    """Paths of every declared state that has a derivative."""
    found = [prefix + name for name, d in type(model).states().items() if not d.discrete]
    for name, part in model.parts().items():
        found += continuous_paths(part, f"{prefix}{name}.")
    return found


def arrange(ds: Any, inputs: list[str], order: list[str]) -> tuple[Panel, ...]:
    """Panels for a result, in reading order: states by unit, spikes, then what was given.

    Parameters
    ----------
    ds : xarray.Dataset
    inputs : list of str
        Names of recorded inputs.
    order : list of str
        States as they are declared.
    """
    groups: dict[str, list[str]] = {}
    spikes: list[str] = []
    fields: list[str] = []
    for name in sorted(map(str, ds.data_vars), key=lambda name: order.index(name) if name in order else len(order)):
        if name in inputs or "time" not in ds[name].dims:
            continue
        if name.rpartition(".")[2] == "spike":
            spikes.append(name)
        elif name in order and _units(ds, name) >= FIELD:
            fields.append(name)
        else:
            groups.setdefault(ds[name].attrs.get("units", "1"), []).append(name)
    panels = [Panel("field", name, ds[name].attrs.get("units", "1"), (Trace(name, None, name),)) for name in fields]
    panels += [_panel("state", names, unit, ds) for unit, names in groups.items()]
    panels += [Panel("spikes", "spikes", "1", (Trace(name, None, name),)) for name in spikes if ds[name].ndim == 1]
    panels += [_panel("input", [n], ds[n].attrs.get("units", "1"), ds) for n in inputs if n in ds]
    return tuple(panels)


def _panel(kind: str, names: list[str], unit: str, ds: Any) -> Panel:
    traces: list[Trace] = []
    for name in names:
        if ds[name].ndim == 1:
            traces.append(Trace(name, None, name))
        else:
            traces += [Trace(name, i, f"{name}[{i}]") for i in range(min(_units(ds, name), MOST_UNITS))]
    traces = traces[:MOST_TRACES]
    label = ", ".join(t.label for t in traces) if len(traces) <= 3 else "states"
    return Panel(kind, label, unit, tuple(traces))


def _units(ds: Any, name: str) -> int:
    return ds[name].size // max(1, ds.sizes["time"])


def values(ds: Any, trace: Trace) -> Any:
    """The samples of a trace as a NumPy array over time; of a field, over time and units."""
    array = ds[trace.variable].values
    return array if trace.unit_index is None else array.reshape(array.shape[0], -1)[:, trace.unit_index]
