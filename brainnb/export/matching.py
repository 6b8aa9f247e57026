"""Names for a step from the equations it evaluates: where the slope of ``V`` is computed, the result is called ``dV``.

A method evaluates the equations at several states.  An operation of the step is recognised as one of the equations when
it is the same expression with other values in the place of the states; these are then called after the states.
"""

import functools
from collections.abc import Iterable

import jax
import numpy as np

from brainnb.integrators.phi import phi

from .graph import Node, long, small
from .lower import Lowering

ANYTHING = 3
"""Operations that a pattern has at least: ``V * w`` is found everywhere and says nothing."""


def recognised(patterns: dict[str, Node], states: dict[Node, str], nodes: Iterable[Node]) -> None:
    """Give names to ``nodes`` that are equations; ``patterns`` are those by name, ``states`` their variables."""
    known = {name: root for name, root in patterns.items() if weight(root) >= ANYTHING}
    by_op: dict[tuple, list[tuple[str, Node]]] = {}
    for name, root in known.items():
        by_op.setdefault((root.op, root.kind, root.size), []).append((name, root))
    for node in nodes:
        for name, root in by_op.get((node.op, node.kind, node.size), ()):
            bound: dict[Node, Node] = {}
            if same(root, node, states, bound):
                node.name = name
                for variable, value in bound.items():
                    if value.op not in ("input", "const", "data") and value.name is None and states[variable]:
                        value.name = states[variable]
                break


@functools.cache
def exponential(size: int | None) -> tuple[dict[str, Node], dict[Node, str]]:
    """The factor of exponential methods as patterns, of a number or of so many: its lines have names of their own."""
    low = Lowering("phi")
    z = low.graph.input("z/z", "f64", size)
    closed = jax.make_jaxpr(phi)(np.zeros(() if size is None else size))
    low.run(closed.jaxpr, closed.consts, [small("f64", [z], ()) if size is None else long("f64", (size,), z)])
    return named(low), {z: ""}


def named(low: Lowering) -> dict[str, Node]:
    """What has a name in its source."""
    return {n.name: n for n in low.graph.nodes if n.name and not n.name.endswith("?")}


def weight(root: Node) -> int:
    """Operations in an expression, counted as a tree."""
    total, rest = 0, [root]
    while rest and total < ANYTHING:
        node = rest.pop()
        total += node.op not in ("input", "const", "data")
        rest += node.reads
    return total


def same(pattern: Node, node: Node, states: dict[Node, str], bound: dict[Node, Node]) -> bool:
    """Whether an operation is the pattern, with one value for each state."""
    if pattern in states:
        return bound.setdefault(pattern, node) is node
    if (pattern.op, pattern.kind, pattern.size) != (node.op, node.kind, node.size):
        return False
    if pattern.op in ("input", "const"):
        return pattern.more == node.more and repr(pattern.more) == repr(node.more)
    if pattern.op in ("data", "view", "cond", "while", "loop"):
        return pattern is node
    if len(pattern.reads) != len(node.reads):
        return False
    return all(same(a, b, states, bound) for a, b in zip(pattern.reads, node.reads, strict=True))
