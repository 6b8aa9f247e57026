"""What counts where nothing else is said."""

VOLTAGE_THRESHOLD = -20.0
"""Upward crossing of a potential that is a spike, mV: of a recorded trace, and of a smooth cell in a network."""
