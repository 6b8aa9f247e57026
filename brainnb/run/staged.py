"""The elementwise work of a step as a few kernels, each result computed once.

XLA compiles a step over thousands of cells as one loop for every array that the step returns, and each of them computes
anew what they share: a cell of which potential, time of the last spike and spike are kept takes its exponentials three
times.  Here the traced step is cut where results part: what several others are made of is written down first.  All that
lies between two operations of another kind (products with events, random numbers) is one call of a few loops.
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from brainnb.core import xla
from brainnb.core.compat import is_traced
from brainnb.core.known import FUNCTIONS

from .written import Op, Program, Var, done, needed

HEAVY = {"atan2", "cos", "cosh", "erf", "erf_inv", "exp", "exp2", "expm1", "log", "log1p", "logistic", "pow", "sin", "sinh", "tan", "tanh"}  # fmt: skip
"""Operations that take longer than it takes to read their result from memory."""

LIGHT = 8
"""So many other operations are done again before their result is written down."""


def staged(step: Callable, *like: Any) -> Callable:
    """``step``, cut into kernels; for programs that nobody takes the derivative of.

    Parameters
    ----------
    step : callable
        A pure function; it may close over traced values.
    *like : pytree
        Arguments of the shapes it will be called with.
    """
    program = Program(step, *like)
    results = {x for x in program.results if isinstance(x, Var)}
    turns = _turns(program.ops, results)

    def inside(*arguments: Any) -> Any:
        at = program.begun(arguments)
        at.update({v: _in_memory(x) for v, x in program.known.items()})
        for k, (group, others) in enumerate(turns):
            after = [op for later in turns[k + 1 :] for op in (*later[0], *later[1])]
            read = results.union(*(op.reads for op in (*others, *after)))
            out = [v for op in group if not _spreads(op) for v in op.made if v in read]
            if any(v.shape for v in out):
                _called(_kernel, group, out, at)
            else:
                done(group, at)
            done(others, at)
        return program.ended(at)

    return inside


def _in_memory(value: Any) -> Any:
    """``value``; an array of numbers known now as one that XLA does not write into a kernel: of more than 10 kB it fails."""
    return value if is_traced(value) or not np.ndim(value) else lax.optimization_barrier(jnp.asarray(value))


def _spreads(op: Op) -> bool:
    """Whether it makes an array of one number: every turn that reads it does so anew, in no time."""
    return op.name == "broadcast_in_dim" and not np.shape(op.given[0])


def _turns(ops: list[Op], results: set[Var]) -> list[tuple[list[Op], list[Op]]]:
    """Elementwise operations that can be done together, what then follows of another kind, and so on."""
    turn: dict[Var, int] = {}
    spread: dict[Var, Op] = {}
    found: list[tuple[list[Op], list[Op]]] = []
    for op in ops:
        own = max((turn.get(x, 0) for x in op.reads), default=0)
        found.extend(([], []) for _ in range(own + 1 - len(found)))
        turn.update(dict.fromkeys(op.made, own if op.plain else own + 1))
        if _spreads(op):
            spread[op.made[0]] = op
            if op.made[0] in results:
                found[own][1].append(op)
            continue
        place = found[own][not op.plain]
        place.extend(spread[x] for x in dict.fromkeys(op.reads) if x in spread and spread[x] not in place)
        place.append(op)
    return found


def _called(body: Callable, ops: list[Op], out: list[Var], at: dict[Var, Any]) -> None:
    """Do some operations in a call of their own, which returns ``out``; that joins the values."""
    inside = {v for op in ops for v in op.made}
    given = list(dict.fromkeys(x for op in ops for x in op.reads if x not in inside))

    def piece(*values: Array) -> list[Array]:
        own = dict(zip(given, values, strict=True))
        body(ops, out, own)
        return [own[v] for v in out]

    at.update(zip(out, xla.apart(piece)(*(at[v] for v in given)), strict=True))


# --- the stages of a kernel ---------------------------------------------------------------------------------------


def _kernel(ops: list[Op], out: list[Var], at: dict[Var, Any]) -> None:
    """Do a group in stages: what parts is written down before it is read."""
    numbers = [op for op in ops if not op.made[0].shape]
    done(numbers, at)
    arrays = [op for op in ops if op.made[0].shape]
    cuts = _cuts(arrays, set(out))
    stage = _stages(arrays, cuts, set(out))
    light = _light(arrays, cuts)
    last = max(stage.values())
    for k in range(last + 1):
        later = {x for op in arrays if stage[op.made[0]] > k for x in op.reads}
        own = [op for op in arrays if stage[op.made[0]] == k]
        write = [v for op in own for v in op.made if v in out or (v in later and v not in light)]
        work = needed([op for op in arrays if op.made[0] not in at and stage[op.made[0]] <= k], write)
        if last:
            _called(lambda ops, _, at: done(ops, at), work, write, at)
        else:
            done(work, at)


def _stages(arrays: list[Op], cuts: set[Var], out: set[Var]) -> dict[Var, int]:
    """When each array is computed: after all that it is made of and that is written down.

    What nobody reads any more comes last: the new state can then take the place of the old one.
    """
    stage: dict[Var, int] = {}
    read = {x for op in arrays for x in op.reads}
    for op in arrays:
        stage[op.made[0]] = max((stage[x] + (x in cuts) for x in op.reads if x in stage), default=0)
    last = max(stage.values(), default=0)
    return {v: last if v in out and v not in read else k for v, k in stage.items()}


def _work(op: Op, before: dict[Var, int], cuts: set[Var]) -> int:
    """How much is done for one result, from what is written down."""
    own = LIGHT + 1 if op.name in HEAVY or op.name in FUNCTIONS else op.name != "broadcast_in_dim"
    return own + sum(before.get(x, 0) for x in op.reads if x not in cuts)


def _light(arrays: list[Op], cuts: set[Var]) -> set[Var]:
    """Arrays that are made by a few light operations from what is there: no need to write them down."""
    work: dict[Var, int] = {}
    for op in arrays:
        work[op.made[0]] = _work(op, work, cuts)
    return {v for v, n in work.items() if n <= LIGHT and v not in cuts}


def _cuts(arrays: list[Op], out: set[Var]) -> set[Var]:
    """Arrays through which all the work before them goes, and behind which it parts, where it is much.

    Of each operation it is known through which other every way from it to a result leads: the last of these before the
    ways part.
    """
    users: dict[Var, list[Var | None]] = {v: [None] for v in out}
    for op in arrays:
        for x in op.reads:
            users.setdefault(x, []).append(op.made[0])
    through: dict[Var | None, Var | None] = {None: None}
    depth: dict[Var | None, int] = {None: 0}
    last: dict[Var | None, Var] = {}
    for op in reversed(arrays):
        v = op.made[0]
        meet, *others = users[v]
        for other in others:
            while meet is not other:
                if depth[meet] >= depth[other]:
                    meet = through[meet]
                else:
                    other = through[other]
        through[v], depth[v], last[v] = meet, depth[meet] + 1, last.get(meet, v)
    parting = {v for v in last.values() if users[v] != [None]}
    work: dict[Var, int] = {}
    found: set[Var] = set()
    for op in arrays:
        v = op.made[0]
        work[v] = _work(op, work, found)
        if v in parting and work[v] > LIGHT:
            found.add(v)
    return found
