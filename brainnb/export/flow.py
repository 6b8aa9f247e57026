"""Rules of branches and loops: programs inside the program."""

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .graph import SMALL, Node, Pair, Value, long, moved, placed, small
from .lower import Lowering, rule
from .shapes import contiguous, joined

UNROLLED = 8
"""Loops of so few turns are written out."""


@dataclasses.dataclass(eq=False)
class Body:
    """A program inside the program: what it is given, what comes out, and what it reads from outside."""

    inputs: list[Node]
    results: list[Node]
    begin: int

    @functools.cached_property
    def free(self) -> set[Node]:
        """Nodes from outside."""
        found, seen, rest = set(), set(), list(self.results)
        while rest:
            node = rest.pop()
            if node in seen:
                continue
            seen.add(node)
            if node.order <= self.begin:
                if node.op != "const":
                    found.add(node)
                continue
            rest += node.reads
            for body in bodies(node):
                rest += list(body.free)
        return found


def bodies(node: Node) -> list[Body]:
    """The programs inside an operation."""
    if node.op in ("cond", "while", "loop"):
        return [x for x in node.more if isinstance(x, Body)] if node.op != "cond" else list(node.more)
    return []


def leaves(low: Lowering, value: Any) -> list[Node]:
    """A value as numbers and typed arrays."""
    if isinstance(value, Pair):
        return leaves(low, value.high) + leaves(low, value.low)
    if value.small:
        return list(value.nodes.reshape(-1))
    base = contiguous(low, value)
    return [low.graph.add("fill", value.kind, [base], size=value.size) if base.size is None else base]


def like(low: Lowering, value: Any, nodes: Iterator[Node]) -> Any:
    """A value of the same form, from such numbers and arrays."""
    if isinstance(value, Pair):
        return Pair(like(low, value.high, nodes), like(low, value.low, nodes), value.kind)
    if value.size <= SMALL:
        return small(value.kind, [next(nodes) for _ in range(value.size)], value.shape)
    return long(value.kind, value.shape, next(nodes))


def fresh(low: Lowering, value: Any) -> tuple[Any, list[Node]]:
    """A value of the same form that a loop changes."""
    nodes = [low.graph.input("", n.kind, n.size) for n in leaves(low, value)]
    return like(low, value, iter(nodes)), nodes


def body(low: Lowering, inputs: list[Node], begin: int, what: Callable[[], list[Any]]) -> tuple[Body, list[Any]]:
    """What ``what`` writes, as a program of its own."""
    low.graph.enter()
    try:
        values = what()
        return Body(inputs, [n for v in values for n in leaves(low, v)], begin), values
    finally:
        low.graph.leave()


def outs(low: Lowering, statement: Node, forms: list[Any], nodes: list[Node]) -> list[Any]:
    """The results of a statement that has several."""
    found = [
        low.graph.add("out", n.kind, whole=[statement], size=n.size, more=k, key=(statement.order, k))
        for k, n in enumerate(nodes)
    ]
    rest = iter(found)
    return [like(low, form, rest) for form in forms]


def statement(low: Lowering, op: str, args: list[Node], inside: list[Body], more: Any) -> Node:
    """A statement with programs inside, which waits for all that they read."""
    free = sorted(set().union(*(b.free for b in inside)), key=lambda n: n.order)
    return low.graph.add(op, "none", args, whole=free, more=more, key=object())


@rule("cond")
def cond(low: Lowering, eqn: Any, index: Value, *values: Any) -> list[Any]:
    branches = eqn.params["branches"]
    if (known := index.constants()) is not None:
        return low.call(branches[int(np.clip(known, 0, len(branches) - 1))], list(values))
    begin, found, forms = low.graph.count, [], None
    for branch in branches:
        made, forms = body(low, [], begin, lambda b=branch: low.call(b, list(values)))
        found.append(made)
    which = index.one
    which = which.args[0] if which.op == "cast" and which.args[0].kind == "bool" and len(branches) == 2 else which
    node = statement(low, "cond", [which], found, tuple(found))
    return outs(low, node, forms, found[0].results)


@rule("while")
def loop_while(low: Lowering, eqn: Any, *values: Any) -> list[Any]:
    p = eqn.params
    c, b = p["cond_nconsts"], p["body_nconsts"]
    of_cond, of_body, carry = list(values[:c]), list(values[c : c + b]), list(values[c + b :])
    begins = [n for v in carry for n in leaves(low, v)]
    begin = low.graph.count
    given = [fresh(low, v) for v in carry]
    inputs, forms = [n for _, nodes in given for n in nodes], [v for v, _ in given]
    test, _ = body(low, inputs, begin, lambda: low.call(p["cond_jaxpr"], of_cond + forms))
    turn, _ = body(low, inputs, begin, lambda: low.call(p["body_jaxpr"], of_body + forms))
    node = statement(low, "while", begins, [test, turn], (test, turn))
    return outs(low, node, carry, begins)


@rule("scan")
def scan(low: Lowering, eqn: Any, *values: Any) -> list[Any]:
    p = eqn.params
    constants, carry = list(values[: p["num_consts"]]), list(values[p["num_consts"] :][: p["num_carry"]])
    xs, length = list(values[p["num_consts"] + p["num_carry"] :]), p["length"]
    turns = range(length - 1, -1, -1) if p["reverse"] else range(length)
    if length <= UNROLLED:
        return unrolled(low, p["jaxpr"], constants, carry, xs, turns)
    begins = [n for v in carry for n in leaves(low, v)]
    begin = low.graph.count
    at = low.graph.input("", "i32")
    given = [fresh(low, v) for v in carry]
    forms = [v for v, _ in given]
    inputs = [at, *(n for _, nodes in given for n in nodes)]

    def what() -> list[Any]:
        rows = [row(low, x, small("i32", [at], ()), length) for x in xs]
        return low.call(p["jaxpr"], constants + forms + rows)

    turn, results = body(low, inputs, begin, what)
    kept = turn.results[len(begins) :]
    more = (turn, len(begins), length, bool(p["reverse"]))
    node = statement(low, "loop", begins, [turn], more)
    ys = [stacked(v, length) for v in results[len(carry) :]]
    found = [
        low.graph.add("out", n.kind, whole=[node], size=n.size, more=k, key=(node.order, k))
        for k, n in enumerate(begins)
    ]
    columns = [
        low.graph.add(
            "out",
            n.kind,
            whole=[node],
            size=length * (n.size or 1),
            more=len(begins) + k,
            key=(node.order, len(begins) + k),
        )
        for k, n in enumerate(kept)
    ]
    first, rest = iter(found), iter(columns)
    return [
        *(like(low, v, first) for v in carry),
        *(gathered(low, y, v, rest, length) for y, v in zip(ys, results[len(carry) :], strict=True)),
    ]


def stacked(value: Any, length: int) -> tuple[int, ...]:
    return (length, *value.shape)


def gathered(low: Lowering, shape: tuple[int, ...], value: Any, columns: Iterator[Node], length: int) -> Any:
    """What a loop kept of every turn; numbers have a typed array each."""
    if isinstance(value, Pair):
        return Pair(
            gathered(low, shape, value.high, columns, length),
            gathered(low, shape, value.low, columns, length),
            value.kind,
        )
    if not value.small:
        return long(value.kind, shape, next(columns))
    parts = tuple(
        placed(low.graph, value.kind, next(columns), np.arange(length).reshape(length, 1)) for _ in range(value.size)
    )
    return moved(low.graph, joined(low, parts, 1), lambda a: a.reshape(shape))


def row(low: Lowering, x: Any, at: Value, length: int) -> Any:
    """Element ``at`` of an array along its first axis."""
    from .shapes import at_places

    if isinstance(x, Pair):
        return Pair(row(low, x.high, at, length), row(low, x.low, at, length), x.kind)
    inner = x.shape[1:]
    size = math.prod(inner)
    begin = low.each("mul", "i32", at, low.number(size))
    within = low.literal(np.arange(size, dtype=np.int32).reshape(inner))
    return at_places(low, x, low.each("add", "i32", begin, within, shape=inner))


def unrolled(low: Lowering, program: Any, constants: list, carry: list, xs: list, turns: range) -> list[Any]:
    """A short loop, turn by turn."""
    kept: dict[int, list[Any]] = {}
    for k in turns:
        rows = [moved(low.graph, x, lambda a, k=k: a[k]) for x in xs]
        results = low.call(program, constants + carry + rows)
        carry, kept[k] = results[: len(carry)], results[len(carry) :]
    if not kept:
        return carry
    columns = zip(*(kept[k] for k in sorted(kept)), strict=True)
    return [
        *carry,
        *(joined(low, tuple(moved(low.graph, v, lambda a: a[None]) for v in column), 0) for column in columns),
    ]
