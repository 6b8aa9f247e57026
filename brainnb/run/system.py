"""A model with what it is given: the closed system that the loop steps."""

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.checks import as_array, call_hook, checked_derivative, checked_init, checked_step
from brainnb.core.delayed import Line, Moment
from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.fields import check_bounds, float_dtype, to_array
from brainnb.core.history import bound
from brainnb.core.model import Model
from brainnb.core.noise import is_sources
from brainnb.core.record import Inputs, Record
from brainnb.inputs.base import FromFunction, Stimulus
from brainnb.integrators import Integrator

from . import past

BEGIN = Moment()

STRUCTURE = {"static": True}


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class System:
    """A model and its drives (a value or a stimulus for every input), stepped together.

    The joint state is ``Record(model=..., drive=...)``: stimuli that evolve are integrated like everything else.
    A plain dataclass, and registered: one is made in every run, and Equinox takes fifty times as long.
    A model that remembers has its ``lines`` there too, under ``past``, and so has a method that remembers its ``memory``.
    ``picks`` are the neurons seen of each path that is not recorded whole: values, so that other neurons compile nothing.
    """

    model: Model
    drives: Record
    lines: tuple[Line, ...] = dataclasses.field(default=(), metadata=STRUCTURE)
    memory: tuple[Integrator, int] | None = dataclasses.field(default=None, metadata=STRUCTURE)
    picks: Record = dataclasses.field(default_factory=Record)

    def init(self, size: tuple[int, ...], key: Array) -> Record:
        """Initial joint state."""
        k1, k2 = jax.random.split(key)
        s = strong(checked_init(self.model, size, call_hook(self.model, "init_state", size, k1)))
        return self.with_past(Record(model=s, drive=self.init_drives(k2)))

    def remembering(self, lines: tuple[Line, ...], memory: tuple[Integrator, int] | None = None) -> "System":
        """The same system with these delay lines, and a method that remembers, with so many steps."""
        return System(self.model, self.drives, lines, memory)

    def with_past(self, s: Record) -> Record:
        """The joint state as if it had always been so."""
        return Record({**s, "past": past.begun(self, s)}) if self.lines or self.memory else s

    def init_drives(self, key: Array) -> Record:
        """Initial state of the stimuli that evolve."""
        return Record(
            {n: d.init_state((), key) if isinstance(d, Stimulus) else Record() for n, d in self.drives.items()}
        )

    def given(self, t: Array, s: Record, began: Array | None = None) -> Inputs:
        """The inputs at this moment; those that the model holds through a step are of when it ``began``."""
        held = getattr(type(self.model), "held", ()) if began is not None else ()
        return Inputs(
            {
                n: _now(n, d, began if n in held else t, s.drive[n]) if isinstance(d, Stimulus) else d
                for n, d in self.drives.items()
            }
        )

    def field(self, t: Array, s: Record, moment: Moment = BEGIN) -> Record:
        """Derivative of the joint state; ``moment`` says where in the past the delays begin."""
        return self._derivative("vector_field", t, s, moment)

    def diffusion(self, t: Array, s: Record, moment: Moment = BEGIN) -> Record:
        """Noise amplitude of the joint state; empty when nothing is noisy."""
        return self._derivative("diffusion", t, s, moment)

    def seen(self, s: Record, moment: Moment) -> Record:
        """The state of the model as its hooks see it."""
        return bound(self.lines, s.model, s.past.lines, moment) if self.lines else s.model

    def _derivative(self, hook: str, t: Array, s: Record, moment: Moment) -> Record:
        out = {}
        u = self.given(t, s)
        own = checked_derivative(self.model, hook, s.model, call_hook(self.model, hook, t, self.seen(s, moment), u), u)
        if own:
            out["model"] = own
        moving = {}
        for name, d in self.drives.items():
            if isinstance(d, Stimulus) and s.drive[name]:
                found = checked_derivative(d, hook, s.drive[name], call_hook(d, hook, t, s.drive[name], Inputs()))
                if found:
                    moving[name] = jax.tree.map(
                        lambda x, n=name: x.renamed(f"{n}.") if is_sources(x) else x, found, is_leaf=is_sources
                    )
        if moving:
            out["drive"] = Record(moving)
        return Record(out)

    def on_step(
        self, t: Array, s: Record, key: Array, moment: Moment = BEGIN, began: Array | None = None
    ) -> tuple[Record, Record]:
        """Jumps and observables after a step that ``began`` at that time."""
        out = call_hook(self.model, "on_step", t, self.seen(s, moment), self.given(t, s, began), key)
        changed, seen = checked_step(self.model, s.model, out)
        return s.merge(dict(model=changed, drive=self._drives_step(t, s.drive, key))), seen

    def _drives_step(self, t: Array, s: Record, key: Array) -> Record:
        """The stimuli that evolve, after their own jumps; each has a key of its own."""
        moved = {}
        for i, (name, d) in enumerate(self.drives.items()):
            if isinstance(d, Stimulus) and s[name]:
                out = call_hook(d, "on_step", t, s[name], Inputs(), jax.random.fold_in(key, i))
                moved[name], _ = checked_step(d, s[name], out)
        return s.merge(moved)

    def jumps(self, t: Array, s: Record, key: Array) -> Mapping[str, Any]:
        """What ``on_step`` changes."""
        changes, _ = call_hook(self.model, "on_step", t, self.seen(s, BEGIN), self.given(t, s), key)
        return changes


def _now(name: str, stimulus: Stimulus, t: Array, s: Record) -> Array:
    """The value of a stimulus at this moment."""
    what = "the function of time" if isinstance(stimulus, FromFunction) else f"{type(stimulus).__name__}.value"
    where = f"Input `{name}`: {what}"
    return as_array(f"{where} gave a value that", call_hook(stimulus, "value", t, s, where=where))


def strong(s: Record) -> Record:
    """State leaves as strong-typed arrays, so that the loop keeps their types."""

    def one(x: Any) -> Array:
        x = jnp.asarray(x)
        return x.astype(float_dtype() if x.dtype.kind == "f" else x.dtype)

    return jax.tree.map(one, s)


def drives(model: Model, given: Mapping[str, Any]) -> Record:
    """A drive for every input of ``model``: what was given, else the declared default.

    Raises
    ------
    UnknownName
        For a name that is no input; says so when it is a parameter or a state.
    """
    declared = model.inputs()
    name = type(model).__name__
    for key in given:
        if key in declared:
            continue
        if key in model.parameters():
            raise UnknownName(
                f"`{key}` is a parameter of {name}: write bn.simulate(model.replace({_as_call(key)}), ...)."
            )
        if key in type(model).states():
            raise UnknownName(f"`{key}` is a state of {name}: start from another value with init={{'{key}': ...}}.")
        if key in ("noise", "sigma", "diffusion"):
            raise UnknownName(
                f"`{key}` is no input of {name}. Noise belongs to the model: write "
                f"`def diffusion(self, t, s, u)` that returns {{state: amplitude}}; or give noise to an input, "
                f"I=bn.inputs.Noise(sigma=...)."
            )
        if key in ("tol", "rtol", "atol", "max_steps", "adaptive", "integral", "intg_type"):
            raise UnknownName(
                f"`{key}` belongs to the method: method=bn.integrators.DormandPrince(rtol=1e-8, atol=1e-8), or "
                f"method=bn.integrators.Milstein(integral='stratonovich')."
            )
        raise UnknownName(unknown_message("input or option", key, [*declared, *OPTIONS], where=name))
    return Record({n: drive(given.get(n, d.default), d, f"{name}.{n}") for n, d in declared.items()})


def _takes_time(function: Any, path: str) -> None:
    try:
        inspect.signature(function).bind(0.0)
    except TypeError:
        raise ModelError(f"{path}: a function of time takes one argument, `lambda t: ...`, with t in ms.") from None
    except ValueError:  # some compiled functions tell nothing of their arguments
        return


OPTIONS = (
    "T",
    "dt",
    "inputs",
    "record",
    "every",
    "method",
    "seed",
    "size",
    "init",
    "progress",
    "store",
    "precision",
    "on_nan",
)


def _as_call(path: str) -> str:
    return f"{{'{path}': ...}}" if "." in path else f"{path}=..."


def drive(value: Any, declaration: Any, path: str) -> Any:
    """One input as a leaf or a stimulus."""
    if isinstance(value, Stimulus):
        return value
    if isinstance(value, type) and issubclass(value, Stimulus):
        raise ModelError(f"{path}: got the class {value.__name__}; build it, {value.__name__}(...).")
    if isinstance(value, Model):
        raise ModelError(
            f"{path}: got the model {type(value).__name__}; an input takes a number, an array or one of bn.inputs."
        )
    if callable(value) and not hasattr(value, "magnitude") and not hasattr(value, "__array__"):
        _takes_time(value, path)
        return FromFunction(value)
    converted = to_array(value, declaration.unit, path)
    check_bounds(converted, (None, None), declaration.unit, path)  # NaN is refused; inputs are otherwise free
    return converted
