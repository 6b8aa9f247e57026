"""What a worker of a cluster does for a sweep: unpack it once, then run the points it is asked for."""

from typing import Any

import jax
import numpy as np

from . import cache, limits
from .blocks import Blocks
from .devices import chosen

_opened = cache.Recent(4)


def kept(parcel: dict[str, Any]) -> dict[str, Any]:
    """The parcel itself: a task, so that a cluster that lost it can make it again."""
    return parcel


def opened(parcel: dict[str, Any]) -> Blocks:
    """The sweep of a parcel, built once in every process."""
    work = _opened.get(parcel["token"])
    if work is None:
        with limits.watched_elsewhere():
            work = Blocks(parcel["job"], lambda points, fits, enough: parcel["at_once"], chosen(None))
        _opened.set(parcel["token"], work)
    return work


def run_points(parcel: dict[str, Any], numbers: list[int]) -> tuple[list[tuple[list[int], dict]], dict[int, str], str]:
    """Run the points with these numbers.

    Returns
    -------
    found : list of (numbers, rows)
    failed : mapping of number to words
        Points that raised an error by themselves; a block with one of them is halved until it is known.
    makers : str
        What computed the numbers.
    """
    found, failed, todo = [], {}, [numbers]
    with jax.enable_x64(parcel["wide"]):
        work = opened(parcel)
        while todo:
            part = todo.pop()
            try:
                rows, *_ = work.block(np.array(part), lambda reached: True)
                found.append((part, rows))
            except Exception as error:  # whatever a point raises is its own: it is named, and the others go on
                if len(part) == 1:
                    failed[part[0]] = in_one_line(error)
                else:
                    half = len(part) // 2
                    todo += [part[half:], part[:half]]
    return found, failed, makers()


def in_one_line(error: Exception) -> str:
    """An error without the traceback that some carry in their text: what went wrong stands at the end."""
    lines = str(error).strip().splitlines() or [""]
    return lines[-1] if "Traceback" in str(error) else f"{type(error).__name__}: {lines[0]}"


def makers() -> str:
    """What the numbers depend on beside the job."""
    from brainnb import __version__

    return f"brainnb {__version__}, jax {jax.__version__} on {jax.default_backend()}"
