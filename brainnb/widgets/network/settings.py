"""What decides the run of a network: the settings of any model, what is done to its neurons, who is looked at."""

import dataclasses
from typing import Any

from ...core.errors import ModelError
from ...networks import Manipulated, Manipulation, Network
from ..settings import Settings

MOST_MANIPULATIONS = 50


@dataclasses.dataclass(frozen=True)
class NetworkSettings(Settings):
    """Settings with manipulations, and the neurons whose potential is shown as (population, neuron).

    A network without manipulations is run as it is; one with them as :class:`~brainnb.networks.Manipulated`.
    """

    manipulations: tuple[Manipulation, ...] = ()
    chosen: tuple[tuple[int, int], ...] = ()

    def run(self) -> tuple[Network, dict[str, Any]]:
        """The model and its inputs."""
        if not self.manipulations:
            return self.model, dict(self.inputs)
        hands = Manipulated(self.model)
        return hands, dict(self.inputs) | hands.given(self.manipulations)

    def begins_at(self, other: "NetworkSettings") -> float:
        """The first time at which the manipulations of the two make a difference, ms."""
        differ = set(self.manipulations) ^ set(other.manipulations)
        return min((m.start for m in differ), default=float("inf"))


def as_range(neurons: Any) -> tuple[int, int] | None:
    """One neuron, a pair or a slice as first and behind the last."""
    if neurons is None:
        return None
    if isinstance(neurons, slice):
        if neurons.step not in (None, 1) or neurons.stop is None:
            raise ModelError(f"neurons={neurons}: neighbours were expected, neurons=(0, 800).")
        return int(neurons.start or 0), int(neurons.stop)
    if isinstance(neurons, int):
        return neurons, neurons + 1
    try:
        first, last = neurons
        return int(first), int(last)
    except (TypeError, ValueError):
        raise ModelError(
            f"neurons={neurons!r}: a number, or the first and the one after the last were expected, neurons=(0, 800)."
        ) from None
