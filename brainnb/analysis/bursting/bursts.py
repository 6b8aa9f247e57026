"""Bursts in a trajectory, and the name of their kind by what the fast variables go through."""

from dataclasses import dataclass

import numpy as np

PAUSE = 1.8
"""Pauses between bursts are at least so many times longer than the longest gap within one."""

CLASSES = {
    ("fold", "homoclinic"): "fold/homoclinic (square-wave)",
    ("snic", "snic"): "circle/circle (parabolic)",
    ("snic", "homoclinic"): "circle/homoclinic",
    ("fold", "snic"): "fold/circle",
    ("hopf", "cycle_fold"): "Hopf/fold cycle (elliptic)",
    ("fold", "cycle_fold"): "fold/fold cycle (top hat)",
    ("fold", "hopf"): "fold/Hopf (tapered)",
    ("hopf", "homoclinic"): "Hopf/homoclinic",
    ("hopf", "hopf"): "Hopf/Hopf",
}
"""Names after Izhikevich 2000, doi:10.1142/S0218127400000840: where rest is lost / where spiking ends."""


@dataclass(frozen=True)
class Rhythm:
    """What a trajectory does: ``word`` is rest, spiking or bursting; spikes are upward crossings of ``level``."""

    word: str
    level: float
    spikes: np.ndarray
    onsets: np.ndarray
    ends: np.ndarray

    @property
    def spikes_per_burst(self) -> float:
        """Spikes between an onset and the end that follows, on average; NaN when there are no whole bursts."""
        if not len(self.onsets):
            return np.nan
        return float(
            np.mean(
                [np.sum((self.spikes >= a) & (self.spikes <= b)) for a, b in zip(self.onsets, self.ends, strict=True)]
            )
        )


def rhythm(time: np.ndarray, V: np.ndarray, level: float | None = None) -> Rhythm:
    """Find spikes and bursts in a trajectory.

    Examples
    --------
    >>> t = np.arange(0, 1000, 0.1)
    >>> V = np.sin(t) * (np.sin(t / 40) > 0)
    >>> rhythm(t, V).word
    'bursting'
    """
    reach = V.max() - V.min()
    level = float((V.max() + V.min()) / 2) if level is None else level
    up = np.flatnonzero((V[1:] >= level) & (V[:-1] < level))
    none = np.zeros(0)
    if len(up) < 2 or reach < 1e-6 * max(1.0, abs(level)):
        return Rhythm("rest" if not len(up) else "spiking", level, time[up + 1], none, none)
    spikes = time[up + 1]
    gaps = np.diff(spikes)
    pause = gaps > _limit(gaps)
    if not pause.any():
        return Rhythm("spiking", level, spikes, none, none)
    after = np.flatnonzero(pause)
    whole = list(zip(after[:-1] + 1, after[1:], strict=True))  # the first and the last burst may be cut off
    return Rhythm("bursting", level, spikes, spikes[[a for a, _ in whole]], spikes[[b for _, b in whole]])


def _limit(gaps: np.ndarray) -> float:
    """Between gaps within bursts and pauses: where sorted gaps jump most; infinite where they hardly do."""
    ordered = np.sort(gaps)
    jumps = ordered[1:] / ordered[:-1]
    if not len(jumps) or jumps.max() < PAUSE:
        return np.inf
    k = int(jumps.argmax())
    return float(np.sqrt(ordered[k] * ordered[k + 1]))


def name(begins: str, ends: str) -> str:
    """The class of a burst by the bifurcation at which rest is lost and the one at which spiking ends."""
    return CLASSES.get((begins, ends), f"{begins.replace('_', ' ')}/{ends.replace('_', ' ')}")
