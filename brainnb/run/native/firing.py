"""What is another value only where a cell fired, such as a reset: done for these cells alone, after a loop without it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..written import Op, Var
from .loops import kind
from .vocabulary import expression, literal


class Change(NamedTuple):
    """Elements of ``place`` are ``before``, and ``after`` where a cell fired."""

    place: Var
    before: Any
    after: Any


def changes(ops: list[Op], fired: Var, places: Iterable[Var], lost: set[Var]) -> list[Change]:
    """The choices by ``fired`` that can be made when the loop is done.

    Parameters
    ----------
    ops : list of Op
        Those of the loop.
    fired : Var
        Who fired.
    places : iterable of Var
        What the loop leaves in memory.
    lost : set of Var
        Arrays over which the loop writes, so that they are not what they were.
    """
    made = {op.made[0]: op for op in ops}
    read = {x for op in ops for x in op.reads}
    chosen = (made[x] for x in places if x in made and x not in read)
    found = [
        Change(op.made[0], op.given[1], op.given[2])
        for op in chosen
        if op.name == "select_n" and len(op.given) == 3 and op.given[0] is fired
    ]

    while True:
        known = {change.before for change in found if isinstance(change.before, Var)}
        for op in ops:
            if all(x in known or not x.shape or (x not in made and x not in lost) for x in op.reads):
                known.add(op.made[0])
        left = [c for c in found if not isinstance(c.after, Var) or not c.after.shape or c.after in known]
        if len(left) == len(found):
            return found
        found = left


def told(found: list[Change], ops: list[Op], names: Mapping[Var, str]) -> list[str]:
    """What is done for cell ``i``, which fired: all is read before anything is written."""
    made = {op.made[0]: op for op in ops}
    held = {change.before: change.place for change in found if isinstance(change.before, Var)}
    said: dict[Var, str] = {}
    lines: list[str] = []

    def value(x: Any) -> str:
        if not isinstance(x, Var) or not x.shape:
            return names[x] if isinstance(x, Var) else literal(x)
        if x not in said:
            if x in made and x not in held:
                now = expression(made[x], [value(y) for y in made[x].given])
            else:
                now = f"{names[held.get(x, x)]}[i]{' != 0' if x.dtype == bool else ''}"
            said[x] = f"e{len(said)}"
            lines.append(f"const {kind(x)} {said[x]} = {now};")
        return said[x]

    after = [value(change.after) for change in found]
    stores = (
        f"{names[change.place]}[i] = {x}{' ? 1 : 0' if change.place.dtype == bool else ''};"
        for change, x in zip(found, after, strict=True)
    )
    return [*lines, *stores]
