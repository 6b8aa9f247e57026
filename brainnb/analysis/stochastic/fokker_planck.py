"""One noisy state: where it is found, how often it reaches the threshold, and how irregularly."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.linalg import solve_banded

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.record import flat

from .. import labelled
from ..cases import Case, case
from ..flow import Constants, Flow, in_double, kernel


@kernel
def drift_and_noise(flow: Flow, x: Array, p: Constants) -> tuple[Array, Array]:
    """dx/dt and the amplitude of the model's own noise at many places."""

    def one(v: Array) -> tuple[Array, Array]:
        system, s = flow.parts(v[None], p)
        found = system.diffusion(jnp.zeros(()), s)
        noise = dict(flat(found.model)) if "model" in found else {}
        own = jnp.reshape(noise.get(flow.moving[0], jnp.zeros(())), -1)[0] if noise else jnp.zeros(())
        return flow(v[None], p)[0], own

    return jax.vmap(one)(x)


@in_double
def fokker_planck(
    model: Model,
    *,
    noise: float | None = None,
    between: tuple[float, float] | None = None,
    cells: int = 2000,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Stationary density of a model with one state and white noise, and its rate where it spikes.

    .. math:: 0 = -\partial_x\bigl(f\,P - \tfrac12 \partial_x (g^2 P)\bigr) + r\,\delta(x - x_{reset}), \qquad
        P(x_{th}) = 0

    By finite volumes whose fluxes are exact for drift and noise that are constant across a cell (Scharfetter and
    Gummel), so that mass is kept and P stays positive.  Mean and variance of the intervals follow from the backward
    equation.  Threshold and reset are those of the model's own ``on_step``.  Without a spike the ends reflect.

    Parameters
    ----------
    model : Model
        With one evolving state.
    noise : float, optional
        Amplitude g per sqrt(ms), in the unit of the state; by default the model's own ``diffusion``.
    between : (low, high), optional
        The interval; ``high`` is the threshold where the model spikes.  By default the declared bounds, widened downward.
    cells : int
    inputs, **given
        Values of the inputs.

    Returns
    -------
    Dataset
        ``density`` over the state, ``potential`` (-ln P with its minimum at 0); with spikes ``rate`` (Hz), ``cv``,
        ``mean_interval``.

    References
    ----------
    Risken 1996, *The Fokker-Planck Equation*, ch. 5; Scharfetter & Gummel 1969, doi:10.1109/T-ED.1969.16566; Gerstner
    et al. 2014, *Neuronal Dynamics*, ch. 8; moments of first passage: Gardiner 2009, 5.5.

    Examples
    --------
    >>> import brainnb as bn
    >>> cell = bn.neurons.LIF(tau=20.0, R=1.0, V_rest=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
    >>> found = bn.analysis.fokker_planck(cell, noise=5 / 20**0.5, I=15.0)
    >>> round(float(found.rate), 2)
    9.46
    """
    found = case(model, inputs, **given)
    if found.flow.n != 1:
        raise ModelError(f"fokker_planck: {type(model).__name__} has {found.flow.n} states; one was expected.")
    threshold, reset, hold = _spike(found)
    edges = _edges(found, between, threshold, cells)
    at, h = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    up, down = _fluxes(*_drift(found, edges, noise), edges, threshold is not None)
    if threshold is None:
        density = _reflecting(up, down)
        return _dataset(found, at, density / (density.sum() * h), {}, threshold, reset)
    density, first, second = _renewed(_bands(up, down, h), at, h, reset)
    mean = first + hold
    more = dict(
        rate=(1000 / mean, "Hz", "firing rate"),
        mean_interval=(mean, "ms", "mean interval"),
        cv=(np.sqrt(max(second - first**2, 0.0)) / mean, "1", "coefficient of variation of intervals"),
    )
    return _dataset(found, at, density / mean, more, threshold, reset)


def _edges(found: Case, between: tuple[float, float] | None, threshold: float | None, cells: int) -> np.ndarray:
    """Borders of the cells, up to the threshold where there is one."""
    box = found.box()[0]
    low, high = (box[0] - (box[1] - box[0]), box[1]) if between is None else between
    return np.linspace(low, high if threshold is None else threshold, cells + 1)


def _drift(found: Case, edges: np.ndarray, noise: float | None) -> tuple[np.ndarray, np.ndarray]:
    """What moves the density and what spreads it, at the borders of the cells: Itô's flux is (f - D') P - D P'."""
    f, own = (np.asarray(a) for a in drift_and_noise(found.flow, edges, found.p))
    g = own if noise is None else np.full(len(edges), float(noise))
    if not (g > 0).all():
        raise ModelError(
            "fokker_planck: the model has no noise everywhere; give noise=, in the unit of the state per sqrt(ms)."
        )
    D = g**2 / 2
    return f - np.gradient(D, edges), D


def _fluxes(f: np.ndarray, D: np.ndarray, edges: np.ndarray, absorbing: bool) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the cells to the left and to the right of every border, in the flux through it."""
    h = edges[1] - edges[0]
    up, down = _weights(f, D, h)
    up[0] = down[0] = up[-1] = down[-1] = 0.0
    if absorbing:  # half a cell to the threshold, where nothing is
        up[-1] = _weights(f[-1:], D[-1:], h / 2)[0][0]
    return up, down


def _bands(up: np.ndarray, down: np.ndarray, h: float) -> np.ndarray:
    """The matrix M of dP/dt = M P, as its three diagonals."""
    bands = np.zeros((3, len(up) - 1))
    bands[0, 1:] = down[1:-1] / h
    bands[1] = -(up[1:] + down[:-1]) / h
    bands[2, :-1] = up[1:-1] / h
    return bands


def _renewed(bands: np.ndarray, at: np.ndarray, h: float, reset: float) -> tuple[np.ndarray, float, float]:
    """The density for one spike a ms that begins again at ``reset``; mean and mean square of the time to threshold.

    The mass of that density is the mean time.
    """
    cells = len(at)
    source = np.zeros(cells)
    k = (reset - at[0]) / h
    i = int(np.clip(np.floor(k), 0, cells - 2))
    source[i], source[i + 1] = (1 - (k - i)) / h, (k - i) / h
    density = solve_banded((1, 1), bands, -source)
    backward = np.zeros_like(bands)  # the transposed matrix
    backward[0, 1:], backward[1], backward[2, :-1] = bands[2, :-1], bands[1], bands[0, 1:]
    one = solve_banded((1, 1), backward, -np.ones(cells))
    two = solve_banded((1, 1), backward, -2 * one)
    return density, float(density.sum() * h), float(source @ two * h)


def _weights(f: np.ndarray, D: np.ndarray, h: float) -> tuple[np.ndarray, np.ndarray]:
    """Scharfetter and Gummel: flux = up * P(left) - down * P(right)."""
    z = f * h / D
    return D / h * bernoulli(-z), D / h * bernoulli(z)


def bernoulli(z: np.ndarray) -> np.ndarray:
    """z / (e^z - 1)."""
    small = np.abs(z) < 1e-8
    safe = np.where(small, 1.0, np.clip(z, -700, 700))
    return np.where(small, 1 - z / 2, safe / np.expm1(safe))


def _reflecting(up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """No flux anywhere: each cell follows from the one before."""
    grow = np.log(up[1:-1]) - np.log(down[1:-1])
    log = np.concatenate([[0.0], np.cumsum(grow)])
    return np.exp(log - log.max())


def _spike(found: Case) -> tuple[float | None, float | None, float]:
    """Threshold, reset and refractory time of the model's own spike; None without one."""
    from ..hybrid.events import Jumps

    jumps = Jumps.of(found)
    if jumps is None:
        return None, None, 0.0
    box = found.box()[0]
    threshold = jumps.threshold_of(found, box[0] - 10 * (box[1] - box[0]), box[1] + 100 * (box[1] - box[0]))
    reset, hold = jumps.after(found, np.array([threshold]))
    return threshold, float(reset[0]), hold


def _dataset(
    found: Case, at: np.ndarray, density: np.ndarray, more: dict, threshold: float | None, reset: float | None
) -> Any:
    name = found.names[0]
    unit = found.states[0].unit
    per = "1" if unit == "1" else f"1/{unit}"
    with np.errstate(divide="ignore"):
        potential = -np.log(np.maximum(density, 1e-300))
    variables = {
        "density": ((name,), density, {"units": per, "long_name": "stationary density"}),
        "potential": (
            (name,),
            potential - potential.min(),
            {"units": "1", "long_name": "minus the logarithm of the density"},
        ),
    }
    variables |= {k: ((), v, {"units": u, "long_name": d}) for k, (v, u, d) in more.items()}
    attrs = labelled.attributes(found, analysis="fokker_planck", variable=name)
    if threshold is not None:
        attrs |= dict(threshold=threshold, reset=reset)
    return labelled.dataset(variables, attrs, {name: ((name,), at, found.attributes(name))})
