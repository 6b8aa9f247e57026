"""What a monitor shows: which figures, and which run, parameter or output is which curve in them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...core.errors import ModelError
from ..panels import Panel

MOST_RUNS, MOST_LEAVES, MOST_METRICS, MOST_OUTPUTS = 4, 6, 4, 4


class Layout(NamedTuple):
    """Names of runs, metrics and trained parameters in the order of their colours.

    For several runs the curves of gradients, values and outputs are one for each run, else one for each parameter.
    """

    runs: tuple[str, ...]
    metrics: tuple[str, ...]
    leaves: tuple[str, ...]
    more: int
    gradients: bool
    output: str | None
    raster: str | None
    truth: tuple[str, ...]
    arrays: bool

    @property
    def several(self) -> bool:
        """Whether runs are compared."""
        return len(self.runs) > 1

    @property
    def curves(self) -> tuple[str, ...]:
        """Names of all curves in the order in which they are sent."""
        found = []
        for i in range(len(self.runs)):
            found += [f"band:{i}", f"loss:{i}", f"now:{i}"]
        found += [f"metric:{i}" for i in range(len(self.metric_names))]
        found += [f"{what}:{i}" for what in ("gradient", "value") for i in range(len(self.series))]
        found += [f"{what}:{i}" for what in ("histogram", "begun") for i in range(len(self.series))]
        found += [f"{what}:{i}" for what in ("model", "target") for i in range(MOST_OUTPUTS)]
        return (*found, "one", "spikes")

    @property
    def series(self) -> tuple[str, ...]:
        """What the curves of gradients and values stand for."""
        return self.runs if self.several else self.leaves

    @property
    def metric_names(self) -> tuple[str, ...]:
        """What the curves of metrics stand for: all of one run, or the first of each."""
        return (
            tuple(f"{run}: {self.metrics[0]}" for run in self.runs) if self.several and self.metrics else self.metrics
        )

    def panels(self, log: bool, wide: bool) -> tuple[Panel, ...]:
        """The figures in reading order; a label that changes has them drawn anew."""
        found = [Panel("loss", "loss (log)" if log else "loss", "1", ())]
        if self.output or self.raster:
            found.append(Panel("output", self.output or "", "1", ()))
        if self.raster:
            found.append(Panel("spikes raster", self.raster, "1", ()))
        if self.metrics:
            found.append(Panel("metrics", ", ".join(self.metrics), "1", ()))
        if self.gradients:
            found.append(Panel("gradient", "length of the gradient", "1", ()))
        found.append(Panel("value", "values (log)" if wide else "values", "1", ()))
        if self.arrays:
            found.append(Panel("histogram", "learned numbers", "1", ()))
        return tuple(found)


def layout(runs: Mapping[str, Any], probes: Mapping[str, Any], parameters: tuple[str, ...], truth: Mapping) -> Layout:
    """What to show of these runs; ``parameters`` are those that are looked at."""
    first, probe = next(iter(runs.values())), next(iter(probes.values()))
    problem = first.chunks.problem
    known = problem.selection.model.parameters()
    gradients = all(any(n.startswith("gradient ") for n in names_of(run)) for run in runs.values())
    common = [m for m in problem.metrics if all(m in run.chunks.problem.metrics for run in runs.values())]
    output = probe.pairs[0].path if probe.pairs else next((p for p, spikes in probe.active if not spikes), None)
    return Layout(
        runs=tuple(runs),
        metrics=tuple(common[:MOST_METRICS]),
        leaves=parameters[:MOST_LEAVES],
        more=max(0, len(parameters) - MOST_LEAVES),
        gradients=gradients,
        output=output,
        raster=next((p for p, spikes in probe.active if spikes), None) if len(runs) == 1 else None,
        truth=tuple(truth),
        arrays=any(known[path].value.size > 1 for path in (problem.selection.paths if len(runs) > 1 else parameters)),
    )


def names_of(run: Any) -> tuple[str, ...]:
    """The series that a run reports, also before its first update."""
    return tuple(run.series.series) or tuple(getattr(run.chunks, "rows", ()))


def named(runs: Any) -> dict[str, Any]:
    """One run, several, or runs by name, as runs by name.

    Raises
    ------
    ModelError
        For what is no run, and for more runs than can be told apart.
    """
    from ...train.running.training_run import TrainingRun

    if isinstance(runs, TrainingRun):
        found = {method(runs): runs}
    elif isinstance(runs, Mapping):
        found = {str(name): run for name, run in runs.items()}
    elif isinstance(runs, list | tuple):
        found = {}
        for run in runs:
            name = method(run)
            found[name if name not in found else f"{name} {len(found) + 1}"] = run
    else:
        found = {"": runs}
    for run in found.values():
        if not isinstance(run, TrainingRun):
            raise ModelError(
                f"TrainingMonitor: a run of bn.fit, a list of runs or a mapping of names to runs was expected; got {type(run).__name__}."
            )
    if not 1 <= len(found) <= MOST_RUNS:
        raise ModelError(f"TrainingMonitor: {len(found)} runs; from 1 to {MOST_RUNS} are shown in one view.")
    return found


def method(run: Any) -> str:
    """The name of the rule of a run."""
    return str(getattr(run, "about", {}).get("labels", {}).get("method", "run"))
