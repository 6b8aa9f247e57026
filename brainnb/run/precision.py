"""Single or double precision for one run, whatever the global setting of JAX is."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import numpy as np

from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from .stack import Stack

WIDE = {"float32": False, "float64": True}
FEW = 1000
"""Numbers that are quicker printed and read than rounded."""
TENS = 10.0 ** np.arange(23)
"""Powers of ten that double precision holds exactly."""


def for_one_run(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``simulate`` or ``sweep`` the keyword ``precision``: model, stimuli and the run itself in that type.

    By default it is that of the model: one that was made or fitted in double precision is run in it.  The setting of JAX
    is switched for this thread and for the length of the call, never for the process.
    """

    @functools.wraps(function)
    def run(model: Any, *args: Any, precision: str | None = None, **given: Any) -> Any:
        if precision is None and is_double(model) and not jax.config.jax_enable_x64:
            precision = "float64"
        if precision is None:
            return function(model, *args, **given)
        with jax.enable_x64(is_wide(precision)):
            given = {name: cast(value) for name, value in given.items()}
            if isinstance(given.get("inputs"), dict):
                given["inputs"] = {name: cast(value) for name, value in given["inputs"].items()}
            return function(cast(model), *args, **given)

    signature = inspect.signature(function)
    own = inspect.Parameter("precision", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None)
    parameters = list(signature.parameters.values())
    run.__signature__ = signature.replace(parameters=[*parameters[:-1], own, parameters[-1]])
    return run


def is_wide(precision: Any) -> bool:
    """Whether double precision is asked for."""
    name = precision if isinstance(precision, str) else getattr(precision, "__name__", precision)
    if name not in WIDE:
        raise ModelError(f"precision={precision!r}: 'float32' or 'float64' was expected.")
    return WIDE[name]


def is_double(model: Any) -> bool:
    """Whether a model, or one of several, holds numbers of double precision."""
    models = model.models if isinstance(model, Stack) else (model,)
    return any(is_float(x) and x.dtype == np.float64 for one in models for x in jax.tree.leaves(one))


def cast(value: Any) -> Any:
    """Models and stimuli with their numbers in the float type of this moment; anything else as it is."""
    if isinstance(value, Stack):
        return Stack(tuple(map(cast, value.models)), value.names)
    if not isinstance(value, Model):
        return value
    dtype = jax.dtypes.canonicalize_dtype(float)
    return jax.tree.map(lambda x: number(x, dtype) if is_float(x) else x, value)


def is_float(x: Any) -> bool:
    """Whether ``x`` holds real numbers; traced values are refused later, in words."""
    return eqx.is_array(x) and x.dtype.kind == "f" and not is_traced(x)


def number(x: Any, dtype: Any) -> Any:
    """Numbers in another float type: 0.1 in single precision becomes 0.1, as it was typed, not 0.10000000149."""
    host = np.asarray(x)
    if host.dtype == dtype:
        return x
    if host.dtype.itemsize < np.dtype(dtype).itemsize:
        many = host.size > FEW and host.dtype == np.float32
        host = as_typed(host) if many else host.astype(str).astype(np.float64)
    return jax.device_put(host.astype(dtype))


def as_typed(single: np.ndarray) -> np.ndarray:
    """The shortest decimal numbers that single precision rounds to these, in double precision.

    They have six to nine digits.  Reading and writing them one by one takes a microsecond each, and a network has millions
    of weights: where powers of ten are exact, they are found by rounding.
    """
    wide = single.astype(np.float64)
    size = np.abs(wide)
    plain = (size > 1e-13) & (size < 1e13)
    found = np.where(plain, 0.0, wide)
    rest = np.flatnonzero(plain)
    x, own = wide.reshape(-1)[rest], single.reshape(-1)[rest]
    power = np.floor(np.log10(size.reshape(-1)[rest])).astype(np.int8)
    for digits in (6, 7, 8, 9):
        places = digits - 1 - power
        scale = TENS[np.abs(places)]
        tried = np.where(places >= 0, np.rint(x * scale) / scale, np.rint(x / scale) * scale)
        hit = tried.astype(np.float32) == own
        found.reshape(-1)[rest[hit]] = tried[hit]
        rest, x, own, power = (a[~hit] for a in (rest, x, own, power))
    odd = np.flatnonzero(~plain & np.isfinite(wide) & (wide != 0))
    for k in (*rest, *odd):
        found.reshape(-1)[k] = float(str(single.reshape(-1)[k]))
    return found
