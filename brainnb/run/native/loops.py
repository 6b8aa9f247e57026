"""Elementwise operations as one loop over all elements: every array is read once and written once."""

from collections.abc import Iterable
from typing import NamedTuple

from ..written import Op, Var
from .vocabulary import TYPES, expression, literal


def groups(ops: Iterable[Op]) -> list[list[Op]]:
    """Operations on arrays, apart where they share no array."""
    root: dict[Var, Var] = {}

    def find(x: Var) -> Var:
        while (above := root.setdefault(x, x)) is not x:
            root[x] = x = root[above]
        return x

    ops = list(ops)
    for op in ops:
        for x in op.reads:
            if x.shape:
                root[find(x)] = find(op.made[0])
    found: dict[Var, list[Op]] = {}
    for op in ops:
        found.setdefault(find(op.made[0]), []).append(op)
    return list(found.values())


class Loop(NamedTuple):
    """A function in C++ but for its name; arrays and numbers that it takes; arrays that it writes."""

    text: str
    arrays: list[Var]
    numbers: list[Var]
    written: list[Var]


def loop(ops: list[Op], write: set[Var]) -> Loop:
    """The loop that does ``ops`` and writes those results that are in ``write``; equal work has equal text."""
    made = {op.made[0]: f"x{k}" for k, op in enumerate(ops)}
    taken = list(dict.fromkeys(x for op in ops for x in op.reads if x not in made))
    arrays, numbers = [x for x in taken if x.shape], [x for x in taken if not x.shape]
    names = made | {x: f"v{k}" for k, x in enumerate(arrays)} | {x: f"s{k}" for k, x in enumerate(numbers)}
    lines = [
        f"const {kind(op.made[0])} {names[op.made[0]]} = "
        + expression(op, [names[x] if isinstance(x, Var) else literal(x) for x in op.given])
        for op in ops
    ]
    written = [op.made[0] for op in ops if op.made[0] in write]
    return Loop(_function(arrays, numbers, written, names, lines), arrays, numbers, written)


def kind(x: Var) -> str:
    """The C++ type of a value."""
    return TYPES[x.dtype.name]


def stored(x: Var) -> str:
    """The C++ type of an element in memory."""
    return "uint8_t" if x.dtype == bool else kind(x)


def _function(
    arrays: list[Var], numbers: list[Var], written: list[Var], names: dict[Var, str], lines: list[str]
) -> str:
    takes = [f"const {stored(x)}* a{k}" for k, x in enumerate(arrays)]
    takes += [f"{kind(x)} {names[x]}" for x in numbers]
    takes += [f"{stored(x)}* o{k}" for k, x in enumerate(written)]
    loads = [f"const {kind(x)} {names[x]} = a{k}[i]{' != 0' if x.dtype == bool else ''};" for k, x in enumerate(arrays)]
    stores = [f"o{k}[i] = {names[x]}{' ? 1 : 0' if x.dtype == bool else ''};" for k, x in enumerate(written)]
    return "\n".join(
        [
            f"({', '.join(['int64_t from', 'int64_t to', *takes])}) {{",
            "  LANES for (int64_t i = from; i < to; ++i) {",
            *(f"    {line}" for line in (*loads, *[f"{line};" for line in lines], *stores)),
            "  }",
            "}",
        ]
    )
