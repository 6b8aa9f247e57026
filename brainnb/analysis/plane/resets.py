"""The threshold of a spiking model and its reset, read off the model's own step.

A model that spikes moves its state between two steps.  Where in the plane it does so is found by asking it, not by
knowing it: neurons that are written tomorrow have their threshold drawn too.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..flow import Constants, Flow, kernel
from .face import Face
from .paths import fires, resets

SAMPLES = 33
REACH = 2.0
"""The threshold is looked for in the box and up to twice its width beyond."""


class Reset(NamedTuple):
    """Points of the threshold (v, k), and where the model goes from there (v, k); ``axis`` is the state that reaches it."""

    axis: int
    edge: np.ndarray
    after: np.ndarray


@kernel
def thresholds(flow: Flow, face: Face, p: Constants, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Whether the model fires at ``low`` and at ``high`` (v, k), where between, and where it is put then."""

    def one(a: Array, b: Array) -> tuple[Array, Array, Array]:
        def halve(_: int, ends: tuple) -> tuple:
            a, b = ends
            middle = (a + b) / 2
            over = fires(flow, face, p, middle)[0]
            return jnp.where(over, a, middle), jnp.where(over, middle, b)

        changes = ~fires(flow, face, p, a)[0] & fires(flow, face, p, b)[0]
        _, edge = lax.fori_loop(0, 60, halve, (a, b))
        return changes, edge, fires(flow, face, p, edge)[1]

    return jax.vmap(one)(low, high)


def reset(flow: Flow, face: Face, p: Constants, box: np.ndarray) -> Reset | None:
    """The threshold in a box and its surroundings, and the reset; None for a model that does not jump."""
    if not resets(flow, p):
        return None
    width = box[:, 1] - box[:, 0]
    for axis in range(len(box)):
        lines = [np.linspace(*side, SAMPLES) for side in np.delete(box, axis, 0)] or [np.zeros(1)]
        low = np.empty((len(lines[0]), len(box)))
        for other, line in zip(np.delete(np.arange(len(box)), axis), lines, strict=False):
            low[:, other] = line
        low[:, axis] = box[axis, 0]
        high = low.copy()
        high[:, axis] = box[axis, 1] + REACH * width[axis]
        changes, edge, after = map(np.asarray, thresholds(flow, face, p, low, high))
        if changes.any():
            return Reset(axis, edge[changes], after[changes])
    return None
