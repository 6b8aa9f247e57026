"""What data tell of the parameters: their errors, which of them cannot be told apart, and which cannot be seen at all."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.run import options, precision

from .. import losses
from ..batches import Batch
from ..problem import Problem
from ..running.training_run import TrainingRun
from ..select import select
from .posed import all_trials, gaussian, is_likelihood, posed

UNSEEN = {4: 1e-6, 8: 1e-13}
"""Information, as a part of the greatest, that rounding alone can make; by the size of a number in bytes."""


@precision.for_one_run
def identifiability(
    model: Model | TrainingRun,
    data: Any = None,
    *,
    train: Any = "*",
    noise: Any = None,
    loss: Any = None,
    dt: Any = None,
    integrator: Any = None,
    size: Any = None,
    init: Any = None,
    inputs: Mapping[str, Any] | None = None,
    frozen: Any = (),
    tied: Mapping[str, str] | None = None,
    **given: Any,
) -> Any:
    r"""How well data determine parameters, by Fisher's information at the values of the model.

    .. math::

        F_{ij} = \sum_k \frac{1}{\sigma_k^2} \frac{\partial y_k}{\partial \theta_i} \frac{\partial y_k}{\partial \theta_j},
        \qquad \mathrm{standard\ error}(\theta_i) = \sqrt{(F^{-1})_{ii}}

    over all samples ``k`` of all targets; the sensitivities are exact, by forward differentiation through the run.  Under a
    :class:`~brainnb.train.Likelihood` that is not Gaussian, such as that of spikes, ``F`` is its second derivative.

    It explains which combinations of parameters a protocol can see.  It is local: a second minimum elsewhere remains unknown, for which see
    several starts and :func:`posterior`.

    Parameters
    ----------
    model : Model or TrainingRun
        A run brings its data, its paths and all else with it.
    data, train, frozen, tied, dt, integrator, size, init, inputs, <input>
        As in :func:`brainnb.fit`.
    noise : number or mapping of target to number
        Standard deviation of the noise in the data, in the unit of the target; by default that of what the model leaves over.
    loss : Likelihood, optional
        Instead of ``noise``.

    Returns
    -------
    Dataset
        Over ``parameter``: ``value``, ``standard_error`` (inf where the data say nothing), ``relative_error``, coordinate ``unit``.
        ``correlation(parameter, parameter_other)`` of the errors.  Over ``direction``, from the best seen to the worst:
        ``information`` and ``component(direction, parameter)``, both per relative change.  Attributes ``condition_number`` and
        ``summary``, a text.  ``ds.bn.plot_identifiability()`` draws it.

    Raises
    ------
    ModelError
        When the model fits exactly and ``noise`` is not given.

    Notes
    -----
    Noise counts as independent from sample to sample.  Errors of a model that is wrong are correlated in time: the standard errors are
    then too small.  Directions are those of relative changes, of absolute ones where a value is 0.

    References
    ----------
    Gutenkunst et al. 2007, doi:10.1371/journal.pcbi.0030189 (sloppy directions); Raue et al. 2009,
    doi:10.1093/bioinformatics/btp358.

    Examples
    --------
    >>> import brainnb as bn
    >>> cell = bn.neurons.LIF(V_th=40.0)
    >>> data = bn.simulate(cell, T=200, dt=0.5, I=bn.inputs.Pulse(amplitude=50.0, start=20.0, duration=100.0))[["V"]]
    >>> pulse = bn.inputs.Pulse(amplitude=50.0, start=20.0, duration=100.0)
    >>> found = identifiability(cell, data, train=["tau", "R", "V_rest"], noise=0.1, I=pulse, precision="float64")
    >>> [round(float(x), 3) for x in found.standard_error]
    [0.107, 0.0, 0.009]
    """
    if isinstance(model, TrainingRun):
        with jax.enable_x64(model.wide):
            found = model.chunks.problem
            return report(found, model.model, likelihood(found, model.model, noise, loss))
    if data is None:
        raise ModelError(
            "data: the Dataset that was fitted is needed; a run, bn.train.identifiability(run), brings its own."
        )
    options.check_model(model)
    chosen = select(model, train, frozen=frozen, tied=tied)
    held = options.merged_inputs(inputs, given)
    found = posed(chosen, data, loss, noise, dt=dt, integrator=integrator, size=size, init=init, inputs=held)
    return report(found, model, likelihood(found, model, noise, loss))


def likelihood(found: Problem, model: Model, noise: Any, loss: Any) -> losses.Loss:
    """The likelihood that is meant: the one given, that of the fit, or Gaussian noise as large as what is left over."""
    batch, key = all_trials(found)
    targets = tuple(batch.targets)
    if loss is not None:
        loss = losses.loss(loss, targets)
        if not is_likelihood(loss):
            raise ModelError(
                f"loss={type(loss).__name__}: a bn.train.Likelihood was expected, such as SpikeLikelihood() or Gaussian('V', sigma=1)."
            )
        return loss
    if noise is not None:
        return gaussian(noise, targets)
    if is_likelihood(found.loss):
        return found.loss
    pairs = tuple(part.of if isinstance(part, losses.Scaled) else part for part in losses.terms(found.loss))
    seen = found.seen(model, batch, key)
    count, parts = ravel_pytree(found.selection.start())[0].size, []
    for part in (p for p in pairs if isinstance(p, losses.Error)):
        y, wanted = part.pair(seen, batch)
        weight = np.broadcast_to(np.asarray(batch.weight).reshape(*batch.weight.shape, *(1,) * (y.ndim - 2)), y.shape)
        left = np.asarray(weight * (y - wanted) ** 2, float).sum() / max(weight.sum() - count, 1.0)
        if not left > (1e-5 * float(jnp.std(wanted))) ** 2:
            raise ModelError(
                f"The model fits `{part.path}` exactly, which says nothing of the noise in data. Give it, "
                f"noise={{'{part.target or part.path}': 1.0}}, in the unit of `{part.path}`."
            )
        parts.append(losses.Gaussian(part.path, part.target, sigma=np.sqrt(left)))
    if not parts:
        raise ModelError(
            "The loss of this fit is no likelihood; say how the data scatter, noise={'V': 1.0}, or loss=SpikeLikelihood()."
        )
    return losses.Sum(tuple(parts))


def information(found: Problem, model: Model, loss: losses.Loss) -> tuple[dict[str, Array], np.ndarray]:
    """The values at the trained paths, and the information about them (number, number)."""
    known = model.parameters()
    start = {path: known[path].value for path in found.selection.paths}
    batch, key = all_trials(found)
    F = np.asarray(_fisher(found, loss, start, batch, key), float)
    numbers, at = {}, 0
    for path in sorted(start):  # the order in which JAX lays a dictionary out
        numbers[path] = at + np.arange(np.size(start[path]))
        at += np.size(start[path])
    order = np.concatenate([numbers[path] for path in start])
    return start, F[np.ix_(order, order)]


@jax.jit
def _fisher(found: Problem, loss: losses.Loss, start: dict[str, Array], batch: Batch, key: Array) -> Array:
    flat, back = ravel_pytree(start)

    def seen(flat: Array) -> tuple[Model, dict[str, Array]]:
        values = back(flat)
        model = found.selection.model._with(values | found.selection.followers(values))
        return model, found.seen(model, batch, key)

    if all(isinstance(part, losses.Gaussian) for part in losses.terms(loss)):

        def outcome(flat: Array) -> Array:
            _, y = seen(flat)
            parts = []
            for part in losses.terms(loss):
                own = y[part.path] / part.sigma
                weight = jnp.sqrt(batch.weight).reshape(*batch.weight.shape, *(1,) * (own.ndim - 2))
                parts.append((own * weight).ravel())
            return jnp.concatenate(parts)

        J = jax.jacfwd(outcome)(flat)
        return J.T @ J

    def surprise(flat: Array) -> Array:
        model, y = seen(flat)
        return loss(y, batch, model)

    return jax.jacfwd(jax.grad(surprise))(flat)


def report(found: Problem, model: Model, loss: losses.Loss) -> Any:
    """The information as a Dataset with names, units and words."""
    import xarray as xr

    start, F = information(found, model, loss)
    free = np.concatenate([learned(found, path, x) for path, x in start.items()])
    known = model.parameters()
    names = [n for path, x in start.items() for n in numbered(path, np.shape(x))]
    units = [known[path].unit for path, x in start.items() for _ in range(np.size(x))]
    value = np.concatenate([np.ravel(np.asarray(x, float)) for x in start.values()])
    names, units, value, F = [n for n, f in zip(names, free, strict=True) if f], [n for n, f in zip(units, free, strict=True) if f], value[free], F[np.ix_(free, free)]  # fmt: skip
    scale = np.where(value == 0, 1.0, np.abs(value))
    strength, components = np.linalg.eigh(scale[:, None] * F * scale)
    strength, components = strength[::-1], components[:, ::-1]
    size = np.asarray(next(iter(start.values()))).dtype.itemsize
    floor = UNSEEN[size] * max(strength[0], np.finfo(float).tiny)
    unseen = strength <= floor
    spread = components / np.sqrt(np.maximum(strength, floor))
    covariance = spread @ spread.T
    relative = np.sqrt(np.diag(covariance))
    lost = (components[:, unseen] ** 2).sum(1) > 1e-6
    error = np.where(lost, np.inf, relative)
    about = {"condition_number": float(strength[0] / strength[-1]) if not unseen.any() else float("inf")}
    along = {"units": "1", "long_name": "information of a relative change"}
    ds = xr.Dataset(
        {
            "value": ("parameter", value, {"long_name": "value"}),
            "standard_error": ("parameter", error * scale, {"long_name": "standard error"}),
            "relative_error": ("parameter", error * scale / np.abs(np.where(value == 0, np.nan, value)), {"units": "1"}),
            "correlation": (("parameter", "parameter_other"), covariance / np.outer(relative, relative), {"units": "1", "long_name": "correlation of errors"}),
            "information": ("direction", np.maximum(strength, 0.0), along),
            "component": (("direction", "parameter"), components.T, {"units": "1", "long_name": "part of a direction"}),
        },
        {
            "parameter": ("parameter", names, {"long_name": "parameter"}),
            "parameter_other": ("parameter_other", names, {"long_name": "parameter"}),
            "unit": ("parameter", units),
            "direction": ("direction", np.arange(1, len(names) + 1), {"long_name": "direction, from best to worst seen"}),
        },
        {"model": type(model).__name__, **about},
    )  # fmt: skip
    ds.attrs["summary"] = told(ds)
    return ds


def learned(found: Problem, path: str, x: Array) -> np.ndarray:
    """Which numbers at a path are learned."""
    return np.ravel(np.broadcast_to(np.asarray(found.selection.masks.get(path, True)), np.shape(x)))


def numbered(path: str, shape: tuple[int, ...]) -> list[str]:
    """The names of the numbers at a path."""
    return [path + (f"[{','.join(map(str, at))}]" if at else "") for at in np.ndindex(shape)]


def told(ds: Any) -> str:
    """What the report says, in words."""
    lines = []
    for name, value, error, unit in zip(ds.parameter.values, ds.value.values, ds.standard_error.values, ds.unit.values, strict=True):  # fmt: skip
        unit = "" if unit == "1" else f" {unit}"
        said = "not determined by these data" if np.isinf(error) else f"± {error:.2g}{unit}"
        if np.isfinite(error) and value:
            said += f" ({100 * abs(error / value):.2g} %)"
        lines.append(f"{name} = {value:.5g}{unit}, {said}")
    worst = ds.component.values[-1]
    order = [i for i in np.argsort(-np.abs(worst)) if abs(worst[i]) > 0.2]
    if len(order) > 1:
        rising = np.sign(worst[order[0]])
        parts = " and ".join(f"{ds.parameter.values[i]} {'up' if worst[i] * rising > 0 else 'down'}" for i in order)
        strength = float(ds.information[-1])
        by = "any amount" if np.isinf(ds.attrs["condition_number"]) else f"{100 / np.sqrt(strength):.2g} %"
        lines.append(f"Seen worst: {parts} together, by {by}.")
    if (n := ds.attrs["condition_number"]) < np.inf:
        lines.append(f"Condition number {n:.2g}.")
    return "\n".join(lines)
