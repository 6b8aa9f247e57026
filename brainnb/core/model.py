"""The frozen model: parameters are its leaves, states and inputs are declared, four hooks say how it moves."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self, dataclass_transform

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from . import declared, pickled
from .errors import ModelError, UnknownName, unknown_message
from .fields import Bounds, Declaration, History, Input, Observable, State, float_dtype, param, part, static
from .paths import expand, split
from .record import Record


class Parameter(NamedTuple):
    """One row of :meth:`Model.parameters`."""

    value: Array
    unit: str
    doc: str
    bounds: Bounds


def preset(method: Callable[..., "Model"]) -> Any:
    """Mark a class method as a published variant: ``HodgkinHuxley.squid_1952()``; explorers list it."""
    made = classmethod(method)
    method.__brainnb_preset__ = True
    return made


@dataclass_transform(frozen_default=True, field_specifiers=(param, part, static))
class Model(eqx.Module):
    r"""A dynamical system as a value.

    Subclass it, declare, write :meth:`vector_field`: ``self.`` is what is constant, ``s.`` what evolves,
    ``u.`` what is given.

    .. math:: \frac{ds}{dt} = f(t, s, u), \qquad t \text{ in ms}

    A model never changes: :meth:`replace` returns another one, and because parameters are array leaves of a
    JAX pytree the compiled run is used again.  ``jax.grad``, ``jax.vmap`` and every tool of this library take
    the model as an argument.

    Examples
    --------
    >>> import brainnb as bn
    >>> class Leaky(bn.Model):
    ...     tau: bn.Param = bn.param(20.0, "ms", "membrane time constant", bounds=(1, 100))
    ...     V = bn.state(0.0, "mV", "membrane potential")
    ...     I = bn.input(0.0, "mV", "drive")
    ...     def vector_field(self, t, s, u):
    ...         return dict(V=(u.I - s.V) / self.tau)
    >>> Leaky().replace(tau=10)
    Leaky(tau=10 ms)
    """

    default_method: ClassVar[str] = "rk4"
    """Name of the integrator that this family is known to need."""

    default_record: ClassVar[str | None] = None
    """Glob of what a run records when nothing is said; None: every continuous state."""

    # --- the four hooks ------------------------------------------------------------------------------------

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        """``{state: derivative per ms}`` for every state that is not discrete."""
        return {}

    def diffusion(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        """``{state: noise amplitude per sqrt(ms)}``; states left out carry no noise.

        A state hears a source of its own, ``dict(V=0.1)``, or sources by name, ``dict(V={"a": 0.1, "b": 0.2})``:
        states that name the same source hear the same fluctuation.  Each unit has its own, unless the name is
        :class:`~brainnb.core.noise.Common`.
        """
        return {}

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """After each step at time ``t``: ``(changed states, {observable: value})``.

        Thresholds, resets, clocks and delivery live here.
        """
        return {}, {}

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        """Initial state of ``size`` units; override only where the declared values do not serve."""
        own = {
            name: jnp.broadcast_to(_initial(d), size + np.shape(d.default)) for name, d in type(self).states().items()
        }
        parts = self.parts()
        keys = [None] * len(parts) if key is None else jax.random.split(key, len(parts))
        return Record(own | {n: p.init_state(size, k) for (n, p), k in zip(parts.items(), keys, strict=True)})

    # --- what the class declares ----------------------------------------------------------------------------

    @classmethod
    def states(cls) -> dict[str, State]:
        """Declared states of this model itself, by name; those of parts are on the parts."""
        return dict(declared.members(cls, State))

    def inputs(self) -> dict[str, Input]:
        """Declared inputs, by name: what ``simulate`` takes as keywords."""
        return dict(declared.members(type(self), Input))

    @classmethod
    def observables(cls) -> dict[str, Observable]:
        """Labelled observables of this model itself, by name; ``on_step`` may report others."""
        return dict(declared.members(cls, Observable))

    def histories(self) -> dict[str, History]:
        """Declared histories of this model itself, by the name under which hooks read them."""
        return dict(declared.members(type(self), History))

    def is_flag(self, path: str) -> bool:
        """Whether what is recorded at a path is only ever 0 or 1."""
        return False

    def dimension(self, path: str) -> str | None:
        """The name of the axis of what is recorded at a path, where the model knows a better one than the path."""
        return None

    @classmethod
    def presets(cls) -> dict[str, Callable[[], "Model"]]:
        """Published variants, by name."""
        names = (n for c in reversed(cls.__mro__) for n in vars(c))
        return {
            n: getattr(cls, n) for n in dict.fromkeys(names) if hasattr(getattr(cls, n, None), "__brainnb_preset__")
        }

    def parts(self) -> dict[str, "Model"]:
        """Sub-models by name; a field that holds a mapping of models contributes its entries."""
        found: dict[str, Model] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            kind = _kind(type(value))
            if kind is Model:
                found[name] = value
            elif kind is Record:
                found |= {k: v for k, v in value.items() if isinstance(v, Model)}
        return found

    def parameters(self, prefix: str = "") -> dict[str, Parameter]:
        """Every parameter by dotted path: own ones first, then part by part."""
        found = {
            prefix + name: Parameter(getattr(self, name), d.unit, d.doc, d.bounds)
            for name, d in declared.parameters(type(self)).items()
        }
        for name, model in self.parts().items():
            found |= model.parameters(f"{prefix}{name}.")
        return found

    def declaration(self, path: str) -> Declaration | None:
        """The declaration of a parameter, state, input or observable at a dotted path, or None."""
        head, rest = split(path)
        if rest:
            model = self.parts().get(head)
            return None if model is None else model.declaration(rest)
        cls = type(self)
        kinds = (declared.parameters(cls), cls.states(), self.inputs(), cls.observables())
        return next((kind[path] for kind in kinds if path in kind), None)

    # --- a changed model --------------------------------------------------------------------------------------

    def replace(self, changes: Mapping[str, Any] | None = None, /, **kwargs: Any) -> Self:
        """A copy with new parameter values.

        Parameters
        ----------
        changes : mapping of path to value
            Dotted paths (``"Na.g_max"``) and globs (``"*.E"``, one value for every match).
        **kwargs
            The same for names without dots.

        Returns
        -------
        Model
            Values have the dtype and the shape of those they replace, so nothing compiles anew.

        Raises
        ------
        UnknownName, OutOfBounds, UnitError, ModelError
            With the path, what was given, and what was expected.

        Examples
        --------
        >>> import brainnb as bn
        >>> bn.neurons.LIF().replace(tau="15 ms").parameters()["tau"].value.item()
        15.0
        """
        if not isinstance(changes or {}, Mapping):
            raise ModelError(f"replace takes a mapping, model.replace({{'Na.g_max': 100}}); got {changes!r}.")
        merged = {**(changes or {}), **kwargs}
        if not merged:
            return self
        known = self.parameters()
        values: dict[str, Any] = {}
        for pattern, value in merged.items():
            if pattern in known:
                values[pattern] = value
            else:
                values |= dict.fromkeys(self._expand(pattern, known), value)
        return self._with({p: self._fit(p, v, known[p].value) for p, v in values.items()})

    def _expand(self, pattern: str, known: Mapping[str, Any]) -> list[str]:
        name = type(self).__name__
        if pattern in self.parts():
            raise ModelError(
                f"`{pattern}` is a part of {name}, not a value: replace its parameters "
                f"({', '.join(p for p in known if p.startswith(pattern + '.')) or 'it has none'}), "
                f"or build the model with another part."
            )
        declaration = self.declaration(pattern) if isinstance(pattern, str) and pattern else None
        if isinstance(declaration, State):
            raise UnknownName(
                f"`{pattern}` is a state of {name}: start a run from another value with init={{'{pattern}': ...}}."
            )
        if isinstance(declaration, Input):
            raise UnknownName(
                f"`{pattern}` is an input of {name}: give it to the run, bn.simulate(model, T=..., {pattern}=...)."
            )
        if pattern in {f.name for f in dataclasses.fields(self)}:
            raise UnknownName(
                f"`{pattern}` is structure of {name} (bn.static): build the model anew, {name}({pattern}=...)."
            )
        return expand(pattern, known, kind="parameter", where=name)

    def _fit(self, path: str, value: Any, old: Array) -> Array:
        where = f"{type(self).__name__}.{path}"
        if old.dtype == np.float64 and not jax.config.jax_enable_x64:  # a model that was made in double precision
            with jax.enable_x64(True):
                return self._fit(path, value, old)
        declaration = self.declaration(path)
        assert declaration is not None, path  # parameters() and declaration() read the same fields
        new = declaration.convert(value, path=where)
        if jnp.shape(new) != jnp.shape(old):
            if jnp.shape(new) != ():
                raise ModelError(
                    f"{where} has shape {jnp.shape(old)}; replace keeps the shape, got {jnp.shape(new)}. "
                    f"For one value per unit build the model with the array: {type(self).__name__}({path}=...)."
                )
            new = jnp.broadcast_to(new, jnp.shape(old))
        return new if new.dtype == old.dtype else new.astype(old.dtype)

    def _with(self, values: Mapping[str, Any]) -> Self:
        """A shallow copy with leaves set by path; no conversion, no checks."""
        own: dict[str, Any] = {}
        deep: dict[str, dict[str, Any]] = {}
        for path, value in values.items():
            head, rest = split(path)
            if rest:
                deep.setdefault(head, {})[rest] = value
            else:
                own[head] = value
        copy = object.__new__(type(self))
        for field in dataclasses.fields(self):
            value = own.get(field.name, getattr(self, field.name))
            if field.name in deep:
                value = value._with(deep[field.name])
            elif isinstance(value, Record) and deep.keys() & value.keys():
                value = value.merge({k: value[k]._with(v) for k, v in deep.items() if isinstance(value.get(k), Model)})
            object.__setattr__(copy, field.name, value)
        return copy

    # --- mistakes, answered early -------------------------------------------------------------------------------

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declared.check_class(cls, frozenset(dir(Model)))
        pickled.note_birth(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        cls = pickled.whole(cls)
        known = _constructor_names(cls)
        for name in kwargs:
            if known is not None and name not in known:
                raise TypeError(_no_argument(cls, name, known))
        return super().__new__(cls)

    def __check_init__(self) -> None:
        declared.check_instance(self)

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            super().__setattr__(name, value)
        except dataclasses.FrozenInstanceError:
            raise dataclasses.FrozenInstanceError(
                f"Models do not change: `{name}` of {type(self).__name__} cannot be assigned. {self._instead_of(name)}"
            ) from None

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(
            f"Models do not change: `{name}` of {type(self).__name__} cannot be deleted."
        )

    def _instead_of(self, name: str) -> str:
        """What to write instead of an assignment."""
        if name in self.states():
            return f"It is a state: a hook returns `dict({name}=...)`, a run starts from `init={{'{name}': ...}}`."
        if name in self.inputs():
            return f"It is an input: give it to the run, `bn.simulate(model, T=..., {name}=...)`."
        if name in declared.parameters(type(self)):
            return f"Write `model = model.replace({name}=...)`."
        return f"Declare what is constant with bn.param and what evolves with bn.state; `{name}` is neither."

    def __getattr__(self, name: str) -> Any:
        cls = type(self)
        if name.startswith("__"):
            raise AttributeError(name)
        if any(f.name == name for f in dataclasses.fields(cls)):
            raise AttributeError(
                f"`{name}` of {cls.__name__} was never set: an own __init__ assigns every declared value."
            )
        for kind in (State, Input, History):
            if declaration := dict(declared.members(cls, kind)).get(name):
                raise UnknownName(
                    f"`{name}` is {declaration.noun} of {cls.__name__}, not a parameter: "
                    f"write `{declaration.letter}.{name}` instead of `self.{name}`."
                )
        if name in cls.observables():
            raise UnknownName(f"`{name}` is reported by {cls.__name__}.on_step: record it, record=['{name}'].")
        if name in (parts := self.parts()):
            return parts[name]
        fields = [f.name for f in dataclasses.fields(self)]
        raise UnknownName(unknown_message("parameter or part", name, [*fields, *parts], where=cls.__name__))

    # Equinox wraps each bound method in a new Module, 0.1 ms apiece; models are passed themselves instead.
    __getattribute__ = object.__getattribute__

    def __reduce__(self) -> tuple:
        return pickled.reduced(self)

    # --- display ------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        from .display import one_line

        return one_line(self)

    def __str__(self) -> str:
        from .display import table_text

        return table_text(self)

    def _repr_html_(self) -> str:
        from .display import table_html

        return table_html(self)


@cache
def _kind(cls: type) -> type | None:
    """Whether objects of a class are models or mappings: asked of every field of every model, many times in a run."""
    return next((kind for kind in (Model, Record) if issubclass(cls, kind)), None)


def _initial(declaration: State) -> Array:
    """Initial value: floats in the working precision; discrete states keep integers and booleans."""
    value = jnp.asarray(declaration.default)
    if declaration.discrete and value.dtype.kind in "iub" and not isinstance(declaration.default, float):
        return value
    return value.astype(float_dtype())


def _no_argument(cls: type[Model], name: str, known: tuple[str, ...]) -> str:
    """Why the constructor has no argument ``name``."""
    if name in cls.states():
        return f"`{name}` is a state of {cls.__name__}: give its first value to the run, init={{'{name}': ...}}."
    if name in dict(declared.members(cls, Input)):
        return f"`{name}` is an input of {cls.__name__}: give it to the run, bn.simulate(model, T=..., {name}=...)."
    return unknown_message("argument", name, known, where=cls.__name__)


@cache
def _constructor_names(cls: type) -> tuple[str, ...] | None:
    """Argument names of the constructor, or None when it takes any."""
    if "__init__" in vars(cls):
        parameters = inspect.signature(cls.__init__).parameters.values()
        if any(p.kind is p.VAR_KEYWORD for p in parameters):
            return None
        return tuple(p.name for p in parameters)[1:]
    return tuple(f.name for f in dataclasses.fields(cls) if f.init)
