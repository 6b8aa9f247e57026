"""Exponential methods: each variable relaxes exactly along its own slope."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import jax
import jax.extend.core as jex
import jax.numpy as jnp
from jax import Array
from jax.tree_util import tree_flatten_with_path

from brainnb.core.record import Record, flat

from .base import Field, Integrator, as_record, moving
from .phi import phi


@dataclasses.dataclass(frozen=True)
class ExponentialEuler(Integrator):
    r"""Exponential Euler with the slope of each variable with respect to itself.

    .. math::

        s_i' = s_i + h\,\varphi(h J_{ii})\, f_i(s), \qquad \varphi(z) = \frac{e^z - 1}{z},
        \qquad J_{ii} = \frac{\partial f_i}{\partial s_i}

    Exact for uncoupled linear equations at any step.  It buys stability, not accuracy: on the Hodgkin–Huxley
    equations its error at equal step is about eight times plain Euler's; :class:`Strang` costs as much and is far
    more accurate there.  The slopes come from forward-mode derivatives, so the field needs no rewriting, but it
    must be elementwise along an array state: a matrix product inside one state draws a warning.  With noise:
    amplitudes are taken over the step as in Euler–Maruyama.

    Reference: Hochbruck & Ostermann 2010, doi:10.1017/S0962492910000048.
    """

    name, order, strong_order, weak_order, elementwise = "exponential_euler", 1, 0.5, 1.0, True

    def evaluations(self, states: int) -> int:
        return 2

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        like, touched = looked_at(field, t, s)
        return relax(field, t, s, like, together(range(len(touched)), touched), dt)


@dataclasses.dataclass(frozen=True)
class Strang(Integrator):
    r"""Strang splitting of a cell: voltage, gates, voltage, each relaxing exactly along its own slope.

    .. math::

        V \xrightarrow{h/2} \;\{m, h, n, \ldots\} \xrightarrow{h}\; V \xrightarrow{h/2}

    The potential (every state named ``V``; without one the first declared state) moves twice by half a step around
    one whole step of all others.  Order 2 when the others meet only through it, as the gates of a membrane do (order 1 in what couples them directly, such as
    calcium and the gates it opens); stable at steps where Runge–Kutta fails, at the cost of exponential Euler:
    the period of the Hodgkin–Huxley neuron at 10 uA/cm2 is 0.5 % off at dt = 0.1 ms, where exponential Euler is
    5 % off.  What belongs to no membrane, the states of synapses, may drive each other: it takes turns within the
    step of the gates, as in :class:`Splitting`, and stays of order 2.  With noise: amplitudes are taken over the step
    as in Euler–Maruyama.

    Reference: Strang 1968, doi:10.1137/0705041; staggered gates: Hines 1984, doi:10.1016/0020-7101(84)90008-4.
    """

    name, order, strong_order, weak_order, elementwise = "strang", 2, 0.5, 1.0, True

    def evaluations(self, states: int) -> int:
        return 3  # two for the slopes and values of all, one more because the first state moves twice

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        like, touched = looked_at(field, t, s)
        if not touched:
            return s
        potentials, others = halves(like)
        gates, synapses = sides(like, potentials, others)
        *turns, last = apart(like, synapses) or [[]]
        turns = [together(which, touched) for which in turns]
        potentials, middle = together(potentials, touched), together(gates + last, touched)
        s = relax(field, t + 0.25 * dt, s, like, potentials, 0.5 * dt)
        for groups in turns:
            s = relax(field, t + 0.25 * dt, s, like, groups, 0.5 * dt)
        s = relax(field, t + 0.5 * dt, s, like, middle, dt)
        for groups in reversed(turns):
            s = relax(field, t + 0.75 * dt, s, like, groups, 0.5 * dt)
        return relax(field, t + 0.75 * dt, s, like, potentials, 0.5 * dt)


@dataclasses.dataclass(frozen=True)
class Splitting(Integrator):
    r"""Strang splitting of a network: synapses half a step, potentials a whole one, synapses the other half.

    .. math::

        g_1, g_2, \ldots \xrightarrow{h/2} V \xrightarrow{h} \ldots, g_2, g_1 \xrightarrow{h/2}

    Every state but the potential (those named ``V``) relaxes along its own slope, one after the other and then in reverse,
    so the method is of order 2 whatever drives what.  For synapses that only decay, two half steps cost what a whole
    one does, so it is exponential Euler at its price without its error: currents are taken in the middle of the step.
    Where many gates belong to each potential :class:`Strang` is cheaper.  With noise: amplitudes are taken over the
    step as in Euler–Maruyama.

    Reference: Strang 1968, doi:10.1137/0705041.
    """

    name, order, strong_order, weak_order, elementwise = "splitting", 2, 0.5, 1.0, True

    def evaluations(self, states: int) -> int:
        return 3

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        like, touched = looked_at(field, t, s)
        if not touched:
            return s
        potentials, others = halves(like)
        turns = [together(which, touched) for which in apart(like, others)]
        for groups in turns:
            s = relax(field, t + 0.25 * dt, s, like, groups, 0.5 * dt)
        s = relax(field, t + 0.5 * dt, s, like, together(potentials, touched), dt)
        for groups in reversed(turns):
            s = relax(field, t + 0.75 * dt, s, like, groups, 0.5 * dt)
        return s


def halves(like: Record) -> tuple[list[int], list[int]]:
    """Which leaves are potentials, and which are all others; without a potential the first leaf stands for it."""
    names = [path.rpartition(".")[2] for path in flat(like)]
    potentials = [i for i, name in enumerate(names) if name == "V"] or [0]
    return potentials, [i for i in range(len(names)) if i not in potentials]


def sides(like: Record, potentials: list[int], others: list[int]) -> tuple[list[int], list[int]]:
    """Which of the others are gates of a membrane, beside a potential or in a part beside it, and which are not."""
    paths = [f".{path}" for path in flat(like)]
    membranes = tuple(paths[i].rpartition(".")[0] + "." for i in potentials)
    gates = [i for i in others if paths[i].startswith(membranes)]
    return gates, [i for i in others if i not in gates]


def apart(like: Record, which: list[int]) -> list[list[int]]:
    """Leaves in turns: those of one turn belong to different parts, which only meet through the potentials."""
    turns: list[list[int]] = []
    seen: dict[str, int] = {}
    paths = list(flat(like))
    for i in which:
        part = paths[i].rpartition(".")[0]
        turn = seen[part] = seen.get(part, -1) + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(i)
    return turns


def looked_at(field: Field, t: Array, s: Record) -> tuple[Record, list[frozenset[int]]]:
    """The structure of the field, and for each of its leaves the moving leaves of the state that it depends on."""
    program, like = jax.make_jaxpr(lambda s: as_record(field(t, s)), return_shape=True)(s)
    number = {path: i for i, path in enumerate(flat(like))}
    paths = [".".join(str(getattr(key, "key", key)) for key in path) for path, _ in tree_flatten_with_path(s)[0]]
    seen = {x: frozenset([number[path]]) for x, path in zip(program.jaxpr.invars, paths, strict=True) if path in number}
    for eqn in program.jaxpr.eqns:
        read = frozenset().union(*(_of(seen, x) for x in eqn.invars))
        seen |= dict.fromkeys(eqn.outvars, read)
    return like, [_of(seen, x) for x in program.jaxpr.outvars]


def _of(seen: dict[Any, frozenset[int]], x: Any) -> frozenset[int]:
    return frozenset() if isinstance(x, jex.Literal) else seen.get(x, frozenset())


def together(which: Iterable[int], touched: list[frozenset[int]]) -> list[list[int]]:
    """Leaves in groups within which none depends on another: one derivative of the field gives the slopes of all."""
    groups: list[list[int]] = []
    for i in which:
        free = (g for g in groups if not any(i in touched[k] or k in touched[i] for k in g))
        if (group := next(free, None)) is None:
            groups.append([i])
        else:
            group.append(i)
    return groups


def relax(field: Field, t: Array, s: Record, like: Record, groups: list[list[int]], dt: Array) -> Record:
    """Exponential Euler over ``dt`` for the moving leaves in ``groups`` (of :func:`together`), the rest held.

    One forward derivative a group: what does not touch the leaves drops out, and XLA shares the field's value.
    """
    leaves, tree = jax.tree.flatten(moving(s, like))
    new = list(leaves)
    for which in groups:

        def own(x: list[Array], which: list[int] = which) -> list[Array]:
            varied = list(leaves)
            for i, value in zip(which, x, strict=True):
                varied[i] = value
            found = jax.tree.leaves(as_record(field(t, s.merge(jax.tree.unflatten(tree, varied)))))
            return [found[i] for i in which]

        now = [leaves[i] for i in which]
        slopes, derivatives = jax.jvp(own, (now,), ([jnp.ones_like(x) for x in now],))
        for i, slope, derivative in zip(which, slopes, derivatives, strict=True):
            new[i] = leaves[i] + dt * slope * phi(dt * derivative)
    return s.merge(jax.tree.unflatten(tree, new))
