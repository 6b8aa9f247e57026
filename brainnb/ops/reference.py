"""What every operator means, on plain arrays: the definition that tests compare with, never fast.

A wiring is here a list of synapses ``pre, post, weight``, or its matrix ``(pre, post)``.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array


def matrix(pre: Array, post: Array, weight: Array, shape: tuple[int, int]) -> Array:
    """The matrix of a list of synapses; parallel ones add up."""
    return jnp.zeros(shape, jnp.result_type(weight)).at[pre, post].add(weight)


def event_product(events: Array, matrix: Array, onto: Array | float = 0.0) -> Array:
    r""":math:`y_j = o_j + \sum_i e_i w_{ij}`."""
    return onto + jnp.asarray(events).astype(matrix.dtype) @ matrix


def event_product_delayed(
    line: Array,
    step: int,
    dt: float,
    synapses: tuple[np.ndarray, np.ndarray, Array, np.ndarray],
    onto: Array,
) -> Array:
    r"""Every synapse asks alone whether its neuron spiked ``round(delay / dt)`` steps ago.

    ``synapses`` are ``(pre, post, weight, delay)``, one of each for every synapse; ``line`` the ring of packed spikes.
    """
    pre, post, weight, delay = synapses
    row = (step - np.rint(np.asarray(delay) / dt).astype(int)) % line.shape[0]
    fired = (np.asarray(line)[row, pre // 32] >> (pre % 32).astype(np.uint32)) & 1
    return onto.at[post].add(weight * fired)


def product(x: Array, matrix: Array) -> Array:
    r""":math:`y_j = \sum_i x_i w_{ij}`."""
    return x @ matrix


def product_transposed(y: Array, matrix: Array) -> Array:
    r""":math:`z_i = \sum_j w_{ij} y_j`."""
    return y @ matrix.T


def to_synapses(x: Array, end: Array) -> Array:
    """The value of the neuron at one end of each synapse."""
    return jnp.stack([x[i] for i in end]) if len(end) else jnp.zeros(0, x.dtype)


def from_synapses(values: Array, end: np.ndarray, count: int, how: str) -> Array:
    """The values of all synapses of each neuron, made one; 0 where a neuron has none."""
    make = dict(sum=jnp.sum, mean=jnp.mean, max=jnp.max, min=jnp.min, prod=jnp.prod)[how]
    groups = [np.flatnonzero(np.asarray(end) == i) for i in range(count)]
    found = [make(values[g]) if len(g) else jnp.zeros((), values.dtype) for g in groups]
    return jnp.stack(found) if found else jnp.zeros(0, values.dtype)


def updated(weight: Array, fires: Array, ends: tuple, rule: Callable[..., Any], pre: Any, post: Any) -> Array:
    """``rule(weight, pre, post)`` at the synapses of the neurons that fired, the weight itself at all others.

    ``fires`` holds one flag for each synapse, ``ends`` the neurons (pre, post) of each.
    """

    def spread(tree: Any, end: Array) -> Any:
        return jax.tree.map(lambda x: x[end] if jnp.ndim(x) else x, tree)

    return jnp.where(fires, rule(weight, spread(pre, ends[0]), spread(post, ends[1])), weight)


def random_targets(seed: int, number: int, shape: tuple[int, int]) -> np.ndarray:
    """The targets ``(pre, number)`` of just-in-time wirings, in whole numbers without a limit."""
    table = np.zeros((shape[0], number), np.int64)
    for i in range(shape[0]):
        for k in range(number):
            length, longer = divmod(shape[1], number)
            begin, length = k * length + min(k, longer), length + (k < longer)
            table[i, k] = begin + (random_bits(seed, 0x9E3779B9, i, k) * length >> 32)
    return table


def random_uniforms(seed: int, number: int, shape: tuple[int, int]) -> np.ndarray:
    """The numbers in (0, 1) ``(pre, number)`` from which weights of just-in-time wirings are made."""
    bits = [[random_bits(seed, 0x7F4A7C15, i, k) for k in range(number)] for i in range(shape[0])]
    return ((np.array(bits, np.int64).reshape(shape[0], number) >> 9) + 0.5) / 2**23


def random_bits(seed: int, stream: int, i: int, k: int) -> int:
    """The 32 bits of synapse ``k`` of neuron ``i``."""
    first = _mixed(_mixed(seed ^ stream) ^ i)
    second = _mixed(first ^ 0x94D049BB)
    return _mixed((_mixed(first ^ (k * 0x85EBCA77 % 2**32)) + second) % 2**32)


def _mixed(x: int) -> int:
    x = (x ^ (x >> 16)) * 0x7FEB352D % 2**32
    x = (x ^ (x >> 15)) * 0x846CA68B % 2**32
    return x ^ (x >> 16)
