"""Rules of operations that act on each element alone."""

from collections.abc import Callable
from typing import Any

import numpy as np

from brainnb.core.known import PREFIX

from .graph import KINDS, Pair, Value
from .lower import Lowering, Unsupported, program, rule

SAME = ["add", "sub", "mul", "div", "rem", "neg", "sign", "abs", "max", "min", "exp", "log", "log1p", "expm1", "sqrt", "rsqrt", "cbrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "atan2", "erf", "erfc", "erf_inv", "lgamma", "digamma", "logistic", "floor", "ceil", "pow", "exp2", "population_count", "clz", "and", "or", "xor", "not", "shift_left", "shift_right_logical", "shift_right_arithmetic"]  # fmt: skip
COMPARED = {"eq": "eq", "ne": "ne", "lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "eq_to": "eq", "lt_to": "lt", "le_to": "le"}  # fmt: skip
KEPT = ("copy", "copy_p", "stop_gradient", "optimization_barrier", "reduce_precision", "mutable_array", "pvary", "name")
BITS = {"xor", "shift_left", "shift_right_logical", "shift_right_arithmetic", "population_count", "clz"}
WORDS = {"and", "or", "xor"}
DEFINED = ("phi", "exprel")
"""Functions of the library that a module has as functions."""


@rule(*SAME)
def same(low: Lowering, eqn: Any, *values: Any) -> Any:
    name = eqn.primitive.name
    if any(isinstance(v, Pair) for v in values):
        return words(low, name, *values)
    kind = values[0].kind
    if kind == "i64" and name in BITS | WORDS | {"not"}:
        raise Unsupported("whole numbers of 64 bits have no bits in JavaScript")
    return low.each(name, kind, *values)


@rule("add_any")
def add_any(low: Lowering, eqn: Any, x: Value, y: Value) -> Value:
    return low.each("add", x.kind, x, y)


@rule(*COMPARED)
def compared(low: Lowering, eqn: Any, *values: Value) -> Value:
    return low.each(COMPARED[eqn.primitive.name], "bool", *values)


@rule(*KEPT)
def kept(low: Lowering, eqn: Any, *values: Any) -> list[Any]:
    return list(values)


@rule("square")
def square(low: Lowering, eqn: Any, x: Value) -> Value:
    return low.each("mul", x.kind, x, x)


@rule("integer_pow")
def integer_pow(low: Lowering, eqn: Any, x: Value) -> Value:
    """Products in the order in which XLA takes them."""
    y = eqn.params["y"]
    power, found, left = x, None, abs(y)
    while left:
        if left & 1:
            found = power if found is None else low.each("mul", x.kind, found, power)
        left >>= 1
        if left:
            power = low.each("mul", x.kind, power, power)
    one = low.number(1, x.kind)
    if found is None:
        return low.each("select", x.kind, low.number(True, "bool"), one, one, shape=x.shape)
    return low.each("div", x.kind, one, found) if y < 0 else found


@rule("round")
def rounded(low: Lowering, eqn: Any, x: Value) -> Value:
    to_even = int(eqn.params["rounding_method"]) == 1
    return low.each("round_even" if to_even else "round_away", x.kind, x)


def defined(name: str) -> Callable:
    """What stands for a function of which the module has the definition; derivatives are written out."""

    def found(low: Lowering, *values: Value) -> list[Value] | None:
        if len(values) != 1 or values[0].kind != "f64":
            return None
        return [low.each(name, "f64", values[0])]

    return found


for name in DEFINED:
    program(PREFIX + name)(defined(name))


@rule("is_finite")
def is_finite(low: Lowering, eqn: Any, x: Value) -> Value:
    return low.each("is_finite", "bool", x)


@rule("clamp")
def clamp(low: Lowering, eqn: Any, least: Value, x: Value, most: Value) -> Value:
    return low.each("min", x.kind, low.each("max", x.kind, x, least, shape=x.shape), most, shape=x.shape)


@rule("select_n")
def select(low: Lowering, eqn: Any, which: Value, *cases: Any) -> Any:
    if isinstance(cases[0], Pair):
        high = select(low, eqn, which, *(c.high for c in cases))
        return Pair(high, select(low, eqn, which, *(c.low for c in cases)), cases[0].kind)
    shape, kind = cases[0].shape, cases[0].kind
    if which.kind == "bool":
        return low.each("select", kind, which, cases[0], cases[1], shape=shape)
    found = cases[-1]
    for k in range(len(cases) - 2, -1, -1):
        here = low.each("eq", "bool", which, low.number(k, which.kind))
        found = low.each("select", kind, here, found, cases[k], shape=shape)
    return found


@rule("convert_element_type")
def convert(low: Lowering, eqn: Any, x: Any) -> Any:
    dtype = np.dtype(eqn.params["new_dtype"])
    if isinstance(x, Pair):
        if x.kind == "key" or dtype not in (np.uint32, np.uint64, np.float64):
            raise Unsupported(f"a word of 64 bits does not become {dtype.name} here")
        if dtype == np.uint64:
            return x
        if dtype == np.uint32:
            return x.low
        high = low.each("mul", "f64", low.each("cast", "f64", x.high), low.number(2.0**32, "f64"))
        return low.each("add", "f64", high, low.each("cast", "f64", x.low))
    if dtype == np.uint64:
        if x.kind not in ("u32", "bool"):
            raise Unsupported(f"{x.kind} does not become a word of 64 bits here")
        word = low.each("cast", "u32", x)
        return Pair(low.each("xor", "u32", word, word), word)
    return low.each("cast", low.kind(dtype), x)


@rule("bitcast_convert_type")
def bitcast(low: Lowering, eqn: Any, x: Any) -> Any:
    dtype = np.dtype(eqn.params["new_dtype"])
    if isinstance(x, Pair) and dtype == np.float64:
        return low.each("from_bits", "f64", x.high, x.low)
    if isinstance(x, Value) and x.kind == "u32" and dtype == np.float32:
        return low.each("single_from_bits", "f32", x)
    if isinstance(x, Value) and x.kind in ("i32", "u32") and dtype.name in ("int32", "uint32"):
        return low.each("cast", KINDS[dtype.name], x)
    raise Unsupported("bits are read as floating point only in the way random numbers need")


def words(low: Lowering, name: str, x: Any, *others: Any) -> Pair:
    """64-bit words as two of 32 bits."""
    if name in WORDS and all(isinstance(v, Pair) for v in (x, *others)):
        y = others[0]
        return Pair(low.each(name, "u32", x.high, y.high), low.each(name, "u32", x.low, y.low))
    by = others[0].low.constants() if others and isinstance(others[0], Pair) else None
    if name not in ("shift_right_logical", "shift_left") or by is None or len({*by.reshape(-1).tolist()}) != 1:
        raise Unsupported("words of 64 bits take part in shifts by a fixed number, and, or, xor")
    n = int(by.reshape(-1)[0])
    if not 0 < n < 32:
        raise Unsupported("words of 64 bits are shifted by 1 to 31 places")
    right = name == "shift_right_logical"
    far, near = (x.high, x.low) if right else (x.low, x.high)
    back = "shift_left" if right else "shift_right_logical"
    moved = low.each(name, "u32", far, low.number(n, "u32"))
    carried = low.each(back, "u32", far, low.number(32 - n, "u32"))
    joined = low.each("or", "u32", low.each(name, "u32", near, low.number(n, "u32")), carried)
    return Pair(moved, joined) if right else Pair(joined, moved)
