"""A step as a plain list of operations, to be looked at and done again in another way."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import jax
import numpy as np
from jax.extend import core as jex

from brainnb.core.known import FUNCTIONS
from brainnb.integrators.coupling import ELEMENTWISE, called

WHOLE = {"pack", "ring_row"}
"""Programs within a program that stay one operation: their parts are quick only together."""


class Var:
    """A value that is known when the program runs, of the shape and type of ``like``, perhaps another one."""

    __slots__ = ("dtype", "shape", "size")

    def __init__(self, like: Any):
        self.shape, self.dtype, self.size = like.shape, like.dtype, like.size


class Op:
    """One operation: its name, how it is done, what it takes (variables or constants), what it gives, its settings."""

    __slots__ = ("do", "given", "lasting", "made", "name", "settings")

    def __init__(
        self, name: str, do: Callable, given: list, made: list[Var], lasting: bool = False, settings: Any = None
    ):
        self.name, self.do, self.given, self.made, self.lasting = name, do, given, made, lasting
        self.settings = settings or {}

    @property
    def reads(self) -> list[Var]:
        """The variables among what it takes."""
        return [x for x in self.given if isinstance(x, Var)]

    @property
    def plain(self) -> bool:
        """Whether every element of the result comes from the same element of what it takes."""
        single = self.name in ELEMENTWISE or self.name in FUNCTIONS
        return single and not self.lasting and len(self.made) == 1


class Program:
    """What a function does: operations, arguments, results, and the values that it closes over."""

    def __init__(self, function: Callable, *like: Any):
        closed, shape = jax.make_jaxpr(function, return_shape=True)(*like)
        self.tree = jax.tree.structure(shape)
        self.ops: list[Op] = []
        self.known: dict[Var, Any] = {}
        self.there: dict[tuple, list[Var]] = {}
        self.arguments = [Var(v.aval) for v in closed.jaxpr.invars]
        self.results = self._write(closed.jaxpr, closed.consts, self.arguments)
        self.ops = needed(self.ops, [x for x in self.results if isinstance(x, Var)])

    def _write(self, jaxpr: Any, consts: Iterable, arguments: list) -> list:
        at = dict(zip(jaxpr.invars, arguments, strict=True))
        for v, value in zip(jaxpr.constvars, consts, strict=True):
            at[v] = Var(v.aval)
            self.known[at[v]] = value
        for eqn in jaxpr.eqns:
            given = [x.val if isinstance(x, jex.Literal) else at[x] for x in eqn.invars]
            # written out; programs with derivatives of their own lose them
            if eqn.primitive.name == "platform_index":
                made = [np.int32(_of_processors(eqn.params["platforms"]))]
            elif (inner := _inside(eqn, given)) is not None:
                given = given[1:] if eqn.primitive.name == "cond" else given
                made = self._write(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), given)
            else:
                made = self._made(eqn, given)
            at.update(zip(eqn.outvars, made, strict=True))
        return [x.val if isinstance(x, jex.Literal) else at[x] for x in jaxpr.outvars]

    def _made(self, eqn: Any, given: list) -> list[Var]:
        """The results of an operation; of one that is there already, those of the first.

        XLA would find most of these too, but not across the kernels that a step is cut into.
        """
        key = None if eqn.effects else _key(eqn, given)
        made = self.there.get(key)
        if made is None:
            made = [Var(v.aval) for v in eqn.outvars]
            whole = eqn.params.get("name") in FUNCTIONS
            name = eqn.params["name"] if whole else eqn.primitive.name
            self.ops.append(Op(name, _doing(eqn), given, made, bool(eqn.effects), eqn.params))
            if key is not None:
                self.there[key] = made
        return made

    def begun(self, arguments: Any) -> dict[Var, Any]:
        """The values before the first operation."""
        return self.known | dict(zip(self.arguments, jax.tree.leaves(arguments), strict=True))

    def ended(self, at: dict[Var, Any]) -> Any:
        """The results, in their structure."""
        return jax.tree.unflatten(self.tree, [at[x] if isinstance(x, Var) else x for x in self.results])


def _inside(eqn: Any, given: list) -> Any:
    """The program that is done in place of an operation, or None: one that it calls, or the one of several for processors."""
    if eqn.params.get("name") in WHOLE or eqn.params.get("name") in FUNCTIONS:
        return None
    if eqn.primitive.name == "cond" and not isinstance(given[0], Var):
        return eqn.params["branches"][int(given[0])]
    return called(eqn)


def _of_processors(platforms: Any) -> int:
    """Which of the ways of doing something is that of processors, on which alone steps are taken apart."""
    return next(k for k, names in enumerate(platforms) if names is None or "cpu" in names)


def _key(eqn: Any, given: list) -> tuple | None:
    """What two operations with the same results have in common; None where that cannot be told."""
    taken = tuple(x if isinstance(x, Var) else (np.asarray(x).dtype, np.asarray(x).tobytes()) for x in given)
    key = (eqn.primitive, taken, tuple(sorted(eqn.params.items(), key=lambda item: item[0])))
    try:
        hash(key)
    except TypeError:  # a parameter that is an array
        return None
    return key


def _doing(eqn: Any) -> Callable:
    if (function := FUNCTIONS.get(eqn.params.get("name"))) is not None:  # of one number as well as of an array
        return lambda *values: [function(*values)]
    bind = partial(eqn.primitive.bind, **eqn.primitive.get_bind_params(eqn.params))
    return bind if eqn.primitive.multiple_results else lambda *values: [bind(*values)]


def needed(ops: list[Op], results: Iterable[Var]) -> list[Op]:
    """Without what nobody reads."""
    read, kept = set(results), []
    for op in reversed(ops):
        if op.lasting or read.intersection(op.made):
            kept.append(op)
            read.update(op.reads)
    return kept[::-1]


def done(ops: Iterable[Op], at: dict[Var, Any]) -> None:
    """Do operations, one after the other; what they give joins the values."""
    for op in ops:
        at.update(zip(op.made, op.do(*(at[x] if isinstance(x, Var) else x for x in op.given)), strict=True))
