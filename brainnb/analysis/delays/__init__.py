"""Equations with delays: resting points, characteristic roots."""
