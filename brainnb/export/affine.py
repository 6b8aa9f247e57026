"""Places in an array as arithmetic on the index of a loop, where they follow a rule."""

import numpy as np

from .expressions import ATOM, PLUS, TIMES, Text


def scaled(index: str, by: int) -> str:
    return index if by == 1 else f"{by} * {index}"


def place(places: np.ndarray, index: str) -> Text | None:
    """Whole numbers as an expression of ``index``, which counts through them; None where they follow no rule."""
    flat = np.asarray(places).reshape(-1).astype(np.int64)
    n = len(flat)
    step = int(flat[1] - flat[0]) if n > 1 else 0
    if (np.diff(flat) == step).all():
        return line(int(flat[0]), step, index)
    width = next((w for w in range(2, n // 2 + 1) if n % w == 0 and int(flat[w] - flat[w - 1]) != step), n)
    if width == n:
        return None
    rows = flat.reshape(-1, width)
    across, down = rows[0] - rows[0, 0], rows[:, 0]
    if not (rows == down[:, None] + across[None]).all():
        return None
    over, inner = place(down, f"((i / {width}) | 0)") if index == "i" else None, place(across, f"(i % {width})")
    if over is None or inner is None:
        return None
    if inner.text == "0":
        return over
    return inner if over.text == "0" else Text(f"{over.text} + {inner.text}", PLUS)


def line(first: int, step: int, index: str) -> Text:
    """``first + step * index``."""
    if step == 0:
        return Text(str(first), ATOM if first >= 0 else 14)
    if first == 0:
        return Text(scaled(index, step), ATOM if step == 1 else TIMES)
    return Text(f"{first} + {scaled(index, step)}", PLUS)
