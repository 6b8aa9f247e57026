"""Why a training run ends before its last step."""

import dataclasses
from typing import Any

import numpy as np

from .loop import counts


@dataclasses.dataclass
class Stopping:
    """The conditions: ``until`` a loss, ``patience`` steps without a better one, ``seconds`` of time."""

    until: float | None = None
    patience: int | None = None
    seconds: float | None = None

    def reason(self, run: Any, rows: dict[str, np.ndarray], fine: bool) -> str | None:
        """Why the run ends after these reports, None when it goes on."""
        if not fine:
            return not_finite(run, rows)
        now = run.chunks.now
        if self.until is not None and float(now.best_loss) <= self.until:
            return f"loss {float(now.best_loss):.6g} reached the goal {self.until:g}"
        if said := run.chunks.rule.ended(run.chunks.problem, now.carry):
            return said
        if self.patience is not None and (stood := int(now.step) - int(now.best_step)) > self.patience:
            return f"no better loss in {stood} steps"
        if self.seconds is not None and run.seconds > self.seconds:
            return f"time is up ({self.seconds:g} s)"
        return None


def not_finite(run: Any, rows: dict[str, np.ndarray]) -> str:
    """What stopped being a number, and at which step."""
    bad = [name for name, x in rows.items() if counts(name) and not np.isfinite(x[-1])]
    what = "the loss" if "loss" in bad else f"the {bad[0].partition(' ')[0]} of `{bad[0].partition(' ')[2]}`"
    leaves = [name.partition(" ")[2] for name in bad if name.startswith("gradient ")]
    where = f" (gradient of {', '.join(f'`{p}`' for p in leaves)})" if leaves and "loss" in bad else ""
    return (
        f"{what} is not finite at step {run.step}{where}; the model is that of step {int(run.chunks.now.step)}. "
        "A smaller rate, a smaller dt, clipped gradients (optax.clip_by_global_norm) or precision='float64' help."
    )
