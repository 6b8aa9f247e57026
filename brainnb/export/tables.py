"""Tables of constants in a module: short ones as numbers, long ones as bytes, wirings as steps from target to target."""

import base64
from typing import Any

import numpy as np

from .expressions import ARRAYS
from .graph import typed

SHORT = 64
"""Tables of so many numbers are written as numbers, longer ones as bytes."""


def constant(name: str, values: np.ndarray, kind: str) -> str:
    """A table of constants."""
    array = typed(values, kind)
    if array.size <= SHORT:
        shown = ", ".join(number(x) for x in array.tolist())
        return f"const {name} = {ARRAYS[kind]}.of({shown});"
    if kind in ("i32", "u32") and array.min() >= 0:
        most = int(array.max()) + 1
        packed = steps(array, most)
        if packed.size < array.nbytes:
            return f'const {name} = unpack("{text(packed)}", {array.size}, {most}, {ARRAYS[kind]});'
    little = array.astype(array.dtype.newbyteorder("<"))
    return f'const {name} = decode("{text(little)}", {ARRAYS[kind]});'


def steps(values: np.ndarray, most: int) -> np.ndarray:
    """Bytes that say how far it is from each number to the next, counted round and round below ``most``.

    The targets of a neuron lie in order, so most steps take one byte where the numbers take four.
    """
    wide = np.int32 if most <= 2**30 else np.int64  # there may be many millions
    step = np.diff(values.astype(wide), prepend=wide(0))
    step[step < 0] += most
    lengths = np.ones(len(step), np.uint8)
    for bits in range(7, int(step.max()).bit_length(), 7):
        lengths += step >= 1 << bits
    at = np.cumsum(lengths, dtype=np.int64) - lengths
    found = np.zeros(int(at[-1]) + int(lengths[-1]), np.uint8)
    found[at] = step & 127
    for k in range(1, int(lengths.max())):
        (longer,) = np.nonzero(lengths > k)
        found[at[longer] + k - 1] |= 128
        found[at[longer] + k] = (step[longer] >> 7 * k) & 127
    return found


def text(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


def number(x: Any) -> str:
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(repr(x), repr(x))
