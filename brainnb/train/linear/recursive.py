"""Recursive least squares: after every sample, or every block of them, the readout of least squared error so far."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from ..problem import Problem
from ..rules import register
from .online import Noted, Online
from .readouts import Reading
from .symmetric import AT_ONCE, Symmetric, aligned

TOGETHER = 16
"""Samples of which P is read as it was before them: writing it costs more than reading it."""

STRIPE = 64
"""Rows of P that lie together: when they act as columns too, they are still near the processor."""

LARGE = 700
"""Features from which a product with P takes longer than sharing it among cores."""


class Lowered(eqx.Module):
    r"""What samples have taken from P: :math:`P = (P_0 - A^T A) / F` with a row of A for each, and F what they made it forget."""

    A: Array
    F: Array
    count: Array


class Waiting(eqx.Module):
    """Samples that wait to be learned from: features, errors, and how many."""

    x: Array
    errors: Array
    count: Array


@register("rls")
class RLS(Online):
    r"""Recursive least squares: after every sample the readout of least squared error so far.

    .. math::

        k = \frac{P x}{f + x^T P x}, \qquad W \leftarrow W - k\, e^T, \qquad P \leftarrow \frac{1}{f} (P - k\, x^T P)

    with the error :math:`e` before the sample.  ``penalty`` is :math:`\lambda` of the ridge regression that it equals:
    :math:`P_0 = I / \lambda`.  (BrainPy's ``alpha`` is :math:`1 / \lambda`.)  ``forgetting`` below 1 weighs old samples
    less.  ``every`` learns from every so many samples, and ``samples`` are run between two looks from outside.
    ``block`` samples are learned from at once, with the same readout after each block as sample by sample; a network that
    hears its output hears one readout for as long.  (P itself is always written for some samples together, which is the
    same to rounding and reads the large table once a sample instead of three times; between 64 and 700 features only one
    half of it, so that there it equals its transpose.)

    The history shows the health of :math:`P`: its mean diagonal ``P_mean`` (what is still to be learned), its condition
    ``P_condition`` (a lower bound, by twenty steps of Lanczos: in single precision 10\ :sup:`7` is the end) and
    ``P_asymmetry``, the largest difference to its transpose, in parts of the largest number.

    With an output that is fed back it is FORCE learning.

    References
    ----------
    Sussillo & Abbott 2009, doi:10.1016/j.neuron.2009.07.018, eqs. 4-5; Haykin 2002, ch. 9.
    """

    penalty: float = 1.0
    forgetting: float = 1.0
    block: int = eqx.field(static=True, default=1)

    def __check_init__(self) -> None:
        if not self.penalty > 0:
            raise ModelError(f"RLS: penalty={self.penalty!r}; a number above 0 was expected, P starts as I / penalty.")
        if not 0 < self.forgetting <= 1:
            raise ModelError(f"RLS: forgetting={self.forgetting!r}; a number above 0, up to 1, was expected.")
        if isinstance(self.block, bool) or not isinstance(self.block, int) or self.block < 1:
            raise ModelError(f"RLS: block={self.block!r}; a number of samples from 1 was expected.")

    @property
    def gather(self) -> int:
        return TOGETHER if self.block == 1 else self.block * self.every

    def large(self, problem: Problem) -> bool:
        return len(self.reading(problem).take(problem.selection.model)) >= LARGE

    def remembered(self, features: int, outputs: int, dtype: jnp.dtype) -> Array:
        return jnp.eye(features, dtype=dtype) / self.penalty

    def opened(self, memory: Array) -> Array | Symmetric:
        if self.block > 1:
            return memory
        return Symmetric.of(memory, STRIPE if len(memory) < LARGE else len(memory))

    def closed(self, memory: Array | Symmetric, features: int) -> Array:
        return memory.whole(features) if isinstance(memory, Symmetric) else memory

    def blank(self, w: Array, count: int) -> Lowered | Waiting:
        if self.block == 1:
            rows = jnp.zeros((-(-count // AT_ONCE) * AT_ONCE, aligned(len(w))), w.dtype)  # rows of zeros take nothing
            return Lowered(rows, jnp.ones((), w.dtype), jnp.int32(0))
        return Waiting(jnp.zeros((count, len(w)), w.dtype), jnp.zeros((count, w.shape[1]), w.dtype), jnp.int32(0))

    def learn(self, w: Array, memory: Array, noted: Noted, x: Array, error: Array) -> tuple[Array, Noted]:
        at = noted.count
        if self.block > 1:
            return w, Waiting(noted.x.at[at].set(x), noted.errors.at[at].set(error), at + 1)
        x = jnp.pad(x, (0, noted.A.shape[1] - len(x)))
        Px = (memory @ x - (noted.A @ x) @ noted.A) / noted.F
        below = self.forgetting + x @ Px
        A = noted.A.at[at].set(jnp.sqrt(noted.F / below) * Px)
        F = (noted.F * self.forgetting).astype(noted.F.dtype)
        return w - jnp.outer((Px / below)[: len(w)], error).astype(w.dtype), Lowered(A, F, at + 1)

    def gathered(self, w: Array, memory: Array, noted: Noted) -> tuple[Array, Array]:
        if self.block == 1:
            return w, memory.lowered(noted.A, noted.F)
        x, f = noted.x, self.forgetting  # rows of zeros teach nothing
        xP = x @ memory
        ages = jnp.diag(f ** jnp.arange(1.0, len(x) + 1)).astype(x.dtype)
        k = jnp.linalg.solve(ages + xP @ x.T, xP)
        return w - k.T @ noted.errors, ((memory - xP.T @ k) / f**noted.count).astype(memory.dtype)

    def health(self, P: Array) -> dict[str, Array]:
        return {
            "P_mean": jnp.mean(jnp.diagonal(P)),
            "P_condition": condition(P),
            "P_asymmetry": jnp.max(jnp.abs(P - P.T)) / jnp.max(jnp.abs(P)),
        }


def condition(P: Array, steps: int = 20) -> Array:
    """The ratio of the extreme eigenvalues that so many steps of Lanczos find: exact for as many rows, else from below."""
    n = len(P)
    start = jax.random.normal(jax.random.key(0), (n,), P.dtype)
    nothing = 100 * jnp.finfo(P.dtype).eps

    def step(found: tuple[Array, Array, Array], i: Array) -> tuple[tuple[Array, Array, Array], None]:
        basis, v, before = found
        v = v - basis.T @ (basis @ v)
        v = v - basis.T @ (basis @ v)  # twice is enough
        length = jnp.linalg.norm(v)
        # what is left of a multiple of the identity, say, is rounding: there is no further direction to be seen
        v = jnp.where(length > nothing * before, v / jnp.where(length > 0, length, 1.0), 0.0)
        onward = P @ v
        return (basis.at[i].set(v), onward, jnp.linalg.norm(onward)), None

    steps = min(steps, n)
    begin = (jnp.zeros((steps, n), P.dtype), start, jnp.linalg.norm(start))
    (basis, _, _), _ = jax.lax.scan(step, begin, jnp.arange(steps))
    seen = basis @ P @ basis.T
    values = jnp.linalg.eigvalsh(seen + jnp.diag(jnp.where(jnp.any(basis != 0, -1), 0.0, seen[0, 0])))
    return values[-1] / jnp.maximum(values[0], jnp.finfo(P.dtype).tiny)


@register("force")
class FORCE(RLS):
    r"""FORCE: recursive least squares on an output that is fed back, from the first sample on.

    With ``internal=True`` there is no loop through the output: the recurrent weights learn, every unit as if the output
    error were its own,

    .. math:: W_{ij} \leftarrow W_{ij} - e\, k_j

    with the same :math:`k` as the readout, where all units hear all (unit :math:`i` takes the error of output
    :math:`i \bmod` outputs): ``bn.fit(..., method=bn.train.FORCE(internal=True), train=["weight", "readout.*"])``.

    References
    ----------
    Sussillo & Abbott 2009, doi:10.1016/j.neuron.2009.07.018, fig. 1A and 1C.
    """

    internal: bool = eqx.field(static=True, default=False)

    def record(self, model: Model, paths: tuple[str, ...]) -> tuple[str, ...]:
        if self.internal and "weight" not in paths:
            raise ModelError(f"FORCE(internal=True) learns train=['weight', 'readout.*']; got train={list(paths)}.")
        return super().record(model, paths)

    def readout(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(p for p in paths if p != "weight") if self.internal else paths

    def put(self, read: Reading, model: Model, w: Array) -> Model:
        if not self.internal:
            return super().put(read, model, w)
        units = len(model.weight)
        learned = (w - read.take(model))[:units].T  # (outputs, units)
        each = learned[jnp.arange(units) % len(learned)]
        return read.put(model, w)._with({"weight": model.weight + each.astype(model.weight.dtype)})
