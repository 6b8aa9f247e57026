"""Resting points followed in one parameter and in two, and the points where they change."""
