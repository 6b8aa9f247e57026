"""What can be written next: numbers first, then statements, then loops over all that has one size."""

import heapq
from collections.abc import Collection, Iterable

from .graph import STATEMENTS, Node


class Ready:
    """Operations that wait for nothing any more, by the order in which they were asked for."""

    def __init__(self, nodes: Iterable[Node] = ()):
        self.numbers: list[tuple[int, Node]] = []
        self.statements: list[tuple[int, Node]] = []
        self.loops: dict[int | None, list[Node]] = {}
        for node in nodes:
            self.add(node)

    def add(self, node: Node) -> None:
        """One operation more."""
        statement = node.op in STATEMENTS and node.op != "hash"
        if node.size is None and not statement:
            heapq.heappush(self.numbers, (node.order, node))
        elif statement or node.op == "out":
            heapq.heappush(self.statements, (node.order, node))
        else:
            self.loops.setdefault(node.size, []).append(node)

    def any(self) -> bool:
        return bool(self.numbers or self.statements or self.loops)

    def alone(self) -> Node | None:
        """The first number, else the first statement; None when only loops are left."""
        heap = self.numbers or self.statements
        return heapq.heappop(heap)[1] if heap else None

    def next_size(self) -> int | None:
        """The size of the first operation on long arrays."""
        return min((n for nodes in self.loops.values() for n in nodes), key=lambda n: n.order).size

    def together(self, size: int | None, group: Collection[Node]) -> list[Node]:
        """Operations that may share the loop of ``group``: they read other elements of nothing that it makes."""
        found, left = [], []
        for n in self.loops.pop(size, []):
            (left if any(x in group for x in n.whole) else found).append(n)
        if left:
            self.loops[size] = left
        return sorted(found, key=lambda n: n.order)
