"""Greetings of pages: a page says hello until it is heard, and late repetitions change nothing."""

import threading
import time
from typing import Any

LOST = 2.0
"""Seconds after which a page that greets once more cannot have heard the answer."""
MOST = 10_000


class Greetings:
    """Which pages were answered, and when."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._met: dict[
            str, tuple[int, float]
        ] = {}  # page -> the turn of its greeting that was answered last, and when

    def late(self, said: Any) -> bool:
        """Whether a message is a greeting that needs no answer any more.

        Either a later one of the same page was answered, while this one stood behind a cell that ran; or one was
        answered this very moment.
        """
        if not isinstance(said, dict) or said.get("type") != "hello":
            return False
        page, turn = said.get("view"), said.get("turn")
        if not (isinstance(page, str) and isinstance(turn, int)):
            return False
        now = time.monotonic()
        with self._lock:
            answered, then = self._met.get(page[:40], (0, -LOST))
            if turn <= answered or now < then + LOST:
                return True
            if len(self._met) < MOST:
                self._met[page[:40]] = (turn, now)
        return False
