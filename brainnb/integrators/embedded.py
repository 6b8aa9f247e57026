"""Step-size control by embedded pairs: what the adaptive Runge–Kutta methods share."""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.record import Record

from .adaptive import check_tolerances
from .base import Field, advance, as_record, moving, shape_of
from .runge_kutta import ExplicitRungeKutta, stage_slopes, weighted

SAFETY, SHRINK, GROW = 0.9, 0.2, 5.0


@dataclasses.dataclass(frozen=True)
class EmbeddedRungeKutta(ExplicitRungeKutta):
    r"""Two Runge–Kutta methods on the same stages; their difference is the error of a step.

    .. math::

        e = \max \frac{h\,\big|\sum_i (b_i - \hat b_i)\, k_i\big|}{\text{atol} + \text{rtol}\,\max(|s|, |s'|)},
        \qquad h \leftarrow h \cdot \min\big(5, \max(0.2,\; 0.9\, e^{-1/(\hat p + 1)})\big)

    A step with $e \le 1$ is taken, with the more accurate of the two results; otherwise a shorter one is tried.
    The maximum runs over all states and units, so no unit's error drowns in a crowd, and all units share a step.
    ``dt`` is the spacing of the output: the first try is all of it, the last lands on it exactly.

    Where it does not reach the next output point, the state becomes NaN there and the run says when.  Steps of
    varying number have no reverse-mode derivative: use ``adaptive=False``, or forward mode.  Noise is refused.
    Spikes are still looked for at the output points only.

    Parameters
    ----------
    rtol, atol : float
        Relative and absolute tolerance of one step.
    max_steps : int
        Tries allowed between two output points.
    adaptive : bool
        False takes steps of ``dt`` without control.

    Reference: Hairer, Nørsett & Wanner 1993, doi:10.1007/978-3-540-78862-1, II.4.

    Examples
    --------
    >>> import brainnb as bn
    >>> fhn = bn.neurons.FitzHughNagumo()
    >>> bn.simulate(fhn, T=20, dt=5, I=0.5, method=bn.integrators.DormandPrince(rtol=1e-5)).attrs["method"]
    'rkdp(rtol=1e-05)'
    """

    rtol: float = 1e-6
    atol: float = 1e-6
    max_steps: int = 4096
    adaptive: bool = True

    b_low: ClassVar[tuple[float, ...]]
    """Weights of the less accurate result."""
    embedded_order: ClassVar[int]

    def __post_init__(self) -> None:
        super().__post_init__()
        check_tolerances(self)
        if not isinstance(self.adaptive, bool):
            raise ValueError(f"{type(self).__name__}(adaptive={self.adaptive!r}): True or False was expected.")

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        if not self.adaptive:
            return super().step(field, t, s, dt)
        like = shape_of(field, t, s)
        if not like:
            return s
        smallest = jnp.finfo(dt.dtype).eps * dt

        def unfinished(carry: tuple) -> Array:
            _, done, h, tries = carry
            return (done < dt) & (tries < self.max_steps) & (h > smallest)

        def attempt(carry: tuple) -> tuple:
            q, done, h, tries = carry
            last = done + h >= dt
            h = jnp.where(last, dt - done, h)
            new, error = self._try(field, t + done, s, q, h)
            taken = error <= 1.0
            q = jax.tree.map(lambda a, b: jnp.where(taken, a, b), new, q)
            done = jnp.where(taken, jnp.where(last, dt, done + h), done)
            return q, done, h * self._factor(error), tries + 1

        begin = (moving(s, like), jnp.zeros_like(dt), dt, jnp.zeros((), int))
        q, done, _, _ = jax.lax.while_loop(unfinished, attempt, begin)
        return s.merge(jax.tree.map(lambda x: jnp.where(done >= dt, x, jnp.nan), q))

    def _try(self, field: Field, t: Array, s: Record, q: Record, h: Array) -> tuple[Record, Array]:
        """The state after ``h``, and its error in units of the tolerance."""
        slopes = stage_slopes(self.a, lambda t, q: as_record(field(t, s.merge(q))), t, q, h)
        new = advance(q, weighted(self.b, slopes), h)
        off = weighted(tuple(b - low for b, low in zip(self.b, self.b_low, strict=True)), slopes)

        def largest(e: Array, old: Array, new: Array) -> Array:
            allowed = self.atol + self.rtol * jnp.maximum(jnp.abs(old), jnp.abs(new))
            return jnp.max(jnp.abs(h * e) / allowed, initial=0.0)

        errors = jax.tree.leaves(jax.tree.map(largest, off, q, new))
        error = jnp.max(jnp.stack(errors)).astype(h.dtype)
        return new, jnp.where(jnp.isfinite(error), error, jnp.inf)  # overshooting into NaN asks for a shorter step

    def _factor(self, error: Array) -> Array:
        order = min(self.order, self.embedded_order) + 1
        return jnp.clip(SAFETY * jnp.maximum(error, 1e-10) ** (-1 / order), SHRINK, GROW)
