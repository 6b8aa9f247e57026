"""How good a model is on data, without learning from them."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax import Array

from brainnb.core.model import Model
from brainnb.run import options, precision

from . import batches, losses
from .batches import Batch
from .fit import step
from .problem import Problem, problem
from .select import Selection


@precision.for_one_run
def evaluate(
    model: Model,
    data: Any,
    loss: Any = "mse",
    *,
    trials: int | None = None,
    dt: Any = None,
    integrator: Any = None,
    size: int | tuple[int, ...] | None = None,
    init: Any = None,
    inputs: Mapping[str, Any] | None = None,
    seed: int = 0,
    **given: Any,
) -> Any:
    """The loss of a model on data or on fresh trials of a task.

    Parameters
    ----------
    model, data, dt, integrator, size, init, inputs, seed, <input>
        As in :func:`brainnb.fit`.
    loss : str, Loss, or mapping of name to either
    trials : int, optional
        How many fresh trials of a task, 64 by default.

    Returns
    -------
    float, or dict of name to float
        As ``loss`` was given.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.rates.RateNetwork(20, 3, 3)
    >>> chance = bn.train.evaluate(net, bn.train.tasks.PerceptualDecision(), "cross_entropy", trials=16)
    >>> round(chance, 3)  # the logarithm of three classes: its readout is zero
    1.099
    """
    options.check_model(model)
    source = batches.source(model, data, None if trials is None else options.count(trials, "trials"))
    targets = tuple(source.batch(jax.random.key(0), np.int32(0)).targets)
    several = isinstance(loss, Mapping)
    asked = {name: losses.loss(x, targets, name) for name, x in (loss if several else {"loss": loss}).items()}
    posed = problem(
        Selection(model, {}, {}), source, losses.Sum(()), asked, options.merged_inputs(inputs, given),
        dt=step(dt, data), method=integrator, size=options.size(size), block="all", window=None, init=init,
    )  # fmt: skip
    order, noise = jax.random.split(jax.random.key(options.seed(seed)))
    found = {n: float(x) for n, x in _judged(posed, source.batch(order, np.int32(0)), noise).items()}
    return found if several else found["loss"]


@jax.jit
def _judged(posed: Problem, batch: Batch, key: Array) -> dict[str, Array]:
    seen = posed.seen(posed.selection.model, batch, key)
    return {name: judge(seen, batch, posed.selection.model) for name, judge in posed.metrics.items()}
