"""The leaky integrate-and-fire neuron in white noise: rate and irregularity in closed form."""

from typing import Any

import numpy as np
from scipy.special import erf, erfcx

from brainnb.core.errors import ModelError
from brainnb.neurons import LIF

PANELS, POINTS = 64, 16
FAR = 12.0
"""Distance in standard deviations at which a Gaussian is nothing."""


def siegert(
    model: LIF | None = None,
    *,
    mu: Any = None,
    sigma: Any,
    tau: float | None = None,
    V_th: float | None = None,
    V_reset: float | None = None,
    t_ref: float | None = None,
    I: Any = None,
) -> Any:
    r"""Rate and coefficient of variation of a leaky integrate-and-fire neuron driven by white noise.

    .. math::

        \tau\,dV &= (\mu - V)\,dt + \sigma\sqrt\tau\,dW, \qquad
        \frac1r = t_{ref} + \tau\sqrt\pi\int_{y_r}^{y_\theta} e^{u^2}(1 + \mathrm{erf}\,u)\,du \\
        CV^2 &= 2\pi (r\tau)^2 \int_{y_r}^{y_\theta} e^{x^2} \int_{-\infty}^{x} e^{y^2} (1 + \mathrm{erf}\,y)^2\,dy\,dx,
        \qquad y = (V - \mu)/\sigma

    It explains firing by fluctuations below threshold.  It holds for white noise and one neuron; filtered noise and
    conductances shift the threshold.

    Parameters
    ----------
    model : LIF, optional
        Gives ``tau``, ``V_th``, ``V_reset``, ``t_ref``, and with ``I`` (pA) the mean ``mu = V_rest + R I``.
    mu, sigma : number or array
        Mean and noise in mV; the free membrane has the standard deviation ``sigma / sqrt(2)``.
    tau, V_th, V_reset, t_ref : float, optional
        ms and mV; needed without a model.

    Returns
    -------
    Dataset
        ``rate`` (Hz), ``cv``, ``mean_interval`` (ms) over ``mu`` and ``sigma`` where those are arrays.

    References
    ----------
    Siegert 1951, doi:10.1103/PhysRev.81.617; Ricciardi 1977; CV: Brunel 2000, doi:10.1023/A:1008925309027, eq. A.

    Examples
    --------
    >>> found = siegert(mu=15.0, sigma=5.0, tau=20.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
    >>> round(float(found.rate), 6)
    9.4608
    """
    from .. import labelled

    if model is not None:
        if not isinstance(model, LIF):
            raise ModelError(
                f"siegert: got {type(model).__name__}; a bn.neurons.LIF was expected. Others: fokker_planck."
            )
        own = {name: float(str(np.asarray(value.value))) for name, value in model.parameters().items()}
        tau, V_th, V_reset, t_ref = (
            own[k] if v is None else v for k, v in dict(tau=tau, V_th=V_th, V_reset=V_reset, t_ref=t_ref).items()
        )
        mu = own["V_rest"] + own["R"] * np.asarray(0.0 if I is None else I, float) if mu is None else mu
    missing = [k for k, v in dict(mu=mu, tau=tau, V_th=V_th, V_reset=V_reset).items() if v is None]
    if missing:
        raise ModelError(f"siegert: {', '.join(missing)} missing; give a LIF, or these numbers.")
    t_ref = 0.0 if t_ref is None else t_ref
    mu, sigma = np.asarray(mu, float), np.asarray(sigma, float)
    if (sigma <= 0).any():
        raise ValueError(f"siegert: sigma = {sigma.min():g} mV; a positive number was expected.")
    grid = np.broadcast_arrays(mu[(..., *[None] * sigma.ndim)], sigma)
    mean, cv = np.vectorize(lambda m, s: _moments(m, s, tau, V_th, V_reset, t_ref), otypes=[float, float])(*grid)
    dims = (*["mu"] * mu.ndim, *["sigma"] * sigma.ndim)
    variables = {
        "rate": (dims, 1000.0 / mean, {"units": "Hz", "long_name": "firing rate"}),
        "cv": (dims, cv, {"units": "1", "long_name": "coefficient of variation of intervals"}),
        "mean_interval": (dims, mean, {"units": "ms", "long_name": "mean interval"}),
    }
    coords = {
        k: (dims[:0] if not v.ndim else (k,), v, {"units": "mV", "long_name": t})
        for k, v, t in (("mu", mu, "mean of the free membrane"), ("sigma", sigma, "noise"))
    }
    return labelled.dataset(
        variables, dict(analysis="siegert", model="LIF", tau=tau, V_th=V_th, V_reset=V_reset, t_ref=t_ref), coords
    )


def _moments(mu: float, sigma: float, tau: float, V_th: float, V_reset: float, t_ref: float) -> tuple[float, float]:
    """Mean interval and coefficient of variation."""
    low, high = (V_reset - mu) / sigma, (V_th - mu) / sigma
    if high > 25:  # e^{u^2} overflows: the neuron is silent within the age of the universe
        return np.inf, 1.0
    x, w = _nodes(low, high)
    first = tau * np.sqrt(np.pi) * float(w @ scaled(x))
    # inner(x) = e^{x^2} int_{-inf}^x e^{y^2} (1 + erf y)^2 dy, by substitution y = x - s, s in (0, FAR)
    s, v = _nodes(0.0, FAR)
    y = x[:, None] - s
    # e^{x^2 + y^2} (1 + erf y)^2 = scaled(y)^2 e^{x^2 - y^2}
    inner = (scaled(y) ** 2 * np.exp(np.clip(x[:, None] ** 2 - y**2, -700, 700))) @ v
    variance = 2 * np.pi * tau**2 * float(w @ inner)
    mean = t_ref + first
    return mean, np.sqrt(variance) / mean


def scaled(u: np.ndarray) -> np.ndarray:
    """e^{u^2} (1 + erf u), without overflow on the left, where it is erfcx(-u)."""
    return np.where(u < 0, erfcx(np.maximum(-u, 0)), np.exp(np.clip(u, 0.0, 26.0) ** 2) * (1 + erf(u)))


def _nodes(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre points in equal panels."""
    t, w = np.polynomial.legendre.leggauss(POINTS)
    edges = np.linspace(low, high, PANELS + 1)
    half = np.diff(edges) / 2
    return ((edges[:-1] + half)[:, None] + half[:, None] * t).ravel(), (half[:, None] * w).ravel()
