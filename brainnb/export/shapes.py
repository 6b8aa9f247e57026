"""Rules of operations that move elements about: NumPy finds out where to, once, and the module only reads there."""

import math
from typing import Any

import numpy as np

from .graph import SMALL, Node, Pair, Value, aligned, long, moved, picked, placed, small, typed, whole
from .lower import Lowering, Unsupported, rule


@rule("reshape", "squeeze", "expand_dims")
def reshape(low: Lowering, eqn: Any, x: Any, *_: Any) -> Any:
    shape = eqn.outvars[0].aval.shape
    return moved(low.graph, x, lambda a: a.reshape(shape))


@rule("transpose")
def transpose(low: Lowering, eqn: Any, x: Any) -> Any:
    return moved(low.graph, x, lambda a: a.transpose(eqn.params["permutation"]))


@rule("rev")
def rev(low: Lowering, eqn: Any, x: Any) -> Any:
    return moved(low.graph, x, lambda a: np.flip(a, eqn.params["dimensions"]))


@rule("broadcast_in_dim")
def broadcast(low: Lowering, eqn: Any, x: Any, *_: Any) -> Any:
    shape, dimensions = eqn.params["shape"], eqn.params["broadcast_dimensions"]

    def spread(a: np.ndarray) -> np.ndarray:
        between = [1] * len(shape)
        for d, n in zip(dimensions, a.shape, strict=True):
            between[d] = n
        return np.broadcast_to(a.reshape(between), shape)

    return moved(low.graph, x, spread)


@rule("tile")
def tile(low: Lowering, eqn: Any, x: Any) -> Any:
    return moved(low.graph, x, lambda a: np.tile(a, eqn.params["reps"]))


@rule("slice")
def sliced(low: Lowering, eqn: Any, x: Any) -> Any:
    p = eqn.params
    strides = p["strides"] or (1,) * len(p["start_indices"])
    where = tuple(slice(*s) for s in zip(p["start_indices"], p["limit_indices"], strides, strict=True))
    return moved(low.graph, x, lambda a: a[where])


@rule("iota")
def iota(low: Lowering, eqn: Any, *_: Any) -> Value:
    p = eqn.params
    row = np.arange(p["shape"][p["dimension"]]).astype(p["dtype"])
    between = [1] * len(p["shape"])
    between[p["dimension"]] = -1
    return low.literal(np.broadcast_to(row.reshape(between), p["shape"]))


@rule("concatenate", "stack")
def concatenate(low: Lowering, eqn: Any, *values: Any) -> Any:
    axis = eqn.params.get("dimension", eqn.params.get("axis", 0))
    if eqn.primitive.name == "stack":
        values = tuple(moved(low.graph, v, lambda a: np.expand_dims(a, axis)) for v in values)
    return joined(low, values, axis)


def joined(low: Lowering, values: tuple, axis: int) -> Any:
    """Arrays one after another along an axis."""
    if isinstance(values[0], Pair):
        return Pair(
            joined(low, tuple(v.high for v in values), axis),
            joined(low, tuple(v.low for v in values), axis),
            values[0].kind,
        )
    kind = values[0].kind
    starts = np.cumsum([0, *(v.size for v in values)])
    places = np.concatenate(
        [start + np.arange(v.size).reshape(v.shape) for start, v in zip(starts, values, strict=False)], axis
    )
    if all(v.small for v in values):
        flat = small(kind, [n for v in values for n in v.nodes.reshape(-1)], (int(starts[-1]),))
        return picked(low.graph, kind, flat, places)
    if all((v.constants()) is not None for v in values):
        flat = np.concatenate([typed(v.constants(), kind).reshape(-1) for v in values])
        return placed(low.graph, kind, low.graph.data(flat, kind), places)
    base = together(low, kind, values)
    return placed(low.graph, kind, base, places)


def together(low: Lowering, kind: str, values: tuple) -> Node:
    """One typed array with the elements of several, one after another."""
    columns = [contiguous(low, v) for v in values]
    sizes = tuple(v.size for v in values)
    return low.graph.add("concat", kind, whole=columns, size=sum(sizes), more=sizes)


def contiguous(low: Lowering, value: Value) -> Node:
    """A typed array whose elements are those of ``value`` in their order; a number stays one."""
    base, places = whole(low.graph, value)
    if base.size is None:
        if value.size == 1 or not value.small:
            return base
    elif places is None and base.size == value.size:
        return base
    return aligned(low.graph, value, value.size)


@rule("pad")
def pad(low: Lowering, eqn: Any, x: Value, filling: Value) -> Value:
    config = eqn.params["padding_config"]
    shape = eqn.outvars[0].aval.shape
    where = np.full(shape, x.size)
    inside = [
        (np.arange(n) * (inner + 1) + before, before >= 0)
        for n, (before, _, inner) in zip(x.shape, config, strict=True)
    ]
    own = np.arange(x.size).reshape(x.shape)
    for axis, (at, _) in enumerate(inside):
        kept = np.flatnonzero((at >= 0) & (at < shape[axis]))
        own = np.take(own, kept, axis)
        inside[axis] = (at[kept], True)
    where[np.ix_(*(at for at, _ in inside))] = own
    if x.size < SMALL and x.small:
        return picked(low.graph, x.kind, small(x.kind, [*x.nodes.reshape(-1), filling.one], (x.size + 1,)), where)
    return placed(low.graph, x.kind, together(low, x.kind, (x, filling)), where)


@rule("split")
def split(low: Lowering, eqn: Any, x: Any) -> list[Any]:
    sizes, axis = eqn.params["sizes"], eqn.params["axis"]
    ends = np.cumsum(sizes)
    return [
        moved(low.graph, x, lambda a, e=e, n=n: np.take(a, np.arange(e - n, e), axis))
        for e, n in zip(ends, sizes, strict=True)
    ]


# --- places that are known only when the module runs ------------------------------------------------------------


def strides_of(shape: tuple[int, ...]) -> list[int]:
    """Elements from one to the next along each axis."""
    return [math.prod(shape[k + 1 :]) for k in range(len(shape))]


def held(low: Lowering, x: Value, most: int) -> Value:
    """A start, kept between 0 and the last that fits."""
    x = low.each("cast", "i32", x)
    return low.each("min", "i32", low.each("max", "i32", x, low.number(0)), low.number(most), shape=x.shape)


def at_places(low: Lowering, x: Value, index: Value) -> Value:
    """Elements of ``x`` at flat places that the module computes."""
    if (known := index.constants()) is not None:
        return moved(low.graph, x, lambda a: a.reshape(-1)[known])
    if x.small and x.size > 1 and index.size <= SMALL:
        return chosen(low, x, index)
    base = contiguous(low, x)
    if base.size is None:
        return moved(low.graph, small(x.kind, [base], ()), lambda a: np.broadcast_to(a, index.shape))
    if index.size <= SMALL:
        nodes = [low.graph.add("read", x.kind, [n], whole=[base]) for n in index.nodes.reshape(-1)]
        return small(x.kind, nodes, index.shape)
    where = aligned(low.graph, index, index.size)
    return long(x.kind, index.shape, low.graph.add("read", x.kind, [where], whole=[base], size=index.size))


def chosen(low: Lowering, x: Value, index: Value) -> Value:
    """An element of a small array: one after the other is asked whether it is the one."""
    found = moved(low.graph, x, lambda a: np.broadcast_to(a.reshape(-1)[-1], index.shape))
    for k in range(x.size - 2, -1, -1):
        here = low.each("eq", "bool", index, low.number(k))
        own = moved(low.graph, x, lambda a, k=k: np.broadcast_to(a.reshape(-1)[k], index.shape))
        found = low.each("select", x.kind, here, found, own, shape=index.shape)
    return found


@rule("dynamic_slice")
def dynamic_slice(low: Lowering, eqn: Any, x: Any, *starts: Value) -> Any:
    if isinstance(x, Pair):
        return Pair(dynamic_slice(low, eqn, x.high, *starts), dynamic_slice(low, eqn, x.low, *starts), x.kind)
    return at_places(low, x, window(low, x.shape, eqn.params["slice_sizes"], starts))


def window(low: Lowering, shape: tuple[int, ...], sizes: tuple[int, ...], starts: tuple) -> Value:
    """Flat places of a block of an array, which begins where it fits."""
    inside = np.zeros(sizes, np.int32)
    for axis, (n, stride) in enumerate(zip(sizes, strides_of(shape), strict=True)):
        between = [1] * len(sizes)
        between[axis] = n
        inside = inside + (np.arange(n, dtype=np.int32) * stride).reshape(between)
    found = low.literal(inside)
    for n, size, stride, start in zip(shape, sizes, strides_of(shape), starts, strict=True):
        if n == size:
            continue
        begin = low.each("mul", "i32", held(low, start, n - size), low.number(stride))
        found = low.each("add", "i32", begin, found, shape=tuple(sizes))
    return found


@rule("dynamic_update_slice")
def dynamic_update_slice(low: Lowering, eqn: Any, x: Any, new: Any, *starts: Value) -> Any:
    if isinstance(x, Pair):
        parts = [dynamic_update_slice(low, eqn, a, b, *starts) for a, b in ((x.high, new.high), (x.low, new.low))]
        return Pair(*parts, x.kind)
    return scattered(low, x, window(low, x.shape, new.shape, starts), None, new, "set")


def scattered(low: Lowering, x: Value, index: Value, inside: Value | None, new: Value, how: str) -> Value:
    """``x`` with ``new`` put at, or added to, flat places; those that are not ``inside`` are left out."""
    known = index.constants()
    if x.small and new.small:
        nodes = list(x.nodes.reshape(-1))
        for k in range(new.size):
            place, value = index.nodes.reshape(-1)[k], new.nodes.reshape(-1)[k]
            for j in range(len(nodes)):
                if known is not None and int(known.reshape(-1)[k]) != j:
                    continue
                then = value if how == "set" else low.make(how, x.kind, [nodes[j], value])
                here = low.make("eq", "bool", [place, low.graph.constant(j, "i32")])
                if inside is not None:
                    here = low.make("and", "bool", [here, inside.nodes.reshape(-1)[k]])
                nodes[j] = low.make("select", x.kind, [here, nodes[j], then])
        return small(x.kind, nodes, x.shape)
    base = contiguous(low, x)
    if base.size is None:  # an array of equal numbers
        base = low.graph.add("fill", x.kind, [base], size=x.size)
    args = [aligned(low.graph, v, new.size) for v in (index, new)]
    flags = [] if inside is None else [aligned(low.graph, inside, new.size)]
    node = low.graph.add("scatter", x.kind, [*args, *flags], whole=[base], size=x.size, more=(how, new.size))
    return placed(low.graph, x.kind, node, np.arange(x.size).reshape(x.shape))


@rule("gather")
def gather(low: Lowering, eqn: Any, x: Any, indices: Value) -> Any:
    if isinstance(x, Pair):
        return Pair(gather(low, eqn, x.high, indices), gather(low, eqn, x.low, indices), x.kind)
    d, sizes = eqn.params["dimension_numbers"], eqn.params["slice_sizes"]
    shape, mode = eqn.outvars[0].aval.shape, str(eqn.params["mode"])
    own_axes = [
        k
        for k in range(x.nodes.ndim if x.small else len(x.shape))
        if k not in d.collapsed_slice_dims and k not in d.operand_batching_dims
    ]
    batch_axes = [k for k in range(len(shape)) if k not in d.offset_dims]
    found, inside = spots(low, x.shape, sizes, indices, d, d.start_index_map, d.operand_batching_dims, d.start_indices_batching_dims, shape, batch_axes, dict(zip(d.offset_dims, own_axes, strict=True)), clip="CLIP" in mode or "IN_BOUNDS" in mode)  # fmt: skip
    if inside is None:
        return at_places(low, x, found)
    zero = low.number(0)
    there = at_places(low, x, low.each("select", "i32", inside, zero, found, shape=shape))
    filling = eqn.params["fill_value"]
    if filling is None:
        filling = (
            np.nan if x.kind == "f64" else True if x.kind == "bool" else -(2**31) if x.kind == "i32" else 2**32 - 1
        )
    return low.each("select", x.kind, inside, low.number(filling, x.kind), there, shape=shape)


def spots(low: Lowering, shape: tuple, sizes: tuple, indices: Value, d: Any, axes: tuple, batched: tuple, index_batched: tuple, out: tuple, batch_axes: list, window_axes: dict, clip: bool) -> tuple[Value, Value | None]:  # fmt: skip
    """Flat places in an array of ``shape`` for every element of ``out``, and which of them lie inside (None: all)."""
    strides = strides_of(shape)
    grid = np.indices(out, np.int32) if out else np.zeros((0,), np.int32)
    fixed = np.zeros(out, np.int64)
    for o, k in window_axes.items():
        fixed = fixed + grid[o] * strides[k]
    for k, j in zip(batched, index_batched, strict=True):
        fixed = fixed + grid[batch_axes[j]] * strides[k]
    found, inside = low.literal(fixed.astype(np.int32)), None
    for column, k in enumerate(axes):
        start = moved(low.graph, indices, lambda a, c=column: spread(a[..., c], out, batch_axes))
        start = low.each("cast", "i32", start)
        most = shape[k] - sizes[k]
        if clip:
            start = held(low, start, most)
        else:
            fits = low.each("and", "bool", low.each("ge", "bool", start, low.number(0)), low.each("le", "bool", start, low.number(most)))  # fmt: skip
            inside = fits if inside is None else low.each("and", "bool", inside, fits)
        found = low.each("add", "i32", low.each("mul", "i32", start, low.number(strides[k])), found, shape=out)
    if inside is not None and (known := inside.constants()) is not None and known.all():
        inside = None
    return found, inside


def spread(a: np.ndarray, out: tuple, batch_axes: list) -> np.ndarray:
    """Batch axes in their places among all axes of the result."""
    between = [1] * len(out)
    for axis, n in zip(batch_axes, a.shape, strict=True):
        between[axis] = n
    return np.broadcast_to(a.reshape(between), out)


@rule("scatter", "scatter-add", "scatter-mul", "scatter-min", "scatter-max", "scatter_add", "scatter_mul", "scatter_min", "scatter_max")  # fmt: skip
def scatter(low: Lowering, eqn: Any, x: Any, indices: Value, new: Any) -> Any:
    if isinstance(x, Pair):
        return Pair(scatter(low, eqn, x.high, indices, new.high), scatter(low, eqn, x.low, indices, new.low), x.kind)
    d, shape = eqn.params["dimension_numbers"], new.shape
    own_axes = [k for k in range(len(x.shape)) if k not in d.inserted_window_dims and k not in d.operand_batching_dims]
    batch_axes = [k for k in range(len(shape)) if k not in d.update_window_dims]
    window_axes = dict(zip(d.update_window_dims, own_axes, strict=True))
    sizes = [1] * len(x.shape)
    for o, k in window_axes.items():
        sizes[k] = shape[o]
    mode = str(eqn.params["mode"])
    found, inside = spots(low, x.shape, tuple(sizes), indices, d, d.scatter_dims_to_operand_dims, d.operand_batching_dims, d.scatter_indices_batching_dims, shape, batch_axes, window_axes, clip="CLIP" in mode or "IN_BOUNDS" in mode)  # fmt: skip
    how = eqn.primitive.name.replace("_", "-").partition("-")[2] or "set"
    return scattered(low, x, found, inside, new, how)


@rule("platform_index")
def platform(low: Lowering, eqn: Any, *_: Any) -> Value:
    """A module runs as the program for processors does."""
    platforms = eqn.params["platforms"]
    for k, names in enumerate(platforms):
        if names is None or "cpu" in names:
            return low.number(k)
    raise Unsupported("nothing is said for processors")
