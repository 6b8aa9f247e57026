"""Three factors: what came in, how the unit strayed from its habit, and whether that was rewarded."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.record import Record

from ..batches import Batch
from ..problem import Problem
from ..rules import Report, register
from ..select import Free, norm
from .descent import Gradient, optimiser


class Expecting(eqx.Module):
    """Where it stands: free numbers, the memory of the optimiser, and the loss that is expected."""

    free: Free
    memory: Any
    expected: Array
    weight: Array


@register("reward")
class Reward(Gradient):
    r"""Reward-modulated learning with eligibility: a unit that was pushed by chance keeps what did the pushing good.

    .. math::

        I_i^t \leftarrow I_i^t + \sigma\, \xi_i^t, \qquad
        e_{ij} = \frac{1}{\sigma} \sum_t \xi_i^t\, r_j^t, \qquad
        \Delta W_{ij} = -\eta\, (E - \bar E)\, e_{ij}

    with :math:`r_j` what the weight carries, the loss :math:`E` of a trial (the reward with its sign turned) and
    :math:`\bar E` what was expected of it.  No error travels back, no unit knows another: on average the change is the
    exact gradient of the loss under that noise, with a variance that grows with units and time.  ``optimizer`` follows it
    as in back-propagation.

    It learns weights among units, from the inputs and from an output that is fed back, and offsets (``bias``); a readout
    is learned by other rules.  The loss that is told is that of the pushed network.

    Parameters
    ----------
    optimizer : optax optimiser or number
    sigma : float
        Standard deviation of the pushes, in units of the currents, in every step.
    baseline : {"running", "quiet"} or float
        What is expected: the running mean of the losses, of which a float says the share that is kept (0.9 by default), or
        the loss of the same trial without pushes, at the price of a second run and with far less variance.

    References
    ----------
    Williams 1992, doi:10.1007/BF00992696; Fiete & Seung 2006, doi:10.1103/PhysRevLett.97.048104; Frémaux & Gerstner 2016,
    doi:10.3389/fncir.2015.00085.
    """

    sigma: Array
    kept: Array
    quiet: bool = eqx.field(static=True, default=False)

    def __init__(self, optimizer: Any = 1e-3, sigma: float = 0.1, baseline: Any = "running"):
        self.optimizer, self.rate = optimiser(optimizer)
        named = isinstance(baseline, str)
        share = 0.9 if named else baseline
        if (named and baseline not in ("running", "quiet")) or not 0 <= share < 1:
            raise ModelError(f"Reward: baseline={baseline!r}; 'running', 'quiet' or a share below 1 was expected.")
        if not sigma > 0:
            raise ModelError(f"Reward: sigma={sigma!r}; pushes of a standard deviation above 0 were expected.")
        self.sigma, self.kept, self.quiet = jnp.asarray(sigma, float), jnp.asarray(share, float), baseline == "quiet"

    def record(self, model: Model, paths: tuple[str, ...]) -> tuple[str, ...]:
        check(model, paths)
        return ()

    def begin(self, problem: Problem) -> Expecting:
        free = problem.selection.start()
        return Expecting(free, self.optimizer.init(free), jnp.zeros(()), jnp.zeros(()))

    def update(self, problem: Problem, carry: Expecting, batch: Batch, key: Array) -> tuple[Expecting, Report]:
        values, back = jax.vjp(problem.selection.values, carry.free)
        losses, metrics, eligible = pushed(problem, values, batch, key, self.sigma)
        if self.quiet:
            expected, _, _ = pushed(problem, values, batch, key, jnp.zeros_like(self.sigma))
        else:  # of the first trials nothing was expected but their mean
            mean = carry.expected / jnp.maximum(carry.weight, jnp.finfo(losses.dtype).tiny)
            expected = jnp.where(carry.weight > 0, mean, jnp.mean(losses))
        surprise = (losses - expected) / losses.size / self.sigma
        found = {p: jnp.einsum("k,k...->...", surprise, e).astype(e.dtype) for p, e in eligible.items()}
        gradient = back({p: found[p] for p in problem.selection.paths})[0]
        change, memory = self.optimizer.update(gradient, carry.memory, carry.free)
        change = jax.tree.map(lambda c: (self.rate * c).astype(c.dtype), change)
        lengths = {p: norm(g) for p, g in gradient.items()}, {p: norm(c) for p, c in change.items()}
        after = Expecting(
            optax.apply_updates(carry.free, change),
            memory,
            self.kept * carry.expected + (1 - self.kept) * jnp.mean(losses),
            self.kept * carry.weight + (1 - self.kept),
        )
        return after, Report(jnp.mean(losses), metrics, *lengths)

    def model(self, problem: Problem, carry: Expecting) -> Model:
        return problem.selection.with_values(carry.free)


def pushed(
    problem: Problem, values: dict[str, Array], batch: Batch, key: Array, sigma: Array
) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """The loss of every trial, the metrics of all, and the sums of pushes times what weights carried (trial, ...)."""
    selection = problem.selection
    model = selection.model._with(values | selection.followers(values))

    def trial(one: Batch, key: Array) -> tuple[Array, dict[str, Array], dict[str, Array]]:
        begin, noise = jax.random.split(key)
        system = problem.system(model, one.inputs)
        start = problem.begin(system, begin)
        chance = jax.random.fold_in(noise, 2**31 - 1)

        def step(at: tuple, i: Array) -> tuple[tuple, dict[str, Array]]:
            s, eligible = at
            xi = jax.random.normal(jax.random.fold_in(chance, i), model.bias.shape, model.bias.dtype)
            carried = model.carried(s.model, system.given(i * problem.dt, s)) | {"bias": None}
            nudged = problem.system(model._with({"bias": model.bias + sigma * xi}), one.inputs)
            s, seen = problem.unroll.stepping(nudged, s, i, problem.dt, noise)
            eligible = {
                p: e + (xi if carried[p] is None else xi[:, None] * carried[p][None, :]) for p, e in eligible.items()
            }
            return (s, eligible), seen

        blank = {p: jnp.zeros_like(values[p]) for p in selection.paths}
        (_, eligible), seen = jax.lax.scan(step, (start, blank), jnp.arange(problem.unroll.steps))
        alone = jax.tree.map(lambda x: x[None], (seen, one))
        return problem.loss(*alone, model), seen, eligible

    losses, seen, eligible = jax.vmap(trial)(batch, jax.random.split(key, batch.weight.shape[0]))
    return losses, {n: m(seen, batch, model) for n, m in problem.metrics.items()}, eligible


def check(model: Model, paths: tuple[str, ...]) -> None:
    """Whether these are weights whose units can be pushed."""
    name = type(model).__name__
    if not callable(getattr(model, "carried", None)) or "bias" not in model.parameters():
        raise ModelError(
            f"reward: {name} does not say what its weights carry (`carried`) or has no current to push (`bias`), as "
            "bn.rates.RateNetwork and bn.networks.SpikingNetwork do; method='cma' learns from losses alone."
        )
    u = Record({n: jnp.asarray(d.default, float) for n, d in model.inputs().items()})
    able = [*jax.eval_shape(lambda: model.carried(model.init_state((), jax.random.key(0)), u)), "bias"]
    if other := [p for p in paths if p not in able]:
        raise ModelError(
            f"reward learns {', '.join(able)}; got train={other}. A readout is learned by 'bptt', 'ridge' or 'rls' before."
        )
