"""How fast neighbours part: the Lyapunov spectrum, with the error of every exponent."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from .. import labelled
from ..cases import Case
from ..flow import Constants, Flow, in_double, kernel
from ..maps import read, state_of
from .march import step_for

BLOCKS = 128
BETWEEN = 5
"""Steps between two orthogonalisations: few enough that no direction is lost beside the fastest one."""


@kernel(static=("flow", "map", "whole"))
def spectrum(
    flow: Flow, x: Array, Q: Array, p: Constants, h: Array, rounds: Array, map: bool, whole: bool
) -> tuple[Array, Array, Array, Array]:
    """Sums of log stretching (BLOCKS, k) and of the divergence (BLOCKS,), and the last state and directions.

    A block is ``rounds`` times BETWEEN steps.  ``whole``: all directions are followed, so the matrix J is at hand and
    its trace is integrated with the same method.
    """

    def motion(z: tuple) -> tuple:
        x, Q, _ = z
        if whole:
            J = jax.jacfwd(flow)(x, p)
            return flow(x, p), J @ Q, jnp.trace(J)
        f, move = jax.linearize(lambda x: flow(x, p), x)
        return f, jax.vmap(move, 1, 1)(Q), jnp.zeros(())

    def step(_: Array, z: tuple) -> tuple:
        if map:
            x, _, total = z
            new, turned, _ = motion(z)
            det = jnp.linalg.slogdet(jax.jacfwd(flow)(x, p))[1] if whole else 0.0
            return new, turned, total + det

        def stage(carry: tuple, row: tuple) -> tuple:
            k, total = carry
            k = motion(jax.tree.map(lambda a, b: a + row[0] * h * b, z, k))
            return (k, jax.tree.map(lambda a, b: a + row[1] * b, total, k)), None

        still = jax.tree.map(jnp.zeros_like, z)
        rows = jnp.array([0.0, 0.5, 0.5, 1.0]), jnp.array([1.0, 2.0, 2.0, 1.0]) / 6
        (_, total), _ = jax.lax.scan(stage, (still, still), rows)
        return jax.tree.map(lambda a, b: a + h * b, z, total)

    def round(_: Array, carry: tuple) -> tuple:
        x, Q, total, grown = carry
        x, Q, total = jax.lax.fori_loop(0, BETWEEN, step, (x, Q, total))
        Q, sizes = orthogonal(Q)
        return x, Q, total, grown + jnp.log(sizes)

    def block(carry: tuple, _: None) -> tuple:
        x, Q, total, grown = jax.lax.fori_loop(0, rounds, round, (*carry, jnp.zeros(()), jnp.zeros(carry[1].shape[1])))
        return (x, Q), (grown, total)

    (x, Q), (grown, total) = jax.lax.scan(block, (jnp.asarray(x), jnp.asarray(Q)), length=BLOCKS)
    return grown, total, x, Q


def orthogonal(Q: Array) -> tuple[Array, Array]:
    """Gram and Schmidt: orthonormal columns, and by how much each had grown."""
    if Q.shape[1] > 6:
        Q, R = jnp.linalg.qr(Q)
        return Q, jnp.abs(jnp.diagonal(R))
    columns, sizes = [], []
    for i in range(Q.shape[1]):
        v = Q[:, i]
        for u in columns:
            v = v - u * (u @ v)
        size = jnp.sqrt(v @ v)
        columns.append(v / size)
        sizes.append(size)
    return jnp.stack(columns, 1), jnp.stack(sizes)


@in_double
def lyapunov(
    model: Model | Callable,
    count: int | None = None,
    *,
    T: float | None = None,
    dt: float | None = None,
    transient: float | None = None,
    state: Any = None,
    map: bool = False,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Lyapunov exponents: the mean rates at which small deviations grow along an orbit.

    .. math:: \lambda_i = \lim_{T\to\infty} \frac1T \sum \ln R_{ii}, \qquad \dot Q = J(x(t))\,Q, \quad Q \to QR
        \text{ again and again}

    A positive exponent is chaos, a zero one the direction of the flow, and the sum is the mean divergence, which is
    integrated beside it.  It says nothing of orbits that were not visited.  Models that jump at a spike are refused: see
    :func:`brainnb.analysis.reset_map`.

    Parameters
    ----------
    model : Model or callable
        A model, or a plain function of one vector.
    count : int, optional
        The largest exponents only; by default all, up to 20.
    T, dt, transient : float, optional
        Duration, step and what is left out before, in ms; of a map: steps.  By default the step is a tenth of the fastest
        time scale met, the orbit 800 000 steps, and the transient a tenth of it.
    state : Dataset, mapping or array, optional
        Where the orbit begins.
    map : bool
        Read the model as a map.
    seed : int
        Of the first directions.
    inputs, **given
        Values of the inputs.

    Returns
    -------
    Dataset
        ``exponent(mode)`` and ``standard_error(mode)`` from the means of blocks, long enough to be independent;
        ``running(block, mode)`` over ``elapsed(block)``: how they settle; ``divergence``, ``kaplan_yorke`` (dimension).

    References
    ----------
    Benettin et al. 1980, doi:10.1007/BF02128236; Shimada & Nagashima 1979, doi:10.1143/PTP.61.1605; batch means:
    Geyer 1992, doi:10.1214/ss/1177011137.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.lyapunov(lambda x: 4 * x * (1 - x), state=[0.3], map=True, T=20000)
    >>> bool(abs(found.exponent[0] - 0.6931) < 4 * found.standard_error[0])
    True
    """
    like = state if state is not None and not hasattr(state, "data_vars") else None
    found = read(model, inputs, map=map, like=like, **given)
    if not map:
        refuse_jumps(found, "bn.lyapunov", "bn.analysis.reset_map gives the slope of its map from spike to spike")
    n = found.flow.n
    k = min(n, 20) if count is None else int(count)
    if not 1 <= k <= n:
        raise ModelError(f"count = {count}: between 1 and {n} exponents were expected.")
    x = state_of(found, state)
    h, _ = (1.0, x) if map else (float(dt), x) if dt else step_for(found, x)
    steps = 800_000 if T is None else max(round(T / h), BLOCKS * BETWEEN)
    rounds = max(1, round(steps / (BLOCKS * BETWEEN)))
    before = steps // 10 if transient is None else round(transient / h)
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, k)))[0]
    whole = k == n and n <= 20
    _, _, x, Q = spectrum(found.flow, x, Q, found.p, h, max(1, round(before / (BLOCKS * BETWEEN))), map, whole)
    grown, total, end, _ = (np.asarray(a) for a in spectrum(found.flow, x, Q, found.p, h, rounds, map, whole))
    length = h * rounds * BETWEEN
    if not np.isfinite(grown).all():
        raise FloatingPointError(
            f"bn.lyapunov: the orbit left the finite numbers at a step of {h:.3g}; give a smaller dt, or a state on an attractor."
        )
    return _dataset(found, grown / length, total / length if whole else None, length, h, end, map)


def refuse_jumps(found: Case, who: str, instead: str) -> None:
    """Models whose ``on_step`` changes what evolves are no flows."""
    jumps = jumping(found)
    if jumps:
        raise ModelError(f"{who}: {type(found.model).__name__}.on_step changes {', '.join(jumps)}; {instead}.")


def jumping(found: Case) -> tuple[str, ...]:
    """The evolving states that ``on_step`` changes."""
    if not isinstance(found.model, Model):
        return ()
    from brainnb.core.record import flat

    def changed(x: Array, p: Constants) -> dict:
        system, s = found.flow.parts(x, p)
        return dict(flat(system.jumps(jnp.zeros(()), s, jax.random.key(0))))

    return tuple(name for name in jax.eval_shape(changed, found.x, found.p) if name in found.flow.moving)


def batch_error(rates: np.ndarray) -> np.ndarray:
    """Standard error of the mean of a correlated series, from the means of 32 and of 16 long blocks; the larger."""
    found = []
    for merged in (4, 8):
        means = rates[: len(rates) // merged * merged].reshape(-1, merged, rates.shape[1]).mean(axis=1)
        found.append(means.std(axis=0, ddof=1) / np.sqrt(len(means)))
    return np.max(found, axis=0)


def kaplan_yorke(exponents: np.ndarray) -> float:
    """The dimension of the attractor as its exponents tell it."""
    sums = np.cumsum(exponents)
    if exponents[0] <= 0:
        return 0.0
    if (sums >= 0).all():
        return float(len(exponents))
    j = int(np.argmax(sums < 0))
    return float(j + sums[j - 1] / abs(exponents[j]))


def _dataset(
    found: Case, rates: np.ndarray, divergence: Any, length: float, h: float, end: np.ndarray, map: bool
) -> Any:
    exponents, error = rates.mean(axis=0), batch_error(rates)
    order = np.argsort(-exponents)
    exponents, error, rates = exponents[order], error[order], rates[:, order]
    over = np.arange(1, len(rates) + 1)
    unit, time = ("1/step", "steps") if map else ("1/ms", "ms")
    variables = {
        "exponent": (("mode",), exponents, {"units": unit, "long_name": "Lyapunov exponent"}),
        "standard_error": (("mode",), error, {"units": unit, "long_name": "standard error, from means of blocks"}),
        "running": (
            ("block", "mode"),
            np.cumsum(rates, axis=0) / over[:, None],
            {"units": unit, "long_name": "exponent up to here"},
        ),
        "elapsed": (("block",), over * length, {"units": time, "long_name": "length of the orbit"}),
        "kaplan_yorke": ((), kaplan_yorke(exponents), {"units": "1", "long_name": "Kaplan-Yorke dimension"}),
    }
    if divergence is not None:
        variables["divergence"] = (
            (),
            float(np.mean(divergence)),
            {"units": unit, "long_name": "mean divergence: the sum of all exponents"},
        )
    variables |= labelled.states(found, end, (), "end_", "at the end of the orbit: ")
    attrs = labelled.attributes(found, analysis="lyapunov", map=int(map), dt=float(h), T=float(over[-1] * length))
    return labelled.dataset(variables, attrs)
