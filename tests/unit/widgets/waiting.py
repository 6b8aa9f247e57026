"""Waiting for what another thread does: as long as it takes, and no longer."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """What does not come in time is a failure, and no test without an end."""
    given_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < given_up, "it did not come"
        time.sleep(0.005)


def standing(run) -> int:
    """The step at which a paused training run stands, when what was begun before the pause is done."""
    for _ in range(60):
        step = run.step
        run.wait(0.3)
        if run.step == step:
            return step
    raise AssertionError(f"it goes on, and is at step {run.step}")
