"""Levenberg–Marquardt: sums of squares know more about their curvature than a gradient tells."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.scipy.linalg
from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from ..batches import Batch
from ..losses import MSE, Loss, Scaled, Seen, Weights, terms
from ..problem import Problem
from ..rules import Report, register
from ..select import Free, norm
from .downhill import Downhill, refuse_batches, row


class Damped(eqx.Module):
    """The best point, its damping, and by what the damping grows when a step fails."""

    at: Array
    damping: Array
    growth: Array
    stuck: Array


@register("levenberg_marquardt")
class LevenbergMarquardt(Downhill):
    r"""Gauss–Newton steps for losses that are sums of squares, damped as far as they have to be.

    .. math:: (J^T J + \lambda\, \mathrm{diag}\, J^T J)\, \delta = -J^T r, \qquad E = r^T r

    :math:`J` is exact, from forward differentiation: one run for each number that is learned, all at once, in memory of
    samples times numbers.  A step that makes the loss smaller is taken, and :math:`\lambda` falls by as much as the
    quadratic model was right; one that does not is given up, and :math:`\lambda` grows.  ``damping`` is the first
    :math:`\lambda`; near 0 it is the Gauss–Newton method.

    For fits of a few to some hundred parameters to traces: near the optimum the error squares in every step.  The loss
    is made of :class:`~brainnb.train.MSE` and of :class:`~brainnb.train.Weights`, with factors.

    Raises
    ------
    ModelError
        For another loss, and for batches.

    References
    ----------
    Levenberg 1944, doi:10.1090/qam/10666; Marquardt 1963, doi:10.1137/0111030; the damping is that of Nielsen 1999
    (IMM-REP-1999-05, eq. 2.4).

    Examples
    --------
    >>> import brainnb as bn
    >>> data = bn.simulate(bn.neurons.FitzHughNagumo(a=0.6), T=60, dt=0.2, I=0.5)[["V"]]
    >>> run = bn.fit(bn.neurons.FitzHughNagumo(), data, train="a", method="levenberg_marquardt", steps=10, I=0.5)
    >>> round(float(run.model.a), 3)
    0.6
    """

    damping: float = 1e-3

    def __check_init__(self) -> None:
        if not self.damping > 0:
            raise ModelError(f"LevenbergMarquardt: damping={self.damping!r}; a number above 0 was expected.")

    def steps(self, problem: Problem) -> int:
        return 100

    def begin(self, problem: Problem) -> Damped:
        refuse_batches("levenberg_marquardt", problem)
        check(problem.loss)
        x = row(problem.selection)
        return Damped(x, jnp.asarray(self.damping, x.dtype), jnp.asarray(2.0, x.dtype), jnp.bool_(False))

    def update(self, problem: Problem, carry: Damped, batch: Batch, key: Array) -> tuple[Damped, Report]:
        _, unravel = ravel_pytree(problem.selection.start())
        r, J, (loss, metrics) = linearised(problem, unravel(carry.at), batch)
        slope, curvature = J.T @ r, J.T @ J
        sizes = jnp.diagonal(curvature)
        sizes = jnp.where(sizes > 0, sizes, 1.0)  # what moves nothing stays where it is
        step = -jax.scipy.linalg.solve(curvature + carry.damping * jnp.diag(sizes), slope, assume_a="pos")
        found, _ = residuals(problem, unravel(carry.at + step), batch)
        fall = r @ r - found @ found
        promised = step @ (carry.damping * sizes * step - slope)
        good = jnp.isfinite(fall) & (fall > 0) & jnp.isfinite(step).all()
        right = fall / jnp.maximum(promised, jnp.finfo(step.dtype).tiny)
        damping = carry.damping * jnp.where(good, jnp.maximum(1 / 3, 1 - (2 * right - 1) ** 3), carry.growth)
        x = jnp.where(good, carry.at + step, carry.at)
        eps = jnp.finfo(x.dtype).eps
        after = Damped(
            x,
            jnp.clip(damping, eps**2, 1 / eps**2).astype(x.dtype),
            jnp.where(good, 2.0, 2 * carry.growth).astype(x.dtype),
            ~good & (damping > 1 / eps),
        )
        lengths = {p: norm(2 * g) for p, g in unravel(slope).items()}
        return after, Report(loss, metrics, lengths, {p: norm(c) for p, c in unravel(x - carry.at).items()})


@jax.jit
def residuals(problem: Problem, free: Free, batch: Batch) -> tuple[Array, tuple[Array, dict[str, Array]]]:
    """Numbers whose squares add up to the loss; the loss and the metrics."""
    model = problem.selection.with_values(free)
    seen = problem.seen(model, batch, jax.random.key(0))
    parts = []
    for term in terms(problem.loss):
        factor, of = (term.factor, term.of) if isinstance(term, Scaled) else (jnp.ones(()), term)
        parts.append(jnp.sqrt(factor) * roots(of, seen, batch, model))
    told = problem.loss(seen, batch, model), {n: m(seen, batch, model) for n, m in problem.metrics.items()}
    return jnp.concatenate(parts), told


@jax.jit
def linearised(problem: Problem, free: Free, batch: Batch) -> tuple[Array, Array, tuple]:
    """The residuals, their derivatives (residual, number), and what is told of them."""
    x, unravel = ravel_pytree(free)
    r, push, told = jax.linearize(lambda x: residuals(problem, unravel(x), batch), x, has_aux=True)
    return r, jax.vmap(push, out_axes=1)(jnp.eye(x.size, dtype=x.dtype)), told


def roots(loss: Loss, seen: Seen, batch: Batch, model: Model) -> Array:
    """Numbers whose squares add up to one term."""
    if isinstance(loss, Weights):
        x = model.parameters()[loss.parameter].value
        return jnp.ravel(x) / jnp.sqrt(x.size)
    y, wanted = loss.pair(seen, batch)
    off = (y - wanted).reshape(*batch.weight.shape, -1)
    share = batch.weight / jnp.maximum(jnp.sum(batch.weight), jnp.finfo(off.dtype).tiny) / off.shape[-1]
    return jnp.ravel(jnp.sqrt(share)[..., None] * off)


def check(loss: Loss) -> None:
    """Whether a loss is a sum of squares."""
    for term in terms(loss):
        of = term.of if isinstance(term, Scaled) else term
        if not (type(of) is MSE or (isinstance(of, Weights) and of.power == 2)):
            raise ModelError(
                f"levenberg_marquardt: {type(of).__name__} is not a sum of squares; MSE and Weights are. "
                "method='lbfgs' takes any loss."
            )
        if isinstance(term, Scaled) and not float(term.factor) >= 0:
            raise ModelError("levenberg_marquardt: a negative factor makes no sum of squares; method='lbfgs' takes it.")
