"""Elementwise operations as one loop over all elements: every array is read once and written once."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

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


def loop(ops: list[Op], stores: Mapping[Var, Any], near: Var | None = None) -> Loop:
    """The loop that leaves in every array of ``stores`` the value that is told there; equal work has equal text.

    Of ``near`` only what the loop does is in memory, from its beginning on.
    """
    ops = _wanted(ops, stores.values())
    made = {op.made[0]: f"x{k}" for k, op in enumerate(ops)}
    values = [*(x for op in ops for x in op.reads), *(x for x in stores.values() if isinstance(x, Var))]
    taken = list(dict.fromkeys(x for x in values if x not in made))
    arrays, numbers = [x for x in taken if x.shape], [x for x in taken if not x.shape]
    names = made | {x: f"v{k}" for k, x in enumerate(arrays)} | {x: f"s{k}" for k, x in enumerate(numbers)}

    def said(x: Any) -> str:
        return names[x] if isinstance(x, Var) else literal(x)

    takes = [f"const {stored(x)}* a{k}" for k, x in enumerate(arrays)]
    takes += [f"{kind(x)} {names[x]}" for x in numbers]
    takes += [f"{stored(x)}* o{k}" for k, x in enumerate(stores)]
    lines = [f"const {kind(x)} {names[x]} = a{k}[i]{' != 0' if x.dtype == bool else ''};" for k, x in enumerate(arrays)]
    lines += [f"const {kind(op.made[0])} {names[op.made[0]]} = {expression(op, [*map(said, op.given)])};" for op in ops]
    for k, (place, x) in enumerate(stores.items()):
        at = "i - from" if place is near else "i"
        lines.append(f"o{k}[{at}] = {said(x)}{' ? 1 : 0' if place.dtype == bool else ''};")
    text = [
        f"({', '.join(['int64_t from', 'int64_t to', *takes])}) {{",
        "  LANES for (int64_t i = from; i < to; ++i) {",
        *(f"    {line}" for line in lines),
        "  }",
        "}",
    ]
    return Loop("\n".join(text), arrays, numbers, list(stores))


def _wanted(ops: list[Op], values: Iterable[Any]) -> list[Op]:
    """The operations that these values come from."""
    wanted = {x for x in values if isinstance(x, Var)}
    found = []
    for op in reversed(ops):
        if op.made[0] in wanted:
            found.append(op)
            wanted.update(op.reads)
    return found[::-1]


def kind(x: Var) -> str:
    """The C++ type of a value."""
    return TYPES[x.dtype.name]


def stored(x: Var) -> str:
    """The C++ type of an element in memory."""
    return "uint8_t" if x.dtype == bool else kind(x)
