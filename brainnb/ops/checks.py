"""What a wiring is asked before it is used: numbers in range, sizes that fit, in the words of synapses."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.core.fields import float_dtype

LARGEST = 2**31 - 1
"""Synapses of one wiring: positions are kept in 32 bits."""


MOST_STEPS = 2**20
"""Delays up to that many steps are told apart by counting."""


def as_weight(value: Any) -> jax.Array:
    """A weight or many, as floats; the only way a weight enters a wiring."""
    return as_numbers("weight", value)


def as_delay(value: Any) -> jax.Array:
    """A delay or many in ms, as floats, none of them negative."""
    delay = as_numbers("delay", value)
    if not is_traced(delay) and delay.size and (least := np.min(np.asarray(delay))) < 0:
        where = f" at position {int(np.argmin(np.asarray(delay)))}" if delay.ndim else ""
        raise OutOfBounds(f"delay: {least:g} ms was given{where}; a delay is at least 0 ms.")
    return delay


def as_numbers(name: str, value: Any) -> jax.Array:
    """One finite number or many, as floats."""
    if is_traced(value):
        return value
    try:
        host = np.asarray(value)
    except ValueError:
        raise ModelError(f"{name}: an array was expected; its rows differ in length.") from None
    if host.dtype.kind not in "fiub":
        raise ModelError(f"{name}: one number or one for each synapse was expected, got {_told(value, host)}.")
    if not np.isfinite(host).all():
        bad = np.flatnonzero(~np.isfinite(host.reshape(-1)))
        raise OutOfBounds(
            f"{name}: {len(bad)} of {host.size} {'is' if len(bad) == 1 else 'are'} NaN or infinite, "
            f"the first at position {bad[0]}; finite numbers were expected."
        )
    return jnp.asarray(host.astype(float_dtype()))


def one(name: str, value: Any) -> jax.Array:
    """One number."""
    number = as_weight(value)
    if jnp.ndim(number):
        raise ModelError(f"{name}: shape {jnp.shape(number)} was given; one number was expected.")
    return number


def as_indices(value: Any) -> jax.Array:
    """Numbers of neurons, or positions, as 32-bit integers."""
    if is_traced(value) or (isinstance(value, jax.Array) and value.dtype == jnp.int32):
        return value
    host = np.asarray(value)
    if host.size == 0:
        host = host.astype(np.int32)
    if host.dtype.kind not in "iu":
        raise ModelError(f"indices: whole numbers of neurons were expected, got {_told(value, host)}.")
    if host.size and (host.max() > LARGEST or host.min() < 0):
        raise OutOfBounds(f"indices: {host.min()} to {host.max()} were given; 0 to {LARGEST} are possible.")
    return jnp.asarray(host.astype(np.int32))


def as_seed(value: Any) -> jax.Array:
    """A seed as 32 bits."""
    if is_traced(value) or (isinstance(value, jax.Array) and value.dtype == jnp.uint32):
        return value
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= int(value) < 2**32:
        raise ModelError(f"seed={value!r}: a whole number from 0 to {2**32 - 1} was expected.")
    return jnp.asarray(np.uint32(value))


def as_shape(value: Any) -> tuple[int, int]:
    """(number of presynaptic neurons, number of postsynaptic neurons)."""
    try:
        pre, post = (int(n) for n in value if int(n) == n and n >= 0)
    except (TypeError, ValueError):
        raise ModelError(f"shape={value!r}: the pair (pre, post) of two population sizes was expected.") from None
    return pre, post


def within(name: str, indices: Any, count: int, population: str) -> None:
    """Refuse neurons that do not exist."""
    if is_traced(indices) or not np.size(indices):
        return
    host = np.asarray(indices)
    low, high = int(host.min()), int(host.max())
    if low < 0 or high >= count:
        bad = high if high >= count else low
        where = int(np.flatnonzero(host.reshape(-1) == bad)[0])
        have = f"neurons 0 to {count - 1}" if count else "no neurons at all"
        raise OutOfBounds(
            f"{name}: synapse {where} names neuron {bad}; the {population}synaptic population has {have}."
        )


def pointers(name: str, indptr: Any, rows: int, synapses: int) -> None:
    """Refuse row pointers that do not cut the synapses into rows."""
    if indptr.ndim != 1 or indptr.shape[0] != rows + 1:
        raise ModelError(
            f"{name}: shape {indptr.shape} was given; {rows} rows need ({rows + 1},): where each begins, and the end."
        )
    if is_traced(indptr):
        return
    host = np.asarray(indptr)
    if host[0] != 0 or host[-1] != synapses or (np.diff(host) < 0).any():
        raise ModelError(
            f"{name}: rows must begin at 0, never step back and end at {synapses}, the number of synapses; "
            f"it begins at {host[0]} and ends at {host[-1]}."
        )


def lengths(indptr: Any) -> np.ndarray:
    """Synapses of each row; the sizes of a wiring are known before anything is compiled."""
    if is_traced(indptr):
        raise ModelError("A wiring cannot be built inside a compiled function: build it before and pass it in.")
    return np.diff(np.asarray(indptr))


def flat(name: str, values: Any) -> None:
    """Refuse anything but a plain list."""
    if jnp.ndim(values) != 1:
        raise ModelError(f"{name}: shape {jnp.shape(values)} was given; one entry for each synapse was expected.")


def edges(pre: Any, post: Any, weight: Any, shape: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, int]]:
    """A list of synapses as NumPy arrays that fit each other and the populations."""
    if any(is_traced(x) for x in (pre, post, weight)):
        raise ModelError("A wiring cannot be built inside a compiled function: build it before and pass it in.")
    shape = as_shape(shape)
    pre, post, weight = (np.asarray(x) for x in (as_indices(pre), as_indices(post), as_weight(weight)))
    flat("pre", pre)
    if pre.shape != post.shape:
        raise ModelError(f"pre has shape {pre.shape} and post has {post.shape}: one of each for every synapse.")
    within("pre", pre, shape[0], "pre")
    within("post", post, shape[1], "post")
    fits(weight, pre.shape)
    return pre, post, weight, shape


def matrix(value: Any) -> np.ndarray:
    """A matrix (pre, post) of finite weights."""
    weights = np.asarray(as_weight(value))
    if weights.ndim != 2:
        raise ModelError(f"matrix: shape {weights.shape} was given; (pre, post) was expected.")
    return weights


def fits(values: Any, wanted: tuple[int, ...], name: str = "weight", each: str = "synapse") -> None:
    """Refuse values that are neither one number nor one for each synapse."""
    if jnp.shape(values) not in ((), wanted):
        raise ModelError(
            f"{name}: shape {jnp.shape(values)} was given; () or {wanted}, one for each {each}, is needed."
        )


def positive(name: str, value: Any) -> float:
    """A finite number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        raise ModelError(f"{name}={value!r}: a number above 0 was expected.")
    return float(value)


def countable(count: int, what: str) -> None:
    """Refuse more than positions of 32 bits can tell apart."""
    if count > LARGEST:
        raise ModelError(f"{what}: {count} were asked for; a wiring holds at most {LARGEST}.")


def as_units(x: Any, count: int, what: str) -> jax.Array:
    """Values of one population along the last axis: booleans stay, integers become floats."""
    x = jnp.asarray(x)
    if x.dtype.kind not in "fiub":
        raise ModelError(f"{what}: booleans or real numbers were expected, got {x.dtype}.")
    if x.ndim == 0 or x.shape[-1] != count:
        raise ModelError(f"{what}: shape {x.shape} was given; the wiring has {count} of these neurons: (..., {count}).")
    return x.astype(float_dtype()) if x.dtype.kind in "iu" else x


def as_sum(onto: Any, count: int, dtype: Any) -> jax.Array:
    """What is added to, in a type that holds what is added."""
    onto = as_units(onto, count, "onto")
    if onto.dtype == jnp.bool_:
        raise ModelError("onto: real numbers were expected, got bool.")
    return onto.astype(jnp.result_type(onto, dtype))


def _told(value: Any, host: np.ndarray) -> str:
    return repr(value) if host.ndim == 0 else f"an array of {host.dtype}"
