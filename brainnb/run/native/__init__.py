"""A step of many cells as C++, for this machine: what XLA does in a pass for every array, done in one for all.

The traced step is written as the source of a function of loops and event products, compiled once by the compiler that also
builds the event products, and kept in the user's cache by its text; numbers come as arguments, so no parameter compiles
anything.  What has no words in :mod:`.vocabulary` stays with XLA, between two such functions.
"""

from collections.abc import Callable
from typing import Any

import jax
from jax import Array

from brainnb.core.record import Record
from brainnb.ops import kernels

from ..written import Op, Program, Var, done
from .calls import Loop, once
from .parts import turns
from .source import Piece

LONGEST = 40_000
"""Characters of source that a compiler takes without a user waiting."""


class NativeStep:
    """A step that is done by compiled pieces, and as a loop where it is one."""

    def __init__(self, program: Program, run: Callable[[dict[Var, Any]], None], loop: Loop | None):
        self.program, self.run, self.loop = program, run, loop

    def __call__(self, index: Array, state: Record) -> tuple[Record, dict[str, Array]]:
        at = self.program.begun((index, state))
        self.run(at)
        return self.program.ended(at)

    def repeated(self, first: Array, s: Record, rows: dict[str, Array], n: Array) -> tuple[Record, dict[str, Array]]:
        """``n`` steps, each of which writes a row."""
        states, place = jax.tree.flatten(s)
        written, names = jax.tree.flatten(rows)
        states, written = self.loop(first, states, written, n)
        return jax.tree.unflatten(place, states), jax.tree.unflatten(names, written)


def native(step: Callable, *like: Any) -> NativeStep | None:
    """``step`` by C++ functions; None where that cannot be or does not pay.  Nobody takes its derivative.

    Parameters
    ----------
    step : callable
        ``(index, state) -> (state, seen)``, a pure function; it may close over traced values.
    *like : pytree
        Arguments of the shapes it will be called with.
    """
    if not kernels.ready():
        return None
    program = Program(step, *like)
    fixed = dict(program.known)
    ops = _not_constant(program.ops, fixed)
    results = {x for x in program.results if isinstance(x, Var)}
    moves = {new: old for old, new in zip(program.arguments[1:], program.results, strict=False) if isinstance(new, Var)}
    for whole in (True, False):  # keys and draws have words only if nothing is left that has none
        loops: list[str] = []
        parts = turns(ops, results, fixed, moves, loops, whole)
        pieces = [turn.piece for turn in parts if turn.piece is not None]
        one = len(parts) == len(pieces) == 1 and Loop.possible(program, pieces[0])
        if one:
            break
    source, stages = text(loops, pieces), tuple((part.stages, part.apart) for part in pieces)
    numbers = kernels.announced(source, stages) if pieces and len(source) < LONGEST else None
    if numbers is None:
        return None
    announced = iter(numbers)
    calls = {k: once(turn.piece, next(announced), fixed) for k, turn in enumerate(parts) if turn.piece is not None}

    def run(at: dict[Var, Any]) -> None:
        at.update(fixed)
        for k, turn in enumerate(parts):
            calls[k](at) if k in calls else done(turn.said, at)
            done(turn.others, at)

    return NativeStep(program, run, Loop(program, pieces[0], numbers[0], fixed) if one else None)


def _not_constant(ops: list[Op], fixed: dict[Var, Any]) -> list[Op]:
    """Without the operations on numbers that are the same in every step; these are done now, and join the others."""
    rest = []
    for op in ops:
        if op.lasting or any(v.shape for v in op.made) or not all(x in fixed for x in op.reads):
            rest.append(op)
        else:
            done([op], fixed)
    return rest


def text(loops: list[str], pieces: list[Piece]) -> str:
    """The whole source."""
    drawn = any("Counted(" in line for part in pieces for line in part.body)
    lines = [
        '#include "step.h"',
        *(['#include "draws.h"'] if drawn else []),
        *(f"static void loop{k}{own}" for k, own in enumerate(loops)),
    ]
    for k, part in enumerate(pieces):
        lines += [
            f'extern "C" void step{k}(void** in, void** out, int64_t stage, Part part) {{',
            *(f"  {line}" for line in part.body),
            "}",
        ]
    return "\n".join([*lines, ""])
