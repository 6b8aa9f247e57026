"""Where runs stand, in words and as plain data."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .pace import Pace, clock


def state(run: Any) -> str:
    """``running``, ``paused``, or ``ended``."""
    return "ended" if run.ended else "paused" if run.paused else "running"


def standing(name: str, run: Any, pace: Pace) -> dict[str, Any]:
    """A run for a page: its name, how far it is, and a sentence."""
    return {
        "name": name,
        "step": run.step,
        "steps": run.steps,
        "state": state(run),
        "text": sentence(run, pace),
        "alarms": [alarm.text for alarm in run.alarms],
    }


def sentence(run: Any, pace: Pace) -> str:
    """Step, loss, metrics, speed, time left, and why it ended."""
    if not run.step:
        return run.stop_reason if run.ended else "compiling the first update …"
    told = [f"step {run.step:,} of {run.steps:,}", f"loss {run.loss:.4g}"]
    told += [f"{name} {run.series.last(name):.4g}" for name in run.chunks.problem.metrics]
    if run.ended:
        told.append(clock(run.seconds) if run.seconds >= 1 else f"{run.seconds:.2g} s")
        told.append(run.stop_reason)
    elif run.paused:
        told.append("paused")
    else:
        speed, left = pace.speed, pace.left(run)
        if speed is not None:
            told.append(f"{speed:,.3g} steps/s" if speed >= 1 else f"{1 / speed:,.3g} s a step")
        if left is not None:
            told.append(f"{clock(left)} left")
    return " · ".join(told)


def table(learned: Mapping[str, np.ndarray], truth: Mapping[str, Any], paths: tuple[str, ...]) -> list[dict[str, Any]]:
    """What was learned beside what is true: name, value, truth, and how far apart they are."""
    rows = []
    for path in paths:
        x = np.asarray(learned[path], float)
        row = {"name": path, "value": number(x), "truth": "", "apart": ""}
        if path in truth:
            known = np.broadcast_to(np.asarray(truth[path], float), x.shape)
            size = float(np.sqrt(np.mean(np.square(known))))
            apart = float(np.sqrt(np.mean(np.square(x - known))))
            row |= {"truth": number(known), "apart": f"{100 * apart / size:.3g} %" if size else f"{apart:.3g}"}
        rows.append(row)
    return rows


def number(x: np.ndarray) -> str:
    """A number, or the size of an array and the root of its mean square."""
    if x.size == 1:
        return f"{x.item():.5g}"
    if not x.size:
        return "empty"
    return f"{'×'.join(map(str, x.shape))}, rms {float(np.sqrt(np.mean(np.square(x)))):.4g}"
