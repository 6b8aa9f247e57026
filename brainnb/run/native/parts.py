"""A step in parts: what is said in C++, what XLA does between."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..written import Op, Var
from .keys import is_key, key_expression, keyed
from .products import delivery, product
from .source import Piece, piece
from .vocabulary import TYPES, dtype_of, expression

ENOUGH = 1000
"""Elements of an array from which on what makes it is worth a compiler's time."""


class Turn(NamedTuple):
    """Operations for C++, as a piece where they are worth one, and those that XLA does after them."""

    said: list[Op]
    piece: Piece | None
    others: list[Op]


def speaks(op: Op, whole: bool) -> bool:
    """Whether there are words for an operation, on single elements or an event product.

    What only pays where XLA has nothing at all to do (random keys, rings, Poisson numbers) is said of a ``whole`` step.
    """
    if op.lasting or len(op.made) != 1:
        return False
    given = [""] * len(op.given)
    if whole and (product(op) is not None or key_expression(op, given) is not None):
        return True
    if any(str(dtype_of(x)) not in TYPES for x in (*(x for x in op.given if not is_key(x)), *op.made)):
        return False
    return delivery(op) is not None or (not any(map(is_key, op.given)) and expression(op, given) is not None)


def turns(
    ops: list[Op],
    results: set[Var],
    fixed: Mapping[Var, Any],
    moves: Mapping[Var, Var],
    loops: list[str],
    whole: bool = False,
) -> list[Turn]:
    """A step in turns; ``loops`` becomes the loops that their pieces share.  None, if a ``whole`` step cannot be said."""
    parts = _parts(ops, whole)
    if whole and not _all_is_said(parts, results):
        return []
    made = []
    for k, (said, others) in enumerate(parts):
        after = [op for own, more in parts[k + 1 :] for op in (*own, *more)]
        read = results.union(*(op.reads for op in (*others, *after)))
        out = [v for op in said for v in op.made if v in read]
        worth = max((v.size for v in out), default=0) >= ENOUGH
        made.append(Turn(said, piece(said, out, fixed, moves, loops) if worth else None, others))
    return made


def _all_is_said(parts: list[tuple[list[Op], list[Op]]], results: set[Var]) -> bool:
    """Whether nothing is left to XLA, and keys and their words are made for draws alone."""
    if len(parts) != 1 or parts[0][1]:
        return False
    said = parts[0][0]
    made = {op.made[0] for op in said if keyed(op)}
    others = [op for op in said if not keyed(op) and ((found := product(op)) is None or found.name != "Counted")]
    return not made & results.union(*(op.reads for op in others))


def _parts(ops: list[Op], whole: bool) -> list[tuple[list[Op], list[Op]]]:
    """What can be said before anything else is done, what follows of another kind, and so on.

    What can be said is done as late as it is wanted, so that most of it is done together.
    """
    turn: dict[Var, int] = {}
    for op in ops:
        own = max((turn.get(x, 0) for x in op.reads), default=0)
        turn.update(dict.fromkeys(op.made, own if speaks(op, whole) else own + 1))
    last = max(turn.values(), default=0)
    wanted: dict[Var, int] = {}
    found: list[tuple[list[Op], list[Op]]] = [([], []) for _ in range(last + 1)]
    for op in reversed(ops):
        said = speaks(op, whole)
        own = min(wanted.get(x, last) for x in op.made) if said else turn[op.made[0]] - 1
        found[own][not said].append(op)
        for x in op.reads:
            wanted[x] = min(wanted.get(x, last), own)
    return [(said[::-1], others[::-1]) for said, others in found]
