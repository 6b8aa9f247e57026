"""What all contenders share: parameters of the networks, and what a run tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

DT = 0.1  # ms
FAN_IN = 80  # synapses in, on average
T_E, T_I = 5.0, 10.0  # ms, decay of synapses
E_E, E_I = 0.0, -80.0  # mV, where synapses pull to

# Weights: in units of the leak (COBA), mV (CUBA), nS (COBAHH).
WEIGHTS = {"COBA": (0.6, 6.7), "CUBA": (1.62, -9.0), "COBAHH": (6.0, 67.0)}


@dataclass
class Run:
    """One run: seconds, and the spikes' steps and cells (the excitatory come first)."""

    seconds: float
    steps: np.ndarray
    cells: np.ndarray


@dataclass
class Built:
    """A network that is ready: its way to run, and the seconds that each phase of building took."""

    run: Callable[[], Run]
    phases: Mapping[str, float]
    note: str  # precision, and what else decides the speed


def excitatory(n: int) -> int:
    """How many of ``n`` cells excite."""
    return n * 4 // 5


def activity(run: Run, n: int, T: float) -> dict[str, float]:
    """Mean rates in Hz of both populations and the mean CV of intervals over cells with at least four spikes."""
    order = np.lexsort((run.steps, run.cells))
    cells, steps = run.cells[order], run.steps[order].astype(float)
    same = cells[1:] == cells[:-1]
    owner, interval = cells[1:][same], np.diff(steps)[same]
    count = np.bincount(owner, minlength=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(owner, interval, n) / count
        spread = np.sqrt(np.maximum(np.bincount(owner, interval**2, n) / count - mean**2, 0.0))
        cv = (spread / mean)[count >= 3]
    total = np.bincount(cells, minlength=n)
    half = excitatory(n)
    return {
        "rate_E": float(total[:half].mean() / T * 1e3),
        "rate_I": float(total[half:].mean() / T * 1e3),
        "CV": float(cv.mean()) if len(cv) else float("nan"),
    }
