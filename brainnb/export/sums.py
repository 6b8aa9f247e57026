"""Rules of operations that bring many elements together: sums, products of matrices, running sums."""

import math
from typing import Any

import numpy as np

from .graph import SMALL, Node, Value, long, moved, placed, small, whole
from .lower import Lowering, Unsupported, rule
from .shapes import contiguous

REDUCED = {"reduce_sum": "add", "reduce_prod": "mul", "reduce_max": "max", "reduce_min": "min", "reduce_and": "and", "reduce_or": "or"}  # fmt: skip
RUNNING = {"cumsum": "add", "cumprod": "mul", "cummax": "max", "cummin": "min"}


def array(low: Lowering, x: Value) -> tuple[Node, np.ndarray]:
    """A typed array and where in it each element of ``x`` lies."""
    base, places = whole(low.graph, x)
    if base.size is None:
        base, places = low.graph.add("fill", x.kind, [base], size=x.size), None
    return base, (np.arange(x.size) if places is None else places).reshape(x.shape)


@rule(*REDUCED)
def reduced(low: Lowering, eqn: Any, x: Value) -> Value:
    how, axes = REDUCED[eqn.primitive.name], eqn.params["axes"]
    rows, shape = in_rows(low, x, axes)
    if x.small:
        found = []
        for row in rows.nodes:
            total = row[0]
            for node in row[1:]:
                total = low.make(how, x.kind, [total, node])
            found.append(total)
        return small(x.kind, found, shape)
    return from_rows(low, rows, shape, how, x.kind)


def in_rows(low: Lowering, x: Value, axes: tuple[int, ...]) -> tuple[Value, tuple[int, ...]]:
    """One row for each element of the result, and the shape of the result."""
    kept = [k for k in range(len(x.shape)) if k not in axes]
    shape = tuple(x.shape[k] for k in kept)
    count = math.prod(shape)
    return moved(low.graph, x, lambda a: a.transpose([*kept, *axes]).reshape(count, -1)), shape


def from_rows(low: Lowering, rows: Value, shape: tuple[int, ...], how: str, kind: str) -> Value:
    """Every row as one number."""
    base, places = array(low, rows)
    if places.shape[0] == 1:
        return small(
            kind, [low.graph.add("reduce", kind, whole=[base], more=(how, places), key=(how, places.tobytes()))], shape
        )
    node = low.graph.add(
        "reduce", kind, whole=[base], size=places.shape[0], more=(how, places), key=(how, places.tobytes())
    )
    return placed(low.graph, kind, node, np.arange(places.shape[0]).reshape(shape))


@rule("argmax", "argmin")
def argument(low: Lowering, eqn: Any, x: Value) -> Value:
    rows, shape = in_rows(low, x, tuple(eqn.params["axes"]))
    kind, how = low.kind(eqn.params["index_dtype"]), eqn.primitive.name
    if not x.small:
        return from_rows(low, rows, shape, how, kind)
    found = []
    for row in rows.nodes:
        best, at = row[0], low.graph.constant(0, kind)
        for k, node in enumerate(row[1:], 1):
            better = low.make("gt" if how == "argmax" else "lt", "bool", [node, best])
            best = low.make("select", x.kind, [better, best, node])
            at = low.make("select", kind, [better, at, low.graph.constant(k, kind)])
        found.append(at)
    return small(kind, found, shape)


@rule(*RUNNING)
def running(low: Lowering, eqn: Any, x: Value) -> Value:
    how, axis, back = RUNNING[eqn.primitive.name], eqn.params["axis"], eqn.params["reverse"]
    if x.small:
        nodes = np.moveaxis(x.nodes.copy(), axis, 0)
        nodes = nodes[::-1] if back else nodes
        for k in range(1, len(nodes)):
            for where in np.ndindex(nodes.shape[1:]):
                nodes[(k, *where)] = low.make(how, x.kind, [nodes[(k - 1, *where)], nodes[(k, *where)]])
        nodes = np.moveaxis(nodes[::-1] if back else nodes, 0, axis)
        return small(x.kind, nodes.reshape(-1), x.shape)
    base = contiguous(low, x)
    base = low.graph.add("fill", x.kind, [base], size=x.size) if base.size is None else base
    outer, n = math.prod(x.shape[:axis]), x.shape[axis]
    node = low.graph.add(
        "scan_sum", x.kind, whole=[base], size=x.size, more=(how, outer, n, x.size // outer // n, back)
    )
    return long(x.kind, x.shape, node)


@rule("dot_general")
def dot(low: Lowering, eqn: Any, a: Value, b: Value) -> Value:
    (a_sum, b_sum), (a_batch, b_batch) = eqn.params["dimension_numbers"]
    a_own = [k for k in range(len(a.shape)) if k not in (*a_sum, *a_batch)]
    b_own = [k for k in range(len(b.shape)) if k not in (*b_sum, *b_batch)]
    shape = eqn.outvars[0].aval.shape
    if a.kind not in ("f64", "i32") or b.kind != a.kind:
        raise Unsupported(f"products of matrices of {a.kind} and {b.kind}")

    def laid(x: Value, batch: Any, own: Any, over: Any) -> Value:
        counts = [math.prod([x.shape[k] for k in group]) for group in (batch, own, over)]
        return moved(low.graph, x, lambda p: p.transpose([*batch, *own, *over]).reshape(counts))

    a, b = laid(a, a_batch, a_own, a_sum), laid(b, b_batch, b_own, b_sum)
    batch, rows, over = a.shape
    columns, size = b.shape[1], batch * rows * b.shape[1]
    if size * over <= SMALL * SMALL and a.small and b.small:
        found = []
        for g, i, j in np.ndindex(batch, rows, columns):
            total = None
            for k in range(over):
                term = low.make("mul", a.kind, [a.nodes[g, i, k], b.nodes[g, j, k]])
                total = term if total is None else low.make("add", a.kind, [total, term])
            found.append(low.graph.constant(0, a.kind) if total is None else total)
        if size <= SMALL:
            return small(a.kind, found, shape)
        return placed(
            low.graph, a.kind, low.graph.add("pack", a.kind, found, size=size), np.arange(size).reshape(shape)
        )
    (left, left_places), (right, right_places) = array(low, a), array(low, b)
    key = (left_places.tobytes(), right_places.tobytes(), a.shape, b.shape)
    node = low.graph.add("dot", a.kind, whole=[left, right], size=size, more=(left_places, right_places), key=key)
    return placed(low.graph, a.kind, node, np.arange(size).reshape(shape))
