"""What is one number is computed once, not for every cell.

A time constant that all cells share reaches their equations as an array of equal numbers: its reciprocal, and the
exponential of a step, would be taken cell by cell.  Three kinds of arrays are found in the traced step, and followed
through its elementwise operations: one number for all, one of two numbers by a mask (the slope of a cell that may be
refractory), and another array times a number (all that becomes of a conductance that only decays).  Signs and zeros are
followed with them: what is subtracted need not be made negative first, and what rests rests whatever it is multiplied by.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from .plainer import plainer
from .written import Op, Program, Var, done

SHAPED = {"broadcast_in_dim", "iota"}
"""Operations that say the shape of their result."""


class Number(NamedTuple):
    """The same for all."""

    value: Any


class Either(NamedTuple):
    """One of two numbers: where the mask is false, and where it is true."""

    mask: Var
    values: tuple


class Times(NamedTuple):
    """An array times a number, perhaps with the other sign."""

    base: Var
    factor: Any = 1.0
    minus: bool = False


class Rests(NamedTuple):
    """An array is 0 but where the mask has this value."""

    mask: Var
    where: int


def narrowed(step: Callable, *like: Any) -> Callable:
    """``step`` with numbers in place of arrays of equal numbers; for programs that nobody takes the derivative of.

    Products are taken in another order, so results differ from those of ``step`` by rounding.

    Parameters
    ----------
    step : callable
        A pure function; it may close over traced values.
    *like : pytree
        Arguments of the shapes it will be called with.
    """
    program = Program(step, *like)
    plainer(program)
    narrow = Narrow()
    for op in program.ops:
        narrow.take(op)

    def inside(*arguments: Any) -> Any:
        at = program.begun(arguments)
        done(narrow.ops, at)
        return program.ended(at)

    return inside


class Narrow:
    """The operations so far, and what is known of their results."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.known: dict[Var, Number | Either | Times] = {}
        self.rests: dict[Var, Rests] = {}
        self.positive: dict[tuple, Var] = {}

    def take(self, op: Op) -> None:
        """One operation more, as it is or narrowed."""
        found = self.found(op) if op.plain and op.made[0].shape else None
        if found is None:
            self.ops.append(op)
            return
        made = op.made[0]
        self.known[made] = found
        shape = made.shape
        if isinstance(found, Number):
            self.ops.append(Op("broadcast_in_dim", lambda x: [jnp.broadcast_to(x, shape)], [found.value], [made]))
        elif isinstance(found, Either):
            self.ops.append(Op("select_n", lambda m, x, y: [jnp.where(m, y, x)], [found.mask, *found.values], [made]))
        elif not found.minus:
            self.positive[_key(found)] = self.made("mul", jnp.multiply, [found.base, found.factor], made)
        elif _one(found.factor):
            self.made("neg", jnp.negative, [found.base], made)
        else:
            factor = self.number("neg", lambda x: [-x], [found.factor], made)
            self.made("mul", jnp.multiply, [found.base, factor], made)

    def found(self, op: Op) -> Number | Either | Times | None:
        """What the result is, if it is one of the three."""
        made, given = op.made[0], [self.about(x) for x in op.given]
        if op.name == "broadcast_in_dim":
            return Number(op.given[0]) if jnp.shape(op.given[0]) == () else None
        if op.name in SHAPED:
            return None
        if all(isinstance(x, Number) for x in given):
            return Number(self.number(op.name, op.do, [x.value for x in given], made))
        if op.name == "select_n" and given[0] is None and all(isinstance(x, Number) for x in given[1:]):
            return Either(op.given[0], tuple(x.value for x in given[1:])) if len(given) == 3 else None
        if all(isinstance(x, Number | Either) for x in given):
            masks = {x.mask for x in given if isinstance(x, Either)}
            if len(masks) > 1:
                return None
            cases = [[x.values[k] if isinstance(x, Either) else x.value for x in given] for k in (0, 1)]
            return Either(masks.pop(), tuple(self.number(op.name, op.do, case, made) for case in cases))
        if made.dtype.kind != "f":
            return None
        return self.resting(op, given) if op.name == "select_n" else self.times(op, given)

    def resting(self, op: Op, given: list) -> Times | None:
        """An array or 0, by a mask: what the array is multiplied by is done after the choice."""
        if len(given) != 3 or given[0] is not None or op.given[0].dtype != bool:
            return None  # also where one flag decides for all: it may be there to keep a division by 0 away
        none = [isinstance(x, Number) and _literal(x.value) and x.value == 0 for x in given[1:]]
        if none not in ([True, False], [False, True]):
            return None
        mask, where = op.given[0], none.index(False)
        whole = given[1 + where]
        if not isinstance(whole, Times):
            self.rests[op.made[0]] = Rests(mask, where)
            return None
        chosen = [whole.base, whole.base]
        chosen[1 - where] = np.zeros((), whole.base.dtype)
        part = self.made("select_n", lambda m, x, y: jnp.where(m, y, x), [mask, *chosen], Var(whole.base))
        self.rests[part] = Rests(mask, where)
        return Times(part, whole.factor, whole.minus)

    def times(self, op: Op, given: list) -> Times | None:
        """The result as an array times a number."""
        of = [x if x is not None or not isinstance(y, Var) else Times(y) for x, y in zip(given, op.given, strict=True)]
        made = op.made[0]
        match op.name, of:
            case "neg", [Times(base, factor, minus)]:
                return Times(base, factor, not minus)
            case ("mul", [Times() as x, Number(value)]) | ("mul", [Number(value), Times() as x]):
                return x._replace(factor=self.product(x.factor, value, made))
            case ("mul", [Times() as x, Either() as y]) | ("mul", [Either() as y, Times() as x]):
                rests = self.rests.get(x.base)
                if rests is not None and rests.mask is y.mask:
                    return x._replace(factor=self.product(x.factor, y.values[rests.where], made))
            case "mul", [Times() as x, Times() as y] if x.minus or y.minus:
                return Times(self.together("mul", jnp.multiply, x, y), minus=x.minus != y.minus)
            case "div", [Times() as x, Number(value)]:
                return x._replace(factor=self.number("div", lambda x, y: [x / y], [x.factor, value], made))
            case "add" | "sub", [Times() as x, Times() as y]:
                return self.sum(x, y._replace(minus=y.minus != (op.name == "sub")), made)
        return None

    def sum(self, x: Times, y: Times, made: Var) -> Times | None:
        """Of the same array, one; of two that are both subtracted, one that is."""
        if x.base is y.base:
            sign = -1.0 if x.minus != y.minus else 1.0
            return x._replace(factor=self.number("add", lambda a, b: [a + sign * b], [x.factor, y.factor], made))
        return Times(self.together("add", jnp.add, x, y), minus=True) if x.minus and y.minus else None

    def together(self, name: str, do: Callable, x: Times, y: Times) -> Var:
        """An operation on two arrays without their signs."""
        return self.made(name, do, [self.unsigned(x), self.unsigned(y)], Var(x.base))

    def unsigned(self, x: Times) -> Var:
        """The array without its sign."""
        if _one(x.factor):
            return x.base
        if (key := _key(x)) not in self.positive:
            self.positive[key] = self.made("mul", jnp.multiply, [x.base, x.factor], Var(x.base))
        return self.positive[key]

    def about(self, x: Any) -> Number | Either | Times | None:
        """What is known of something that is taken."""
        return self.known.get(x) if isinstance(x, Var) and x.shape else Number(x) if jnp.shape(x) == () else None

    def product(self, x: Any, y: Any, like: Var) -> Any:
        """Of two numbers."""
        return y if _one(x) else x if _one(y) else self.number("mul", lambda x, y: [x * y], [x, y], like)

    def number(self, name: str, do: Callable, given: list, like: Var) -> Any:
        """An operation on numbers."""
        made = Var(jax.ShapeDtypeStruct((), like.dtype))
        self.ops.append(Op(name, do, given, [made]))
        return made

    def made(self, name: str, do: Callable, given: list, made: Var) -> Var:
        """An operation on arrays."""
        self.ops.append(Op(name, lambda *values: [do(*values)], given, [made]))
        return made


def _literal(x: Any) -> bool:
    return not isinstance(x, Var)


def _one(x: Any) -> bool:
    return _literal(x) and np.shape(x) == () and x == 1


def _key(x: Times) -> tuple:
    return x.base, float(x.factor) if _literal(x.factor) else x.factor
