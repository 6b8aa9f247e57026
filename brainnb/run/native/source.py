"""A part of a step as the source of one C++ function: loops over elements, and between them event products.

Operations are done in rounds: all that needs no event product, these products, what depends on them, and so on.  An array
is kept in memory only where a later round or an event product reads it, or where it is a result.
"""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from ..written import Op, Var
from .firing import changes, told
from .keys import is_key, key_expression, keyed
from .loops import groups, kind, loop, stored
from .products import product
from .vocabulary import expression, literal

MOST_PARTS = 4
"""Threads that may share a step: ``kMostInTeam`` of ``team.h``."""


class Piece(NamedTuple):
    """The body of a C++ function ``(void** in, void** out, int64_t stage, Part part)``, and what it is about.

    A thread does its part of all ``stages``, in their order, and waits for the others between them; ``apart`` says that it
    waits after the last one too.
    ``numbers`` come first, as one array for each type, then ``takes``; ``out`` is written first, then ``scratch``.
    ``places`` says which result is written over which argument.
    """

    body: list[str]
    stages: int
    apart: bool
    numbers: list[list[Var]]
    takes: list[Var]
    out: list[Var]
    scratch: list[Var]
    places: dict[Var, Var]


class Round(NamedTuple):
    """Operations on numbers, loops over arrays, and event products, in this order."""

    numbers: list[Op]
    loops: list[list[Op]]
    products: list[Op]


def piece(ops: list[Op], out: list[Var], fixed: Iterable[Var], moves: Mapping[Var, Var], loops: list[str]) -> Piece:
    """The function that does ``ops`` and gives ``out``.

    Parameters
    ----------
    ops : list of Op
        Operations of which :func:`speaks` holds, in an order in which they can be done.
    out : list of Var
        Results that somebody else reads.
    fixed : iterable of Var
        Values that are the same whenever the function is called.
    moves : mapping
        Which result is the next value of which argument.
    loops : list of str
        The loops that all pieces of a source share, by their text; new ones are added.
    """
    return _Writer(ops, out, set(fixed), moves).piece(loops)


def rounds(ops: list[Op]) -> list[Round]:
    """What can be done before any event product, these, what depends on them, and so on."""
    turn: dict[Var, int] = {}
    found: list[tuple[list[Op], list[Op], list[Op]]] = []
    for op in ops:
        own = max((turn.get(x, 0) for x in op.reads), default=0)
        whole = product(op) is not None
        turn[op.made[0]] = own + whole
        found.extend(([], [], []) for _ in range(own + 1 - len(found)))
        found[own][2 if whole else 1 if op.made[0].shape and not keyed(op) else 0].append(op)
    return [Round(numbers, groups(arrays), products) for numbers, arrays, products in found]


def _is_number(x: Var) -> bool:
    return not x.shape and not is_key(x)


class _Writer:
    def __init__(self, ops: list[Op], out: list[Var], fixed: set[Var], moves: Mapping[Var, Var]):
        self.rounds, self.out, self.moves = rounds(ops), out, moves
        made = {op.made[0] for op in ops}
        taken = list(dict.fromkeys(x for op in ops for x in op.reads if x not in made))
        numbers: dict[str, list[Var]] = {}
        for x in taken:
            if x in fixed and _is_number(x):
                numbers.setdefault(x.dtype.name, []).append(x)
        self.numbers = list(numbers.values())
        self.takes = [x for x in taken if not _is_number(x) or x not in fixed]
        self.near = self._near()
        self.home = self._homes()
        self.places = self._places(fixed)
        self.takes += [x for x in self.places.values() if x not in self.takes]
        self.scratch = [x for x in dict.fromkeys(self.home.values()) if x not in out]
        sent = dict.fromkeys(
            found.given[0] for found in map(product, ops) if found is not None and found.name == "Sent"
        )
        self.room = {fired: Var(jax.ShapeDtypeStruct((2 * (fired.size + MOST_PARTS),), np.int32)) for fired in sent}
        self.scratch += self.room.values()
        self.names: dict[Var, str] = {}
        self.listed: set[Var] = set()
        self.products = 0

    def _readers(self) -> tuple[dict[Var, list[int]], dict[Var, list[Op]]]:
        """In which rounds loops read an array, and which event products do."""
        read: dict[Var, list[int]] = {}
        by: dict[Var, list[Op]] = {}
        for k, part in enumerate(self.rounds):
            for op in (op for ops in part.loops for op in ops):
                for x in op.reads:
                    read.setdefault(x, []).append(k)
            for op in part.products:
                for x in op.reads:
                    by.setdefault(x, []).append(op)
        return read, by

    def _near(self) -> set[Var]:
        """Of each loop the flags that nobody reads but for a list of those who fired."""
        read, by = self._readers()
        near = set()
        for k, part in enumerate(self.rounds):
            for ops in part.loops:
                flags = (op.made[0] for op in ops if op.made[0].dtype == bool and op.made[0] in by)
                told = (
                    x
                    for x in flags
                    if all((found := product(op)).name == "Sent" and found.given[0] is x for op in by[x])
                    and all(j == k for j in read.get(x, ()))
                    and x not in self.moves
                )
                near.update(itertools.islice(told, 1))
        return near

    def _homes(self) -> dict[Var, Var]:
        """Arrays that are kept in memory, and in whose: what an event product alone adds to is where its sum is."""
        read, by = self._readers()
        home = {x: x for x in self.out if x.shape}
        for k, part in enumerate(self.rounds):
            loops = (op.made[0] for ops in part.loops for op in ops if op.made[0] not in self.near)
            kept = [x for x in loops if x in by or any(j != k for j in read.get(x, ()))]
            home.update({x: x for x in (*kept, *(op.made[0] for op in part.products))})
        for part in reversed(self.rounds):
            for op in reversed(part.products):
                onto, sum_ = product(op).onto, op.made[0]
                if onto in home and onto not in self.out and by[onto] == [op] and onto not in read:
                    home[onto] = home[sum_]
        return home

    def _places(self, fixed: set[Var]) -> dict[Var, Var]:
        """Results that can be written over what they replace: nobody reads that later."""
        written: dict[Var, int] = {}
        last: dict[Var, int] = {}
        for at, own in enumerate(own for part in self.rounds for own in (*part.loops, *part.products)):
            for op in own if isinstance(own, list) else [own]:
                # an event product that adds to one of its arrays is still reading the others
                last |= {x: at if isinstance(own, list) or product(op).onto is x else at + 1 for x in op.reads}
                if op.made[0] in self.home:
                    written.setdefault(self.home[op.made[0]], at)
        return {
            x: old
            for x, old in self.moves.items()
            if x in written and x in self.out and old not in fixed and last.get(old, -1) <= written[x]
            and (old.shape, old.dtype) == (x.shape, x.dtype)
        }  # fmt: skip

    # --- the text -----------------------------------------------------------------------------------------------------

    def piece(self, loops: list[str]) -> Piece:
        body = [*self._begun(), *(self._number(op) for part in self.rounds for op in part.numbers)]
        stages = [stage for part in self.rounds for stage in self._stages(part, loops) if stage]
        ends = [f"*({stored(x)}*)out[{k}] = {self.names[x]};" for k, x in enumerate(self.out) if not x.shape]
        if ends:  # when nobody reads the number any more that was there
            stages.append([f"if (part.Last()) {{ {' '.join(ends)} }}"])
        for k, stage in enumerate(stages):
            body += [f"if (stage < 0 || stage == {k}) {{", *(f"  {line}" for line in stage), "}"]
        # what is told by lists is told twice in turns, all else is read in the only memory that it has
        apart = bool(ends) or any(product(op).name != "Sent" for part in self.rounds for op in part.products)
        return Piece(body, len(stages), apart, self.numbers, self.takes, self.out, self.scratch, self.places)

    def _stages(self, part: Round, loops: list[str]) -> tuple[list[str], list[str]]:
        """Loops and who fired, and what is sent to others: between the two all parts are waited for."""
        each, sent = [], []
        for ops in part.loops:
            each.append(self._looped(ops, loops))
        for op in part.products:
            each += self._listed(op)
            sent += self._product(op)
        return each, sent

    def _begun(self) -> Iterable[str]:
        """Names for all that comes in, and for the memory that is written."""
        for k, same in enumerate(self.numbers):
            for j, x in enumerate(same):
                self.names[x] = f"n{k}_{j}"
                yield f"const {kind(x)} {self.names[x]} = ((const {stored(x)}*)in[{k}])[{j}];"
        for k, x in enumerate(self.takes):
            if is_key(x):
                self.names[x] = f"k{k}"
                yield f"const Key k{k} = *(const Key*)in[{len(self.numbers) + k}];"
            elif x.shape:
                self.names[x] = f"in{k}"
                yield f"const {stored(x)}* const in{k} = (const {stored(x)}*)in[{len(self.numbers) + k}];"
            else:
                self.names[x] = f"t{k}"
                yield f"const {kind(x)} t{k} = *(const {stored(x)}*)in[{len(self.numbers) + k}];"
        place = {}
        for k, x in enumerate([*self.out, *self.scratch]):
            if x.shape:
                place[x] = f"out{k}"
                yield f"{stored(x)}* const out{k} = ({stored(x)}*)out[{k}];"
        self.names |= {x: place[home] for x, home in self.home.items()}
        self.names |= {x: place[x] for x in self.room.values()}

    def _said(self, x: Any) -> str:
        return self.names[x] if isinstance(x, Var) else literal(x)

    def _list(self, fired: Var) -> str:
        return self.names[self.room[fired]]

    def _number(self, op: Op) -> str:
        made, given = op.made[0], [self._said(x) for x in op.given]
        self.names[made] = f"x{len(self.names)}"
        if keyed(op):
            return f"const Key {self.names[made]} = {key_expression(op, given)};"
        return f"const {kind(made)} {self.names[made]} = {expression(op, given)};"

    def _looped(self, ops: list[Op], loops: list[str]) -> str:
        """A loop over the elements of a part; if it tells who fired, in blocks, with what follows of that for each."""
        size = ops[0].made[0].size
        stores: dict[Var, Any] = {
            op.made[0]: op.made[0] for op in ops if op.made[0] in self.home or op.made[0] in self.near
        }
        fired = next((x for x in stores if x in self.near), None)
        later = [] if fired is None else changes(ops, fired, stores, set(self.places.values()))
        for change in later:
            if self.places.get(self.home[change.place]) is change.before:
                del stores[change.place]
            else:
                stores[change.place] = change.before
        made = loop(ops, stores, fired)
        if made.text not in loops:
            loops.append(made.text)
        which = loops.index(made.text)
        takes = ", ".join(
            "fired" if x is fired else self.names[x] for x in (*made.arrays, *made.numbers, *made.written)
        )
        if fired is None:
            return f"loop{which}(part.From({size}), part.To({size}), {takes});"
        block = f"[&](int64_t from, int64_t to, uint8_t* fired) {{ loop{which}(from, to, {takes}); }}"
        each = f"[&](int64_t i) {{ {' '.join(told(later, ops, self.names))} }}"
        return f"Firing({size}, {self.names.get(fired, 'nullptr')}, {self._list(fired)}, part, {block}, {each});"

    def _listed(self, op: Op) -> Iterable[str]:
        """For an event product by flags a list of those who fired, once for all products."""
        fired = product(op).given[0]
        if fired in self.room and fired not in self.near and fired not in self.listed:
            self.listed.add(fired)
            yield f"Listed({self._said(fired)}, {fired.size}, {self._list(fired)}, part);"

    def _product(self, op: Op) -> Iterable[str]:
        """An event product: its name, and pointers with numbers of elements for all that it takes."""
        name, given, weight, onto, rising = product(op)
        sum_ = op.made[0]
        taken = [self.room[given[0]] if name == "Sent" else given[0], *given[1:]]
        pointers = [self._said(x) if np.size(x) else "nullptr" for x in taken]
        to = self.names[sum_]
        if onto is not None and self.names.get(onto) != to:
            yield f"Copied({self._said(onto)}, {to}, {sum_.size}, part);"
        if name == "Counted":  # by the words of a key
            yield f"Counted({', '.join(pointers)}, {given[1].size}, {to}, {sum_.size}, part);"
            return
        sizes = [str(n) for x in given for n in (x.shape if name == "Arrived" else (np.size(x),))]
        weights, types = [], ""
        if weight is not None:
            shared = np.shape(weight) == ()
            types = f"<{kind(sum_)}, {'true' if shared else 'false'}, {'true' if rising else 'false'}>"
            weights = [self._said(weight)]
        if weight is not None and shared:
            one = f"w{self.products}"
            self.products += 1
            yield f"const {kind(sum_)} {one} = {weights[0]};"
            weights = [f"&{one}"]
        yield f"{name}{types}({', '.join([*pointers, *sizes, *weights, to, str(sum_.size), 'part'])});"
