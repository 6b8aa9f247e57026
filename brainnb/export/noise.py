"""Rules of random numbers: JAX's counter-based generator, bit for bit in 32-bit arithmetic."""

import math
from typing import Any

import numpy as np

from .graph import Node, Pair, Value, aligned, long, moved, small
from .lower import Lowering, Unsupported, rule
from .shapes import joined


def hashed(low: Lowering, key: Pair, high: Value, words: Value, kind: str) -> Pair:
    """The two words that Threefry-2x32 makes of a key and a counter, element by element."""
    shape = np.broadcast_shapes(key.high.shape, high.shape, words.shape)
    size = math.prod(shape)
    given = [moved(low.graph, v, lambda a: np.broadcast_to(a, shape)) for v in (key.high, key.low, high, words)]
    if all(v.small for v in given):
        rows = [both(low, list(row), None) for row in zip(*(v.nodes.reshape(-1) for v in given), strict=True)]
        return Pair(*(small("u32", [row[k] for row in rows], shape) for k in (0, 1)), kind)
    first, second = both(low, [aligned(low.graph, v, size) for v in given], size)
    return Pair(long("u32", shape, first), long("u32", shape, second), kind)


def both(low: Lowering, args: list[Node], size: int | None) -> tuple[Node, Node]:
    """The two words of one hash."""
    found = low.graph.add("hash", "u32", args, size=size)
    return tuple(low.graph.add("word", "u32", [found], size=size, more=k) for k in (0, 1))


def counters(low: Lowering, shape: tuple[int, ...], batch: int) -> tuple[Value, Value]:
    """0, 1, 2, ... in two words, behind the axes of a batch of keys."""
    numbers = np.arange(math.prod(shape), dtype=np.uint32).reshape((1,) * batch + shape)
    return low.literal(np.zeros_like(numbers)), low.literal(numbers)


def wide(low: Lowering, key: Pair, more: int) -> Pair:
    """Keys with so many axes more."""
    return moved(low.graph, key, lambda a: a.reshape(a.shape + (1,) * more))


@rule("random_split")
def split(low: Lowering, eqn: Any, key: Pair) -> Pair:
    shape = tuple(eqn.params["shape"])
    return hashed(low, wide(low, key, len(shape)), *counters(low, shape, len(key.shape)), "key")


@rule("random_fold_in")
def fold_in(low: Lowering, eqn: Any, key: Pair, number: Value) -> Pair:
    words = low.each("cast", "u32", number)
    return hashed(low, key, low.number(0, "u32"), words, "key")


@rule("random_bits")
def bits(low: Lowering, eqn: Any, key: Pair) -> Any:
    shape, width = tuple(eqn.params["shape"]), eqn.params["bit_width"]
    found = hashed(low, wide(low, key, len(shape)), *counters(low, shape, len(key.shape)), "u64")
    if width == 64:
        return found
    word = low.each("xor", "u32", found.high, found.low)
    if width == 32:
        return word
    return low.each("and", "u32", word, low.number(2**width - 1, "u32"))


@rule("threefry2x32")
def threefry(low: Lowering, eqn: Any, k0: Value, k1: Value, x0: Value, x1: Value) -> list[Value]:
    found = hashed(low, Pair(k0, k1), x0, x1, "u64")
    return [found.high, found.low]


@rule("random_seed")
def seed(low: Lowering, eqn: Any, x: Value) -> Pair:
    if x.kind == "i64":
        high = low.each("floor", "f64", low.each("mul", "f64", low.each("cast", "f64", x), low.number(2.0**-32, "f64")))
        lower = low.each(
            "sub", "f64", low.each("cast", "f64", x), low.each("mul", "f64", high, low.number(2.0**32, "f64"))
        )
        return Pair(low.each("cast", "u32", high), low.each("cast", "u32", lower), "key")
    if x.kind not in ("i32", "u32"):
        raise Unsupported("a seed is a whole number")
    word = low.each("cast", "u32", x)
    return Pair(
        low.each("select", "u32", low.number(True, "bool"), word, low.number(0, "u32"), shape=x.shape), word, "key"
    )


@rule("random_wrap")
def wrap(low: Lowering, eqn: Any, x: Value) -> Pair:
    return Pair(moved(low.graph, x, lambda a: a[..., 0]), moved(low.graph, x, lambda a: a[..., 1]), "key")


@rule("random_unwrap")
def unwrap(low: Lowering, eqn: Any, key: Pair) -> Value:
    columns = tuple(moved(low.graph, v, lambda a: a[..., None]) for v in (key.high, key.low))
    return joined(low, columns, len(key.shape))
