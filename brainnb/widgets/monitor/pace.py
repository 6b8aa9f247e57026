"""How fast a run goes now, how long it still takes, and when it may be looked at."""

import time
from collections import deque
from typing import Any

WINDOW = 5.0
"""Seconds over which a speed is taken."""
SEEN, UNSEEN = (0.2, 25.0), (2.0, 150.0)
"""Least seconds between two looks, and how many times a look's own length, before a page and without one."""
LONGEST = 10.0
"""Seconds that a page waits at most, however long a look takes."""


class Pace:
    """Steps per second over the last moments."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def mark(self, step: int, now: float | None = None) -> None:
        """The run stands at ``step``."""
        now = time.monotonic() if now is None else now
        self._marks.append((now, step))
        while len(self._marks) > 2 and self._marks[1][0] < now - WINDOW:
            self._marks.popleft()

    def forget(self) -> None:
        """A pause says nothing of the speed."""
        self._marks.clear()

    @property
    def speed(self) -> float | None:
        """Steps per second; None as long as there is nothing to say."""
        if len(self._marks) < 2:
            return None
        (begin, first), (end, last) = self._marks[0], self._marks[-1]
        return (last - first) / (end - begin) if end > begin and last > first else None

    def left(self, run: Any) -> float | None:
        """Seconds until the last step."""
        speed = self.speed
        return None if speed is None or run.ended else (run.steps - run.step) / speed


class Turns:
    """When the next look is due: often enough to follow, seldom enough to cost a few percent at most."""

    def __init__(self) -> None:
        self._next = 0.0
        self._costs: deque[float] = deque([0.0], maxlen=2)

    def due(self, seen: bool) -> bool:
        """Whether it is time; then the next one is later."""
        now = time.monotonic()
        if now < self._next:
            return False
        least, times = SEEN if seen else UNSEEN
        wait = max(least, times * min(self._costs))  # one that also compiled, or was held up, says nothing
        self._next = now + (min(wait, LONGEST) if seen else wait)
        return True

    def soon(self) -> None:
        """Somebody came: the next look is due now."""
        self._next = 0.0

    def took(self, seconds: float) -> None:
        """How long a look was."""
        self._costs.append(seconds)


def clock(seconds: float) -> str:
    """``45 s``, ``2 min 5 s``, ``1 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
