"""Hooks called with care: what they return is checked, and JAX's errors are told in the model's words.

These checks run while a model is traced, once per structure; a slider move never pays for them.
"""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from .errors import ModelError, UnknownName, unknown_message
from .record import Record, flat


def call_hook(model: Any, hook: str, *args: Any) -> Any:
    """Call a hook of ``model``; every mistake in it comes back as a sentence about the model."""
    where = f"{type(model).__name__}.{hook}"
    try:
        return getattr(model, hook)(*args)
    except UnknownName as error:
        raise UnknownName(_where_it_lives(model, error, where)) from error
    except jax.errors.TracerBoolConversionError as error:
        raise ModelError(
            f"{where} asks Python for the truth of a value that changes (`if`, `and`, `while`, `max`): "
            f"write jnp.where(condition, a, b), jnp.logical_and, jnp.maximum."
        ) from error
    except jax.errors.TracerArrayConversionError as error:
        raise ModelError(f"{where} uses NumPy on a value that changes: write jnp instead of np.") from error
    except (jax.errors.ConcretizationTypeError, jax.errors.TracerIntegerConversionError) as error:
        raise ModelError(
            f"{where} needs the number behind a value that changes (float(), int(), math.*, range()): "
            f"use jnp functions; for structure declare bn.static."
        ) from error
    except jax.errors.UnexpectedTracerError as error:
        raise ModelError(f"{where} kept a value from an earlier call (a global, a list): return it instead.") from error
    except (TypeError, ValueError) as error:
        if isinstance(error, ModelError):
            raise
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "incompatible shapes" in text or "broadcast" in text:
            raise ModelError(
                f"{where}: shapes do not fit ({text}). Parameters are scalars or one value per unit; "
                f"states have the shape of size=."
            ) from error
        raise ModelError(f"{where} failed: {type(error).__name__}: {text}") from error


def _where_it_lives(model: Any, error: UnknownName, where: str) -> str:
    """Say under which letter a name is to be found when it exists elsewhere."""
    name = getattr(error, "name", None)
    if name:
        if name in type(model).states():
            return f"{where}: `{name}` is a state: write `s.{name}`."
        if name in model.inputs():
            return f"{where}: `{name}` is an input: write `u.{name}`."
        if name in model.parameters():
            return f"{where}: `{name}` is a parameter: write `self.{name}`."
    return f"{where}: {error}"


def checked_derivative(model: Any, hook: str, s: Record, out: Any) -> Record:
    """The result of ``vector_field`` or ``diffusion`` with the shapes of the states it covers."""
    where = f"{type(model).__name__}.{hook}"
    if out is None:
        raise ModelError(
            f"{where} returned None: end it with `return dict({', '.join(k + '=...' for k in type(model).states())})`."
        )
    if not isinstance(out, Mapping):
        raise ModelError(f"{where} returned {type(out).__name__}; a dict of {{state: derivative}} was expected.")
    covered = _fit(model, where, s, out, "")
    if hook == "vector_field":
        _none_missing(model, where, s, covered, "")
    return covered


def _fit(model: Any, where: str, s: Record, out: Mapping, prefix: str) -> Record:
    fitted = {}
    for name, value in out.items():
        path = prefix + str(name)
        if name not in s:
            raise ModelError(f"{where} returned `{path}`. " + unknown_message("state variable", str(name), s))
        now = s[name]
        if isinstance(now, Record):
            if not isinstance(value, Mapping):
                raise ModelError(
                    f"{where}: `{path}` is a part; a dict of its derivatives was expected, got {type(value).__name__}."
                )
            fitted[name] = _fit(model, where, now, value, f"{path}.")
            continue
        declaration = model.declaration(path)
        if getattr(declaration, "discrete", False):
            raise ModelError(
                f"{where} returned a derivative of `{path}`, which is discrete: change it in on_step, or drop discrete=True."
            )
        if isinstance(value, Mapping):
            raise ModelError(f"{where}: `{path}` is one state; a single array was expected, got a dict.")
        value = jnp.asarray(value)
        if value.dtype.kind == "c":
            raise ModelError(f"{where}: `{path}` became complex; states are real.")
        if value.shape != jnp.shape(now):
            if value.shape == () or jnp.broadcast_shapes(value.shape, jnp.shape(now)) == jnp.shape(now):
                value = jnp.broadcast_to(value, jnp.shape(now))
            else:
                raise ModelError(
                    f"{where}: d{path}/dt has shape {value.shape} but state `{path}` has shape {jnp.shape(now)}; "
                    f"check the shapes of parameters and inputs, or run with size={_size(value.shape)}."
                )
        fitted[name] = value.astype(now.dtype)
    return Record(fitted)


def _size(shape: tuple[int, ...]) -> Any:
    return shape[0] if len(shape) == 1 else shape


def _none_missing(model: Any, where: str, s: Record, covered: Record, prefix: str) -> None:
    missing = [prefix + n for n, d in type(model).states().items() if not d.discrete and n in s and n not in covered]
    if missing:
        raise ModelError(
            f"{where} returns no derivative for {', '.join(f'`{m}`' for m in missing)}; return one for every state, "
            f"or declare it with discrete=True if it only changes in on_step."
        )


def checked_step(model: Any, s: Record, out: Any) -> tuple[Record, Record]:
    """The result of ``on_step``: the next state and the observables."""
    where = f"{type(model).__name__}.on_step"
    if not (isinstance(out, tuple) and len(out) == 2 and all(isinstance(x, Mapping) for x in out)):
        shown = "None" if out is None else type(out).__name__
        raise ModelError(f"{where} returned {shown}; a pair was expected: `return dict(V=...), dict(spike=...)`.")
    changes, seen = out
    if clash := set(flat(changes)) & set(seen):
        raise ModelError(
            f"{where}: {sorted(clash)} returned both as state and as observable; observables need names of their own."
        )
    return _merge(where, s, changes, ""), Record({k: _observable(where, k, v) for k, v in seen.items()})


def _merge(where: str, s: Record, changes: Mapping, prefix: str) -> Record:
    new = dict(s)
    for name, value in changes.items():
        path = prefix + str(name)
        if name not in s:
            raise ModelError(f"{where} changed `{path}`. " + unknown_message("state variable", str(name), s))
        now = s[name]
        if isinstance(now, Record):
            new[name] = _merge(where, now, value, f"{path}.")
            continue
        value = jnp.asarray(value)
        try:
            value = jnp.broadcast_to(value, jnp.shape(now))
        except ValueError:
            raise ModelError(f"{where}: `{path}` became {value.shape}; the state has shape {jnp.shape(now)}.") from None
        if value.dtype.kind == "f" and now.dtype.kind in "iub":
            raise ModelError(f"{where}: `{path}` is {now.dtype} but became {value.dtype}; keep integers integers.")
        new[name] = value.astype(now.dtype)
    return Record(new)


def _observable(where: str, name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return Record({k: _observable(where, f"{name}.{k}", v) for k, v in value.items()})
    try:
        return jnp.asarray(value)
    except TypeError:
        raise ModelError(f"{where}: observable `{name}` is {type(value).__name__}; an array was expected.") from None
