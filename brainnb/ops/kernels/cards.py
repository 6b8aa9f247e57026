"""Whether event products run in a kernel on a graphics card: where there is one, and only after it was found right.

The kernel (:mod:`.card`) was written without a card at hand.  So the first time that a process with a card needs it, it
is compiled there and compared with plain sums; where it does not compile, or gives another number, XLA computes the
products, silently; :func:`state` and ``brainnb doctor`` say why.
"""

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np
from jax import Array

from brainnb.core import bits

from ..compressed import CSR
from ..delayed import DelayedCSR

PLATFORMS = ("cuda", "rocm")
"""What JAX calls cards that the kernel can be compiled for."""

CLOSE = {"float32": 1e-5, "float64": 1e-12}
"""How far sums may be from those in double precision, in parts of the largest."""

PRE, POST, SLOTS = 70, 45, 3

Product = Callable[..., Array]


@functools.cache
def first() -> Any:
    """The first graphics card of this process; None without one."""
    try:
        return jax.local_devices(backend="gpu")[0]
    except RuntimeError:
        return None


@functools.cache
def why_not(dtype: str) -> str | None:
    """Why the kernel is not used for numbers of this type; None where it is.  Tried when first asked."""
    if first() is None:
        return "no graphics card"
    from . import card

    return tried(card.deliver, card.deliver_delayed, dtype)


def state() -> str | None:
    """In words, how event products are computed on the card; None where there is none."""
    if first() is None:
        return None
    reason = why_not(jax.dtypes.canonicalize_dtype(float).name)
    return "on the card by a kernel that was tried here" if reason is None else f"on the card by XLA: {reason}"


def tried(deliver: Product, deliver_delayed: Product, dtype: str) -> str | None:
    """What is wrong with a pair of kernels, in words; None where their sums are right."""
    # in a thread of its own: the first product may stand in a program that is being traced
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_compared, deliver, deliver_delayed, dtype).result()


def _compared(deliver: Product, deliver_delayed: Product, dtype: str) -> str | None:
    with jax.default_device(first()), jax.enable_x64(dtype == "float64"):
        try:
            for product, given, wanted in _products(deliver, deliver_delayed, dtype):
                found = np.asarray(jax.jit(product)(*given), float)
                off = np.max(np.abs(found - wanted)) / np.max(np.abs(wanted))
                if not off <= CLOSE[dtype]:
                    return f"its sums were off by {off:.1g} of the largest"
        except Exception as error:  # whatever a compiler or a driver has to say: there is another way to the result
            said = str(error).strip().splitlines() or ["no message"]
            return f"it failed with {type(error).__name__}, {said[0]}"
    return None


def _products(deliver: Product, deliver_delayed: Product, dtype: str) -> Iterator[tuple[Product, tuple, np.ndarray]]:
    """Small products of every kind, what they are given, and their sums."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(0, 9, PRE)
    lengths[3] = 30_000  # many windows, shared by several programs, and each target many times
    pre = np.repeat(np.arange(PRE), lengths)
    post, slot = rng.integers(0, POST, pre.size), rng.integers(0, SLOTS, pre.size)
    onto = rng.normal(size=POST).astype(dtype)
    fired = rng.random(PRE) < 0.5
    fired[3] = True
    arriving = rng.random((SLOTS, PRE)) < 0.3
    words = jax.vmap(bits.pack)(arriving)
    for own in (True, False):
        weight = rng.normal(size=pre.size).astype(dtype) if own else np.asarray(0.7, dtype)
        rows = CSR.from_edges(pre, post, weight, (PRE, POST))
        for events in (fired, (fired * rng.normal(size=PRE)).astype(dtype)):
            yield deliver, (events, rows, onto), _sums(onto, post, weight * events[pre].astype(float))
        late = DelayedCSR.from_edges(pre, post, weight, slot * 0.1, (PRE, POST))
        yield deliver_delayed, (words, late, onto), _sums(onto, post, weight * arriving[slot, pre].astype(float))


def _sums(onto: np.ndarray, post: np.ndarray, sent: Any) -> np.ndarray:
    """``onto`` and what each synapse sends, in double precision."""
    found = onto.astype(float)
    np.add.at(found, post, sent)
    return found
