"""Random keys in C++: where a whole step is said there, the keys of its draws are made there too, as JAX makes them."""

from typing import Any

import jax
import numpy as np

from ..written import Op, Var

KIND = "key<fry>"
"""Threefry, JAX's own; other kinds of keys are left to JAX."""


def is_key(x: Any) -> bool:
    """Whether a value is a random key, or several."""
    return isinstance(x, Var) and str(x.dtype) == KIND


def keyed(op: Op) -> bool:
    """Whether an operation takes a key; what it makes is a key or the words of one."""
    return bool(op.given) and is_key(op.given[0])


def key_expression(op: Op, given: list[str]) -> str | None:
    """The key that an operation makes; None for what cannot be said."""
    if not keyed(op) or op.lasting:
        return None
    shape = op.given[0].shape
    match op.name:
        case "random_fold_in" if shape == () and np.shape(op.given[1]) == ():
            return f"FoldIn({given[0]}, static_cast<uint32_t>({given[1]}))"
        case "random_split" if shape == () and jax.config.jax_threefry_partitionable:
            return given[0]  # its parts are made when one is taken
        case "slice" if op.made[0].shape == (1,) and op.settings["strides"] in (None, (1,)):
            return f"FoldIn({given[0]}, {op.settings['start_indices'][0]})"
        case "squeeze" | "reshape" | "random_unwrap" if op.given[0].size == 1:
            return given[0]
    return None
