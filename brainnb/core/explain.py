"""What went wrong inside a hook, told in the words of the model."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from .declared import HOOKS
from .errors import ModelError, OutOfBounds, UnitError, UnknownName, nearest, unknown_message

TRUTH = (
    "asks Python for the truth of a value that changes (`if`, `and`, `while`, `max`): "
    "write jnp.where(condition, a, b), jnp.logical_and, jnp.maximum"
)
NUMBER = (
    "needs the number behind a value that changes (float(), int(), math.*, range()): "
    "use jnp functions; for structure declare bn.static"
)
NUMPY = "uses NumPy on a value that changes: write jnp instead of np"
KEPT = "kept a value from an earlier call (a global, a list): return it instead"
ITERATED = (
    "loops over a value that is one number (sum, max, for): use jnp functions, or give one value per unit with size="
)
IN_PLACE = "assigns into an array, and arrays do not change: return `s.V.at[i].set(value)` instead"
INDEX = (
    "indexes an array with a value that is no whole number; samples of a stimulus are bn.inputs.FromData(times, values)"
)
MASKED = "picks the elements where a condition holds, whose number changes: write jnp.where(condition, a, b)"
NAMED_AXIS = "names an axis, and arrays here have numbered ones: x.mean(axis=0) is the mean over time"
UNDELAYED = "uses a history without a delay: read it as a function of the delay in ms, s.x_ago(delay)"
DICE = "draws random numbers without a key: on_step is given one, jax.random.normal(key); noise belongs in diffusion"

BY_TYPE: tuple[tuple[Any, str], ...] = (
    (jax.errors.TracerBoolConversionError, TRUTH),
    (jax.errors.NonConcreteBooleanIndexError, MASKED),
    (jax.errors.TracerArrayConversionError, NUMPY),
    ((jax.errors.ConcretizationTypeError, jax.errors.TracerIntegerConversionError), NUMBER),
    (jax.errors.UnexpectedTracerError, KEPT),
)
BY_TEXT = (
    ("iteration over a 0-d", ITERATED),
    ("Only integer scalar arrays", NUMBER),
    ("in-place item assignment", IN_PLACE),
    ("only integers, slices", INDEX),
    ("PRNG key", DICE),
    ("unbound axis name", NAMED_AXIS),
    ("'Past'", UNDELAYED),
    ("delayed.Past", UNDELAYED),
    ("Past.__call__() missing", UNDELAYED),
)
OWN = (ModelError, OutOfBounds, UnitError, dataclasses.FrozenInstanceError)
SHAPES = re.compile(r"shape|broadcast|ndim|dimension|too many indices", re.IGNORECASE)


def explain(model: Any, hook: str, args: tuple, error: Exception, where: str) -> Exception | None:
    """The error to raise instead, or None when ``error`` speaks for itself."""
    if isinstance(error, OWN):
        return None
    if isinstance(error, UnknownName):
        return UnknownName(elsewhere(model, getattr(error, "name", None), where) or f"{where}: {error}")
    if isinstance(error, NameError | KeyError):
        name = error.name if isinstance(error, NameError) else error.args[0]
        found = elsewhere(model, name, where)
        if not found and isinstance(error, KeyError) and nearest(name, near := [*model.states(), *model.inputs()]):
            found = f"{where}: {unknown_message('state variable or input', name, near)}"
        return UnknownName(found) if found else None
    if found := in_words(error):
        return ModelError(f"{where} {found}.")
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, AttributeError):
        return _attribute(where, hook, text)
    if not isinstance(error, TypeError | ValueError | IndexError):
        return None
    if SHAPES.search(text):
        return ModelError(f"{where}: shapes do not fit ({text.rstrip('.')}). {_shapes(model, args)}")
    return ModelError(f"{where} failed: {type(error).__name__}: {text}")


def in_words(error: Exception) -> str | None:
    """What a function did that JAX cannot trace, without JAX's own words; None for any other error."""
    for types, words in BY_TYPE:
        if isinstance(error, types):
            return words
    return next((words for part, words in BY_TEXT if part in str(error)), None)


def elsewhere(model: Any, name: Any, where: str) -> str | None:
    """Under which letter a name is to be found, when the model has it."""
    for known, noun, letter in (
        (model.states(), "a state", "s"),
        (model.inputs(), "an input", "u"),
        (model.parameters(), "a parameter", "self"),
        (model.parts(), "a part", "self"),
    ):
        if name in known:
            return f"{where}: `{name}` is {noun}: write `{letter}.{name}`."
    return None


def _attribute(where: str, hook: str, text: str) -> Exception | None:
    """``t.V``, or hooks whose arguments were mixed up."""
    found = re.search(
        r"Tracer\w* has no attribute '?(\w+)|(?:ShapedArray|ArrayImpl)\w*'? object has no attribute '(\w+)", text
    )
    if found is None:
        return None
    name = found[1] or found[2]
    return ModelError(
        f"{where} reads `.{name}` of a plain array; the states are in `s`, the inputs in `u`: "
        f"the hook is called with ({', '.join(HOOKS.get(hook, ('t', 's', 'u'))[1:])})."
    )


def _shapes(model: Any, args: tuple) -> str:
    """Which parameters and inputs could be meant."""
    records = [a for a in args if isinstance(a, Mapping)]
    states = [jnp.shape(x) for a in records[:1] for x in jax.tree.leaves(a)]
    size = max(states, key=len, default=())
    arrays = {f"parameter `{p}`": jnp.shape(v.value) for p, v in model.parameters().items()}
    arrays |= {f"input `{n}`": jnp.shape(x) for a in records[1:] for n, x in a.items()}
    odd = [f"{name} has shape {shape}" for name, shape in arrays.items() if shape not in ((), size)]
    if not odd:
        return f"States have shape {size} here; parameters and inputs are one number or one value per unit."
    return f"{'; '.join(odd)}; states have shape {size}, so one number or shape {size} was expected."
