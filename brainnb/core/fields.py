"""Declarations: what a class body says about parameters, states, inputs and parts.

Nothing here runs when a module is imported: defaults stay plain numbers until a model is built.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .compat import is_traced
from .curves import POINTS
from .errors import ModelError, OutOfBounds

if TYPE_CHECKING:  # a checker sees the type before conversion, so LIF(tau=20) is no error
    Param = Any
else:
    Param = Float[Array, "..."]

Bounds = tuple[float | None, float | None]
KEY = "brainnb"


def float_dtype() -> Any:
    """The float type of this moment: float32, or float64 inside ``jax.enable_x64``."""
    return jax.dtypes.canonicalize_dtype(float)


@dataclasses.dataclass
class Declaration:
    """What is known of a name beside its value: unit, meaning and sensible range."""

    default: Any
    unit: str = "1"
    doc: str = ""
    bounds: Bounds = (None, None)
    name: str = "?"
    owner: str = "?"

    def __post_init__(self) -> None:
        if not isinstance(self.unit, str) or not isinstance(self.doc, str):
            raise ModelError(
                f"A declaration reads (default, unit, meaning, bounds=...): unit and meaning are text, "
                f"got unit={self.unit!r} and meaning={self.doc!r}."
            )
        self.bounds = _checked_bounds(self.bounds)

    @property
    def where(self) -> str:
        return f"{self.owner}.{self.name}"

    def convert(self, value: Any, *, path: str | None = None) -> jax.Array:
        """One value of this declaration as a strong-typed array: the only way a number enters a model.

        Accepts numbers, arrays, pint quantities and strings such as ``"20 ms"``; checks the bounds.
        """
        path = path or self.where
        given, value = value, to_array(value, self.unit, path)
        check_bounds(value, self.bounds, self.unit, path, getattr(given, "dtype", None))
        return value


def _checked_bounds(bounds: Any) -> Bounds:
    try:
        low, high = bounds
    except (TypeError, ValueError):
        raise ModelError(f"bounds= takes a pair (low, high), None for open; got {bounds!r}.") from None
    try:
        low, high = (None if b is None else float(b) for b in (low, high))
    except (TypeError, ValueError):
        raise ModelError(f"bounds= takes two plain numbers in the unit of the value; got {bounds!r}.") from None
    if low is not None and high is not None and not low < high:
        raise ModelError(f"bounds=({low:g}, {high:g}) is empty: the first must be below the second.")
    return low, high


def to_array(value: Any, unit: str, path: str) -> Any:
    """``value`` as a float array in ``unit``."""
    if is_traced(value):
        return value
    if isinstance(value, jax.Array) and value.dtype == float_dtype() and not value.weak_type:
        return value  # nobody can change it
    own = on_host(value, unit, path)
    return _scalar(own) if own.ndim == 0 else jnp.asarray(own)


def on_host(value: Any, unit: str, path: str) -> np.ndarray:
    """``value`` as a float array in ``unit`` that never follows later changes of the caller's buffer."""
    if isinstance(value, str) or hasattr(value, "magnitude"):
        from .quantities import to_magnitude

        value = to_magnitude(value, unit, path)
    wanted = f"a number or an array{'' if unit == '1' else f' in {unit}'} was expected"
    if isinstance(value, bool | np.bool_) or value is None or callable(value):
        raise ModelError(f"{path} = {getattr(value, '__name__', value)}: {wanted}.")
    try:
        host = np.asarray(value)
    except ValueError:
        raise ModelError(f"{path} = {value!r}: {wanted}; its rows differ in length.") from None
    if host.dtype.kind not in "fiub":
        kind = {"U": "text", "S": "text", "c": "complex", "O": "objects"}.get(host.dtype.kind, host.dtype.name)
        raise ModelError(f"{path} = {value!r}: {wanted}, got {kind}.")
    try:
        with np.errstate(over="raise"):
            return np.array(host, dtype=float_dtype())
    except FloatingPointError:
        raise OutOfBounds(f"{path} = {value!r} is beyond the largest number of {float_dtype()}.") from None


@jax.jit
def _scalar(x: jax.Array) -> jax.Array:
    """A number as a JAX array; a compiled nothing takes a third of the time of ``jnp.asarray``, at every slider move."""
    return x


def check_bounds(value: Any, bounds: Bounds, unit: str, path: str, given: Any = None) -> None:
    """Refuse NaN and values outside ``bounds``; traced values pass.  ``given`` is the type in which they came."""
    if is_traced(value):
        return
    host = np.asarray(value)
    if given in (np.float16, np.float32):  # a bound in single precision may lie below the bound
        host = host.astype(given, copy=False)
    # the least number is NaN where one is: no second array, of a network with a gigabyte of weights
    if host.size and np.isnan(host.min()):
        raise OutOfBounds(f"{path} is NaN; a number{'' if unit == '1' else f' in {unit}'} was expected.")
    low, high = bounds
    # bounds are compared at the precision of the value, so that 0.1 in float32 is not below 0.1
    if (low is not None and (host < host.dtype.type(low)).any()) or (
        high is not None and (host > host.dtype.type(high)).any()
    ):
        bad = (
            host
            if host.ndim == 0
            else host[(host < (-np.inf if low is None else low)) | (host > (np.inf if high is None else high))][0]
        )
        raise OutOfBounds(f"{path} = {float(bad):g}{label(unit)} is outside {interval(bounds)}{label(unit)}.")


def label(unit: str) -> str:
    """The unit behind a number: ``" mV"``, nothing when dimensionless."""
    return "" if unit == "1" else f" {unit}"


def interval(bounds: Bounds) -> str:
    low, high = bounds
    return f"[{'-inf' if low is None else f'{low:g}'}, {'inf' if high is None else f'{high:g}'}]"


class _Converter:
    """Turns a constructor argument into a parameter leaf; knows its declaration for the message."""

    def __init__(self, declaration: Declaration):
        self.declaration = declaration

    def __call__(self, value: Any) -> Any:
        return self.declaration.convert(value)


def param(default: Any, unit: str = "1", doc: str = "", bounds: Bounds = (None, None)) -> Any:
    """Declare a parameter: a constant of the model, read as ``self.name``.

    Parameters
    ----------
    default : number, array, or None
        Value when the constructor is given none.  ``None`` makes the argument required.
    unit : str
        Unit in which the equations read it, ``"1"`` when dimensionless.
    doc : str
        What it means, in a few words; shown in tables and beside sliders.
    bounds : (low, high)
        Sensible range, None for open.  Enforced by the constructor and by ``replace``; sliders use it.

    Examples
    --------
    >>> import brainnb as bn
    >>> class Decay(bn.Model):
    ...     tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    ...     x = bn.state(1.0, "1", "decaying quantity")
    ...     def vector_field(self, t, s, u):
    ...         return dict(x=-s.x / self.tau)
    >>> float(Decay(tau="0.02 s").tau)
    20.0
    """
    declaration = Declaration(default, unit, doc, bounds)
    options: dict[str, Any] = {"converter": _Converter(declaration), "metadata": {KEY: declaration}}
    if default is None:
        return eqx.field(**options)
    if isinstance(default, list | np.ndarray | jax.Array):
        return eqx.field(default_factory=lambda: default, **options)
    return eqx.field(default=default, **options)


def part(cls: Callable[..., Any], **kwargs: Any) -> Any:
    """Declare a sub-model, built anew with ``cls(**kwargs)`` whenever its owner is built.

    Its parameters read ``self.name.tau``; its state is ``s.name``; its paths start with ``name.``.
    """
    if not callable(cls):
        raise ModelError(f"bn.part takes the class and its arguments, bn.part(Leak, g_max=0.3); got {cls!r}.")
    return eqx.field(default_factory=lambda: cls(**kwargs), metadata={KEY: "part"})


def static(default: Any = dataclasses.MISSING) -> Any:
    """Declare structure: a number of units, a name, a function.  Changing it compiles anew."""
    if default is dataclasses.MISSING:
        return eqx.field(static=True, metadata={KEY: "static"})
    return eqx.field(static=True, default=default, metadata={KEY: "static"})


class _ClassDeclaration(Declaration):
    """A declaration that lives on the class only: its values are never stored on the model."""

    letter: str
    noun: str

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.owner = name, owner.__name__

    def __get__(self, model: Any, owner: type | None = None) -> Any:
        if model is None:
            return self
        raise AttributeError(self.name)  # Model.__getattr__ explains


@dataclasses.dataclass
class State(_ClassDeclaration):
    """Declares what evolves; made by :func:`state`."""

    discrete: bool = False
    order: Any = None
    letter, noun = "s", "a state variable"


@dataclasses.dataclass
class Input(_ClassDeclaration):
    """Declares what is given from outside; made by :func:`input`."""

    letter, noun = "u", "an input"


@dataclasses.dataclass
class Observable(_ClassDeclaration):
    """Declares what ``on_step`` reports; made by :func:`observable`."""

    letter, noun = "", "an observable"


READS = ("auto", *POINTS, "linear", "step")


@dataclasses.dataclass
class History:
    """Declares what a model remembers of itself; made by :func:`history`."""

    of: str
    longest: Any
    doc: str = ""
    read: str = "auto"
    name: str = "?"
    owner: str = "?"
    units: tuple[int, ...] | None = None
    letter, noun, unit = "s", "a history", "ms"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.owner = name, owner.__name__

    def __get__(self, model: Any, owner: type | None = None) -> Any:
        if model is None:
            return self
        raise AttributeError(self.name)  # Model.__getattr__ explains

    def reach(self, model: Any) -> float:
        """How far back the line reaches, ms: the number that was declared, or the bound of the parameter."""
        if not isinstance(self.longest, str):
            return float(self.longest)
        return float(model.declaration(self.longest).bounds[1])


def state(
    init: Any = 0.0,
    unit: str = "1",
    doc: str = "",
    bounds: Bounds = (None, None),
    discrete: bool = False,
    order: str | float | None = None,
) -> Any:
    """Declare a state variable: it evolves, and hooks read it as ``s.name``.

    Parameters
    ----------
    init : number or array
        Initial value of one unit.
    unit, doc
        As in :func:`param`.
    bounds : (low, high)
        Range worth showing (axes, searches); never enforced on a trajectory.
    discrete : bool
        True for clocks, counters and buffers: they have no derivative and change in ``on_step`` only.
    order : str or float, optional
        Order of its derivative, in (0, 1], or the parameter that is: what ``vector_field`` returns is then Caputo's
        derivative of that order, per ms to that power, and a fractional method steps it.
    """
    return State(init, unit, doc, bounds, discrete=discrete, order=order)


def input(default: Any = 0.0, unit: str = "1", doc: str = "", bounds: Bounds = (None, None)) -> Any:
    """Declare an input: given at every moment from outside, read as ``u.name`` in the hooks."""
    return Input(default, unit, doc, bounds)


def observable(unit: str = "1", doc: str = "", bounds: Bounds = (None, None)) -> Any:
    """Label a value that ``on_step`` reports, so that results carry its unit: ``I_Na = bn.observable("uA/cm2", ...)``.

    Observables work without it; they are then recorded without a unit.
    """
    return Observable(0.0, unit, doc, bounds)


def history(of: str, longest: str | float, doc: str = "", *, read: str = "auto") -> Any:
    r"""Declare that the model remembers one of its states, so that equations read it with a delay.

    Hooks read ``s.name(delay)``, the value ``delay`` ms ago, and ``s.name.slope(delay)``, its derivative then
    (neutral equations).  A delay may be a parameter, one number for each unit, a matrix ``(post, pre)``, or depend on
    the state.  Before the run a state was what it is at the begin, or what ``init={"x": function of t}`` says.

    Parameters
    ----------
    of : str
        The state, or an observable that ``on_step`` reports (spikes: kept as one bit for each unit, read one step
        back at the least).
    longest : str or float
        The parameter that is the delay (the line is as long as its upper bound, so that no slider compiles), or the
        longest delay in ms.
    read : {"auto", "cubic", "quintic", "septic", "linear", "step"}
        How values between two steps are found: a curve through values and slopes of the equations (of order 4, 6 or 8;
        "auto" takes, for states that are smooth, the shortest that costs the method no order), a straight line (for noisy
        and jumping states), or the last step before.

    Examples
    --------
    Delayed negative feedback oscillates when the delay exceeds :math:`\pi/2` time constants:

    >>> import brainnb as bn
    >>> class Feedback(bn.Model):
    ...     delay: bn.Param = bn.param(1.7, "ms", "time until the feedback arrives", bounds=(0, 5))
    ...     x = bn.state(1.0, "1", "deviation")
    ...     x_ago = bn.history("x", "delay", "deviation, some time ago")
    ...     def vector_field(self, t, s, u):
    ...         return dict(x=-s.x_ago(self.delay))
    >>> ds = bn.simulate(Feedback(), T=100, dt=0.05)
    >>> bool(abs(ds.x[-400:]).max() > 1)
    True
    """
    if not isinstance(of, str) or not of:
        raise ModelError(f"bn.history takes the name of a state, bn.history('V', 'delay'); got {of!r}.")
    if read not in READS:
        raise ModelError(f"bn.history(read={read!r}): one of {', '.join(map(repr, READS))} was expected.")
    if not isinstance(doc, str):
        raise ModelError(f"bn.history reads (state, longest delay, meaning); the meaning is text, got {doc!r}.")
    if isinstance(longest, str):
        return History(of, longest, doc, read)
    number = isinstance(longest, int | float) and not isinstance(longest, bool)
    if not number or not np.isfinite(longest) or longest <= 0:
        raise ModelError(
            f"bn.history('{of}', {longest!r}): the longest delay in ms, or the name of the parameter that is the delay, "
            f"was expected."
        )
    return History(of, longest, doc, read)
