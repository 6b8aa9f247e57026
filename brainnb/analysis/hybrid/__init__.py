"""Models that jump: where they spike, what the jump does to deviations, and the map from spike to spike."""

from .reset_map import reset_map, spike_adding

__all__ = ["reset_map", "spike_adding"]
