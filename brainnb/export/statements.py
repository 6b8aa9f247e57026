"""Operations that are statements of their own: loops over sums, updates of arrays, branches."""

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from brainnb.core.bits import WORD

from .affine import place
from .expressions import Text, expression
from .graph import Node, is_blank
from .names import plain

if TYPE_CHECKING:
    from .block import Block

WRITERS: dict[str, Callable[["Block", Node], None]] = {}


def writer(*names: str) -> Callable:
    """Register what writes these statements."""

    def keep(function: Callable) -> Callable:
        WRITERS.update(dict.fromkeys(names, function))
        return function

    return keep


def write(block: "Block", node: Node) -> None:
    """Write one statement."""
    WRITERS[node.op](block, node)


def buffer(block: "Block", node: Node, wanted: str) -> str:
    """The array that a statement writes into."""
    name = block.function.buffer(node.kind, node.size, plain(node.name, wanted))
    block.at[node] = name
    return name


def spot(block: "Block", places: np.ndarray, names: tuple[str, ...]) -> str:
    """Where in an array an element lies, as a sum over one index for each axis."""
    origin = places[(0,) * places.ndim]
    parts, rebuilt = [], np.full(places.shape, origin, np.int64)
    for axis, name in enumerate(names):
        line = np.moveaxis(places, axis, 0).reshape(places.shape[axis], -1)[:, 0].astype(np.int64) - origin
        between = [1] * places.ndim
        between[axis] = -1
        rebuilt = rebuilt + line.reshape(between)
        found = place(line, name)
        if found is None:
            return table(block, places, names)
        if found.text != "0":
            parts.append(found.text)
    if not np.array_equal(rebuilt, places):
        return table(block, places, names)
    return " + ".join([*([str(origin)] if origin else []), *parts]) or "0"


def table(block: "Block", places: np.ndarray, names: tuple[str, ...]) -> str:
    """Places that follow no rule, from a table."""
    flat = "0"
    for axis, name in enumerate(names):
        flat = name if flat == "0" else f"({flat}) * {places.shape[axis]} + {name}"
    return f"{block.function.table(places.reshape(-1).astype(np.int32), 'i32')}[{flat}]"


def loop(index: str, count: Any) -> str:
    return f"for (let {index} = 0; {index} < {count}; {index}++)"


# --- sums ---------------------------------------------------------------------------------------------------------

BEGIN = {"add": "0", "mul": "1", "max": "-Infinity", "min": "Infinity", "and": "true", "or": "false"}
LEAST = {("max", "i32"): "-2147483648", ("min", "i32"): "2147483647", ("max", "u32"): "0", ("min", "u32"): "4294967295"}


def step(how: str, kind: str, total: str, x: str) -> str:
    """One element more in a running total."""
    if kind == "f64" and how in ("add", "mul"):
        return f"{total} {'+' if how == 'add' else '*'}= {x};"
    return f"{total} = {expression(how, kind, kind, [Text(total), Text(x)]).text};"


@writer("reduce")
def reduce(block: "Block", node: Node) -> None:
    how, places = node.more
    base = block.text(node.whole[0]).text
    total = block.function.names.new(plain(node.name, {"add": "sum", "or": "any", "and": "all"}.get(how, how)))
    rows, columns = places.shape
    where, deeper = (spot(block, places[0], ("j",)), 0) if rows == 1 else (spot(block, places, ("i", "j")), 1)
    element = block.element(Text(base), node.whole[0].kind, where).text
    if rows > 1:
        out = buffer(block, node, "sums")
        block.say(f"{loop('i', rows)} {{")
    if how.startswith("arg"):
        best = block.function.names.new("best")
        sign = ">" if how == "argmax" else "<"
        block.say(f"let {total} = 0, {best} = {'-' if sign == '>' else ''}Infinity;", deeper)
        block.say(f"{loop('j', columns)} if ({element} {sign} {best}) {{ {best} = {element}; {total} = j; }}", deeper)
    else:
        block.say(f"let {total} = {LEAST.get((how, node.kind), BEGIN[how])};", deeper)
        block.say(f"{loop('j', columns)} {step(how, node.kind, total, element)}", deeper)
    if rows > 1:
        block.say(f"{out}[i] = {total};", 1)
        block.say("}")
    else:
        block.at[node] = total


@writer("dot")
def dot(block: "Block", node: Node) -> None:
    left, right = node.more
    (batch, rows, over), columns = left.shape, right.shape[1]
    a, b = (block.text(x).text for x in node.whole)
    out = buffer(block, node, "product")
    total = block.function.names.new("sum")
    block.say(f"{loop('batch', batch)} {loop('i', rows)} {loop('j', columns)} {{")
    block.say(f"let {total} = 0;", 1)
    block.say(
        f"{loop('inner', over)} {total} += {a}[{spot(block, left, ('batch', 'i', 'inner'))}] * {b}[{spot(block, right, ('batch', 'j', 'inner'))}];",
        1,
    )
    block.say(f"{out}[(batch * {rows} + i) * {columns} + j] = {total};", 1)
    block.say("}")


@writer("scan_sum")
def running(block: "Block", node: Node) -> None:
    how, outer, n, inner, back = node.more
    base, out = block.text(node.whole[0]).text, buffer(block, node, "running")
    total = block.function.names.new("sum")
    at = f"(batch * {n} + {f'{n - 1} - j' if back else 'j'}) * {inner} + inner"
    element = block.element(Text(base), node.kind, at).text
    block.say(f"{loop('batch', outer)} {loop('inner', inner)} {{")
    block.say(f"let {total} = {LEAST.get((how, node.kind), BEGIN[how])};", 1)
    block.say(f"{loop('j', n)} {{ {step(how, node.kind, total, element)} {out}[{at}] = {total}; }}", 1)
    block.say("}")


@writer("sort")
def sort(block: "Block", node: Node) -> None:
    """Where the elements of each row come from when its keys are in order."""
    out = buffer(block, node, "order")
    block.function.used.add("ordered")
    block.say(f"ordered({', '.join([out, str(node.more), *(block.text(x).text for x in node.whole)])});")


@writer("poisson")
def poisson(block: "Block", node: Node) -> None:
    """Poisson numbers of given means, from the two words of a key."""
    out = buffer(block, node, "counts")
    block.function.used.add("poisson")
    block.say(f"poisson({', '.join([out, *(block.text(x).text for x in node.whole + node.args)])});")


# --- arrays -------------------------------------------------------------------------------------------------------


@writer("pack")
def pack(block: "Block", node: Node) -> None:
    out = buffer(block, node, "packed")
    block.say(" ".join(f"{out}[{k}] = {block.text(x).text};" for k, x in enumerate(node.args)))


@writer("concat")
def concat(block: "Block", node: Node) -> None:
    out, at = buffer(block, node, "joined"), 0
    for column, n in zip(node.whole, node.more, strict=True):
        text = block.text(column).text
        block.say(f"{out}.fill({text}, {at}, {at + n});" if column.size is None else f"{out}.set({text}, {at});")
        at += n


def changed(block: "Block", node: Node) -> str:
    """The array that an update writes into: the one that is there, or a copy of it."""
    first = node.whole[0]
    if node not in block.in_place and is_blank(first):
        out = buffer(block, node, "updated")
        block.say(f"{out}.fill({block.text(first.args[0]).text});")
        return out
    base = block.text(first).text
    if node in block.in_place:
        block.at[node] = base
        return base
    out = buffer(block, node, "updated")
    block.say(f"{out}.set({base});")
    return out


@writer("scatter")
def scatter(block: "Block", node: Node) -> None:
    how, count = node.more
    out = changed(block, node)
    many = any(x.size is not None for x in node.args)
    where, new, *flags = (block.text(x, "i" if x.size is not None else None) for x in node.args)
    target = f"{out}[{where.text}]"
    if how == "set":
        line = f"{target} = {new.text};"
    elif how in ("add", "mul"):
        line = f"{target} {'+' if how == 'add' else '*'}= {new.text};"
    else:
        line = f"{target} = {expression(how, node.kind, node.kind, [Text(target), new]).text};"
    if flags:
        line = f"if ({flags[0].text}) {line}"
    block.say(f"{loop('i', count)} {line}" if many or count > 1 else line)


def weight(block: "Block", node: Node) -> str:
    """The weight of a synapse: one number for all, or the last of the arrays."""
    return block.text(node.args[0]).text if node.args else f"{block.text(node.whole[-1]).text}[synapse]"


@writer("events")
def events(block: "Block", node: Node) -> None:
    """Every neuron that fired, in its order, adds its synapses."""
    out = changed(block, node)
    fired, begins, targets = (block.text(x).text if x.size else "" for x in node.whole[1:4])
    (pre, *_), begin_shape, target_shape = node.more
    width = math.prod(target_shape) // max(pre, 1)
    first, last = (f"{begins}[i]", f"{begins}[i + 1]") if begin_shape[0] else (f"i * {width}", f"(i + 1) * {width}")
    strength = weight(block, node)
    if node.whole[1].kind != "bool":
        strength = f"{fired}[i] * {strength}"
    block.say(f"{loop('i', pre)} if ({fired}[i]) {{ // the synapses of every neuron that fired")
    block.say(f"for (let synapse = {first}; synapse < {last}; synapse++) {out}[{targets}[synapse]] += {strength};", 1)
    block.say("}")


@writer("delayed")
def delayed(block: "Block", node: Node) -> None:
    """For every delay the spikes of the moment it reaches back to, from a ring of packed bits."""
    out = changed(block, node)
    line, row, begins, targets = (block.text(x).text for x in node.whole[1:5])
    (rows, words), (slots,), (segments,), *_ = node.more
    strength, spikes = weight(block, node), -(-(segments // slots) // WORD)  # behind them a row may hold marks
    block.say(f"{loop('slot', slots)} {{ // the spikes that each delay reaches back to")
    block.say(f"if ({row}[slot] < 0 || {row}[slot] >= {rows}) continue;", 1)
    block.say(
        f"{loop('chunk', spikes)} for (let bits = {line}[{row}[slot] * {words} + chunk]; bits; bits &= bits - 1) {{", 1
    )
    block.say(f"const segment = (32 * chunk + 31 - Math.clz32(bits & -bits)) * {slots} + slot;", 2)
    block.say(
        f"for (let synapse = {begins}[segment]; synapse < {begins}[segment + 1]; synapse++) {out}[{targets}[synapse]] += {strength};",
        2,
    )
    block.say("}", 1)
    block.say("}")


# --- branches and loops -------------------------------------------------------------------------------------------


def out_nodes(block: "Block", node: Node) -> dict[int, Node]:
    """The results of a statement that somebody reads, by their number."""
    return {x.more: x for x in block.readers.get(node, ()) if x.op == "out"}


def places_for(block: "Block", node: Node, like: list[Node], begins: list[Node] | None = None) -> list[str]:
    """Variables and arrays for the results of a statement; what a loop carries begins with a value."""
    found, names = out_nodes(block, node), block.function.names
    chosen = []
    for k, x in enumerate(like):
        wanted = plain((x if begins is None else begins[k]).name, "x")
        begin = None if begins is None else begins[k]
        if x.size is None:
            name = names.new(wanted)
            block.say(f"let {name}{'' if begin is None else f' = {block.text(begin).text}'};")
        elif begin is not None and mine(block, begin, node):
            name = block.text(begin).text
        else:
            name = block.function.buffer(x.kind, x.size, wanted)
            if begin is not None:
                block.say(f"{name}.set({block.text(begin).text});")
        chosen.append(name)
        if k in found:
            block.at[found[k]] = name
    return chosen


def mine(block: "Block", begin: Node, node: Node) -> bool:
    """Whether an array is read by this statement only, so that it may change where it is."""
    there = begin in block.own or (
        begin in block.readers and begin.op not in ("input", "data") and begin not in block.given
    )
    return there and block.readers.get(begin) == [node] and begin not in block.many and node.reads.count(begin) == 1


def assigned(
    block: "Block", names: list[str], results: list[Node], texts: list[Text], lines: list[str], indent: str
) -> None:
    """New values for variables and arrays, all at once."""
    there = set(names)
    later = []
    for name, node, text in zip(names, results, texts, strict=True):
        if text.text == name:
            continue
        if node.size is not None:
            source = f"{text.text}.slice()" if text.text in there else text.text
            if source != text.text:
                kept = block.function.names.new(f"{name}_new")
                lines.append(f"{indent}const {kept} = {source};")
                source = kept
            later.append(f"{indent}{name}.set({source});")
            continue
        if len(names) > 1 and (not re.fullmatch(r"[A-Za-z_]\w*|-?[\d.e+-]+", text.text) or text.text in there):
            kept = block.function.names.new(f"{name}_new")
            lines.append(f"{indent}const {kept} = {text.text};")
            later.append(f"{indent}{name} = {kept};")
        else:
            later.append(f"{indent}{name} = {text.text};")
    lines += later


@writer("cond")
def cond(block: "Block", node: Node) -> None:
    branches = node.more
    names = places_for(block, node, branches[0].results)
    index = node.args[0]
    text = block.text(index).text
    indent = "  " * (block.indent + 1)
    order = [(k, b) for k, b in enumerate(branches)]
    if index.kind == "bool":
        order.reverse()
    for n, (k, branch) in enumerate(order):
        lines, results = block.nested(branch, {})
        test = text if index.kind == "bool" else f"{text} {'<=' if k == 0 else '==='} {k}"
        last = n == len(order) - 1
        block.say(("" if n == 0 else "} else ") + ("{" if last and n else f"if ({test}) {{"))
        assigned(block, names, branch.results, results, lines, indent)
        block.lines += lines
    block.say("}")


@writer("while")
def while_loop(block: "Block", node: Node) -> None:
    test, turn = node.more
    names = places_for(block, node, list(node.args), list(node.args))
    at = dict(zip(turn.inputs, names, strict=True))
    block.say("for (;;) {")
    lines, (going,) = block.nested(test, at)
    block.lines += lines
    block.say(f"if (!({going.text})) break;", 1)
    lines, results = block.nested(turn, at, own=[x for x in turn.inputs if x.size is not None])
    assigned(block, names, turn.results, results, lines, "  " * (block.indent + 1))
    block.lines += lines
    block.say("}")


@writer("loop")
def scan(block: "Block", node: Node) -> None:
    turn, carried, length, back = node.more
    kept = turn.results[carried:]
    names = places_for(block, node, list(node.args), list(node.args))
    found = out_nodes(block, node)
    columns = []
    for k, x in enumerate(kept):
        columns.append(block.function.buffer(x.kind, length * (x.size or 1), plain(x.name, "column")))
        if carried + k in found:
            block.at[found[carried + k]] = columns[-1]
    index = block.function.names.new("n")
    at = dict(zip(turn.inputs, [index, *names], strict=True))
    block.say(f"for (let {index} = {length - 1}; {index} >= 0; {index}--) {{" if back else f"{loop(index, length)} {{")
    lines, results = block.nested(turn, at, own=[x for x in turn.inputs[1:] if x.size is not None])
    indent = "  " * (block.indent + 1)
    for x, column, text in zip(kept, columns, results[carried:], strict=True):
        if x.size is None:
            lines.append(f"{indent}{column}[{index}] = {text.text};")
        else:
            lines.append(f"{indent}{column}.set({text.text}, {index} * {x.size});")
    assigned(block, names, turn.results[:carried], results[:carried], lines, indent)
    block.lines += lines
    block.say("}")
