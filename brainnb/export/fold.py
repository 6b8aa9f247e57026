"""Operations on what is known already: constants meet constants here, and 1 times x is x.

What is left is equal to the last bit for every finite number, the sign of zero aside: the tableau of a method is full of
zeros, and ``0 * k`` would be computed in every step.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .graph import Graph, Node

FLOAT: dict[str, Callable] = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": np.divide}
COMPARED: dict[str, Callable] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
RANGE = {"i32": (-(2**31), 2**31 - 1), "u32": (0, 2**32 - 1), "i64": (-(2**53), 2**53)}


def made(graph: Graph, op: str, kind: str, args: list[Node], size: int | None) -> Node:
    """The operation, or what it comes to."""
    known = [x.more if x.op == "const" else None for x in args]
    found = simpler(graph, op, kind, args, known)
    return graph.add(op, kind, args, size=size) if found is None else found


def simpler(graph: Graph, op: str, kind: str, args: list[Node], known: list[Any]) -> Node | None:
    """What an operation comes to where that can be said now, else None."""
    if op == "select":
        _where, no, yes = args
        return no if no is yes or known[0] is False else yes if known[0] is True else None
    if op in ("and", "or") and kind == "bool":
        return logical(op, args, known)
    if op == "not" and known[0] is not None and kind == "bool":
        return graph.constant(not known[0], kind)
    if op == "cast":
        return cast(graph, kind, args[0], known[0])
    if args and all(k is not None for k in known):
        value = computed(op, kind, args[0].kind, known)
        return None if value is None else graph.constant(value, kind)
    if op == "mul" and kind in ("f64", "i32", "i64"):
        for one, other in ((0, 1), (1, 0)):
            if known[one] == 1:
                return args[other]
            if known[one] == -1 and kind == "f64":
                return graph.add("neg", kind, [args[other]], size=args[other].size)
    if op in ("div", "sub") and known[1] == (1 if op == "div" else 0):
        return args[0]
    if op == "neg" and args[0].op == "neg":
        return args[0].args[0]
    if op == "add":
        return args[1] if known[0] == 0 else args[0] if known[1] == 0 else None
    if op == "mul" and 0 in known and kind in ("f64", "i32", "i64"):
        return graph.constant(0, kind)
    return None


def logical(op: str, args: list[Node], known: list[Any]) -> Node | None:
    """``and`` and ``or`` of flags of which one is known."""
    for one, other in ((0, 1), (1, 0)):
        if known[one] is not None:
            return args[other] if known[one] is (op == "and") else args[one]
    return None


def cast(graph: Graph, kind: str, x: Node, known: Any) -> Node | None:
    """A number in another type."""
    if x.kind == kind:
        return x
    if known is None:
        return None
    if kind in ("f64", "i64"):
        return graph.constant(float(known) if kind == "f64" else int(known), kind)
    if kind == "f32":
        return graph.constant(float(np.float32(known)), kind)
    if kind == "bool":
        return graph.constant(known != 0, kind)
    if kind in RANGE and float(known).is_integer():
        low, high = RANGE[kind]
        wrapped = (int(known) - low) % (high - low + 1) + low
        return graph.constant(wrapped, kind)
    return None


def computed(op: str, kind: str, given: str, known: list[Any]) -> Any:
    """The result of an operation on constants; None where JavaScript shall find it."""
    if op == "neg" and kind in ("f64", "i32", "i64"):
        return -known[0]
    if kind == "f64" and op in FLOAT:
        with np.errstate(all="ignore"):
            return float(FLOAT[op](np.float64(known[0]), np.float64(known[1])))
    if kind == "f64" and op in ("max", "min") and not any(np.isnan(known)):
        return float(max(known) if op == "max" else min(known))
    if op in COMPARED and given in ("f64", "i32", "u32", "i64", "bool"):
        return bool(COMPARED[op](*known))
    if kind in RANGE and op in ("add", "sub", "mul", "max", "min"):
        value = {**FLOAT, "max": max, "min": min}[op](int(known[0]), int(known[1]))
        low, high = RANGE[kind]
        return (value - low) % (high - low + 1) + low
    return None
