"""A model and data as a problem, for those who ask about a fit and do not make one."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.run import options

from .. import batches, losses
from ..batches import Batch
from ..fit import step
from ..problem import Problem, problem
from ..select import Selection


def posed(
    selection: Selection,
    data: Any,
    loss: Any,
    noise: Any,
    *,
    dt: Any,
    integrator: Any,
    size: Any,
    init: Any,
    inputs: Mapping[str, Any],
) -> Problem:
    """The problem that the arguments of ``fit`` name; its loss is a likelihood where ``noise`` or ``loss`` says so."""
    source = batches.source(selection.model, data, None)
    if not isinstance(source, batches.Stored):
        raise ModelError(f"data={type(data).__name__}: a Dataset was expected, not a task that makes ever new trials.")
    targets = tuple(source.trials.targets)
    if loss is None and noise is not None:
        loss = gaussian(noise, targets)
    return problem(
        selection,
        source,
        losses.loss("mse" if loss is None else loss, targets),
        {},
        inputs,
        dt=step(dt, data),
        method=integrator,
        size=options.size(size),
        block="sqrt",
        window=None,
        init=init,
    )


def gaussian(noise: Any, targets: tuple[str, ...]) -> losses.Loss:
    """Independent Gaussian noise of these standard deviations, for ``noise=``."""
    if not isinstance(noise, Mapping):
        if len(targets) > 1:
            raise ModelError(
                f"noise={noise!r}: one for each of {', '.join(targets)} was expected, noise={{'{targets[0]}': ...}}."
            )
        noise = {targets[0]: noise}
    for name, sigma in noise.items():
        if name not in targets:
            raise UnknownName(unknown_message("target", name, targets, where="noise"))
        if not np.all(np.asarray(sigma, float) > 0):
            raise ModelError(f"noise[{name!r}] = {sigma}: a standard deviation above 0 was expected.")
    parts = tuple(losses.Gaussian(name, sigma=sigma) for name, sigma in noise.items())
    return parts[0] if len(parts) == 1 else losses.Sum(parts)


def all_trials(found: Problem) -> tuple[Batch, Array]:
    """Every trial, and the key of the noise in them."""
    return found.source.trials, jax.random.key(0)


def is_likelihood(loss: losses.Loss) -> bool:
    """Whether a loss is minus the logarithm of a likelihood, whose curvature has a meaning."""
    return all(isinstance(part, losses.Likelihood) for part in losses.terms(loss))
