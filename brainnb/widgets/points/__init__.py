"""Slow points under sliders: where a large system stands still, on its principal axes, with the modes of each."""
