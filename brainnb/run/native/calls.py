"""How XLA calls what was compiled: a piece of a step, or a whole step again and again."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.ops import kernels

from ..written import Program, Var
from .keys import is_key
from .source import Piece

ARGUMENT, RESULT, ROW, INDEX = range(4)
"""Where a step finds something, as in ``steps.cc``."""


def packed(part: Piece, fixed: Mapping[Var, Any]) -> list[Array]:
    """The numbers that do not change, an array for each type."""
    return [jnp.stack([jnp.asarray(fixed[x], x.dtype) for x in same]) for same in part.numbers]


def once(part: Piece, number: int, fixed: Mapping[Var, Any]) -> Callable[[dict[Var, Any]], None]:
    """What calls a piece with the values it takes, and adds those that it makes."""
    numbers, made = packed(part, fixed), [*part.out, *part.scratch]
    place = {x: len(numbers) + k for k, x in enumerate(part.takes)}
    aliases = {place[old]: made.index(new) for new, old in part.places.items() if old in place}
    call = jax.ffi.ffi_call(kernels.STEP, [_like(x) for x in made], input_output_aliases=aliases)

    def called(at: dict[Var, Any]) -> None:
        given = [_plain(at[x], x) for x in part.takes]
        at.update(zip(made, call(*numbers, *given, number=np.int64(number)), strict=True))

    return called


class Loop:
    """A step that is one piece, as a loop that never leaves C++: states stay in their place, rows are written in theirs.

    Parameters
    ----------
    program : Program
        ``(index, state) -> (state, seen)``.
    part : Piece
        All of it.
    """

    def __init__(self, program: Program, part: Piece, number: int, fixed: Mapping[Var, Any]):
        self.part, self.number = part, number
        self.index, *self.states = program.arguments
        self.after, self.seen = program.results[: len(self.states)], program.results[len(self.states) :]
        self.given = [*packed(part, fixed), *(_plain(fixed[x], x) for x in part.takes if x in fixed)]
        self.fixed = {x: k + len(part.numbers) for k, x in enumerate(x for x in part.takes if x in fixed)}

    @staticmethod
    def possible(program: Program, part: Piece) -> bool:
        """Whether all that a step gives is made by the piece, or was there."""
        states = program.arguments[1:]
        after, seen = program.results[: len(states)], program.results[len(states) :]
        stays = all(new in part.out or new is old for old, new in zip(states, after, strict=True))
        return stays and all(x in part.out or x in states for x in seen)

    def __call__(self, first: Array, states: Sequence[Array], rows: Sequence[Array], n: Array) -> tuple[list, list]:
        """``n`` steps from ``first`` on: the states after them, and the rows that were written."""
        stay = [*states, *rows]
        spare = [x for x in (*self.part.out, *self.part.scratch) if self._own(x) is None]
        results = [*(_like(x) for x in stay), *(_like(x) for x in spare)]
        spares = {x: len(stay) + k for k, x in enumerate(spare)}
        lead = len(self.given)
        call = jax.ffi.ffi_call(
            kernels.STEPS, results, input_output_aliases={2 + lead + k: k for k in range(len(stay))}
        )
        before, after = self._copies(spares)
        found = call(
            jnp.asarray(n, jnp.int32),
            jnp.asarray(first, jnp.int32),
            *self.given,
            *stay,
            number=np.int64(self.number),
            room=np.int64(rows[0].shape[0] if rows else np.iinfo(np.int32).max),
            reads=_told(
                [(ARGUMENT, k, 0) for k in range(len(self.part.numbers))] + [self._read(x) for x in self.part.takes]
            ),
            writes=_told([self._own(x) or (RESULT, spares[x], 0) for x in (*self.part.out, *self.part.scratch)]),
            before=_told([place for pair in before for place in pair[:2]]),
            before_sizes=_told([pair[2] for pair in before]),
            after=_told([place for pair in after for place in pair[:2]]),
            after_sizes=_told([pair[2] for pair in after]),
            same=_told([(lead + k, k) for k in range(len(stay))]),
        )
        return found[: len(states)], found[len(states) : len(stay)]

    def _read(self, x: Var) -> tuple[int, int, int]:
        if x is self.index:
            return INDEX, 0, 0
        return (ARGUMENT, self.fixed[x], 0) if x in self.fixed else (RESULT, self.states.index(x), 0)

    def _own(self, x: Var) -> tuple[int, int, int] | None:
        """Where a result can be written at once: over the state before it, or into its row; None for neither."""
        if x in self.after and (not x.shape or self.part.places.get(x) is self.states[self.after.index(x)]):
            return RESULT, self.after.index(x), 0
        return self._row(self.seen.index(x)) if x in self.seen and x not in self.after else None

    def _row(self, k: int) -> tuple[int, int, int]:
        return ROW, len(self.states) + k, math.prod(_sizes(self.seen[k]))

    def _copies(self, spares: Mapping[Var, int]) -> tuple[list, list]:
        """What is copied before a step and after it: from where, to where, how many elements of how many bytes."""
        before = [
            ((RESULT, self.states.index(x), 0), self._row(k), _sizes(x))
            for k, x in enumerate(self.seen)
            if x in self.states
        ]
        wanted = [(x, (RESULT, k, 0)) for k, x in enumerate(self.after) if x is not self.states[k]]
        wanted += [(x, self._row(k)) for k, x in enumerate(self.seen) if x not in self.states]
        at = [(x, self._own(x) or (RESULT, spares[x], 0), to) for x, to in wanted]
        return before, [(here, to, _sizes(x)) for x, here, to in at if here != to]


def _plain(value: Any, x: Var) -> Array:
    """The value of a variable as an array that a call takes: of a key its words."""
    return jax.random.key_data(value) if is_key(x) else jnp.asarray(value, x.dtype)


def _like(x: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(x.shape, x.dtype)


def _sizes(x: Var) -> tuple[int, int]:
    return x.size, x.dtype.itemsize


def _told(numbers: list) -> np.ndarray:
    return np.asarray(numbers, np.int64).reshape(-1)
