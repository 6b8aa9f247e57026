"""What will be wanted soon is begun beside what is at work: XLA compiles without Python, and imports hardly need XLA."""

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from brainnb.run import cache

Program = tuple[Callable[..., Any], tuple[Any, ...]]
"""A kernel and arguments, the flow first: any of the right shapes."""

MODULES = ("scipy.optimize", "scipy.linalg", "scipy.interpolate", "xarray")
"""Imported when they are used, and every diagram uses them."""

_begun = cache.Recent()
_pending: dict[Callable[..., Any], Future] = {}
_lock = threading.Lock()


@contextlib.contextmanager
def compiled(programs: Iterable[Program]) -> Iterator[None]:
    """Compile programs beside the block, those of a flow for which it was not done yet; the block ends after them."""
    new = []
    for kernel, args in programs:
        key = (kernel, args[0])
        if _begun.get(key) is None:
            _begun.set(key, True)
            new.append((kernel, args))
    if not new:
        yield
        return
    with ThreadPoolExecutor(2, thread_name_prefix="brainnb-compile") as pool:
        mine: dict[Callable[..., Any], Future] = {}
        for kernel, args in new:
            mine[kernel] = pool.submit(kernel.compiled, *args)
        pool.submit(_imported)
        with _lock:
            _pending.update(mine)
        try:
            yield
        finally:
            with _lock:
                for kernel, future in mine.items():
                    if _pending.get(kernel) is future:
                        del _pending[kernel]


def awaited(kernel: Callable[..., Any]) -> None:
    """Wait for a program that is being compiled: who calls it then finds it, or meets the same error."""
    if _pending:
        with _lock:
            future = _pending.get(kernel)
        if future is not None:
            wait([future])


def _imported() -> None:
    for name in MODULES:
        importlib.import_module(name)
