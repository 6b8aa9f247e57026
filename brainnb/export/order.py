"""The rule of sorting: the module finds in which order the keys are, and everything that is sorted is read in it."""

from typing import Any

import numpy as np

from .events import whole
from .graph import Pair, Value, placed
from .lower import Lowering, Unsupported, rule
from .sums import in_rows


@rule("sort")
def sort(low: Lowering, eqn: Any, *values: Value) -> list[Value]:
    """Every row in the order of its first keys, where they are equal of the next; the other operands come along."""
    if any(isinstance(v, Pair) for v in values):
        raise Unsupported("64-bit words and random keys are not sorted")
    axis, shape, size = eqn.params["dimension"], values[0].shape, values[0].size
    if not size:
        return list(values)
    arrays = [whole(low, in_rows(low, v, (axis,))[0]) for v in values]
    keys = arrays[: eqn.params["num_keys"]]
    order = low.graph.add("sort", "i32", whole=keys, size=size, more=shape[axis])
    rows = np.arange(size).reshape(*np.delete(shape, axis), shape[axis])
    found = (low.graph.add("read", v.kind, [order], whole=[x], size=size) for v, x in zip(values, arrays, strict=True))
    return [placed(low.graph, node.kind, node, np.moveaxis(rows, -1, axis)) for node in found]
