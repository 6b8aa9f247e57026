"""Ctrl-C between chunks: a run ends with what it has, whatever the machine was doing at that moment."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def held_back() -> Iterator[Callable[[], bool]]:
    """While inside, the first Ctrl-C is noted instead of raised; the yielded function tells whether it came.

    Raised wherever it falls, an interrupt may land in a callback of the runtime that swallows it, or between a
    record and the state that belongs to it.  The second Ctrl-C is raised at once, for a step that never ends.
    Only Python's own handler in the main thread is replaced; elsewhere nothing changes.
    """
    pressed = threading.Event()
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not ours:
        yield pressed.is_set
        return

    def note(number: int, frame: object) -> None:
        if pressed.is_set():
            signal.default_int_handler(number, frame)
        pressed.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
