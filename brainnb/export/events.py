"""Rules of the compiled routines: who fired adds its synapses, as two loops; Poisson numbers, by their definition."""

from typing import Any

import jax
import numpy as np

from brainnb.ops import CSR, DelayedCSR, FixedPostNumber, counts
from brainnb.ops.kernels import COUNTS, DELAYED
from brainnb.ops.kernels import TARGET as EVENTS

from .graph import Node, Value, placed, small
from .lower import Lowering, Unsupported, program, rule
from .shapes import contiguous


@rule("custom_vmap_call")
def alone(low: Lowering, eqn: Any, *values: Value) -> list[Value]:
    """What each member of a batch does alone; an event product in plain JAX is the same loops as the compiled one."""
    _, given = jax.tree.unflatten(eqn.params["in_tree"], values)  # what is closed over, and the arguments
    match given:
        case (fired, CSR(indptr=begins, indices=targets, weight=weight), onto) if weight.kind == onto.kind:
            return events(low, "events", [fired, begins, targets], weight, onto)
        case (fired, FixedPostNumber(indices=targets, weight=weight), onto) if weight.kind == onto.kind:
            return events(low, "events", [fired, small("i32", [], (0,)), targets], weight, onto)
        case (line, row, DelayedCSR(indptr=begins, indices=targets, weight=weight), onto) if weight.kind == onto.kind:
            return events(low, "delayed", [line, row, begins, targets], weight, onto)
    return low.call(eqn.params["call"], list(values))


@rule("ffi_call")
def compiled(low: Lowering, eqn: Any, *values: Value) -> list[Value]:
    target = eqn.params["target_name"]
    if target == COUNTS:
        like = [jax.ShapeDtypeStruct(x.aval.shape, x.aval.dtype) for x in eqn.invars]
        return low.call(jax.make_jaxpr(counts.poisson_numbers)(*like), list(values))
    if target not in (EVENTS, DELAYED):
        raise Unsupported(f"the compiled routine {target} has no form in JavaScript")
    *given, weight, onto = values
    return events(low, "events" if target == EVENTS else "delayed", given, weight, onto)


def events(low: Lowering, op: str, given: list[Value], weight: Value, onto: Value) -> list[Value]:
    """Spikes add their synapses ``onto`` an array; one weight for all is a number."""
    one = weight.size == 1
    arrays = [whole(low, v) for v in (onto, *given, *([] if one else [weight]))]
    if op == "events" and arrays[1].name is None:
        arrays[1].name = "fired~"
    node = low.graph.add(
        op,
        onto.kind,
        [weight.one] if one else [],
        whole=arrays,
        size=onto.size,
        more=tuple(v.shape for v in given),
    )
    return [placed(low.graph, onto.kind, node, np.arange(onto.size).reshape(onto.shape))]


@program("poisson_numbers")
def poisson(low: Lowering, words: Value, expected: Value) -> list[Value] | None:
    """Poisson numbers, of which the module has the definition as a function."""
    if words.shape != (2,) or expected.kind != "f64" or not expected.size:
        return None
    node = low.graph.add("poisson", "f64", words.nodes, whole=[whole(low, expected)], size=expected.size)
    return [placed(low.graph, "f64", node, np.arange(expected.size).reshape(expected.shape))]


def whole(low: Lowering, value: Value) -> Node:
    """A typed array; numbers too are in one, so that the loops are written once."""
    if value.small:
        return low.graph.add("pack", value.kind, value.nodes.reshape(-1), size=value.size)
    base = contiguous(low, value)
    return low.graph.add("fill", value.kind, [base], size=value.size) if base.size is None else base
