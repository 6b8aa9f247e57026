"""Limit cycles by collocation: followed, classified, answered by phase."""
