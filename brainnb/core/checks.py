"""Hooks called with care: what they return is checked, and JAX's errors are told in the model's words.

These checks run while a model is traced, once per structure; a slider move never pays for them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .errors import ModelError, unknown_message
from .explain import explain
from .model import Model
from .noise import Sources
from .record import Record

EMPTY = Record()


def call_hook(model: Any, hook: str, *args: Any, where: str = "") -> Any:
    """Call a hook of ``model``; every mistake in it comes back as a sentence that begins with ``where``."""
    try:
        return getattr(model, hook)(*args)
    except Exception as error:
        told = explain(model, hook, args, error, where or f"{type(model).__name__}.{hook}")
        if told is None:  # plain Python (a name that is not defined, a division by zero) explains itself
            raise
        raise told from error


def checked_init(model: Any, size: tuple[int, ...], out: Any) -> Record:
    """The result of ``init_state``: every declared state, continuous ones as floats over ``size`` units."""
    where = f"{type(model).__name__}.init_state"
    if not isinstance(out, Mapping):
        raise ModelError(f"{where} returned {kind(out)}; write `return bn.Record({_blanks(model)})`.")
    return _started(model, where, size, out, "")


def _started(model: Any, where: str, size: tuple[int, ...], out: Mapping, prefix: str) -> Record:
    states, parts = model.states(), model.parts()
    for name in out:
        if name not in states and name not in parts:
            raise ModelError(f"{where} returned `{prefix}{name}`. {_unknown(name, [*states, *parts])}")
    if missing := [f"`{prefix}{name}`" for name in states if name not in out]:
        raise ModelError(f"{where} leaves out {', '.join(missing)}; start from `super().init_state(size, key)`.")
    new = {name: _start(declaration, where, size, out[name], prefix + name) for name, declaration in states.items()}
    for name, part in parts.items():
        new[name] = _started(part, where, size, out.get(name, EMPTY), f"{prefix}{name}.")
    return Record(new)


def _start(declaration: Any, where: str, size: tuple[int, ...], value: Any, path: str) -> Any:
    value = as_array(f"{where}: `{path}`", value)
    if declaration.discrete:
        return value
    if value.dtype.kind == "c":
        raise ModelError(f"{where}: `{path}` is complex; states are real.")
    shape = jnp.shape(value)
    if shape == ():
        value = jnp.broadcast_to(value, size)
    elif shape[: len(size)] != size:
        raise ModelError(f"{where}: `{path}` has shape {shape}; the run has size={_size(size)}: use `size`.")
    return value.astype(jnp.result_type(float))


def checked_derivative(model: Any, hook: str, s: Record, out: Any, u: Mapping[str, Any] = EMPTY) -> Record:
    """The result of ``vector_field`` or ``diffusion`` with the shapes of the states it covers, in their order."""
    where = f"{type(model).__name__}.{hook}"
    if not isinstance(out, Mapping):
        what = "derivative" if hook == "vector_field" else "noise amplitude"
        raise ModelError(
            f"{where} returned {kind(out)}; a dict of {{state: {what}}} was expected: "
            f"end it with `return dict({_blanks(model)})`."
        )
    covered = _fit(model, where, s, out, "", u, _amplitude if hook == "diffusion" else _slope)
    if hook == "vector_field" and (missing := _missing(model, s, covered, "")):
        raise ModelError(_about_missing(model, where, missing))
    return covered


def _fit(model: Any, where: str, s: Record, out: Mapping, prefix: str, u: Mapping[str, Any], one: Callable) -> Record:
    for name in out:
        if name not in s:
            raise ModelError(f"{where} returned `{prefix}{name}`. {_unknown(name, s)}")
    fitted = {}
    for name, now in s.items():  # in the order of the states, whatever the order of the returned dict
        if name not in out:
            continue
        path, value = prefix + name, out[name]
        if isinstance(now, Record):
            if not isinstance(value, Mapping):
                raise ModelError(
                    f"{where}: `{path}` is a part; a dict of its derivatives was expected, got {kind(value)}."
                )
            fitted[name] = _fit(model, where, now, value, f"{path}.", u, one)
        else:
            fitted[name] = one(model, where, now, value, path, u)
    return Record(fitted)


def _amplitude(model: Any, where: str, now: Any, value: Any, path: str, u: Mapping[str, Any]) -> Any:
    """One amplitude for a source of its own, or the amplitudes of named sources."""
    if not isinstance(value, Mapping):
        return _slope(model, where, now, value, path, u, f"the noise amplitude of `{path}`")
    if not value:
        raise ModelError(f"{where}: `{path}` names no source; write dict({path.split('.')[-1]}={{'common': 0.1}}).")
    for name, amplitude in value.items():
        if not isinstance(name, str) or not name:
            raise ModelError(
                f"{where}: `{path}` names the source {name!r}; names of sources are text, {{'common': 0.1}}."
            )
        if isinstance(amplitude, Mapping):
            raise ModelError(
                f"{where}: `{path}` hears the source {name!r} with a dict; its amplitude, a number or an array, was expected."
            )
    found = [
        _slope(model, where, now, a, path, u, f"the amplitude of `{path}` for the source {str(name)!r}")
        for name, a in value.items()
    ]
    declaration = model.declaration(path)
    return Sources(value, found, 0 if declaration is None else np.ndim(declaration.default))


def _slope(model: Any, where: str, now: Any, value: Any, path: str, u: Mapping[str, Any], what: str = "") -> Any:
    if getattr(model.declaration(path), "discrete", False):
        raise ModelError(
            f"{where} returned {what or f'a derivative of `{path}`'}, which is discrete: change it in on_step, or drop discrete=True."
        )
    if isinstance(value, Mapping):
        raise ModelError(f"{where}: `{path}` is one state; a single array was expected, got a dict.")
    value = as_array(f"{where}: {what or f'the derivative of `{path}`'}", value)
    if value.dtype.kind == "c":
        raise ModelError(f"{where}: `{path}` became complex; states are real.")
    shape, wanted = value.shape, jnp.shape(now)
    if shape != wanted:
        if not _broadcasts(shape, wanted):
            raise ModelError(
                f"{where}: {what or f'd{path}/dt'} has shape {shape} but state `{path}` has shape {wanted}"
                f"{_whose(model, u, shape, wanted)}."
            )
        value = jnp.broadcast_to(value, wanted)
    return value.astype(now.dtype)


def _whose(model: Any, u: Mapping[str, Any], shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Where a shape that does not fit comes from, and what to do."""
    inputs = [n for n, x in u.items() if jnp.shape(x) == shape]
    named = [f"parameter `{p}`" for p, v in model.parameters().items() if jnp.shape(v.value) == shape]
    named += [f"input `{n}`" for n in inputs]
    told = f": {' and '.join(named)} {'has' if len(named) == 1 else 'have'} that shape" if named else ""
    if 0 in shape:
        return told + "; give one number, or one value per unit"
    told += f"; run with size={_size(shape)}" if wanted == () and shape else f"; give () or {wanted}"
    if inputs and wanted == ():
        told += f" for one value per unit, or {inputs[0]}=bn.inputs.FromData(times, values) for one per step"
    return told


def _missing(model: Any, s: Record, covered: Mapping, prefix: str) -> list[str]:
    """Continuous states without a derivative, those of parts included: a forgotten gate would stand still."""
    found = [prefix + n for n, d in model.states().items() if not d.discrete and n in s and n not in covered]
    for name, part in model.parts().items():
        if name in s:
            found += _missing(part, s[name], covered.get(name, {}), f"{prefix}{name}.")
    return found


def _about_missing(model: Any, where: str, missing: list[str]) -> str:
    if type(model).vector_field is Model.vector_field:
        name = type(model).__name__
        return f"{name} has states but no vector_field: write `def vector_field(self, t, s, u): return dict({_blanks(model)})`."
    return (
        f"{where} returns no derivative for {', '.join(f'`{m}`' for m in missing)}; return one for every state, "
        f"or declare it with discrete=True if it only changes in on_step."
    )


def checked_step(model: Any, s: Record, out: Any) -> tuple[Record, Record]:
    """The result of ``on_step``: the next state and the observables."""
    where = f"{type(model).__name__}.on_step"
    if not (isinstance(out, tuple) and len(out) == 2 and all(isinstance(x, Mapping) for x in out)):
        raise ModelError(f"{where} returned {kind(out)}; a pair was expected: `return dict(V=...), dict(spike=...)`.")
    changes, seen = out
    if clash := [name for name in seen if _taken(name, seen[name], s) or name in model.inputs()]:
        raise ModelError(
            f"{where}: the observable `{clash[0]}` has the name of a state or an input; observables need names of their own."
        )
    return _merge(where, s, changes, ""), Record({k: _observable(where, k, v) for k, v in seen.items()})


def _taken(name: str, value: Any, s: Mapping) -> bool:
    """Whether an observable has the name of a state; what a part reports stands beside the states of the part."""
    if name not in s:
        return False
    if isinstance(value, Mapping) and isinstance(s[name], Mapping):
        return any(_taken(inner, x, s[name]) for inner, x in value.items())
    return True


def _merge(where: str, s: Record, changes: Mapping, prefix: str) -> Record:
    new = dict(s)
    for name, value in changes.items():
        path = f"{prefix}{name}"
        if name not in s:
            raise ModelError(f"{where} changed `{path}`. {_unknown(name, s)}")
        now = s[name]
        if isinstance(now, Record):
            if not isinstance(value, Mapping):
                raise ModelError(f"{where}: `{path}` is a part; a dict of its states was expected, got {kind(value)}.")
            new[name] = _merge(where, now, value, f"{path}.")
            continue
        value = as_array(f"{where}: `{path}`", value)
        if value.shape != jnp.shape(now) and not _broadcasts(value.shape, jnp.shape(now)):
            raise ModelError(f"{where}: `{path}` became {value.shape}; the state has shape {jnp.shape(now)}.")
        value = jnp.broadcast_to(value, jnp.shape(now))
        if value.dtype.kind == "f" and now.dtype.kind in "iub":
            raise ModelError(f"{where}: `{path}` is {now.dtype} but became {value.dtype}; keep integers integers.")
        new[name] = value.astype(now.dtype)
    return Record(new)


def _observable(where: str, name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return Record({k: _observable(where, f"{name}.{k}", v) for k, v in value.items()})
    return as_array(f"{where}: observable `{name}`", value)


def as_array(what: str, value: Any) -> Any:
    """``value`` as an array; ``what`` begins the sentence when it is none."""
    try:
        return jnp.asarray(value)
    except (TypeError, ValueError):
        raise ModelError(f"{what} is {kind(value)}; a number or an array was expected.") from None


def _broadcasts(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(shape) <= len(wanted) and all(a in (1, b) for a, b in zip(shape[::-1], wanted[::-1], strict=False))


def _unknown(name: Any, known: Any) -> str:
    return unknown_message("state variable", str(name), known)


def _blanks(model: Any) -> str:
    """``V=..., w=...``: the states and parts that a hook has to fill."""
    own = [n for n, d in model.states().items() if not d.discrete]
    parts = [n for n, p in model.parts().items() if p.states() or p.parts()]
    return ", ".join(f"{n}=..." for n in own + parts)


def _size(shape: tuple[int, ...]) -> Any:
    return shape[0] if len(shape) == 1 else shape


def kind(value: Any) -> str:
    """What a value is, without the words of JAX's internals."""
    if value is None:
        return "None"
    if callable(value) and not isinstance(value, type):
        return "a function"
    return "an array" if isinstance(value, jax.Array) else re.sub(r"^NoneType$", "None", type(value).__name__)
