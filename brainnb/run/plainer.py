"""A program without detours: flags that became numbers are asked as flags.

A spike is a number to whoever takes the derivative of a step, 0 or 1.  Where nobody does, what is made of it is a choice:
the reset of V, the question whether there was a spike, the comparison of a difference with 0.
"""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .written import Op, Program, Var, needed

COMPARED = {"ge": jnp.greater_equal, "gt": jnp.greater, "le": jnp.less_equal, "lt": jnp.less}


def plainer(program: Program) -> None:
    """Rewrite a program whose derivative nobody takes; what nobody reads any more goes."""
    plain = _Plain()
    ops = [new for op in program.ops for new in plain.taken(op)]
    program.results = [plain.now(x) for x in program.results]
    program.ops = needed(ops, [x for x in program.results if isinstance(x, Var)])


class _Plain:
    def __init__(self) -> None:
        self.flags: dict[Var, Var] = {}  # 0 or 1 as a number, and the flag that says which
        self.same: dict[Var, Any] = {}
        self.by: dict[Var, Op] = {}

    def now(self, x: Any) -> Any:
        return self.same.get(x, x) if isinstance(x, Var) else x

    def taken(self, op: Op) -> Iterator[Op]:
        """One operation more, or what takes its place."""
        op.given = [self.now(x) for x in op.given]
        if not op.plain:
            yield op
            return
        self.by[op.made[0]] = op
        if not op.made[0].shape and not op.reads:
            with jax.ensure_compile_time_eval():
                self.same[op.made[0]] = np.asarray(op.do(*op.given)[0])
        elif op.name in ("convert_element_type", "ne", "gt") and (flag := self._asked(op)) is not None:
            self.same[op.made[0]] = flag
        elif op.name == "convert_element_type":
            x = op.given[0]
            if (flag := x if isinstance(x, Var) and x.dtype == bool else self.flags.get(_known(x))) is not None:
                self.flags[op.made[0]] = flag
            yield op
        elif op.name == "select_n":
            yield from self._chosen(op)
        elif op.name == "add":
            yield from self._reset(op)
        elif op.name in COMPARED:
            yield self._compared(op)
        else:
            yield op

    def _asked(self, op: Op) -> Var | None:
        """The flag, where an operation asks of 0 or 1 which of them it is."""
        asks = op.made[0].dtype == bool if op.name == "convert_element_type" else self._value(op.given[1]) == 0
        return self.flags.get(_known(op.given[0])) if asks else None

    def _chosen(self, op: Op) -> Iterator[Op]:
        """A choice between numbers that are 0 or 1 is a choice between flags."""
        yield op
        mask, *cases = op.given
        flags = [self.flags.get(_known(x)) for x in cases]
        known = [self._value(x) for x in cases]
        two = len(cases) == 2 and op.made[0].dtype != bool
        if two and all(f is not None or k in (0, 1) for f, k in zip(flags, known, strict=True)):
            given = [f if f is not None else np.bool_(k) for f, k in zip(flags, known, strict=True)]
            flag = self.flags[op.made[0]] = _flag(op.made[0])
            yield Op("select_n", lambda m, x, y: [jnp.where(m, y, x)], [mask, *given], [flag])

    def _reset(self, op: Op) -> Iterator[Op]:
        """``(1 - s) x + s y``, where ``s`` is 0 or 1; what is no number stays none."""
        for kept, put in (op.given, reversed(op.given)):
            for x, rest in self._factors(kept):
                for y, s in self._factors(put):
                    if _known(s) in self.flags and self._is_rest(rest, s) and op.made[0].dtype.kind == "f":
                        nothing, there = (Var(op.made[0]) for _ in range(2))
                        yield Op("mul", lambda x, y: [x * y], [x, np.zeros((), x.dtype)], [nothing])
                        yield Op("add", lambda x, y: [x + y], [nothing, y], [there])
                        yield Op("select_n", lambda m, x, y: [jnp.where(m, y, x)], [self.flags[s], x, there], op.made)
                        return
        yield op

    def _factors(self, x: Any) -> list[tuple]:
        op = self.by.get(_known(x))
        return [tuple(op.given), tuple(reversed(op.given))] if op is not None and op.name == "mul" else []

    def _is_rest(self, x: Any, s: Var) -> bool:
        op = self.by.get(_known(x))
        return op is not None and op.name == "sub" and self._value(op.given[0]) == 1 and op.given[1] is s

    def _compared(self, op: Op) -> Op:
        """``x - y`` with 0 is ``x`` with ``y``."""
        x, bound = op.given
        difference = self.by.get(_known(x))
        if difference is None or difference.name != "sub" or self._value(bound) != 0 or x.dtype.kind != "f":
            return op
        compare: Callable = COMPARED[op.name]
        return Op(op.name, lambda x, y: [compare(x, y)], difference.given, op.made)

    def _value(self, x: Any) -> Any:
        """The number that a constant is everywhere; None for what is none."""
        op = self.by.get(_known(x))
        if op is not None and op.name == "broadcast_in_dim":
            x = op.given[0]
        return None if isinstance(x, Var) or np.shape(x) != () else np.asarray(x)[()]


def _known(x: Any) -> Var | None:
    return x if isinstance(x, Var) else None  # a constant has no history, and cannot be looked up


def _flag(x: Var) -> Var:
    return Var(jax.ShapeDtypeStruct(x.shape, np.dtype(bool)))
