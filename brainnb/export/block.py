"""A program as JavaScript statements: in which order, what has a name, and what shares a loop."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from . import statements
from .affine import place
from .expressions import ARRAYS, Text, comment, expression, literal
from .flow import Body, bodies
from .graph import STATEMENTS, UPDATES, Node, asked
from .names import TABLE, Names, firm, plain
from .ready import Ready

WIDEST = 76
"""Characters up to which a sub-expression stays inside the one that uses it."""


def of_whom(group: Iterable[Node]) -> str:
    """Whose states a loop goes through, as a comment."""
    read = {x.more.partition("/")[0] for node in group for x in node.reads if x.op == "input" and x.size and x.more}
    owners = sorted({path.partition(".")[0] for path in read if "." in path})
    return f" // {', '.join(map(comment, owners))}" if owners else ""


class Function:
    """What the blocks of one function share: names, arrays that are made once, constants of the module."""

    def __init__(self, names: Names, data: dict[bytes, tuple[str, np.ndarray, str]]):
        self.names, self.data = names, data
        self.buffers: list[str] = []
        self.used: set[str] = set()

    def buffer(self, kind: str, size: int, wanted: str) -> str:
        """A typed array of the function's own."""
        name = self.names.new(wanted)
        self.buffers.append(f"const {name} = new {ARRAYS[kind]}({size});")
        return name

    def table(self, values: np.ndarray, kind: str, wanted: str | None = None) -> str:
        """A typed array of constants, once for the whole module."""
        flat = np.ascontiguousarray(values)
        key = flat.tobytes() + kind.encode()
        if key not in self.data:
            name, taken = f"{TABLE}{wanted or len(self.data) + 1}", {entry[0] for entry in self.data.values()}
            self.data[key] = (f"{name}_{len(taken) + 1}" if name in taken else name, flat, kind)
        return self.data[key][0]


class Block:
    """The statements of one program.

    Parameters
    ----------
    function : Function
    at : dict of Node to str
        Names of what is there already.
    own : set of Node
        Arrays among these that the block may change: state, and what a loop carries.
    """

    def __init__(self, function: Function, at: dict[Node, str], own: Iterable[Node] = (), indent: int = 1):
        self.function, self.at, self.own = function, dict(at), set(own)
        self.given = set(self.at)
        self.inline: dict[Node, Text] = {}
        self.lines: list[str] = []
        self.indent = indent
        self.in_place: set[Node] = set()

    # --- what is written -------------------------------------------------------------------------------------------

    def say(self, line: str, deeper: int = 0) -> None:
        self.lines.append("  " * (self.indent + deeper) + line)

    def write(self, results: list[Node]) -> list[Text]:
        """Everything that the results need; returns them as expressions."""
        nodes = self.needed(results)
        self.uses(nodes, results)
        before = self.updates(nodes, results)
        for group in self.schedule(nodes, before):
            if isinstance(group, list):
                self.loop(group)
            elif group.op in STATEMENTS and group.op != "hash":
                statements.write(self, group)
            elif group.op != "out":  # a result has the name that its statement gave it
                self.number(group)
        return [self.text(x) for x in results]

    def needed(self, results: list[Node]) -> list[Node]:
        """Operations that are not there yet, in the order in which they were asked for."""
        found: set[Node] = set()
        rest = list(results)
        while rest:
            node = rest.pop()
            if node in self.at or node in found or node.op in ("const", "data"):
                continue
            found.add(node)
            rest += asked(node)
        return sorted(found, key=lambda n: n.order)

    def uses(self, nodes: list[Node], results: list[Node]) -> None:
        """Who reads what; what is read by a program inside counts as read in many places."""
        self.readers: dict[Node, list[Node]] = {}
        for node in nodes:
            for x in asked(node):
                self.readers.setdefault(x, []).append(node)
        self.many = set(results)
        for node in nodes:
            for body in bodies(node):
                self.many |= body.free

    # --- arrays that change in place -----------------------------------------------------------------------------

    def updates(self, nodes: list[Node], results: list[Node]) -> dict[Node, set[Node]]:
        """What must be done before what, beyond what is read; fills ``in_place``."""
        before: dict[Node, set[Node]] = {n: set() for n in nodes}
        waiting: dict[Node, list[Node]] = {}
        there = set(nodes)
        for node in nodes:
            if node.op not in UPDATES:
                continue
            base = node.whole[0]
            mine = base in self.own or (base in there and base.op not in ("input",))
            others = [x for x in self.readers.get(base, ()) if x is not node]
            if node.whole.count(base) > 1 or node.args.count(base) or not mine or base in results:
                continue
            if others and not self.after(node, waiting).isdisjoint(others):
                continue
            self.in_place.add(node)
            before[node].update(others)
            for x in others:  # they read it here, not wherever they are used
                waiting.setdefault(x, []).append(node)
                if x.op in ("read", "view"):
                    self.many.add(x)
        return before

    def after(self, node: Node, waiting: dict[Node, list[Node]]) -> set[Node]:
        """Everything that has to wait for an operation: what reads it, or is ``waiting`` for another reason."""
        found: set[Node] = set()
        rest = [node]
        while rest:
            x = rest.pop()
            if x not in found:
                found.add(x)
                rest += self.readers.get(x, []) + waiting.get(x, [])
        return found - {node}

    # --- order ------------------------------------------------------------------------------------------------------

    def schedule(self, nodes: list[Node], before: dict[Node, set[Node]]) -> Iterable[Any]:
        """Numbers and statements one by one, operations on long arrays of one size together."""
        there = set(nodes)
        waits = {n: {x for x in asked(n) if x in there} | (before[n] & there) for n in nodes}
        followers: dict[Node, list[Node]] = {}
        for n, earlier in waits.items():
            for x in earlier:
                followers.setdefault(x, []).append(n)
        ready = Ready(n for n in nodes if not waits[n])

        def done(node: Node) -> None:
            for x in followers.get(node, ()):
                waits[x].discard(node)
                if not waits[x]:
                    ready.add(x)

        while ready.any():
            if (node := ready.alone()) is not None:
                done(node)
                yield node
                continue
            group: dict[Node, None] = {}
            size = ready.next_size()
            while found := ready.together(size, group):
                for n in found:
                    group[n] = None
                    done(n)
            yield sorted(group, key=lambda n: n.order)  # as the model says it

    # --- expressions ------------------------------------------------------------------------------------------------

    def text(self, node: Node, index: str | None = None) -> Text:
        """A node where it is used; ``index`` is the element of long arrays."""
        if node in self.inline:
            return self.inline[node]
        if node.op == "const":
            return literal(node.more)
        if node.op == "data":
            if index is None:
                return Text(self.function.table(node.more, node.kind, node.name))
            found = place(node.more, index) if node.kind in ("i32", "u32", "i64") else None
            return found or self.element(Text(self.function.table(node.more, node.kind, node.name)), node.kind, index)
        name = Text(self.at[node])
        return name if index is None or node.size is None else self.element(name, node.kind, index)

    @staticmethod
    def element(array: Text, kind: str, index: str) -> Text:
        found = Text(f"{array.text}[{index}]")
        return Text(f"{found.text} === 1", 8) if kind == "bool" else found

    def made(self, node: Node, index: str | None = None) -> Text:
        """The expression of an operation."""
        if node.op == "read":
            return self.element(self.text(node.whole[0]), node.kind, self.text(node.args[0], index).text)
        if node.op == "view":
            where = place(node.more, index) or Text(f"{self.function.table(node.more, 'i32')}[{index}]")
            return self.element(self.text(node.whole[0]), node.kind, where.text)
        if node.op == "word":
            first, second = self.at[node.args[0]].split(",")
            return Text(second if node.more else first)
        args = [self.text(x, index) for x in node.args]
        found = expression(node.op, node.kind, node.args[0].kind, args)
        self.function.used.update(re.findall(r"[A-Za-z_]\w*(?=\()", found.text))
        return found

    def named(self, node: Node) -> str:
        """A name for an operation: what its line in the model is called."""
        wanted = plain(node.name, {"bool": "is", "i32": "n", "u32": "word"}.get(node.kind, "x"))
        return self.function.names.new(f"{wanted}_part" if (node.name or "").endswith("?") else wanted)

    def number(self, node: Node, index: str | None = None, deeper: int = 0, group: Iterable[Node] = ()) -> None:
        """One number, named where it is used again or has grown long."""
        if node.op == "hash":
            self.hash(node, index, deeper)
            return
        found = self.made(node, index)
        readers = self.readers.get(node, ())
        single = len(readers) == 1 and node not in self.many
        if single and index is None:
            reader = readers[0]
            single = reader.size is None and (reader.op not in STATEMENTS or reader.op == "pack")
        elif single:
            single = readers[0] in group
        kept = firm(node.name) and node.op not in ("read", "view", "cast")
        if node.op == "word" or (single and not kept and len(found.text) <= WIDEST):
            self.inline[node] = found
            return
        name = self.named(node)
        self.say(f"const {name} = {found.text};", deeper)
        self.inline[node] = Text(name)
        if index is None:
            self.at[node] = name

    def hash(self, node: Node, index: str | None, deeper: int) -> None:
        """Two random words at once."""
        args = ", ".join(self.text(x, index).text for x in node.args)
        first, second = self.function.names.new("word"), self.function.names.new("word")
        self.function.used.add("threefry")
        self.say(f"const {first} = threefry({args}), {second} = threefry.second;", deeper)
        self.at[node] = f"{first},{second}"

    def loop(self, group: list[Node]) -> None:
        """One loop over all operations of a size."""
        inside, size = set(group), group[0].size
        stored = [n for n in group if n.op not in ("hash", "word") and self.is_stored(n, inside)]
        stored += [n for n in group if n.op == "word" and self.is_stored(n, inside)]
        outer = dict(self.inline)
        self.say(f"for (let i = 0; i < {size}; i++) {{{of_whom(group)}")
        for node in group:
            if node in stored:
                self.stored(node, inside)
            else:
                self.number(node, "i", 1, inside)
        self.say("}")
        self.inline = outer

    def stored(self, node: Node, inside: set[Node]) -> None:
        """An element of an array that is read outside of the loop; what the loop itself reads has a name too."""
        found = self.made(node, "i").text
        array = self.function.buffer(node.kind, node.size, plain(node.name, "a"))
        if node.op != "word" and not inside.isdisjoint(self.readers.get(node, ())):
            name = self.function.names.new(f"{array}_i")
            self.say(f"const {name} = {found};", 1)
            found = name
        self.say(f"{array}[i] = {found};", 1)
        self.inline[node] = Text(found)
        self.at[node] = array

    def is_stored(self, node: Node, inside: set[Node]) -> bool:
        """Whether somebody outside the loop reads what an operation makes."""
        readers = self.readers.get(node, ())
        return node in self.many or any(x not in inside or node in x.whole for x in readers)

    # --- programs inside --------------------------------------------------------------------------------------------

    def nested(
        self, body: Body, at: dict[Node, str], own: Iterable[Node] = (), deeper: int = 1
    ) -> tuple[list[str], list[Text]]:
        """The lines of a program inside, and its results."""
        seen = dict(self.at.items()) | {x: t.text for x, t in self.inline.items() if re.fullmatch(r"\w+", t.text)}
        block = Block(self.function, seen | at, own, self.indent + deeper)
        results = block.write(body.results)
        return block.lines, results
