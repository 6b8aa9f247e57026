"""Forward gradients for large networks: every unit carries what its own parameters do to its own state."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.record import Record

from ..batches import Batch
from ..problem import Problem
from ..rules import register
from ..select import Free
from .forward import Forward, Wish

Traces = dict[str, dict[str, Array]]
"""What a unit's parameters do to each of its states: by state, then by path, in the shape of the parameter."""


@register("diagonal")
class Diagonal(Forward):
    r"""Real-time recurrent learning that keeps to each unit: memory of a few times the weights, for every trial.

    .. math::

        \epsilon_{ji}^{t} = \frac{\partial h_j^t}{\partial h_j^{t-1}}\, \epsilon_{ji}^{t-1}
            + \frac{\partial h_j^t}{\partial W_{ji}}, \qquad
        \frac{dE}{dW_{ji}} \approx \sum_t \frac{\partial E}{\partial h_j^t}\, \epsilon_{ji}^t

    with the states :math:`h_j` of one unit.  It is the exact gradient of the model with ``cut=True``: what leads from
    unit to unit through the recurrent weights, and through an output that is fed back, is left out; what a unit does to
    itself, through its own weight too, stays.  For a :class:`~brainnb.networks.SpikingNetwork`, where ``cut`` also leaves
    out the reset, it is e-prop with symmetric feedback, for any loss.  Readouts follow their exact gradient.

    It learns parameters with a row for each unit, and readouts.  A model of your own says in ``local`` which states belong
    to a unit, and stops the gradients between units when its static ``cut`` is true.

    Raises
    ------
    ModelError
        For models without ``local`` and ``cut``, and for parameters that units share.

    References
    ----------
    Menick et al. 2021 (SnAp-1), arXiv:2006.07232; Bellec et al. 2020, doi:10.1038/s41467-020-17236-y.
    """

    def record(self, model: Model, paths: tuple[str, ...]) -> tuple[str, ...]:
        check(model, paths)
        return ()

    def through_time(self, problem: Problem, free: Free, batch: Batch, key: Array, wish: Wish) -> Free:
        values, back = jax.vjp(problem.selection.values, free)
        trials = jax.vmap(lambda one, key, wish: carried(problem, values, one, key, wish))
        found = trials(batch.inputs, jax.random.split(key, batch.weight.shape[0]), wish)
        return back(jax.tree.map(lambda x: jnp.sum(x, 0), found))[0]


def carried(problem: Problem, values: dict[str, Array], inputs: Record, key: Array, wish: Wish) -> dict[str, Array]:
    """The gradient of one trial by path."""
    selection = problem.selection
    local = type(selection.model).local
    begin, noise = jax.random.split(key)

    def cut(values: dict[str, Array]) -> Model:
        return selection.model._with(values | selection.followers(values))._with({"cut": True})

    s = problem.begin(problem.system(cut(values), inputs), begin)
    units = s.model[local[0]].shape[-1]
    own = [path for path, x in values.items() if x.shape[:1] == (units,)]

    def step(at: tuple, now: tuple) -> tuple[tuple, None]:
        s, traces, gradient = at
        i, wish = now

        def moved(h: dict[str, Array], values: dict[str, Array]) -> tuple[tuple, Record]:
            held = s.merge(dict(model=s.model.merge(h)))
            system = problem.system(cut(values), inputs)
            new, seen = problem.unroll.stepping(system, held, i, problem.dt, noise)
            return ({q: new.model[q] for q in local}, {p: seen[p] for p in wish}), new

        h = {q: s.model[q] for q in local}
        (after, seen), pull, new = jax.vjp(moved, h, values, has_aux=True)
        nothing = jax.tree.map(jnp.zeros_like, (after, seen))
        to_state, to_values = pull((nothing[0], wish))
        gradient = {p: gradient[p] + to_values[p] + sum_over(to_state, traces, p, own) for p in gradient}
        # units are apart from each other, so the sum over all of them pulls on each alone
        which = jnp.eye(len(local), dtype=h[local[0]].dtype)[:, :, None]
        sums = {q: jnp.broadcast_to(which[:, n], (len(local), units)) for n, q in enumerate(local)}
        past, direct = jax.vmap(lambda sums: pull((sums, nothing[1])))(sums)
        traces = {
            p: {path: direct[path][n] + sum_over({q: past[q][n] for q in local}, traces, path, own) for path in own}
            for n, p in enumerate(local)
        }
        return (new, traces, gradient), None

    blank: Traces = {q: {path: jnp.zeros_like(values[path]) for path in own} for q in local}
    start = (s, blank, jax.tree.map(jnp.zeros_like, values))
    return jax.lax.scan(step, start, (jnp.arange(problem.unroll.steps), wish))[0][2]


def sum_over(slopes: dict[str, Array], traces: Traces, path: str, own: list[str]) -> Any:
    """What a parameter does through all states of its unit."""
    if path not in own:
        return 0.0
    return sum(slopes[q].reshape(-1, *(1,) * (x[path].ndim - 1)) * x[path] for q, x in traces.items())


def check(model: Model, paths: tuple[str, ...]) -> None:
    """Whether units of this model can carry traces of these paths."""
    name = type(model).__name__
    local = getattr(type(model), "local", None)
    if not local or not hasattr(model, "cut"):
        raise ModelError(
            f"diagonal: {name} does not say which states belong to one unit (`local`) or cannot stop gradients between "
            "units (`cut`), as bn.rates.RateNetwork and bn.networks.SpikingNetwork do; method='bptt' takes any model."
        )
    known = model.parameters()
    units = jax.eval_shape(lambda: model.init_state((), jax.random.key(0)))[local[0]].shape[-1]
    readouts = tuple(f"{part}." for part in getattr(type(model), "readouts", {}))
    shared = [p for p in paths if known[p].value.shape[:1] != (units,) and not p.startswith(readouts)]
    if shared:
        raise ModelError(
            f"diagonal learns parameters with a row for each of the {units} units, and readouts; units of {name} share "
            f"{', '.join(f'`{p}`' for p in shared)}. method='rtrl' and 'bptt' learn everything."
        )
