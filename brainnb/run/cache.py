"""Compiled runs, found by structure; and how often anything was traced."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

_lock = threading.Lock()
_traces = 0


def count_trace() -> None:
    """Called from inside every function that is traced."""
    global _traces
    with _lock:
        _traces += 1


def trace_count() -> int:
    """How many times any run was traced since the start; a slider move must not raise it."""
    return _traces


class Recent:
    """A small thread-safe mapping that forgets the least recently used."""

    def __init__(self, size: int = 256):
        self.size, self._items, self._lock = size, OrderedDict(), threading.Lock()

    def get(self, key: Hashable, default: Any = None) -> Any:
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                return self._items[key]
            return default

    def set(self, key: Hashable, value: Any) -> None:
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            while len(self._items) > self.size:
                self._items.popitem(last=False)


class Spare:
    """Values that one user at a time borrows, and a few that wait for the next."""

    def __init__(self, size: int):
        self.size, self._items, self._lock = size, OrderedDict(), threading.Lock()

    def take(self, key: Hashable) -> Any:
        """The value that waits under ``key``, now the caller's alone; None when there is none."""
        with self._lock:
            return self._items.pop(key, None)

    def give(self, key: Hashable, value: Any) -> None:
        """Leave a value for the next."""
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            while len(self._items) > self.size:
                self._items.popitem(last=False)


speeds = Recent()
"""Steps per second of each structure as measured: sets the length of the next chunk."""

plans = Recent()
"""The checked plan of each structure."""

lines = Recent()
"""The delay lines of each structure."""

pasts = Recent()
"""The shapes of what each structure remembers."""

labels = Recent(64)
"""The labelled Dataset of each structure and length, without values."""

buffers = Spare(3)
"""What finished chunks were recorded into: an array that exists costs a run less than a new one."""
