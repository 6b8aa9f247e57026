"""From a jaxpr to a graph: one rule for each operation, in the files beside this one."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
import numpy as np
from jax.extend import core as jex

from . import fold
from .errors import ExportError
from .graph import KINDS, SMALL, Graph, Node, Pair, Value, aligned, long, moved, small, typed
from .names import plain
from .origin import Origin, named, origin

RULES: dict[str, Callable] = {}
"""What becomes of each operation: a function of the lowering, the equation and its values."""

NAMED: dict[str, Callable] = {}
"""Programs of the library that a module has as functions, by their names: the results, or None for other arguments."""

CALLS = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "remat": "jaxpr",
    "checkpoint": "jaxpr",
}
"""Programs within a program, and where they stand: they are written out."""


def rule(*names: str) -> Callable:
    """Register the rule of these operations."""

    def keep(function: Callable) -> Callable:
        RULES.update(dict.fromkeys(names, function))
        return function

    return keep


def program(name: str) -> Callable:
    """Register what stands for a program within a program."""

    def keep(function: Callable) -> Callable:
        NAMED[name] = function
        return function

    return keep


SOLVED = "linear equations are solved there, as implicit methods do; use another method, 'strang' or 'rk4'"
"""What is said of the operation that every solve begins with."""


class Unsupported(Exception):
    """Why an operation cannot be written; becomes an :class:`ExportError` with the model's line."""


class Lowering:
    """Writes traced programs into one graph."""

    def __init__(self, what: str = "the program", tables: Mapping[int, str] | None = None) -> None:
        self.graph, self.what = Graph(), what
        self.tables = tables or {}  # names of arrays that are constants, by their ids
        self.here: Origin | None = None

    def run(self, jaxpr: Any, consts: Iterable[Any], arguments: Iterable[Any], nested: bool = False) -> list[Any]:
        """The results of a program for these values."""
        at: dict[Any, Any] = dict(zip(jaxpr.invars, arguments, strict=True))
        at |= {v: self.literal(c) for v, c in zip(jaxpr.constvars, consts, strict=True)}

        def read(x: Any) -> Any:
            return self.literal(x.val, x.aval) if isinstance(x, jex.Literal) else at[x]

        eqns = jaxpr.eqns
        origins = [None if nested else origin(eqn) for eqn in eqns]
        for k, eqn in enumerate(eqns):
            if not nested:
                self.here = origins[k]
                last = k + 1 == len(eqns) or origins[k + 1] != origins[k]
                self.graph.naming = named(origins[k], last and "jvp" not in str(eqn.source_info.name_stack))
            results = self.equation(eqn, [read(x) for x in eqn.invars])
            at.update(zip(eqn.outvars, results, strict=True))
        return [read(x) for x in jaxpr.outvars]

    def equation(self, eqn: Any, values: list[Any]) -> list[Any]:
        """The results of one equation."""
        name = eqn.primitive.name
        if name in CALLS:
            known = NAMED.get(eqn.params.get("name"))
            return (known and known(self, *values)) or self.call(eqn.params[CALLS[name]], values)
        if name not in RULES:
            raise self.error(eqn, SOLVED if name == "lu" else "no JavaScript is known for it")
        try:
            found = RULES[name](self, eqn, *values)
        except Unsupported as reason:
            raise self.error(eqn, str(reason)) from None
        return list(found) if isinstance(found, list | tuple) else [found]

    def call(self, program: Any, values: list[Any], nested: bool = True) -> list[Any]:
        """A program within the program."""
        if hasattr(program, "consts"):
            return self.run(program.jaxpr, program.consts, values, nested)
        return self.run(program, (), values, nested)

    def error(self, eqn: Any, why: str) -> ExportError:
        found = self.here or origin(eqn)
        where = f" at {found.shown}" if found else f" in {self.what}"
        return ExportError(f"`{eqn.primitive.name}`{where} cannot be exported to JavaScript: {why}.")

    # --- values -----------------------------------------------------------------------------------------------------

    def kind(self, dtype: Any) -> str:
        """The number type of a module for a dtype."""
        found = KINDS.get(np.dtype(dtype).name)
        if found is None:
            raise Unsupported(f"numbers of type {np.dtype(dtype).name} are not in the module's language")
        return found

    def literal(self, value: Any, aval: Any = None) -> Any:
        """A constant."""
        if isinstance(value, jax.Array) and jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            words = np.asarray(jax.random.key_data(value))
            return Pair(self.literal(words[..., 0]), self.literal(words[..., 1]), "key")
        array = np.asarray(value, None if aval is None else aval.dtype)
        if array.dtype == np.uint64:
            words = [(array >> np.uint64(32)).astype(np.uint32), array.astype(np.uint32)]
            return Pair(self.literal(words[0]), self.literal(words[1]))
        kind = self.kind(array.dtype)
        if array.size <= SMALL:
            return small(kind, [self.graph.constant(x, kind) for x in array.reshape(-1)], array.shape)
        first = array.reshape(-1)[0]
        if (array == first).all():
            return long(kind, array.shape, self.graph.constant(first, kind), np.broadcast_to(0, array.shape))
        return long(kind, array.shape, self.graph.data(typed(array, kind), kind, self.tables.get(id(value))))

    def number(self, x: Any, kind: str = "i32") -> Value:
        """A constant number of a kind."""
        return small(kind, [self.graph.constant(x, kind)], ())

    def each(self, op: str, kind: str, *values: Value, shape: tuple[int, ...] | None = None) -> Value:
        """One operation, element by element; single numbers meet every element."""
        if any(isinstance(v, Pair) for v in values):
            raise Unsupported("64-bit words and random keys take part in no such operation here")
        shapes = {v.shape for v in values}
        if shape is None:
            shape = max(shapes, key=lambda s: (0 in s, math.prod(s), len(s)))
        if uneven := [s for s in shapes if s != shape and len(s) == len(shape)]:
            shape = np.broadcast_shapes(shape, *uneven)
        size = math.prod(shape)
        values = tuple(
            v if v.size in (1, size) else moved(self.graph, v, lambda a: np.broadcast_to(a, shape)) for v in values
        )
        if size <= SMALL:
            columns = [[v.one] * size if v.size == 1 else list(v.nodes.reshape(-1)) for v in values]
            return small(
                kind, [self.make(op, kind, list(row)) for row in zip(*columns, strict=True)] if size else [], shape
            )
        args = [v.one if v.size == 1 else aligned(self.graph, v, size) for v in values]
        node = self.make(op, kind, args, size)
        if node.size is None:
            return long(kind, shape, node, np.broadcast_to(0, shape))
        return long(kind, shape, node)

    def make(self, op: str, kind: str, args: list[Node], size: int | None = None) -> Node:
        """One node; in a loop only where it is not the same for all."""
        if op == "div" and size is not None and args[0].size is not None and args[1].size is None and kind == "f64":
            return self.make("mul", kind, [args[0], self.inverse(kind, args[1])], size)
        if size is not None and all(x.size is None for x in args):
            size = None
        if op == "mul" and size is None and kind == "f64":
            for x, y in (args, args[::-1]):
                if y.op == "div" and y.args[0].op == "const" and y.args[0].more == 1:  # x / C, as one would write it
                    return fold.made(self.graph, "div", kind, [x, y.args[1]], None)
        return fold.made(self.graph, op, kind, args, size)

    def inverse(self, kind: str, x: Node) -> Node:
        """``1 / x``, called ``per_x``."""
        known = self.graph.count
        node = self.make("div", kind, [self.graph.constant(1, kind), x])
        if node.op == "div" and node.order > known:
            name = x.more.rpartition("/")[2] if x.op == "input" else plain(x.name, "")
            node.name = f"per_{name}~" if name else None
        return node
