"""Poincaré sections: what an orbit does each time it passes a surface, and the map from pass to pass."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from .. import labelled
from ..cases import Case, case
from ..flow import Constants, Flow, in_double, kernel
from ..maps import state_of
from .lyapunov import refuse_jumps
from .march import rolled, step_for


@kernel(static=("flow", "most"))
def passes(
    flow: Flow, x: Array, p: Constants, h: Array, surface: tuple, skip: Array, limit: Array, most: int
) -> tuple[Array, Array, Array]:
    """Times and states at which g(x) = a.x + b.f(x) - c passes zero in its direction, and how many there were.

    ``surface`` is (a, b, c, direction).  A step that changes the sign is cut by bisection and secants to the length at
    which g vanishes: the pass is as exact as the method.
    """
    a, b, c, way = surface

    def g(x: Array) -> Array:
        return way * (a @ x + b @ flow(x, p) - c)

    def found_within(x: Array) -> Array:
        """The part of the step at which g vanishes: bisection that takes secants (Illinois)."""

        def once(_: Array, carry: tuple) -> tuple:
            lo, hi, at_lo, at_hi, side = carry
            mid = hi - at_hi * (hi - lo) / (at_hi - at_lo + (at_hi == at_lo))
            mid = jnp.clip(mid, lo, hi)
            value = g(rolled(flow, x, p, mid * h))
            up = value >= 0
            return (
                jnp.where(up, lo, mid),
                jnp.where(up, mid, hi),
                jnp.where(up, jnp.where(side > 0, 0.5 * at_lo, at_lo), value),
                jnp.where(up, value, jnp.where(side < 0, 0.5 * at_hi, at_hi)),
                jnp.where(up, 1, -1),
            )

        start = (jnp.zeros(()), jnp.ones(()), g(x), g(rolled(flow, x, p, h)), jnp.zeros((), int))
        return jax.lax.fori_loop(0, 16, once, start)[1]

    def go(carry: tuple) -> Array:
        _, x, i, count, *_ = carry
        return (i < limit) & (count < most + skip) & jnp.isfinite(x).all()

    def step(carry: tuple) -> tuple:
        t, x, i, count, was, times, states = carry
        new = rolled(flow, x, p, h)
        now = g(new)
        through = (was < 0) & (now >= 0)
        part = jax.lax.cond(through, found_within, lambda x: jnp.zeros(()), x)
        at = jax.lax.cond(through, lambda x: rolled(flow, x, p, part * h), lambda x: x, x)
        row = jnp.where(through & (count >= skip), count - skip, most)
        return (
            t + h,
            new,
            i + 1,
            count + through,
            now,
            times.at[row].set(t + part * h, mode="drop"),
            states.at[row].set(at, mode="drop"),
        )

    x = jnp.asarray(x)
    start = (jnp.zeros(()), x, 0, 0, g(x), jnp.full(most, jnp.nan), jnp.full((most, x.size), jnp.nan))
    _, _, _, count, _, times, states = jax.lax.while_loop(go, step, start)
    return times, states, jnp.maximum(count - skip, 0)


@in_double
def poincare(
    model: Model,
    section: Mapping[str, float] | str | None = None,
    *,
    direction: int = 1,
    passes_wanted: int = 200,
    skip: int = 20,
    T: float | None = None,
    dt: float | None = None,
    state: Any = None,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""The passes of an orbit through a surface, and the return map from each to the next.

    The surface is :math:`x_i = c`, or the maxima (minima) of a state, :math:`\dot x_i = 0`.  A periodic orbit passes at
    one point again and again, a torus along a curve, chaos on a set with gaps; where the next value is a function of the
    last one, the flow is a map of one number.

    Parameters
    ----------
    model : Model
        Without resets.
    section : mapping or str, optional
        ``{"x": 0.0}``: the state passes that value.  ``"x"``: it passes a maximum.  By default the first state passes
        the mean of its orbit.
    direction : {1, -1}
        Upward or downward; of ``"x"``, maxima or minima.
    passes_wanted, skip : int
        How many are kept, after how many that are not.
    T, dt : float, optional
        The longest duration and the step, ms; by default the step is a tenth of the fastest time scale, and the search
        ends after two million steps.
    state : Dataset, mapping or array, optional
        Where the orbit begins.
    inputs, **given
        Values of the inputs.

    Returns
    -------
    Dataset
        Over ``pass``: ``time``, ``return_time`` and every state, with ``<state>_next`` of the pass after it (the last one
        has none); attrs ``status`` says when fewer passes were found and why.

    References
    ----------
    Strogatz 2015, *Nonlinear Dynamics and Chaos*, 8.7 and 9.4; Hénon 1982, doi:10.1016/0167-2789(82)90034-3.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.analysis.poincare(bn.neurons.FitzHughNagumo(), {"V": 0.0}, passes_wanted=3, I=0.5)
    >>> [round(float(T), 4) for T in found.return_time[:2]]
    [39.4744, 39.4744]
    """
    found = case(model, inputs, **given)
    refuse_jumps(found, "bn.analysis.poincare", "use bn.analysis.reset_map, whose surface is the reset")
    if direction not in (1, -1):
        raise ModelError(f"direction = {direction!r}: 1 or -1 was expected.")
    x = state_of(found, state)
    h, near = step_for(found, x)
    h = h if dt is None else float(dt)
    name, level, peaks = _surface(found, section, near, x, h)
    a, b = np.zeros(found.flow.n), np.zeros(found.flow.n)
    (b if peaks else a)[found.state(name)] = 1.0
    way = float(-direction if peaks else direction)
    limit = 2_000_000 if T is None else round(T / h)
    times, at, count = (
        np.asarray(v) for v in passes(found.flow, x, found.p, h, (a, b, level, way), skip, limit, int(passes_wanted))
    )
    times, at = times[: int(count)], at[: int(count)]
    where = f"{'maxima' if direction > 0 else 'minima'} of {name}" if peaks else f"{name} = {level:.10g}"
    status = "complete" if count >= passes_wanted else f"{int(count)} passes within {limit * h:.6g} ms"
    return _dataset(found, times, at, where, status, name, h)


def _surface(found: Case, section: Any, near: np.ndarray, x: np.ndarray, h: float) -> tuple[str, float, bool]:
    if isinstance(section, str):
        return section, 0.0, True
    if section is None:
        from .march import wander

        orbit = np.asarray(wander(found.flow, near[None], found.p, h, 40, False, 512))[:, 0]
        return found.names[0], float(np.mean(orbit[:, 0])), False
    if not isinstance(section, Mapping) or len(section) != 1:
        raise ModelError(f"section={section!r}: a state and its value was expected, {{'{found.names[0]}': 0.0}}.")
    ((name, level),) = section.items()
    return name, float(level), False


def _dataset(found: Case, times: np.ndarray, at: np.ndarray, where: str, status: str, name: str, h: float) -> Any:
    after = np.concatenate([at[1:], np.full((min(1, len(at)), at.shape[1]), np.nan)])
    gaps = np.append(np.diff(times), np.nan)[: len(times)]
    variables = {
        "time": (("pass",), times, {"units": "ms", "long_name": "time of the pass"}),
        "return_time": (("pass",), gaps, {"units": "ms", "long_name": "time to the next pass"}),
    }
    variables |= labelled.states(found, at, ("pass",))
    rest = labelled.states(found, after, ("pass",), said="next ")
    variables |= {f"{path}_next": value for path, value in rest.items()}
    attrs = labelled.attributes(found, analysis="poincare", section=where, variable=name, dt=float(h), status=status)
    return labelled.dataset(variables, attrs)
