"""The functions of a module: each a traced program with names from the model's own declarations."""

import math
import re
from typing import Any

import numpy as np

from .block import Block, Function
from .errors import ExportError
from .expressions import ARRAYS, comment, quoted
from .flow import leaves
from .graph import KINDS, SMALL, UPDATES, Node, Pair, Value, asked, long, small
from .lower import Lowering, Unsupported
from .matching import exponential, named, recognised
from .names import Names, firm
from .statements import assigned
from .traced import Program, Traced


def member(owner: str, path: str) -> str:
    """``p.g_Na``, or ``p["Na.g_max"]`` where the path is no plain name."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", path, re.ASCII) and path not in ("__proto__", "constructor", "prototype")
    return f"{owner}.{path}" if plain else f"{owner}[{quoted(path)}]"


class Written:
    """One program being written as a function."""

    def __init__(self, traced: Traced, program: Program, data: dict):
        self.traced, self.program = traced, program
        self.low = Lowering(f"{program.what} of {type(traced.model).__name__}", traced.tables())
        self.function = Function(Names(), data)
        self.at: dict[Node, str] = {}
        self.head: list[str] = []
        self.states: dict[str, list[tuple[Node, str]]] = {}
        self.text = ""
        avals = [v.aval for v in program.closed.jaxpr.invars]
        arguments = [self.argument(kind, path, aval) for (kind, path), aval in zip(program.given, avals, strict=True)]
        results = self.low.run(program.closed.jaxpr, program.closed.consts, arguments)
        self.results = dict(zip(program.found, [leaves(self.low, r) for r in results], strict=True))
        self.call_results()

    def call_results(self) -> None:
        """Names for results that have none of their own."""
        for (kind, path), nodes in self.results.items():
            wanted = f"d{path}" if kind == "slope" else f"{path}_new" if kind == "state" else path
            for k, node in enumerate(nodes):
                if node.op not in ("input", "const", "data") and not firm(node.name):
                    node.name = wanted if len(nodes) == 1 else f"{wanted}_{k}"
                while node.op in UPDATES:  # it is changed in place
                    node = node.whole[0]
                    node.name = node.name or wanted

    def used(self, lines: list[str], body: str) -> list[str]:
        """Of declarations those whose name stands in the text that follows."""
        words = set(re.findall(r"\w+", body))
        return [x for x in lines if not words.isdisjoint(re.findall(r"\w+", x.partition("=")[0])[1:])]

    # --- arguments ----------------------------------------------------------------------------------------------------

    def argument(self, kind: str, path: str, aval: Any) -> Any:
        """What stands for an argument."""
        if kind == "key":
            words = [self.input("key", f"key_{k}", "u32", fixed=True) for k in (0, 1)]
            self.head.append(f"const [{self.at[words[0]]}, {self.at[words[1]]}] = state.key;")
            return Pair(*(small("u32", [w], ()) for w in words), "key")
        try:
            number = self.low.kind(aval.dtype)
        except Unsupported as reason:
            raise ExportError(
                f"`{path}` of {type(self.traced.model).__name__} cannot be exported to JavaScript: {reason}."
            ) from None
        if kind != "state":
            node = self.input(path, path, number, fixed=kind in ("parameter", "dt", "begin", "seed", "time"))
            if kind == "parameter":
                p = self.traced.parameters[path]
                unit = "" if p.unit == "1" else f"{comment(p.unit)}: "
                self.head.append(
                    f"const {self.at[node]} = {member('p', path)}; // {unit}{comment(p.doc)}".rstrip(" /:")
                )
            elif kind == "begin":
                self.head.append(f"const {self.at[node]} = state.begin; // ms: time at step 0")
            elif kind == "dt":
                self.head.append(f"const {self.at[node]} = state.dt; // ms")
            return small(number, [node], ())
        return self.state(path, number, tuple(aval.shape))

    def state(self, path: str, number: str, shape: tuple[int, ...]) -> Value:
        size = math.prod(shape)
        if size > SMALL:
            node = self.input(path, path, number, size=size)
            self.states[path] = [(node, self.at[node])]
            return long(number, shape, node)
        nodes = [self.input(path, path if size == 1 else f"{path}_{k}", number) for k in range(size)]
        self.states[path] = [(n, self.at[n]) for n in nodes]
        return small(number, nodes, shape)

    def input(self, path: str, wanted: str, kind: str, size: int | None = None, fixed: bool = False) -> Node:
        node = self.low.graph.input(f"{path}/{wanted}", kind, size, fixed)
        self.at[node] = self.function.names.new(wanted)
        return node

    def patterns(self) -> tuple[dict[str, Node], dict[Node, str]]:
        """The named expressions of this program, and the variables of its states."""
        return named(self.low), {node: path for path, given in self.states.items() for node, _ in given}

    # --- what is written ----------------------------------------------------------------------------------------------

    def before(self, results: list[Node]) -> list[str]:
        """What is the same in every step, computed once; its names are known afterwards."""
        block = Block(self.function, self.at)
        seen, rest, border = set(), list(results), set()
        while rest:
            node = rest.pop()
            if node in seen or node in self.at or node.op in ("const", "data"):
                continue
            seen.add(node)
            if node.fixed:
                border.add(node)
            else:
                rest += asked(node)
        wanted = sorted(border, key=lambda n: n.order)
        for node, text in zip(wanted, block.write(wanted), strict=True):
            self.at[node] = text.text
        self.at |= {n: name for n, name in block.at.items() if n in border}
        return block.lines


def step_function(traced: Traced, data: dict, equations: Written | None) -> Written:
    """``advance(p, state, records, every, out, at)``."""
    w = Written(traced, traced.step(), data)
    nodes = w.low.graph.nodes
    if equations is not None:
        recognised(*equations.patterns(), nodes)
    for size in {n.size for n in nodes if n.op == "exp"}:
        recognised(*exponential(size), nodes)
    names = w.function.names
    n = next(node for node in w.at if node.more == "step/step")
    everything = [x for nodes in w.results.values() for x in nodes]
    fixed = w.before(everything)
    arrays = [node for found in w.states.values() for node, _ in found if node.size is not None]
    block = Block(w.function, w.at, arrays, indent=3)
    texts = iter(block.write(everything))
    found = {what: [next(texts) for _ in nodes] for what, nodes in w.results.items()}
    body = block.lines
    indent = "  " * 3
    body.append(f"{indent}// what is kept, and the next state")
    outs = []
    for (kind, path), nodes in w.results.items():
        if kind != "record":
            continue
        name = names.new(f"{path}_out")
        outs.append(f"const {name} = {member('out', path)};")
        body += recorded(path, name, nodes, [t.text for t in found[kind, path]], indent, names)
    targets = [
        (name, node, text)
        for path, given in w.states.items()
        for (_, name), node, text in zip(given, w.results["state", path], found["state", path], strict=True)
    ]
    assigned(block, [t[0] for t in targets], [t[1] for t in targets], [t[2] for t in targets], body, indent)
    counter = w.at[n]
    lines = [
        *section("Arrays that every step writes anew.", ["  " + x for x in w.function.buffers]),
        *section("What is the same in every step.", fixed),
        *section("The state, and what is kept of it.", [*loads(w, "let"), f"  let {counter} = state.step;"]),
        *("  " + x for x in outs),
        "",
    ]
    lines += ["  for (let row = at; row < at + records; row++) {", "    for (let j = 0; j < every; j++) {"]
    lines += [*body, f"      {counter} = ({counter} + 1) | 0;", "    }", "  }"]
    lines += [
        f"  {member('state', path)}{'' if len(given) == 1 else f'[{k}]'} = {name};"
        for path, given in w.states.items()
        for k, (node, name) in enumerate(given)
        if node.size is None
    ]
    lines += [f"  state.step = {counter};", "}"]
    head = w.used(["  " + x for x in w.head], "\n".join(lines))
    w.text = "\n".join(["function advance(p, state, records, every, out, at) {", *head, *lines])
    return w


def section(title: str, lines: list[str]) -> list[str]:
    """Lines under a comment, after an empty one; nothing where there are none."""
    return ["", f"  // {title}", *lines] if lines else []


def loads(w: Written, word: str) -> list[str]:
    """The state in variables."""
    lines = []
    for path, given in w.states.items():
        for k, (node, name) in enumerate(given):
            source = member("state", path) + ("" if len(given) == 1 else f"[{k}]")
            doc = meaning(w.traced, path) if k == 0 else ""
            lines.append(f"  {word if node.size is None else 'const'} {name} = {source};{doc}")
    return lines


def meaning(traced: Traced, path: str) -> str:
    """The unit and the meaning of a state, as a comment."""
    d = traced.model.declaration(path)
    if d is None:
        return ""
    unit = "" if d.unit == "1" else f"{comment(d.unit)}: "
    return f" // {unit}{comment(d.doc)}".rstrip(" /:")


def recorded(path: str, name: str, nodes: list[Node], texts: list[str], indent: str, names: Names) -> list[str]:
    """Lines that keep what is seen; spikes are counted between two records, all else is sampled."""
    sign = "+=" if path.rpartition(".")[2] == "spike" else "="
    if len(nodes) == 1 and nodes[0].size is None:
        return [f"{indent}{name}[row] {sign} {number(nodes[0], texts[0])};"]
    if len(nodes) == 1:
        size = nodes[0].size
        if sign == "=":
            return [f"{indent}{name}.set({texts[0]}, row * {size});"]
        return [f"{indent}for (let i = 0; i < {size}; i++) {name}[row * {size} + i] += {texts[0]}[i];"]
    return [
        f"{indent}{name}[row * {len(nodes)} + {k}] {sign} {number(x, text)};"
        for k, (x, text) in enumerate(zip(nodes, texts, strict=True))
    ]


def number(node: Node, text: str) -> str:
    return f"+({text})" if node.kind == "bool" else text


def begin_function(traced: Traced, data: dict) -> Written:
    """``begin(p, seed)``: the state at the start of a run."""
    w = Written(traced, traced.begin(), data)
    everything = [x for nodes in w.results.values() for x in nodes]
    block = Block(w.function, w.at, indent=1)
    texts = iter(block.write(everything))
    found = {what: [next(texts).text for _ in nodes] for what, nodes in w.results.items()}
    seed = next(name for node, name in w.at.items() if node.more == "seed/seed")
    body = "\n".join(block.lines)
    parts = [f"    key: [{', '.join(found['key', 'key'])}],"]
    for slot in traced.slots():
        texts_ = found["state", slot.path]
        nodes = w.results["state", slot.path]
        kind = KINDS[np.dtype(slot.dtype).name]
        size = math.prod(slot.shape)
        if size > SMALL:
            value = f"{texts_[0]}.slice()"
        elif size == 1:
            value = number(nodes[0], texts_[0]) if kind != "bool" else texts_[0]
        else:
            value = f"{ARRAYS[kind]}.of({', '.join(texts_)})"
        parts.append(
            f"    {member('', slot.path)[1:] if member('', slot.path).startswith('.') else quoted(slot.path)}: {value},"
        )
    used = body + "\n".join(parts)
    head = w.used(["  " + x for x in w.head], used)
    lines = [
        f"function begin(p, {seed}, dt) {{",
        *head,
        *("  " + x for x in w.function.buffers),
        *(["", body] if body and (head or w.function.buffers) else [body] if body else []),
    ]
    lines += ["  return {", *parts, "    step: 0,", "    begin: 0,", "    dt,", "  };", "}"]
    w.text = "\n".join(lines)
    return w


def equations_function(traced: Traced, data: dict) -> Written | None:
    """``vectorField(p, t, state)``: the slopes of the states, for reading and for phase planes."""
    program = traced.equations()
    if program is None:
        return None
    w = Written(traced, program, data)
    t = next(name for node, name in w.at.items() if node.more == "t/t")
    return by_path(w, f"vectorField(p, {t}, state)")


def jump_function(traced: Traced, data: dict) -> Written | None:
    """``jump(p, state)``: the states that evolve after the model's own step, which is a spike where they moved."""
    program = traced.jump()
    return None if program is None else by_path(Written(traced, program, data), "jump(p, state)")


def by_path(w: Written, signature: str) -> Written:
    """A function that gives the results of a program by their paths."""
    everything = [x for nodes in w.results.values() for x in nodes]
    block = Block(w.function, w.at, indent=1)
    texts = iter(block.write(everything))
    parts = []
    for (_, path), nodes in w.results.items():
        values = [next(texts).text for _ in nodes]
        one = len(nodes) == 1
        value = (
            f"{values[0]}.slice()"
            if one and nodes[0].size is not None
            else values[0]
            if one
            else f"Float64Array.of({', '.join(values)})"
        )
        parts.append(f"    {member('', path)[1:] if member('', path).startswith('.') else quoted(path)}: {value},")
    body = "\n".join([*block.lines, *parts])
    used = w.used(["  " + x for x in w.head] + loads(w, "const"), body)
    lines = [f"function {signature} {{", *used, *("  " + x for x in w.function.buffers)]
    lines += ["", *block.lines] if block.lines else []
    lines += ["  return {", *parts, "  };", "}"]
    w.text = "\n".join(lines)
    return w
