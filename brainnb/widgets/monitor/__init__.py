"""The training monitor: a run, or several, seen and steered while they learn."""
