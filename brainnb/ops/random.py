r"""Random synapses that are never stored: a hash of (seed, neuron, number) says where each goes and how strong it is.

The hash is a counter in and 32 mixed bits out, so any synapse can be asked for at any time, in any order, on any
machine and in any precision, and is always the same.
"""

from abc import abstractmethod
from typing import Any, ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.scipy.special import erfinv

from brainnb.core.errors import ModelError

from . import checks
from .base import Wiring

AT_ONCE = 2**20
"""Synapses that a product over all of them holds at a time."""

TARGETS, WEIGHTS = 0x9E3779B9, 0x7F4A7C15
"""What tells the two streams of one seed apart."""


def mixed(x: Array) -> Array:
    """32 bits in which every input bit tells (``lowbias32``, Wellons 2018, public domain)."""
    x = (x ^ (x >> 16)) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * jnp.uint32(0x846CA68B)
    return x ^ (x >> 16)


def bits(seed: Array, stream: int, i: Array, k: Array) -> Array:
    """The 32 random bits of synapse ``k`` of neuron ``i``; two keys a neuron, so that no two streams meet."""
    i, k = jnp.asarray(i).astype(jnp.uint32), jnp.asarray(k).astype(jnp.uint32)
    first = mixed(mixed(seed ^ jnp.uint32(stream)) ^ i)
    second = mixed(first ^ jnp.uint32(0x94D049BB))
    return mixed(mixed(first ^ (k * jnp.uint32(0x85EBCA77))) + second)


def below(x: Array, n: Array) -> Array:
    """Random bits as a number from 0 to n - 1: the upper half of the 64-bit product, in 32-bit steps."""
    low, high = jnp.uint32(0xFFFF), jnp.uint32(16)
    n = n.astype(jnp.uint32)
    x0, x1, n0, n1 = x & low, x >> high, n & low, n >> high
    middle = x1 * n0 + ((x0 * n0) >> high)
    return x1 * n1 + (middle >> high) + ((x0 * n1 + (middle & low)) >> high)


def uniform(x: Array, dtype: Any) -> Array:
    """Random bits as a number inside (0, 1), the same in single and in double precision."""
    return ((x >> 9).astype(dtype) + 0.5) * 2.0**-23


class _JustInTime(Wiring):
    """Random targets by hash; a subclass says how the weights are drawn."""

    shape: tuple[int, int] = eqx.field(static=True)
    number: int = eqx.field(static=True)
    seed: Array

    by_source: ClassVar[bool] = True

    def _wire(self, number: int, seed: int, shape: tuple[int, int]) -> None:
        self.shape, self.seed = checks.as_shape(shape), checks.as_seed(seed)
        if isinstance(number, bool) or int(number) != number or not 0 <= number <= self.shape[1]:
            raise ModelError(
                f"number={number!r}: how many different targets each neuron has, a whole number from 0 to "
                f"{self.shape[1]} (the postsynaptic population), was expected."
            )
        self.number = int(number)

    @abstractmethod
    def drawn(self, i: Array, k: Array) -> Array:
        """Weight of synapse ``k`` of neuron ``i``."""

    def targets(self, i: Array, k: Array) -> Array:
        """Postsynaptic neuron of synapse ``k`` of neuron ``i``.

        The population is cut into ``number`` stretches of equal length, and each receives one synapse.
        """
        length, longer = divmod(self.shape[1], max(self.number, 1))
        begin = k * length + jnp.minimum(k, longer)
        within = below(bits(self.seed, TARGETS, i, k), length + (k < longer).astype(jnp.int32))
        return begin + within.astype(jnp.int32)

    def _numbers(self) -> Array:
        return jnp.arange(self.number, dtype=jnp.int32)

    @property
    def stored(self) -> tuple[int, ...]:
        return self.shape[0], self.number

    def with_weight(self, weight: Any) -> Self:
        raise ModelError(
            f"{type(self).__name__} draws its weights: build another, or write the synapses down, "
            f"wiring.to_fixed_post().with_weight(...)."
        )

    def edges(self) -> tuple[Array, Array]:
        own = jnp.arange(self.shape[0], dtype=jnp.int32)[:, None]
        return jnp.broadcast_to(own, self.stored), jnp.broadcast_to(self.targets(own, self._numbers()), self.stored)

    def weights(self) -> Array:
        own = jnp.arange(self.shape[0], dtype=jnp.int32)[:, None]
        return jnp.broadcast_to(self.drawn(own, self._numbers()), self.stored)

    def add_row(self, onto: Array, i: Array, x: Array | None) -> Array:
        weight = self.drawn(i, self._numbers())
        return onto.at[self.targets(i, self._numbers())].add(weight if x is None else x * weight, mode="drop")

    def _in_blocks(self, x: Array, take: Any, start: Array) -> tuple[Array, Array]:
        """``carry, out = take(carry, rows, x of the rows)`` over blocks of neurons; memory stays bounded."""
        count = self.shape[0]
        block = max(1, min(count, AT_ONCE // max(self.number, 1)))
        blocks = -(-count // block)
        padded = jnp.pad(x, (0, blocks * block - count)).reshape(blocks, block)
        rows = jnp.arange(blocks * block, dtype=jnp.int32).reshape(blocks, block, 1)
        return lax.scan(jax.checkpoint(lambda carry, given: take(carry, *given)), start, (rows, padded))

    def forward(self, x: Array) -> Array:
        k = self._numbers()

        def take(onto: Array, i: Array, x: Array) -> tuple[Array, None]:
            sent = jnp.broadcast_to(x[:, None] * self.drawn(i, k), (i.shape[0], self.number))
            return onto.at[self.targets(i, k)].add(sent), None

        dtype = jnp.result_type(x, self.drawn(jnp.int32(0), k))
        if not self.size:
            return jnp.zeros(self.shape[1], dtype)
        return self._in_blocks(x, take, jnp.zeros(self.shape[1], dtype))[0]

    def backward(self, y: Array) -> Array:
        k = self._numbers()

        def take(_: None, i: Array, __: Array) -> tuple[None, Array]:
            return None, jnp.sum(y[self.targets(i, k)] * self.drawn(i, k), axis=1)

        dtype = jnp.result_type(y, self.drawn(jnp.int32(0), k))
        if not self.size:
            return jnp.zeros(self.shape[0], dtype)
        return self._in_blocks(jnp.zeros(self.shape[0], dtype), take, None)[1].reshape(-1)[: self.shape[0]]


class JITHomogeneous(_JustInTime):
    r"""Random targets, one weight for all; nothing is stored.

    Each presynaptic neuron has ``number`` different targets: the postsynaptic population is cut into that many
    stretches of equal length, and one neuron of each is drawn.  So every neuron sends the same number, and receives a
    binomial one, with mean ``number * pre / post``.  For a connection probability ``p`` take ``round(p * post)``.

    Parameters
    ----------
    weight : float
    number : int
        Targets of each presynaptic neuron.
    seed : int
        Another seed is another network; it is traced, so it compiles nothing anew.
    shape : (int, int)
        Sizes of the presynaptic and the postsynaptic population.

    Raises
    ------
    ModelError
        More targets than neurons; a seed that is none.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> million = JITHomogeneous(0.5, number=80, seed=1, shape=(1_000_000, 1_000_000))
    >>> million.size, million.nbytes
    (80000000, 8)
    >>> float((jnp.zeros(1_000_000, bool).at[7].set(True) @ million).sum())
    40.0
    """

    weight: Array

    def __init__(self, weight: Any, number: int, seed: int, shape: tuple[int, int]):
        self._wire(number, seed, shape)
        self.weight = checks.one("weight", weight)

    def with_weight(self, weight: Any) -> Self:
        """The same synapses with another weight, one for all."""
        return eqx.tree_at(lambda w: w.weight, self, checks.one("weight", weight))

    def drawn(self, i: Array, k: Array) -> Array:
        return self.weight


class JITUniform(_JustInTime):
    r"""Random targets, weights uniform between ``low`` and ``high``; nothing is stored.

    Targets are those of :class:`JITHomogeneous` with the same seed.  The bounds are traced, and the product is
    differentiable in both.

    Parameters
    ----------
    low, high : float
    number, seed, shape
        As :class:`JITHomogeneous`.

    Examples
    --------
    >>> wiring = JITUniform(0.2, 0.4, number=10, seed=1, shape=(100, 100))
    >>> bool((wiring.weights() > 0.2).all() & (wiring.weights() < 0.4).all())
    True
    """

    low: Array
    high: Array

    def __init__(self, low: Any, high: Any, number: int, seed: int, shape: tuple[int, int]):
        self._wire(number, seed, shape)
        self.low, self.high = checks.one("low", low), checks.one("high", high)

    def drawn(self, i: Array, k: Array) -> Array:
        return self.low + (self.high - self.low) * uniform(bits(self.seed, WEIGHTS, i, k), self.low.dtype)


class JITNormal(_JustInTime):
    r"""Random targets, weights normal with ``mean`` and standard deviation ``sd``; nothing is stored.

    Targets are those of :class:`JITHomogeneous` with the same seed.  Both numbers are traced, and the product is
    differentiable in both.  The normal has $2^{23}$ values and ends at 5.2 standard deviations.

    Parameters
    ----------
    mean, sd : float
    number, seed, shape
        As :class:`JITHomogeneous`.

    Examples
    --------
    >>> wiring = JITNormal(1.0, 0.1, number=50, seed=1, shape=(200, 100))
    >>> abs(float(wiring.weights().std()) - 0.1) < 0.01
    True
    """

    mean: Array
    sd: Array

    def __init__(self, mean: Any, sd: Any, number: int, seed: int, shape: tuple[int, int]):
        self._wire(number, seed, shape)
        self.mean, self.sd = checks.one("mean", mean), checks.one("sd", sd)

    def drawn(self, i: Array, k: Array) -> Array:
        z = jnp.sqrt(2.0).astype(self.mean.dtype) * erfinv(
            2.0 * uniform(bits(self.seed, WEIGHTS, i, k), self.mean.dtype) - 1.0
        )
        return self.mean + self.sd * z
