"""Phase response curves: by how much a small push at each phase brings the next peak forward."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from ..cases import case
from ..flow import Constants, Flow, in_double, kernel
from ..hybrid.events import Jumps
from ..hybrid.phase_responses import phase_response as of_resets
from ..hybrid.phase_responses import response_attributes
from .collocation import POWERS, M, Orbit
from .floquet import cyclic, null_vector
from .following import Scale
from .orbit import Found, cycle_multipliers, found_cycle, labelled, started, states_over_phase

METHODS = ("adjoint", "direct")
SUBSTEPS = 32
"""Steps of the adjoint equation within an interval of the mesh, which follows the cycle and not its response."""

LOST = 1e-4
"""Steps that miss the known value at the end of their interval by more, relative to the largest one, are not used."""

STEPS, MOST_STEPS = 2000, 40000
"""Steps of the direct method in one period: ten for the fastest rate on the cycle."""

FORGOTTEN = 1e-7
"""The direct method runs until the push is forgotten to this part, but for the shift in time."""

MOST_TURNS = 60
PUSH = 1e-4
"""Size of the direct method's push, by the size of the orbit."""


@in_double
def phase_response(
    model: Model,
    *,
    method: str = "adjoint",
    points: int = 400,
    start: Mapping[str, float] | None = None,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Phase response curves of a limit cycle, to a small and short push of each state.

    The curve is the gradient of the asymptotic time, $Z_i = \partial \Theta / \partial x_i$ in ms per unit of the state: after
    a push $\epsilon$ of state i at phase $\theta$, all later spikes come $\epsilon Z_i(\theta)$ earlier (later where Z is
    negative).  It solves the adjoint equation

    .. math:: \frac{dZ}{dt} = - J(x(t))^\top Z, \qquad Z \cdot f = 1

    ``method="adjoint"`` takes Z as the left null vector of the linearised collocation of the cycle; ``"direct"`` pushes a run and
    waits, which is what an experiment does, and takes longer.

    A curve of one sign belongs to neurons that begin to fire at a SNIC, one with a negative part to those
    of a Hopf point (Ermentrout 1996).  Strong pushes do not follow it.

    A model that resets (LIF, QIF, AdEx, Izhikevich ...; one state or two) has one too, over all spikes of the pattern that
    repeats: Z passes each of them by the transpose of its saltation.  Phase zero is then just after a spike.

    Parameters
    ----------
    model : Model
    method : "adjoint" or "direct"
    points : int
        Phases of the result.
    start : mapping of state to number
        Where the search for the cycle starts, if not where the model does.
    inputs, **given
        Values of the model's inputs.

    Returns
    -------
    xarray.Dataset
        ``prc_<state>(phase)``, the states over ``phase`` (0 to 1, zero at the peak of the first state) and ``period``.
        attrs: ``normalisation_error`` is the largest departure of Z . f from 1; ``spikes`` of a pattern of resets.

    Raises
    ------
    NumericalFailure
        When no cycle is found, or no pattern of spikes that repeats: the message says where the model went.
    ModelError
        For a model with a reset and more than two states, or ``method="direct"`` with a reset.

    References
    ----------
    Ermentrout 1996, doi:10.1162/neco.1996.8.5.979; Brown, Moehlis & Holmes 2004, doi:10.1162/089976604322860668; Govaerts &
    Sautois 2006, doi:10.1162/neco.2006.18.4.817 (from the collocation).

    Examples
    --------
    >>> import brainnb as bn
    >>> prc = bn.phase_response(bn.neurons.FitzHughNagumo(), I=0.5)
    >>> round(float(prc.prc_V.max()), 1), round(float(prc.prc_V.idxmax()), 2)
    (11.2, 0.83)
    """
    if method not in METHODS:
        raise ModelError(f"method={method!r}: 'adjoint' or 'direct' was expected.")
    if points < 2:
        raise ModelError(f"points={points}: at least 2 phases were expected.")
    c = case(model, inputs, **given)
    if Jumps.of(c) is not None:
        return of_resets(started(c, start), points, method)
    found = found_cycle(started(c, start))
    phase = np.arange(points) / points
    Z, more = (adjoint if method == "adjoint" else direct)(found, phase)
    c, data = found.case, states_over_phase(found, phase)
    for i, name in enumerate(c.names):
        data[f"prc_{name}"] = ("phase", Z[:, i], response_attributes(c, i))
    return labelled(found, data, phase, "phase_response", cycle_multipliers(found), method=method, **more)


def adjoint(found: Found, phase: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """Z at phases from the peak, from the adjoint of the collocated cycle."""
    follower, row = found.follower, found.row
    p = (found.case.flow, found.case.p, follower.index, follower.scale)
    A, f = follower.variation(row)
    n = f.shape[-1]
    links = null_vector(cyclic(A), left=True).reshape(-1, n)  # of the link j -> j + 1: Z at its far end
    Z = np.roll(links, 1, 0)
    Z = Z / (Z * f[:, 0]).sum(-1).mean()
    full = np.concatenate([row.orbit.u, np.roll(row.orbit.u[:, :1], -1, 0)], 1)
    fine, slopes = (np.array(a) for a in _between(*p, row.orbit, full, np.roll(Z, -1, 0), np.diff(row.edges)))
    import scipy.interpolate

    local = np.arange(SUBSTEPS) / SUBSTEPS
    lost = ~(np.abs(fine[:, 0] - Z).max(1) < LOST * np.abs(Z).max())
    if lost.any():  # too stiff for explicit steps: the response changes slowly there, and the collocation's own will do
        inner = np.linalg.solve(
            np.swapaxes(A[lost][:, :-1, :, :n], 2, 3),
            np.broadcast_to(Z[lost, None, :, None], (lost.sum(), M - 1, n, 1)),
        )
        ends = np.concatenate([Z[lost, None], inner[..., 0], np.roll(Z, -1, 0)[lost, None]], 1)
        powers = np.vander(local, M + 1, increasing=True)
        rising = np.arange(M + 1) * np.vander(local, M + 1, increasing=True)[:, np.maximum(np.arange(M + 1) - 1, 0)]
        fine[lost] = np.einsum("ck,jkn->jcn", powers @ POWERS, ends)
        slopes[lost] = np.einsum("ck,jkn->jcn", rising @ POWERS, ends) / np.diff(row.edges)[lost, None, None]
    times = (row.edges[:-1, None] + np.diff(row.edges)[:, None] * local).reshape(-1)
    curve = scipy.interpolate.CubicHermiteSpline(
        np.append(times, 1.0), *(np.concatenate([a.reshape(-1, n), a[:1, 0]]) for a in (fine, slopes))
    )
    found_Z = curve((np.asarray(phase) + found.zero) % 1.0) / follower.scale.x
    flowing = follower.slopes(found.at(phase) / follower.scale.x, row.orbit.q)[0] * follower.scale.x
    error = float(np.max(np.abs((found_Z * flowing).sum(-1) - 1)))
    return found_Z, {"normalisation_error": error}


@kernel
def _between(
    flow: Flow, p: Constants, index: Array, scale: Scale, orbit: Orbit, full: Array, Z: Array, h: Array
) -> tuple[Array, Array]:
    """Z and its slope over the phase, from the far end of each interval backwards, in all of them at once."""

    def g(u: Array) -> Array:
        return flow(u * scale.x, p.put(index, scale.lo + scale.length * orbit.q)) / scale.x

    step = 1.0 / SUBSTEPS
    time = h * jnp.exp(orbit.log_T)

    def slope(local: Array, Z: Array) -> Array:
        x = jnp.einsum("k,jkn->jn", local ** jnp.arange(M + 1) @ POWERS, full)
        return -time[:, None] * jax.vmap(lambda x, z: jax.vjp(g, x)[1](z)[0])(x, Z)

    def back(Z: Array, i: Array) -> tuple[Array, tuple[Array, Array]]:
        at = i * step
        a = slope(at, Z)
        b = slope(at - step / 2, Z - step / 2 * a)
        c = slope(at - step / 2, Z - step / 2 * b)
        d = slope(at - step, Z - step * c)
        new = Z - step / 6 * (a + 2 * b + 2 * c + d)
        return new, (new, slope(at - step, new) / h[:, None])

    _, (values, slopes) = jax.lax.scan(back, Z, jnp.arange(SUBSTEPS, 0, -1))
    return tuple(jnp.swapaxes(a[::-1], 0, 1) for a in (values, slopes))


@kernel
def jacobians(flow: Flow, x: Array, p: Constants) -> Array:
    return jax.vmap(lambda x: jax.jacfwd(flow)(x, p))(x)


@kernel
def later(flow: Flow, x: Array, p: Constants, dt: Array, steps: Array) -> Array:
    """States (points, n) after so many steps of the classical Runge-Kutta method."""
    f = jax.vmap(lambda x: flow(x, p))

    def step(_: Array, x: Array) -> Array:
        a = f(x)
        b = f(x + dt / 2 * a)
        c = f(x + dt / 2 * b)
        return x + dt / 6 * (a + 2 * b + 2 * c + f(x + dt * c))

    return jax.lax.fori_loop(0, steps, step, x)


def direct(found: Found, phase: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """Z at phases from the peak, from runs that were pushed to either side."""
    c, x = found.case, found.at(phase)
    n = x.shape[1]
    mu = np.abs(cycle_multipliers(found)[1:]).max(initial=0.0)
    if mu >= 1:
        raise ModelError("The cycle is unstable: a pushed run does not return to it. Use method='adjoint'.")
    turns = int(np.clip(np.ceil(np.log(FORGOTTEN) / np.log(max(mu, 1e-30))), 1, MOST_TURNS))
    push = PUSH * np.ptp(x, 0)
    signs = np.array([1.0, -1.0])
    starts = x[None, None] + signs[:, None, None, None] * (push * np.eye(n))[None, :, None]
    fastest = np.abs(np.linalg.eigvals(np.asarray(jacobians(c.flow, x, c.p)))).max()
    steps = int(np.clip(10 * found.period * fastest, STEPS, MOST_STEPS))
    ends = later(c.flow, starts.reshape(-1, n), c.p, found.period / steps, turns * steps)
    ends = np.asarray(ends).reshape(2, n, len(x), n)
    scale = found.follower.scale.x
    f = found.follower.slopes(x / scale, found.row.orbit.q)[0] * scale
    moved = (ends[0] - ends[1]) / 2 / scale
    along = f / scale
    shift = (moved * along).sum(-1) / (along * along).sum(-1)
    Z = (shift / push[:, None]).T
    error = float(np.max(np.abs((Z * f).sum(-1) - 1)))
    return Z, {"normalisation_error": error, "turns": turns, "push": float(PUSH)}
