"""Chaotic and other series that learning is tried on, each a Dataset over time."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

LORENZ_START = (17.67715816276679, 12.931379185960404, 43.91404334248268)
"""On the attractor: the start of Gauthier et al. 2021."""


def lorenz(
    T: float = 100.0,
    dt: float = 0.01,
    *,
    sigma: float = 10.0,
    rho: float = 28.0,
    beta: float = 8 / 3,
    start: Sequence[float] = LORENZ_START,
) -> Any:
    r"""The Lorenz system, $\dot x = \sigma (y - x)$, $\dot y = x (\rho - z) - y$, $\dot z = x y - \beta z$.

    Parameters
    ----------
    T, dt : float
        Length and step, in the time of the equations; Runge–Kutta of order 4.
    start : three numbers

    Returns
    -------
    xarray.Dataset
        ``x``, ``y``, ``z`` over ``time``; the first sample is the start.

    References
    ----------
    Lorenz 1963, doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2.

    Examples
    --------
    >>> ds = lorenz(T=20)
    >>> ds.sizes["time"], bool(abs(ds.x).max() < 25)
    (2001, True)
    """

    def field(s: np.ndarray) -> np.ndarray:
        x, y, z = s
        return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])

    return solved(field, start, T, dt, "x y z", "Lorenz system")


def rossler(
    T: float = 200.0,
    dt: float = 0.02,
    *,
    a: float = 0.2,
    b: float = 0.2,
    c: float = 5.7,
    start: Sequence[float] = (-6.0, 0.0, 0.03),
) -> Any:
    r"""The Rössler system, $\dot x = -y - z$, $\dot y = x + a y$, $\dot z = b + z (x - c)$.

    References
    ----------
    Rössler 1976, doi:10.1016/0375-9601(76)90101-8.

    Examples
    --------
    >>> float(rossler(T=1).x[0])
    -6.0
    """

    def field(s: np.ndarray) -> np.ndarray:
        x, y, z = s
        return np.array([-y - z, x + a * y, b + z * (x - c)])

    return solved(field, start, T, dt, "x y z", "Rössler system")


def double_scroll(
    T: float = 100.0,
    dt: float = 0.01,
    *,
    start: Sequence[float] = (0.37926545, 0.058339, -0.08167691),
    R: Sequence[float] = (1.2, 3.44, 0.193),
    alpha: float = 11.6,
    current: float = 2.25e-5,
) -> Any:
    r"""The double-scroll circuit: two voltages and a current through a pair of diodes.

    .. math::

        \dot V_1 = \frac{V_1}{R_1} - \frac{\Delta}{R_2} - 2 I_r \sinh(\alpha \Delta), \quad
        \dot V_2 = \frac{\Delta}{R_2} + 2 I_r \sinh(\alpha \Delta) - I, \quad
        \dot I = V_2 - R_4 I, \qquad \Delta = V_1 - V_2

    References
    ----------
    Chua, Komuro & Matsumoto 1986, doi:10.1109/TCS.1986.1085869; in this form Gauthier et al. 2021,
    doi:10.1038/s41467-021-25801-2.

    Examples
    --------
    >>> bool(abs(double_scroll(T=50).V1).max() < 3)
    True
    """
    R1, R2, R4 = R

    def field(s: np.ndarray) -> np.ndarray:
        v1, v2, i = s
        d = v1 - v2
        diode = d / R2 + 2 * current * np.sinh(alpha * d)
        return np.array([v1 / R1 - diode, diode - i, v2 - R4 * i])

    return solved(field, start, T, dt, "V1 V2 I", "double-scroll circuit")


def mackey_glass(
    T: float = 3000.0, dt: float = 1.0, *, tau: float = 17.0, beta: float = 0.2, gamma: float = 0.1, n: float = 10.0,
    history: float = 1.2, transient: float = 300.0,
) -> Any:  # fmt: skip
    r"""The Mackey–Glass equation, $\dot x = \beta x_\tau / (1 + x_\tau^n) - \gamma x$ with $x_\tau = x(t - \tau)$.

    Solved in steps of 0.1 by Runge–Kutta of order 4, the delayed half step between two samples; sampled every ``dt``, a
    multiple of it, after ``transient``.

    References
    ----------
    Mackey & Glass 1977, doi:10.1126/science.267326.

    Examples
    --------
    >>> x = mackey_glass(T=2000).x
    >>> round(float(x.min()), 2), round(float(x.max()), 2)
    (0.42, 1.32)
    """
    h = 0.1
    every, past, skip = round(dt / h), round(tau / h), round(transient / h)
    if every < 1 or abs(every * h - dt) > 1e-9 or past < 1:
        raise ModelError(
            f"mackey_glass: dt = {dt:g} and tau = {tau:g}; dt a multiple of {h:g} and tau of at least {h:g} were expected."
        )
    steps = skip + round(T / h)
    x = np.full(past + steps + 1, float(history))

    def slope(now: float, then: float) -> float:
        return beta * then / (1 + then**n) - gamma * now

    for k in range(past, past + steps):
        then, after = x[k - past], x[k - past + 1]
        half = 0.5 * (then + after)
        a = slope(x[k], then)
        b = slope(x[k] + 0.5 * h * a, half)
        c = slope(x[k] + 0.5 * h * b, half)
        d = slope(x[k] + h * c, after)
        x[k + 1] = x[k] + h / 6 * (a + 2 * b + 2 * c + d)
    return labelled({"x": x[past + skip :: every]}, dt, "Mackey–Glass equation", tau=tau)


def narma(steps: int = 5000, order: int = 10, *, seed: int = 0) -> Any:
    r"""The nonlinear autoregressive moving average of some order, driven by uniform noise in (0, 0.5).

    .. math:: y_{t+1} = 0.3 y_t + 0.05\, y_t \sum_{i=0}^{n-1} y_{t-i} + 1.5\, u_{t-n+1} u_t + 0.1

    ``u`` is what comes in and ``y`` what is asked for, one sample a millisecond; another draw is taken when it runs away.

    References
    ----------
    Atiya & Parlos 2000, doi:10.1109/72.846741.

    Examples
    --------
    >>> ds = narma(1000)
    >>> bool((ds.u < 0.5).all()) and bool((ds.y < 1).all())
    True
    """
    rng = np.random.default_rng(seed)
    for _ in range(1000):
        u, y = rng.uniform(0, 0.5, steps), np.zeros(steps + 1)
        for t in range(order - 1, steps):
            y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * y[t - order + 1 : t + 1].sum() + 1.5 * u[t - order + 1] * u[t] + 0.1
            if not abs(y[t + 1]) < 1:
                break
        else:
            return labelled({"u": u, "y": y[:-1]}, 1.0, f"NARMA-{order}", seed=seed)
    raise ModelError(
        f"narma: order {order} runs away within {steps} steps in each of 1000 draws; take fewer steps or a lower order."
    )


def henon(
    steps: int = 2000, *, a: float = 1.4, b: float = 0.3, start: Sequence[float] = (0.0, 0.0), transient: int = 100
) -> Any:
    r"""The Hénon map, $x' = 1 - a x^2 + y$, $y' = b x$, one step a millisecond.

    References
    ----------
    Hénon 1976, doi:10.1007/BF01608556.

    Examples
    --------
    >>> ds = henon(500)
    >>> bool(abs(ds.x[1:] - (1 - 1.4 * ds.x.values[:-1] ** 2 + ds.y.values[:-1])).max() < 1e-12)
    True
    """
    rows = np.empty((steps + transient, 2))
    x, y = start
    for k in range(len(rows)):
        rows[k] = x, y
        x, y = 1 - a * x * x + y, b * x
    return labelled({"x": rows[transient:, 0], "y": rows[transient:, 1]}, 1.0, "Hénon map", a=a, b=b)


def solved(field: Callable, start: Sequence[float], T: float, dt: float, names: str, said: str) -> Any:
    """An ordinary differential equation by Runge–Kutta of order 4."""
    steps = round(T / dt)
    if steps < 1:
        raise ModelError(f"T = {T:g} is shorter than a step of {dt:g}.")
    s = np.asarray(start, float)
    rows = np.empty((steps + 1, len(s)))
    rows[0] = s
    for k in range(steps):
        a = field(s)
        b = field(s + 0.5 * dt * a)
        c = field(s + 0.5 * dt * b)
        d = field(s + dt * c)
        s = s + dt / 6 * (a + 2 * b + 2 * c + d)
        rows[k + 1] = s
    return labelled(dict(zip(names.split(), rows.T, strict=True)), dt, said)


def labelled(values: dict[str, np.ndarray], dt: float, said: str, **attrs: Any) -> Any:
    """Series of equal length as a Dataset; a unit of their own time counts as a millisecond."""
    import xarray as xr

    n = len(next(iter(values.values())))
    time = ("time", np.round(np.arange(n) * dt, 9), {"units": "ms", "long_name": "time"})
    variables = {name: ("time", x, {"units": "1", "long_name": f"{name} of the {said}"}) for name, x in values.items()}
    return xr.Dataset(variables, {"time": time}, {"source": said, "dt": dt, **attrs})
