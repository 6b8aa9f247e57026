"""The arguments of a run, each turned into what the loop needs or answered with what to type instead."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from brainnb import integrators
from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError, UnknownName, nearest
from brainnb.core.fields import check_bounds, float_dtype, to_array
from brainnb.core.model import Model
from brainnb.core.record import Record, flat
from brainnb.integrators.base import shape_of
from brainnb.integrators.coupling import warn_if_coupled
from brainnb.integrators.meeting import check_sources

from . import dataset
from .fractional import check_jumps
from .limits import MAX_STEPS


def check_model(model: Any) -> None:
    """Refuse classes, functions and anything else that is no model."""
    if isinstance(model, type) and issubclass(model, Model):
        raise ModelError(f"Got the class {model.__name__}; build a model first: {model.__name__}().")
    if isinstance(model, list | tuple | dict):
        raise ModelError(
            f"Got {type(model).__name__}; several models are run as one by bn.sweep(bn.stack([a, b]), T=...)."
        )
    if type(model).__name__ == "Stack":
        raise ModelError("Got Stack: models side by side are run by bn.sweep(stack, T=...).")
    if not isinstance(model, Model):
        raise ModelError(f"Got {type(model).__name__}; a bn.Model was expected, such as bn.neurons.HodgkinHuxley().")


def check_concrete(system: Any) -> None:
    """Refuse values that JAX traces: results are labelled on the host."""
    if any(map(is_traced, jax.tree.leaves(system))):
        raise ModelError(
            "bn.simulate and bn.sweep return labelled results, which jax.grad, jax.jit and jax.vmap cannot trace. "
            "For many values use bn.sweep; for a gradient step the model itself, "
            "jax.lax.scan over model.vector_field(t, s, u)."
        )


def merged_inputs(inputs: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs by keyword and by mapping, each named once."""
    if inputs is not None and not isinstance(inputs, Mapping):
        raise ModelError(f"inputs={inputs!r}: a mapping of input name to value was expected, inputs={{'I': 10}}.")
    if twice := set(inputs or {}) & set(given):
        raise ModelError(f"{sorted(twice)} given twice: as keyword and in inputs=.")
    return {**(inputs or {}), **given}


def duration(value: Any, name: str) -> float:
    """A time in ms, positive and finite."""
    if isinstance(value, str) or hasattr(value, "magnitude"):
        from brainnb.core.quantities import to_magnitude

        value = to_magnitude(value, "ms", name)
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        value = float(value)
    except (TypeError, ValueError):
        shown = "a traced value" if is_traced(value) else repr(value)
        raise ModelError(f"{name}={shown}: a time in ms was expected, {name}=100 or {name}='0.1 s'.") from None
    if not math.isfinite(value) or value <= 0:
        raise ValueError(f"{name} = {value:g} ms: a positive, finite time was expected.")
    return value


def count(value: Any, name: str) -> int:
    """A whole number of at least 1."""
    value = _whole(value, name)
    if value < 1:
        raise ValueError(f"{name} = {value}: at least 1 was expected.")
    return value


def _whole(value: Any, name: str) -> int:
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise ModelError(f"{name}={value!r}: a whole number was expected.") from None


def steps(T: Any, dt: float, every: int) -> int:
    """Number of steps in ``T``; ``T`` is a whole number of steps and steps of whole records."""
    T = duration(T, "T")
    if math.isinf(T / dt):
        raise ValueError(
            f"T = {T:g} ms at dt = {dt:g} ms is more steps than numbers reach; one run holds at most {MAX_STEPS:,}: use a larger dt."
        )
    n = round(T / dt)
    if n < 1 or abs(n * dt - T) > 1e-6 * dt * max(1.0, n * 1e-3):
        low = max(1, math.floor(T / dt + 1e-9))
        raise ValueError(
            f"T = {T:g} ms is not a whole number of steps of dt = {dt:g} ms; use T = {low * dt:.10g} or {(low + 1) * dt:.10g} ms, "
            f"or dt = {T / max(1, n):.10g} ms."
        )
    if n > MAX_STEPS:
        raise ValueError(
            f"T = {T:g} ms at dt = {dt:g} ms is {n:,} steps; one run holds at most {MAX_STEPS:,}: use a larger dt."
        )
    if n % every:
        raise ValueError(
            f"every = {every} does not divide the {n} steps of this run; use T = {(n - n % every) * dt or every * dt:.10g} ms or another every."
        )
    return n


def size(value: Any) -> tuple[int, ...]:
    """The shape of a population."""
    if value is None:
        return ()
    if isinstance(value, tuple | list):
        return tuple(count(v, "size") for v in value)
    return (count(value, "size"),)


def seed(value: Any) -> int:
    """A whole number that starts the random stream."""
    value = _whole(value, "seed")
    if not 0 <= value < 2**32:
        raise ValueError(f"seed = {value}: a whole number from 0 to {2**32 - 1} was expected.")
    return value


def on_nan(value: Any) -> str:
    """What to do about NaN."""
    if value not in ("raise", "keep"):
        raise ValueError(
            f"on_nan={value!r}: 'raise' (an error that carries the partial result) or 'keep' (return it) was expected."
        )
    return value


def reporter(progress: Any) -> Callable[[float | None], bool | None]:
    """A function that takes the finished fraction, and None at the end."""
    if progress is None or progress is False:
        return lambda fraction: None
    if progress is True:
        from tqdm.auto import tqdm

        bar = tqdm(total=100, unit="%", bar_format="{l_bar}{bar}| {elapsed}<{remaining}")

        def draw(fraction: float | None) -> None:
            if fraction is None:
                bar.close()
            else:
                bar.update(100 * fraction - bar.n)

        return draw
    if not callable(progress):
        raise ModelError(
            f"progress={progress!r}: True for a bar, or a function of the finished fraction, was expected."
        )
    return lambda fraction: None if fraction is None else progress(fraction)


def says_stop(answer: Any) -> bool:
    """Whether a progress function answered False (Python's or NumPy's; None goes on)."""
    return isinstance(answer, bool | np.bool_) and not answer


def begin_of(init: Any) -> float:
    """The time at which a run from ``init`` starts, ms."""
    return float(init.attrs.get("t_end", 0.0)) if hasattr(init, "data_vars") else 0.0


def initial(
    state: Record, init: Any, model: Model, shape: tuple[int, ...], dt: float, remembers: Any = None
) -> tuple[Record, float]:
    """The initial joint state and the time at which the run starts, from ``init``; ``remembers`` is a method that does."""
    if init is None:
        return state, 0.0
    name = type(model).__name__
    if hasattr(init, "data_vars"):
        if dataset.FINAL_STATE not in init.attrs:
            raise ModelError(
                "init: this Dataset holds no final state (it was cut, combined, or its run failed); give the Dataset as simulate returned it."
            )
        if (other := init.attrs.get("model")) != name:
            raise ModelError(f"init: the Dataset is a run of {other}; this is {name}.")
        end = float(init.attrs["t_end"])
        if "time" not in init.coords or not np.isclose(init["time"].values[-1:], end, rtol=1e-9, atol=1e-6).all():
            raise ModelError(
                f"init: this Dataset was cut or reduced, its final state is that of t = {end:.10g} ms; give the Dataset as simulate "
                f"returned it, or one moment of it, init={{'V': ds.V.isel(time=k).values, ...}}."
            )
        fractional = isinstance(remembers, integrators.Fractional)
        was = float(init.attrs["dt"])
        if (fractional or state.get("past", {}).get("lines")) and was != dt:
            raise ModelError(
                f"init: {name} remembers its past in steps of dt = {was:g} ms and can only go on in those; got dt={dt:g}. "
                f"To start anew from the last values, give them: init={{'{next(iter(flat(state.model)))}': ...}}."
            )
        other = remembers is not None and init.attrs["method"] != remembers.label
        if other and fractional:
            raise ModelError(
                f"init: method={init.attrs['method']!r} of the earlier run keeps another memory than {remembers.label!r}; "
                f"go on with method={init.attrs['method']!r}."
            )
        packed = dataset.unpack_state(init.attrs[dataset.FINAL_STATE], state, name)
        if remembers is not None and (other or was != dt):
            packed = packed.merge(dict(past=dict(memory=state.past.memory)))
        return jax.tree.map(lambda new, old: np.asarray(new, old.dtype), packed, state), end
    if not isinstance(init, Mapping):
        raise ModelError(
            f"init={type(init).__name__}: a Dataset of an earlier run, a Record, or a mapping such as {{'V': -70}} was expected."
        )
    known = flat(state.model)
    values = flat(init)
    for path in values:
        if path not in known:
            hint = nearest(path, known)
            raise UnknownName(
                f"init: {name} has no state `{path}`."
                + (f" Did you mean `{hint}`?" if hint else "")
                + f" Known: {', '.join(known)}."
            )
    return state.merge(dict(model=_laid_over(state.model, values, "", model, shape))), 0.0


def _laid_over(s: Record, values: Mapping[str, Any], prefix: str, model: Model, shape: tuple[int, ...]) -> Record:
    new = {}
    for name, old in s.items():
        path = prefix + name
        if isinstance(old, Record):
            new[name] = _laid_over(old, values, f"{path}.", model, shape)
        elif path in values:
            declaration = model.declaration(path)
            value = _first(values[path], declaration, f"init[{path!r}]", old.dtype)
            if np.shape(value) not in ((), np.shape(old)):
                wanted = f"one number or shape {np.shape(old)}" if np.shape(old) else "one number"
                raise ModelError(
                    f"init: `{path}` has shape {np.shape(value)}; {wanted} was expected (size={shape or None})."
                )
            new[name] = np.broadcast_to(np.asarray(value), np.shape(old)).astype(old.dtype)
        else:
            new[name] = old
    return Record(new)


def _first(value: Any, declaration: Any, path: str, dtype: Any) -> Any:
    """An initial value; bounds of states say what is worth showing and hold nobody back."""
    if dtype.kind in "iub" and np.asarray(value).dtype.kind in "iub":
        return np.asarray(value)  # counters keep every digit
    value = to_array(value, declaration.unit, path)
    check_bounds(value, (None, None), declaration.unit, path)
    if dtype.kind in "iub" and (np.asarray(value) != np.round(value)).any():
        raise ModelError(f"{path} = {np.asarray(value)}: a whole number was expected.")
    return value


def method(value: Any, system: Any, state: Record) -> Any:
    """The integrator: what was asked for, or what the model's family is known to need.

    Combinations that make no sense are refused here, before the first step.
    """
    model = system.model
    if system.memory:
        value = system.memory[0]
    now = np.dtype(float_dtype()).type(0.0)  # in the type of a run: what is traced here is found again there
    noise = jax.eval_shape(lambda s: system.diffusion(now, s), state)
    chosen = integrators.get(model.default_method if value is None else value)
    fractional = isinstance(chosen, integrators.Fractional)
    if fractional and not system.memory:
        raise ModelError(
            f"method={chosen.name!r} is for derivatives of fractional order, and {type(model).__name__} has none: declare one, "
            f"bn.state(..., order='alpha'), or use another method."
        )
    if fractional:
        check_jumps(chosen, system, state)
    if noise and fractional:
        noisy = ", ".join(f"`{p.partition('.')[2]}`" for p in flat(noise))
        raise ModelError(
            f"{noisy} of {type(model).__name__} is noisy, and fractional methods take no white noise; "
            f"use an input that is drawn beforehand, I=bn.inputs.FrozenNoise(...)."
        )
    if noise and getattr(chosen, "strong_order", None) is None:
        if value is None:
            return integrators.get("euler")
        noisy = ", ".join(f"`{p.partition('.')[2]}`" for p in flat(noise))
        raise ModelError(
            f"method={chosen.name!r} takes no noise, but {noisy} of {type(model).__name__} is noisy. "
            f"Use method='euler' (Euler–Maruyama), 'exponential_euler' or 'strang'; where the amplitude depends on "
            f"the state also 'milstein' (Itô) or 'stochastic_heun' (Stratonovich)."
        )
    if isinstance(chosen, integrators.Integrator):
        chosen.check(shape_of(system.field, now, state), type(model).__name__)
    if noise:
        check_sources(chosen, system.diffusion, state, type(model).__name__)
    if getattr(chosen, "elementwise", False):
        warn_if_coupled(system.field, now, state, type(model).__name__, chosen.name)
    return chosen
