"""Named curves as a few kilobytes: one binary block, with a header that says how to read it.

Block: for every curve its x, then its y, float32, little endian.  A gap is NaN.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..picture import Picture

MOST = 400
"""Points of one curve at most; finer ones are thinned evenly."""


def packed(found: Mapping[str, np.ndarray], curves: Sequence[str], **header: Any) -> Picture:
    """A picture of the curves in ``found`` (name -> (2, n)); those that are not there are empty.

    Parameters
    ----------
    **header
        ``across``, ``spans``: the ranges of the first figure's x axis, and of every y axis; ``begin``, ``end``: of time;
        ``reaches``: of the x axes that are neither; ``words``, ``notes``: texts at places.
    """
    drawn = [np.asarray(found.get(name, np.zeros((2, 0)))) for name in curves]
    counts = {"curves": [points.shape[1] for points in drawn], "counts": [], "start": 0.0, "step": 0.0}
    return Picture(counts | header, b"".join(np.ascontiguousarray(points, "<f4").tobytes() for points in drawn))


def decoded(picture: Any, curves: Sequence[str]) -> dict[str, np.ndarray]:
    """The curves of a picture, (2, n) each, as a page reads them."""
    header, block = picture
    values, at, found = np.frombuffer(block, "<f4"), 0, {}
    for name, count in zip(curves, header["curves"], strict=True):
        found[name] = values[at : at + 2 * count].reshape(2, count)
        at += 2 * count
    return found


def joined(lines: list[np.ndarray]) -> np.ndarray:
    """Lines (2, n) one behind the other with gaps between, thinned to ``MOST`` points in all."""
    total = sum(line.shape[1] for line in lines)
    parts = []
    for line in lines:
        share = max(2, int(MOST * line.shape[1] / max(total, 1)))
        parts += [line[:, spread(line.shape[1], share)], np.full((2, 1), np.nan)]
    return np.concatenate(parts[:-1], 1) if parts else np.zeros((2, 0))


def spread(count: int, most: int) -> np.ndarray:
    """At most so many of the numbers 0 ... count - 1, evenly, with the first and the last."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).round().astype(int))


def ends(lines: Sequence[Any]) -> tuple[float, float]:
    """Lowest and highest finite value."""
    finite = np.concatenate([np.ravel(y)[np.isfinite(np.ravel(y))] for y in lines] or [np.zeros(0)])
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def padded(span: tuple[float, float], part: float = 0.07, least: float = 0.0) -> tuple[float, float]:
    """A range with some air at both ends, and not shorter than ``least``: rest should look like rest."""
    low, high = span
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    pad = part * (high - low) or max(0.5, 0.01 * abs(high))
    return low - pad, high + pad
