"""All parameters that data allow, with their probability: Hamiltonian Monte Carlo through the same run that is fitted."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.model import Model
from brainnb.run import options, precision

from ..problem import Problem
from ..select import Free, select
from . import chains as measured
from .posed import all_trials, is_likelihood, posed

SCATTER = 0.1
"""How far from the model the chains begin, in free numbers."""


@precision.for_one_run
def posterior(
    model: Model,
    data: Any,
    *,
    train: Any = "*",
    noise: Any = None,
    loss: Any = None,
    prior: Mapping[str, Any] | None = None,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 500,
    frozen: Any = (),
    tied: Mapping[str, str] | None = None,
    transforms: Mapping[str, Any] | None = None,
    dt: Any = None,
    integrator: Any = None,
    size: Any = None,
    init: Any = None,
    inputs: Mapping[str, Any] | None = None,
    seed: int = 0,
    **given: Any,
) -> Any:
    r"""Draws from the probability of parameters given data, $p(\theta \mid y) \propto p(y \mid \theta) \, p(\theta)$.

    The No-U-Turn sampler follows the gradient of the run, after a warm-up that finds its step and its scales.  Bounds are
    transforms, as in :func:`brainnb.fit`, and their slope is accounted for.

    Parameters
    ----------
    model, data, train, frozen, tied, transforms, dt, integrator, size, init, inputs, seed, <input>
        As in :func:`brainnb.fit`.  The chains begin near the model: fit it first.
    noise : number or mapping of target to number
        Standard deviation of independent Gaussian noise in the data, in the unit of the target.
    loss : Likelihood
        Instead of ``noise``: :class:`~brainnb.train.SpikeLikelihood`, or a sum of likelihoods.
    prior : mapping of path to (mean, standard deviation), or to a function of the value
        A Gaussian, or the logarithm of a density.  By default all values within the bounds are equally probable.
    chains, draws, warmup : int

    Returns
    -------
    Dataset
        Each path over ``chain`` and ``draw``, with its unit; ``log_density`` and ``diverging``.  Over ``parameter``: ``r_hat``, near 1
        (below 1.01) when the chains agree, and ``ess``, how many independent draws they are worth.

    Raises
    ------
    ModelError
        Without ``noise`` and ``loss``; without the package blackjax (``pip install "brainnb[bayes]"``).

    References
    ----------
    Hoffman & Gelman 2014, J. Mach. Learn. Res. 15:1593–1623; Vehtari et al. 2021, doi:10.1214/20-BA1221.
    """
    blackjax = _blackjax()
    if (noise is None) == (loss is None):
        raise ModelError(
            "Say how data scatter: noise={'V': 1.0} (mV), or loss= a bn.train.Likelihood such as SpikeLikelihood(); one of them."
        )
    options.check_model(model)
    chosen = select(model, train, frozen=frozen, tied=tied, ways=transforms)
    held = options.merged_inputs(inputs, given)
    found = posed(chosen, data, loss, noise, dt=dt, integrator=integrator, size=size, init=init, inputs=held)
    if not is_likelihood(found.loss):
        raise ModelError(f"loss={loss!r}: a bn.train.Likelihood was expected; a mean of errors has no probability.")
    chains, draws = options.count(chains, "chains"), options.count(draws, "draws")
    warmup = options.count(warmup, "warmup")
    key = jax.random.key(options.seed(seed))
    values, *drawn = _sampled(blackjax, found, _priors(prior or {}, found), key, (chains, draws, warmup))
    values = {path: np.asarray(values[path]) for path in found.selection.paths}
    return _labelled(model, values, *map(np.asarray, drawn), about={"seed": options.seed(seed), "warmup": warmup})


def _blackjax() -> Any:
    try:
        import blackjax
    except ImportError:
        raise ModelError('bn.train.posterior draws with the package blackjax, which is not installed: pip install "brainnb[bayes]".') from None  # fmt: skip
    return blackjax


def _priors(given: Mapping[str, Any], found: Problem) -> dict[str, Callable[[Array], Array]]:
    """The logarithm of a density for each path that has one."""
    made = {}
    for path, prior in given.items():
        if path not in found.selection.paths:
            raise UnknownName(unknown_message("trained path", path, found.selection.paths, where="prior"))
        if callable(prior):
            made[path] = prior
        elif isinstance(prior, tuple | list) and len(prior) == 2 and float(prior[1]) > 0:
            made[path] = functools.partial(_normal, float(prior[0]), float(prior[1]))
        else:
            raise ModelError(
                f"prior[{path!r}] = {prior!r}: (mean, standard deviation) or a function of the value was expected."
            )
    return made


def _normal(mean: float, deviation: float, x: Array) -> Array:
    return -0.5 * jnp.square((x - mean) / deviation)


def log_density(found: Problem, priors: Mapping[str, Callable], free: Free) -> Array:
    """The logarithm of the probability density of free numbers, up to a constant."""
    batch, key = all_trials(found)
    loss, _ = found.objective(free, batch, key)
    values = found.selection.values(free)
    prior = sum((jnp.sum(density(values[path])) for path, density in priors.items()), jnp.zeros(()))
    return prior - loss + stretch(found, free)


def stretch(found: Problem, free: Free) -> Array:
    r"""$\sum \log |d\theta / du|$: how much room a step of free numbers takes among the values."""
    _, slopes = jax.jvp(
        lambda u: {path: way.bounded(u[path]) for path, way in found.selection.ways.items()},
        (free,),
        (jax.tree.map(jnp.ones_like, free),),
    )
    return sum((jnp.sum(jnp.log(jnp.abs(x))) for x in slopes.values()), jnp.zeros(()))


def _sampled(blackjax: Any, found: Problem, priors: Mapping[str, Callable], key: Array, sizes: tuple) -> tuple:
    """Values (chain, draw, ...) by path, the density and what diverged of every draw."""
    chains, draws, warmup = sizes
    start, back = ravel_pytree(found.selection.start())

    @jax.jit
    def chain(found: Problem, key: Array) -> tuple:
        def density(flat: Array) -> Array:
            value = log_density(found, priors, back(flat))
            return jnp.where(jnp.isfinite(value), value, -jnp.inf)

        place, adapt, run = jax.random.split(key, 3)
        begin = start + SCATTER * jax.random.normal(place, start.shape, start.dtype)
        (state, tuned), _ = blackjax.window_adaptation(blackjax.nuts, density).run(adapt, begin, num_steps=warmup)
        step = blackjax.nuts(density, **tuned).step

        def draw(state: Any, key: Array) -> tuple:
            state, info = step(key, state)
            return state, (found.selection.values(back(state.position)), state.logdensity, info.is_divergent)

        return jax.lax.scan(draw, state, jax.random.split(run, draws))[1]

    each = [chain(found, k) for k in jax.random.split(key, chains)]
    return jax.tree.map(lambda *x: jnp.stack(x), *each)


def _labelled(model: Model, values: dict, density: Any, diverging: Any, about: Mapping[str, Any]) -> Any:
    import xarray as xr

    known, both = model.parameters(), ("chain", "draw")
    variables, names, rows = {}, [], []
    for path, x in values.items():
        own = tuple(f"{path}_{i}" for i in range(x.ndim - 2))
        variables[path] = ((*both, *own), x, {"units": known[path].unit, "long_name": known[path].doc})
        for at in np.ndindex(x.shape[2:]):
            names.append(path + (f"[{','.join(map(str, at))}]" if at else ""))
            rows.append(x[(..., *at)])
    variables["log_density"] = (both, density, {"units": "1", "long_name": "log density"})
    variables["diverging"] = (both, diverging, {"units": "1", "long_name": "whether the path diverged"})
    agree = {"units": "1", "long_name": "disagreement of chains"}
    worth = {"units": "1", "long_name": "effective sample size"}
    variables["r_hat"] = ("parameter", [measured.r_hat(x) for x in rows], agree)
    variables["ess"] = ("parameter", [measured.effective_sample_size(x) for x in rows], worth)
    coords = {name: (name, np.arange(n)) for name, n in zip(both, density.shape, strict=True)}
    return xr.Dataset(variables, coords | {"parameter": names}, {"model": type(model).__name__, **about})
