"""What a step does, as a graph of operations on numbers and on long arrays.

A value of the traced step becomes either a *small* array, each element of it an operation of its own (so a single cell
is nothing but named numbers), or a *long* one: a typed array and, for each element, where in it that element lies.
What only moves elements about (slices, transposes, broadcasts) is done here, on these places, and costs the module
nothing.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

SMALL = 8
"""Arrays of so many elements are written out, element by element; longer ones are loops."""

KINDS = {"float64": "f64", "float32": "f32", "int32": "i32", "uint32": "u32", "int64": "i64", "bool": "bool", "int16": "i32", "int8": "i32", "uint8": "u32", "uint16": "u32"}  # fmt: skip
"""Number types of a module.  ``i64`` are whole numbers up to 2**53, which is what JavaScript counts to exactly."""


@dataclasses.dataclass(eq=False, slots=True)
class Node:
    """One operation.

    ``size`` is None for a number and the number of elements for a long array; ``args`` are read element by element
    where they have the same size, and once where they are numbers; ``whole`` are arrays of which any element may be
    read.  ``more`` is what else the operation is: a constant, places, nested programs.
    """

    op: str
    kind: str
    size: int | None = None
    args: tuple["Node", ...] = ()
    whole: tuple["Node", ...] = ()
    more: Any = None
    name: str | None = None
    order: int = 0
    fixed: bool = True
    scope: int = 0

    @property
    def reads(self) -> tuple["Node", ...]:
        """Everything that must be there before."""
        return self.args + self.whole


STATEMENTS = {"pack", "reduce", "dot", "scatter", "scan_sum", "concat", "cond", "while", "loop", "hash", "events", "delayed", "sort", "poisson"}  # fmt: skip
"""Operations that are written as statements of their own; all others are expressions."""

UPDATES = {"scatter", "events", "delayed"}
"""Statements that change an array, in place where nobody needs it as it was."""


def is_blank(node: Node) -> bool:
    """Whether an array begins as one known number everywhere."""
    return node.op == "fill" and node.args[0].op == "const"


def asked(node: Node) -> tuple[Node, ...]:
    """What must be there before an operation; an array to be changed that is blank is made where it is changed."""
    return node.args + node.whole[1:] if node.op in UPDATES and is_blank(node.whole[0]) else node.reads


class Graph:
    """The operations of one program; equal ones are done once."""

    def __init__(self) -> None:
        self.count = 0
        self.known: list[dict] = [{}]
        self.naming: str | None = None
        self.nodes: list[Node] = []

    # --- nested programs ------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Begin a branch or the body of a loop: what is computed there is not known outside."""
        self.known.append({})

    def leave(self) -> None:
        """End it."""
        self.known.pop()

    # --- nodes ----------------------------------------------------------------------------------------------------

    def add(
        self,
        op: str,
        kind: str,
        args: Iterable[Node] = (),
        *,
        whole: Iterable[Node] = (),
        size: int | None = None,
        more: Any = None,
        key: Any = None,
    ) -> Node:
        """An operation, or the equal one that is already there; ``key`` tells ``more`` apart."""
        args, whole = tuple(args), tuple(whole)
        same = (op, kind, size, tuple(map(id, args)), tuple(map(id, whole)), more if key is None else key)
        lasting = op in STATEMENTS and op not in ("hash", "reduce", "pack")
        if not lasting:
            for level in reversed(self.known):
                if (found := level.get(same)) is not None:
                    return found
        self.count += 1
        fixed = all(x.fixed for x in args + whole) and op != "input"
        node = Node(op, kind, size, args, whole, more, self.naming, self.count, fixed, len(self.known))
        self.known[-1][same] = node
        self.nodes.append(node)
        return node

    def constant(self, value: Any, kind: str) -> Node:
        """A number."""
        value = np.asarray(value).item()
        shown = f"{value!r}"  # tells -0.0 from 0.0
        return self.add("const", kind, more=value, key=(shown,))

    def data(self, values: np.ndarray, kind: str, name: str | None = None) -> Node:
        """A long array of constants."""
        flat, known = np.ascontiguousarray(values).reshape(-1), self.count
        node = self.add("data", kind, size=flat.size, more=flat, key=(flat.tobytes(),))
        if node.order > known:
            node.name = name
        return node

    def input(self, name: str, kind: str, size: int | None = None, fixed: bool = False) -> Node:
        """A variable that the program is given; ``fixed`` ones stay the same in a run."""
        self.count += 1
        return Node("input", kind, size, more=name, order=self.count, fixed=fixed, scope=len(self.known))


class Value:
    """An array of the traced program.

    ``nodes`` is an object array of nodes for a small one; a long one is a ``base`` and ``places`` in it, None where
    they are its elements one by one.
    """

    __slots__ = ("base", "kind", "nodes", "places", "shape")

    def __init__(
        self,
        kind: str,
        shape: tuple[int, ...],
        nodes: np.ndarray | None = None,
        base: Node | None = None,
        places: np.ndarray | None = None,
    ):
        self.kind, self.shape, self.nodes, self.base, self.places = kind, tuple(shape), nodes, base, places

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def small(self) -> bool:
        return self.nodes is not None

    @property
    def one(self) -> Node:
        """The node of an array with a single element."""
        return self.nodes.reshape(-1)[0]

    def constants(self) -> np.ndarray | None:
        """Its elements, where all are known now."""
        if self.small:
            flat = self.nodes.reshape(-1)
            if not all(n.op == "const" for n in flat):
                return None
            return np.array([n.more for n in flat]).reshape(self.shape)
        if self.base.op == "const":
            return np.broadcast_to(np.asarray(self.base.more), self.shape)
        if self.base.op != "data":
            return None
        flat = self.base.more
        return (flat if self.places is None else flat[self.places]).reshape(self.shape)


@dataclasses.dataclass(frozen=True)
class Pair:
    """A 64-bit word or a random key: two 32-bit words, high and low."""

    high: Value
    low: Value
    kind: str = "u64"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.high.shape


def small(kind: str, nodes: Any, shape: tuple[int, ...]) -> Value:
    """A small array from its nodes."""
    array = np.empty(len(nodes), object)
    array[:] = list(nodes)
    return Value(kind, shape, nodes=array.reshape(shape))


def long(kind: str, shape: tuple[int, ...], base: Node, places: np.ndarray | None = None) -> Value:
    """A long array."""
    return Value(kind, shape, base=base, places=places)


def whole(graph: Graph, value: Value) -> tuple[Node, np.ndarray | None]:
    """An array that can be read anywhere, and where in it the elements of ``value`` lie."""
    if not value.small:
        return value.base, value.places
    flat = value.nodes.reshape(-1)
    if (known := value.constants()) is not None:
        return graph.data(typed(known, value.kind), value.kind), None
    if len(flat) == 1:
        return flat[0], None
    return graph.add("pack", value.kind, flat, size=len(flat)), None


def typed(values: np.ndarray, kind: str) -> np.ndarray:
    """Constants in the type that a module keeps them in."""
    names = {"f64": np.float64, "f32": np.float32, "i32": np.int32, "u32": np.uint32, "i64": np.float64}
    return np.asarray(values).astype(names.get(kind, np.uint8))


def moved(graph: Graph, value: Any, how: Callable[[np.ndarray], np.ndarray]) -> Any:
    """What ``how`` makes of an array by moving its elements about."""
    if isinstance(value, Pair):
        return Pair(moved(graph, value.high, how), moved(graph, value.low, how), value.kind)
    if value.small:
        there = np.arange(value.size).reshape(value.shape)
        return picked(graph, value.kind, value, how(there))
    places = np.arange(value.size).reshape(value.shape) if value.places is None else value.places.reshape(value.shape)
    return placed(graph, value.kind, value.base, how(places))


def picked(graph: Graph, kind: str, value: Value, which: np.ndarray) -> Value:
    """Elements of a small array by their numbers."""
    flat = value.nodes.reshape(-1)
    if which.size <= SMALL:
        return small(kind, [flat[k] for k in which.reshape(-1)], which.shape)
    base, _ = whole(graph, value)
    return long(kind, which.shape, base, np.zeros_like(which) if base.size is None else which)


def placed(graph: Graph, kind: str, base: Node, places: np.ndarray) -> Value:
    """Elements of an array by their places; few of them become numbers."""
    if places.size <= SMALL:
        flat = places.reshape(-1)
        nodes = [base] * len(flat) if base.size is None else [element(graph, kind, base, int(k)) for k in flat]
        return small(kind, nodes, places.shape)
    flat = places.reshape(-1)
    straight = base.size == flat.size and np.array_equal(flat, np.arange(flat.size))
    return long(kind, places.shape, base, None if straight else places)


def element(graph: Graph, kind: str, base: Node, k: int) -> Node:
    """One element of an array as a number."""
    if base.op == "data":
        return graph.constant(base.more[k], kind)
    if base.op == "pack":
        return base.args[k]
    return graph.add("read", kind, [graph.constant(k, "i32")], whole=[base])


def aligned(graph: Graph, value: Value, size: int) -> Node:
    """A node whose element ``i`` is that of ``value``, for use in a loop over ``size`` elements."""
    base, places = whole(graph, value)
    if base.size is None or (places is None and base.size == size and base.op != "data"):
        return base
    flat = np.arange(base.size) if places is None else places.reshape(-1)
    if base.op == "data":
        found = base.more[flat]
        return graph.constant(found[0], base.kind) if (found == found[0]).all() else graph.data(found, base.kind)
    if (flat == flat[0]).all():
        return element(graph, value.kind, base, int(flat[0]))
    return graph.add("view", value.kind, whole=[base], size=size, more=flat, key=(flat.tobytes(),))
