"""A model with its numbers, read as a flow: what each number is called, where it begins, how far it usually goes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.model import Model
from brainnb.core.record import Record, flat
from brainnb.inputs.base import Stimulus
from brainnb.run import cache, options
from brainnb.run.system import System, drives

from .flow import MOVES, OTHER, REAL, Constants, Flow, in_double

TYPED = 1024
"""Up to so many numbers, single precision is read as typed: 0.1 means 0.1, not 0.10000000149."""


class Axis(NamedTuple):
    """One number of a system: its path (``"Na.m"``, ``"r[3]"``), unit, meaning and declared bounds."""

    path: str
    unit: str
    doc: str
    bounds: tuple[float | None, float | None]


@dataclass(frozen=True)
class Case:
    """One model with its numbers: the flow, where the state begins, the constants, and what each number is called."""

    flow: Flow
    x: np.ndarray
    p: Constants
    states: tuple[Axis, ...]
    constants: tuple[Axis, ...]
    model: Model = field(repr=False)
    drives: Record = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Paths of the states, in the order of ``x``."""
        return tuple(axis.path for axis in self.states)

    def state(self, path: str) -> int:
        """Where a state stands in ``x``.

        Raises
        ------
        UnknownName
            Which lists the states, and the nearest one.
        """
        return _find(path, self.names, "state", type(self.model).__name__)

    def constant(self, path: str) -> int:
        """Where a parameter, an input or a held state stands among the constants; refuses as :meth:`state` does."""
        names = tuple(axis.path for axis in self.constants)
        if path in self.names:
            raise UnknownName(
                f"`{path}` is a state of {type(self.model).__name__} that evolves; a parameter or an input was expected."
            )
        return _find(path, names, "parameter or input", type(self.model).__name__)

    def value(self, path: str) -> float:
        """The number of a parameter or an input."""
        return float(self.p.numbers[self.constant(path)])

    def with_value(self, path: str, value: float) -> "Case":
        """The same case with one constant changed."""
        numbers = np.array(self.p.numbers)
        numbers[self.constant(path)] = value
        return self.with_numbers(numbers)

    def with_numbers(self, numbers: np.ndarray) -> "Case":
        """The same case with other constants."""
        return Case(
            self.flow, self.x, Constants(numbers, self.p.others), self.states, self.constants, self.model, self.drives
        )

    def box(self, margin: float = 0.0) -> np.ndarray:
        """(n, 2): the declared bounds of the states, widened by a fraction; an open side takes one from the start."""
        return _box(self.states, self.x, margin)

    def scale(self) -> np.ndarray:
        """(n,): how far each state usually goes; what is small and what is near is measured by it."""
        box = self.box()
        return box[:, 1] - box[:, 0]

    def attributes(self, path: str) -> dict[str, str]:
        """``units`` and ``long_name`` of a state or a constant, for a Dataset."""
        axis = next(axis for axis in (*self.states, *self.constants) if axis.path == path)
        return {"units": axis.unit, "long_name": axis.doc}


def _find(path: str, names: tuple[str, ...], what: str, where: str) -> int:
    if path in names:
        return names.index(path)
    if any(name.startswith(f"{path}[") for name in names):
        raise ModelError(f"`{path}` of {where} is an array; name one of its numbers, such as '{path}[0]'.")
    raise UnknownName(unknown_message(what, path, names, where=where))


def _box(axes: Iterable[Axis], x: np.ndarray, margin: float) -> np.ndarray:
    found = []
    for axis, at in zip(axes, x, strict=True):
        lo, hi = axis.bounds
        reach = max(1.0, 2 * abs(at))
        lo = (min(at, hi if hi is not None else at) - reach) if lo is None else lo
        hi = (max(at, lo) + reach) if hi is None else hi
        found.append((lo - margin * (hi - lo), hi + margin * (hi - lo)))
    return np.array(found, float).reshape(-1, 2)


@in_double
def case(
    model: Model,
    inputs: Mapping[str, Any] | None = None,
    *,
    hold: Iterable[str] = (),
    delays: bool = False,
    closed: type[System] = System,
    **given: Any,
) -> Case:
    """Read a model as a flow.

    Parameters
    ----------
    model : Model
    inputs, **given : numbers
        Values of its inputs; what is not given has its declared default.
    hold : paths of states
        These do not evolve: they stand among the constants, where a continuation can move them.
    delays : bool
        Whether the caller can read a model with delays.
    closed : subclass of System
        What ``field`` means, where that is not the derivative: the next state of a map, the slope of a past.

    Raises
    ------
    ModelError
        For an input that changes in time, a model without equations, with an equation that depends on the time, with
        delays, or of fractional order.
    """
    options.check_model(model)
    found = drives(model, options.merged_inputs(inputs, given))
    name = type(model).__name__
    for key, drive in found.items():
        if isinstance(drive, Stimulus):
            raise ModelError(
                f"{name}.{key}: {type(drive).__name__} changes in time; analysis asks what the model does while its "
                f"inputs stay as they are. Give a number, {key}=..."
            )
    if model.histories() and not delays:
        raise ModelError(
            f"{name} reads its own past ({', '.join(model.histories())}): its state is a function, not a point. "
            "bn.analysis.delay_roots finds its resting points and their stability."
        )
    system = closed(model, found)
    leaves, tree = jax.tree.flatten(system)
    kept, plan = _plan(tree, leaves, tuple(hold), system)
    state = jax.tree.leaves(plan.begin(kept))
    x = _numbers([state[i] for i in plan.moving])
    real, others = plan.sorted([*leaves, *state])
    return Case(plan.flow, x, Constants(_numbers(real), others), plan.states, plan.constants, model, found)


class Plan(NamedTuple):
    """What is the same for all cases of one structure."""

    flow: Flow
    begin: Callable[[list[Array]], Record]
    moving: tuple[int, ...]
    states: tuple[Axis, ...]
    constants: tuple[Axis, ...]

    def sorted(self, leaves: list[Any]) -> tuple[list[Any], tuple[Array, ...]]:
        """The real numbers that stay, and arrays of other types."""
        rows = list(zip(leaves, self.flow.fixed, strict=True))
        return [x for x, kept in rows if kept is REAL], tuple(x for x, kept in rows if kept is OTHER)


_plans = cache.Recent()


def _plan(tree: Any, leaves: list[Any], hold: tuple[str, ...], system: System) -> tuple[list[Array], Plan]:
    """The plan of a structure, made once, and the arrays of this system."""
    arrays = [x for x in leaves if eqx.is_array(x)]
    static = tuple(None if eqx.is_array(x) else x for x in leaves)
    key = (tree, static, tuple((x.shape, x.dtype) for x in arrays), hold)
    plan = _plans.get(key)
    if plan is None:
        plan = _made(tree, static, arrays, hold, system)
        _plans.set(key, plan)
    return arrays, plan


def _made(tree: Any, static: tuple, arrays: list[Array], hold: tuple[str, ...], system: System) -> Plan:
    def begin(found: list[Array]) -> Record:
        rest = iter(found)
        whole = jax.tree.unflatten(tree, [next(rest) if x is None else x for x in static])
        return whole.init((), jax.random.key(0))

    begin = jax.jit(begin)
    state = begin(arrays)
    model, name = system.model, type(system.model).__name__
    moving = _moving(system, state)
    for path in hold:
        if path not in moving:
            raise UnknownName(unknown_message("state that evolves", path, moving, where=name))
    moving = tuple(path for path in moving if path not in hold)
    if not moving:
        raise ModelError(f"All states of {name} are held ({', '.join(hold)}): nothing is left to evolve.")
    if not _still(system, state):
        raise ModelError(
            f"{name}.vector_field depends on the time t; make what changes an input (`I = bn.input(...)`), "
            "which analysis holds still."
        )
    values = flat(state.model)
    leaves, whole = jax.tree.flatten((system, state))
    paths = _paths(system, state)
    first = len(leaves) - len(jax.tree.leaves(state))  # states stand behind the model and its drives
    fixed, shapes, constants, at = [], [], [], {}
    for i, (path, leaf) in enumerate(zip(paths, leaves, strict=True)):
        shapes.append(tuple(jnp.shape(leaf)))
        if i >= first and path in moving:
            fixed.append(MOVES)
            at[path] = i - first
        elif eqx.is_array(leaf) and leaf.dtype.kind == "f":
            fixed.append(REAL)
            constants.extend(_axes(path, leaf, model.declaration(path)))
        else:
            fixed.append(OTHER if eqx.is_array(leaf) else leaf)
    sizes = tuple(tuple(values[path].shape) for path in moving)
    flow = Flow(whole, tuple(fixed), tuple(shapes), moving, sizes)
    states = tuple(axis for path in moving for axis in _axes(path, values[path], model.declaration(path)))
    return Plan(flow, begin, tuple(at[path] for path in moving), states, tuple(constants))


def _moving(system: System, state: Record) -> tuple[str, ...]:
    """Paths of the states that have an equation."""
    slope = jax.eval_shape(lambda s: system.field(jnp.zeros(()), s), state)
    if "model" not in slope or not slope.model:
        raise ModelError(f"{type(system.model).__name__} has no equations to analyse: its vector_field gives nothing.")
    found = tuple(flat(slope.model))
    for path in found:
        order = getattr(system.model.declaration(path), "order", None)
        if order is not None:
            raise ModelError(f"{type(system.model).__name__}.{path} is of fractional order; analysis reads order one.")
    return found


def _still(system: System, state: Record) -> bool:
    field = jax.jit(lambda t: system.field(t, state))  # one program, and not one for every operation
    slopes = [jax.tree.leaves(field(jnp.asarray(float(t)))) for t in (0.0, 0.618, 37.7, 1234.5)]
    return all(
        np.array_equal(a, b, equal_nan=True) for later in slopes[1:] for a, b in zip(slopes[0], later, strict=True)
    )


def _axes(path: str, value: Any, declaration: Any) -> list[Axis]:
    unit, doc = (declaration.unit, declaration.doc) if declaration is not None else ("1", "")
    bounds = declaration.bounds if declaration is not None else (None, None)
    shape = jnp.shape(value)
    if not shape:
        return [Axis(path, unit, doc, bounds)]
    return [Axis(f"{path}[{','.join(map(str, i))}]", unit, doc, bounds) for i in np.ndindex(shape)]


def _paths(system: System, state: Record) -> list[str]:
    """The path of every leaf; a drive is called by its input's name, a state by its own."""
    found = []
    for keys, _ in jax.tree_util.tree_flatten_with_path((system, state))[0]:
        words = [str(getattr(k, "name", getattr(k, "key", getattr(k, "idx", "")))) for k in keys]
        found.append(".".join(words[2:]) if words[1] in ("model", "drives") else ".".join(words[1:]))
    return found


def _numbers(leaves: list[Any]) -> np.ndarray:
    """One vector in double precision; short single-precision values as they were typed."""
    if not leaves:
        return np.zeros(0)
    arrays = [np.asarray(leaf).reshape(-1) for leaf in leaves]
    wide = np.concatenate([a.astype(np.float64) for a in arrays])
    narrow = np.concatenate([np.full(a.size, a.dtype.itemsize < 8 and a.size <= TYPED) for a in arrays])
    if narrow.any():
        wide[narrow] = wide[narrow].astype(np.float32).astype(str).astype(np.float64)
    return wide
