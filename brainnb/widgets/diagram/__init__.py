"""The bifurcation diagram under sliders: branches move with every value, a click starts a trajectory there."""
