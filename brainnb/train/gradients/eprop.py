"""e-prop: every synapse keeps a trace of what it did, and a signal that all can hear says what it was good for."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.run.step import recording_step

from ..batches import TIME, Batch
from ..losses import Activity, Loss, Scaled, Traced, terms
from ..problem import Problem
from ..rules import register
from ..select import Free
from .descent import Gradient

Traces = dict[str, dict[str, Array]]
"""Eligibility traces: for each weight and each local state, (unit, from)."""


@register("eprop")
class Eprop(Gradient):
    r"""Learning from eligibility traces, forward in time, in memory that does not grow with its length.

    .. math::

        \epsilon_{ji}^{t} = \frac{\partial h_j^t}{\partial h_j^{t-1}} \epsilon_{ji}^{t-1}
            + \frac{\partial h_j^t}{\partial W_{ji}}, \qquad
        \frac{dE}{dW_{ji}} \approx \sum_t L_j^t\, \epsilon_{ji}^t, \qquad
        L_j^t = \sum_k B_{kj} \frac{\partial E}{\partial y_k^t}

    with the local state :math:`h_j` of a unit.  It is the gradient of back-propagation through time without the paths
    that lead through spikes to other units and through the reset: what a synapse cannot know.  With
    ``feedback="symmetric"`` :math:`B` is the readout; an array (outputs, units) is fixed feedback.  The readout
    follows its exact gradient.

    The loss is a sum of errors over time of the readout, and of :class:`~brainnb.train.Activity` of the spikes.  The
    model says in ``eligible`` and ``local`` what its weights carry and which states belong to one unit
    (:class:`~brainnb.networks.SpikingNetwork`).

    References
    ----------
    Bellec et al. 2020, doi:10.1038/s41467-020-17236-y.
    """

    feedback: Any = "symmetric"

    def __init__(self, optimizer: Any = 1e-3, feedback: Any = "symmetric"):
        super().__init__(optimizer)
        self.feedback = None if isinstance(feedback, str) and feedback == "symmetric" else jnp.asarray(feedback, float)

    def record(self, model: Model, paths: tuple[str, ...]) -> tuple[str, ...]:
        check(model, paths)
        return ("out", "spike")

    def slope(self, problem: Problem, free: Free, batch: Batch, key: Array) -> tuple[tuple[Array, dict], Free]:
        model = problem.selection.with_values(free)
        errors, rates = parts(problem.loss)
        refuse_whole_trials(errors, batch)
        found, seen = accumulated(self, problem, model, batch, key, errors)
        for factor, rate in rates:  # of the mean over trials and time of each unit
            mean = jnp.mean(seen["spike"], (0, 1))
            signal = factor * 2 * (mean - rate.target) / mean.size / batch.weight.size
            for path in found["eligible"]:
                found["gradient"][path] += signal[:, None] * found["eligible"][path]
        loss = problem.loss(seen, batch, model)
        metrics = {n: m(seen, batch, model) for n, m in problem.metrics.items()}
        # from values to the free numbers that stand for them
        _, back = jax.vjp(problem.selection.values, free)
        return (loss, metrics), back({path: found["gradient"][path] for path in problem.selection.paths})[0]


def accumulated(
    rule: Eprop, problem: Problem, model: Model, batch: Batch, key: Array, errors: list[tuple[Array, Traced]]
) -> tuple[dict[str, dict[str, Array]], dict[str, Array]]:
    """Gradients and summed eligibilities by path, and what was seen, over all trials."""
    weights = {path: model.parameters()[path].value for path in type(model).eligible if path in problem.selection.paths}
    cut = model._with({"cut": True})
    share = 1.0 / jnp.sum(batch.weight)
    B = model.readout.weight if rule.feedback is None else rule.feedback

    def trial(one: Batch, key: Array) -> tuple[dict, dict]:
        begin, noise = jax.random.split(key)
        system = problem.system(cut, one.inputs)
        s = problem.begin(system, begin)

        def step(at: tuple, i: Array) -> tuple[tuple, dict]:
            s, traces, gradient, summed = at
            new, seen, traces = carried(problem, cut, one, s, traces, weights, i, noise)
            y = seen["out"]
            error = sum(
                (
                    factor * jax.grad(lambda y, e=e: e.moment(y, one.targets[e.target or e.path][i]))(y)
                    for factor, e in errors
                ),
                jnp.zeros_like(y),
            )
            error = error * one.weight[i] * share
            signal = error @ B
            gradient = {
                **{path: gradient[path] + signal[:, None] * traces[path]["f"] for path in weights},
                "readout.weight": gradient["readout.weight"] + error[:, None] * seen["features"],
                "readout.bias": gradient["readout.bias"] + error,
            }
            summed = {path: summed[path] + traces[path]["z"] for path in weights}
            return (new, traces, gradient, summed), {p: seen[p] for p in problem.unroll.paths}

        blank = {path: {q: jnp.zeros_like(w) for q in type(model).local} for path, w in weights.items()}
        nothing = {path: jnp.zeros_like(w) for path, w in weights.items()}
        readout = {f"readout.{n}": jnp.zeros_like(getattr(model.readout, n)) for n in ("weight", "bias")}
        start = (s, blank, nothing | readout, nothing)
        (_, _, gradient, summed), seen = jax.lax.scan(step, start, jnp.arange(problem.unroll.steps))
        return {"gradient": gradient, "eligible": summed}, seen

    found, seen = jax.vmap(trial)(batch, jax.random.split(key, batch.weight.shape[0]))
    return jax.tree.map(lambda x: jnp.sum(x, 0), found), seen | {TIME: problem.times()}


def carried(
    problem: Problem,
    model: Model,
    one: Batch,
    s: Record,
    traces: Traces,
    weights: dict[str, Array],
    i: Array,
    noise: Array,
) -> tuple[Record, dict[str, Array], Traces]:
    """One step of the model and of the traces."""
    local, kinds = type(model).local, type(model).eligible
    paths = tuple(dict.fromkeys((*problem.unroll.paths, "out", "features")))

    def step(h: dict[str, Array], bias: Array) -> tuple[dict[str, Array], tuple]:
        system = problem.system(model._with({"bias": bias}), one.inputs)
        held = s.merge(dict(model=s.model.merge(h)))
        zero = 0.0 * problem.dt
        new, seen = recording_step(problem.unroll.method, paths, system, held, i, zero, problem.dt, noise)
        return {q: new.model[q] for q in local}, (new, seen)

    h = {q: s.model[q] for q in local}
    _, push, (new, seen) = jax.linearize(step, h, model.bias, has_aux=True)
    # units are apart from each other, so one push moves all of them: one for every local state, one for the current
    which = jnp.eye(len(local) + 1, dtype=model.bias.dtype)[:, :, None]
    pushes = {q: jnp.broadcast_to(which[:, n], (len(which), model.bias.size)) for n, q in enumerate(local)}
    moved = jax.vmap(push)(pushes, jnp.broadcast_to(which[:, -1], (len(which), model.bias.size)))
    system = problem.system(model, one.inputs)
    given = system.given(i * problem.dt, s)
    acting = {"weight": by_weight(model)}
    after: Traces = {}
    for path, w in weights.items():
        pre = s.model[kinds[path]] if kinds[path] in s.model else jnp.broadcast_to(given[kinds[path]], w.shape[1:])
        own = acting.get(path, 1.0)
        after[path] = {
            p: sum(moved[p][n][:, None] * traces[path][q] for n, q in enumerate(local))
            + moved[p][-1][:, None] * pre[None, :] * own
            for p in local
        }
    return new, seen, after


def by_weight(model: Model) -> Array:
    """What each number among the weights does to the synapse that it stands for: 0 where there is none."""
    _, change = jax.jvp(
        lambda w: model._with({"weight": w}).connectivity(), (model.weight,), (jnp.ones_like(model.weight),)
    )
    return change


def parts(loss: Loss) -> tuple[list[tuple[Array, Traced]], list[tuple[Array, Activity]]]:
    """Errors over time of the readout, and penalties on the spikes, each with its factor."""
    errors, rates = [], []
    for term in terms(loss):
        factor, of = (term.factor, term.of) if isinstance(term, Scaled) else (jnp.ones(()), term)
        if isinstance(of, Activity) and of.path == "spike":
            rates.append((factor, of))
        elif isinstance(of, Traced) and of.path == "out" and of.over_time():
            errors.append((factor, of))
        else:
            raise ModelError(
                f"eprop: {type(of).__name__} is not a sum over time of the readout `out` or an Activity of `spike`; "
                "method='bptt' takes any loss."
            )
    return errors, rates


def refuse_whole_trials(errors: list[tuple[Array, Traced]], batch: Batch) -> None:
    """An error of every moment needs a target at every moment."""
    for _, error in errors:
        if batch.targets[error.target or error.path].ndim < 2:
            raise ModelError(
                f"eprop: `{error.target or error.path}` is one target a trial, and e-prop learns from the error of every moment: "
                "give it over `time` too. method='diagonal' and 'bptt' take one a trial."
            )


def check(model: Model, paths: tuple[str, ...]) -> None:
    """Whether e-prop can learn these paths of this model."""
    kinds = getattr(type(model), "eligible", None)
    if kinds is None:
        raise ModelError(
            f"eprop: {type(model).__name__} does not say which states belong to one unit (`local`) and what its weights carry "
            "(`eligible`), as bn.networks.SpikingNetwork does; method='bptt' takes any model."
        )
    able = [*kinds, "readout.weight", "readout.bias"]
    if other := [p for p in paths if p not in able]:
        raise ModelError(f"eprop learns {', '.join(able)}; got train={other}. method='bptt' learns everything.")
