"""What goes wrong in a training run, told when it begins: which parameter or which units, and at which step."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

LOSS, LENGTH = 10.0, 100.0
"""How many times the loss, or the length of the whole gradient, of the start is an explosion; the second also of the loss
of a readout that learns on the way, which forgets and finds again."""
LASTING = 3
"""Steps in a row that it takes: one bad batch is none."""
EARLY = 10
"""Steps of the start whose longest gradient counts."""
STILL = 50
"""Steps in a row without any gradient."""
LAYER = 4
"""Fewer units are no layer: a single neuron may be silent because its data are."""
SILENT, STUCK = 0.95, 0.5
"""Shares of units that make a layer silent, or saturated."""
NEAR = 0.99
"""How near to 1 a bounded rate must stay to be saturated, and how many spikes a step are too many for a unit."""
DENSE = 0.5


class Alarm(NamedTuple):
    """One thing that is wrong: ``kind``, the ``step`` that showed it, ``where`` (a path), and a sentence."""

    kind: str
    step: int
    where: str
    text: str


class Alarms(list):
    """The alarms of a run in order; each kind is told once for each place.

    What updates report tells of explosions and of gradients that vanish; what units do, of silence and saturation.
    A healthy run raises none.
    """

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[str, float] = {}  # the loss and the lengths of gradients at the start
        self._early = 0.0
        self._high = 0  # steps in a row above
        self._still: dict[str, int] = {}
        self._moved: set[str] = set()
        self.looked = -1  # the step at which units were judged last

    def add(self, kind: str, step: int, where: str, text: str) -> None:
        """Tell of something, unless it was told."""
        if not any(a.kind == kind and a.where == where for a in self):
            self.append(Alarm(kind, step, where, text))

    # --- what updates report ------------------------------------------------------------------------------------------

    def updates(self, rows: Mapping[str, np.ndarray], before: int) -> None:
        """Look at the reports of the updates that follow ``before``; only the last of them may be not finite."""
        count = len(rows["loss"])
        count -= not all(np.isfinite(x[-1]) for x in rows.values())
        if count < 1:
            return
        loss = rows["loss"][:count]
        lengths = {n.removeprefix("gradient "): x[:count] for n, x in rows.items() if n.startswith("gradient ")}
        total = np.sqrt(sum((np.square(x) for x in lengths.values()), np.zeros(count)))
        if not self._first:
            self._first = {"loss": float(loss[0])} | {path: float(x[0]) for path, x in lengths.items()}
        if not lengths:  # a readout that learns on the way: what is asked at first may be still
            early = loss[: max(0, EARLY - before)].max(initial=0.0)
            self._first["loss"] = max(self._first["loss"], float(early))
        self._early = max(self._early, float(total[: max(0, EARLY - before)].max(initial=0.0)))
        self._explosions(before, loss, total, lengths)
        if lengths:
            self._gradients(before, loss, lengths)

    def _explosions(self, before: int, loss: np.ndarray, total: np.ndarray, lengths: dict[str, np.ndarray]) -> None:
        first = self._first["loss"]
        if not first > 0:
            return
        high = (loss > (LOSS if lengths else LENGTH) * first) | (
            (loss > first) & (total > LENGTH * self._early) & (self._early > 0)
        )
        at, self._high = lasting(high, self._high, LASTING)
        if at is None:
            return
        step = before + at + 1
        text, where = f"Step {step}: the loss is {loss[at] / first:.3g} times that of the start", "loss"
        if lengths:
            where = max(lengths, key=lambda path: lengths[path][at] / max(self._first.get(path, 0.0), 1e-30))
            begun, now = self._first.get(where, 0.0), lengths[where][at]
            text += f"; the gradient of `{where}` grew most, from {begun:.3g} to {now:.3g}"
        self.add("exploding", step, where, f"{text}. A smaller rate, or optax.clip_by_global_norm, helps.")

    def _gradients(self, before: int, loss: np.ndarray, lengths: dict[str, np.ndarray]) -> None:
        for path, x in lengths.items():
            at, self._still[path] = lasting((x == 0) & (loss != 0), self._still.get(path, 0), STILL)
            if at is not None and path in self._moved:
                step = before + at + 1
                text = f"no gradient has reached `{path}` for {STILL} steps: what it acts on is silent or saturated"
                self.add("no gradient", step, path, f"Step {step}: {text}.")
            if x.any():
                self._moved.add(path)
        if not self._moved and min(self._still.values()) >= STILL:
            paths = ", ".join(f"`{path}`" for path in lengths)
            step = before + len(loss)
            text = f"Step {step}: no gradient has reached any trained parameter ({paths}): nothing is learned."
            self.add("no gradient", step, "*", text)

    def ended(self, step: int, reason: str) -> None:
        """What is not finite ends a run."""
        self.add("not finite", step, "", f"{reason[0].upper()}{reason[1:]}")

    # --- what units do ------------------------------------------------------------------------------------------------

    def activity(self, step: int, active: Iterable[tuple[str, bool]], did: Mapping[str, Mapping[str, Any]]) -> None:
        """Look at the units of all paths that are ``active``: path, and whether it holds spikes."""
        self.looked = step
        for path, spikes in active:
            self.units(step, path, spikes, did[path])

    def units(self, step: int, path: str, spikes: bool, did: Mapping[str, Any]) -> None:
        """Look at ``least``, ``greatest`` and ``mean`` of every unit at ``path`` over some trials."""
        least, greatest, mean = (np.ravel(np.asarray(did[kind], float)) for kind in ("least", "greatest", "mean"))
        if mean.size < LAYER or not np.isfinite(mean).all():
            return
        quiet = (least == 0) & (greatest == 0)
        if quiet.mean() >= SILENT:
            what = "never fire" if spikes else "stay at 0"
            text = f"Step {step}: {quiet.sum()} of {quiet.size} units of `{path}` {what}: larger weights or a bias wake them."
            self.add("silent", step, path, text)
        bounded = not spikes and greatest.max() <= 1 + 1e-6 and least.min() >= -1 - 1e-6
        full = mean > DENSE if spikes else bounded & ((least > NEAR) | (greatest < -NEAR))
        if full.mean() >= STUCK:
            what = "fire in more than every other step" if spikes else "stay at their limit"
            text = f"Step {step}: {full.sum()} of {full.size} units of `{path}` {what}: smaller weights set them free."
            self.add("saturated", step, path, text)


def lasting(flags: np.ndarray, before: int, wanted: int) -> tuple[int | None, int]:
    """Where a row of true flags becomes ``wanted`` long, and how long the last row is; ``before`` were true already."""
    if not flags.any():
        return None, 0
    gaps = np.flatnonzero(~flags)
    last = np.maximum.accumulate(np.where(flags, -1 - before, np.arange(len(flags))))
    lengths = np.arange(len(flags)) - last
    found = np.flatnonzero(lengths == wanted)
    return (int(found[0]) if len(found) else None), int(
        len(flags) + before if not len(gaps) else len(flags) - 1 - gaps[-1]
    )
