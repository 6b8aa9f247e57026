"""What decides the run of a network: the settings of any model, what is done to its neurons, who is looked at."""

import dataclasses
from typing import Any

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
