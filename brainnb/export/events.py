"""Rules of the compiled routines: who fired adds its synapses, as two loops; Poisson numbers, by their definition."""

from typing import Any

import jax
import numpy as np

from brainnb.ops import counts
from brainnb.ops.kernels import COUNTS, DELAYED
from brainnb.ops.kernels import TARGET as EVENTS

from .graph import Node, Value, placed
from .lower import Lowering, Unsupported, rule
from .shapes import contiguous


@rule("ffi_call")
def compiled(low: Lowering, eqn: Any, *values: Value) -> list[Value]:
    target = eqn.params["target_name"]
    if target == COUNTS:
        like = [jax.ShapeDtypeStruct(x.aval.shape, x.aval.dtype) for x in eqn.invars]
        return low.call(jax.make_jaxpr(counts.portable)(*like), list(values))
    if target not in (EVENTS, DELAYED):
        raise Unsupported(f"the compiled routine {target} has no form in JavaScript")
    *given, onto = values
    arrays = [whole(low, v) for v in given]
    shape = tuple(v.shape for v in given)
    node = low.graph.add(
        "events" if target == EVENTS else "delayed",
        onto.kind,
        whole=[whole(low, onto), *arrays],
        size=onto.size,
        more=shape,
    )
    return [placed(low.graph, onto.kind, node, np.arange(onto.size).reshape(onto.shape))]


def whole(low: Lowering, value: Value) -> Node:
    """A typed array; numbers too are in one, so that the loops are written once."""
    if value.small:
        return low.graph.add("pack", value.kind, value.nodes.reshape(-1), size=value.size)
    base = contiguous(low, value)
    return low.graph.add("fill", value.kind, [base], size=value.size) if base.size is None else base
