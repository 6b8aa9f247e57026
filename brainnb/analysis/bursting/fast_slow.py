"""Fast and slow: what the fast variables could do at each value of the slow one, and what the whole model does."""

import time as clock
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.run.simulate import simulate

from ..cases import Case, case
from ..continuation.bifurcations import bifurcation, checked_range, held_case
from ..flow import in_double
from . import bursts
from .burst_class import burst_class
from .drift import drifts, slow_nullcline

REACH = 0.6
"""The slow variable is followed so much further than the trajectory goes, to either side, in widths of its way; and
through its declared bounds."""

Others = str | Mapping[str, float]
OTHERS = ("mean", "settle")


@in_double
def fast_slow(
    model: Model,
    slow: str | Sequence[str],
    span: tuple[float, float] | None = None,
    *,
    others: Others = "mean",
    T: float = 2000.0,
    dt: float = 0.05,
    transient: float | None = None,
    cycles: bool = True,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Take a model apart by its time scales: the anatomy of a burst.

    The slow variable $z$ of $\dot x = f(x, z)$, $\dot z = g(x, z)$ is held and moved by hand: resting points and cycles
    of the fast variables $x$ over $z$, as :func:`brainnb.bifurcation` finds them.  The trajectory of the whole model is
    laid over them.  Where the fast variables rest, $z$ drifts by $g$; where they oscillate, by the average
    $\langle g \rangle$ over a turn: where that is zero on stable cycles the model spikes for ever, and where it drives
    $z$ from stable rest to stable cycles and back, it bursts.  It explains slow and fast only where they are far apart:
    near the ends of a burst the true spikes lag behind the diagram.

    Parameters
    ----------
    model : Model
    slow : path, or several
        The slow variables.  The first one moves by hand; what is not named evolves with the fast ones.
    span : (lo, hi), optional
        Where the first one moves; by default around the way of the trajectory.
    others : "mean", "settle" or {path: value}
        Where the other slow variables stand meanwhile: at their mean over the trajectory, at given values, or wherever they
        settle for each value of the first, as if they were fast.
    T, dt, transient : ms
        The trajectory: how long, in which steps, and how much of its begin is left out (half).
    cycles : bool
        Whether oscillations of the fast variables are followed.
    inputs, **given : numbers
        Values of the inputs.

    Returns
    -------
    Dataset
        All of :func:`brainnb.bifurcation` over the slow variable, and: ``drift(branch, step)``, the slope of the slow
        variable there, of cycles its average; ``trajectory_<state>(time)``; ``slow_nullcline_<slow>(vertex)`` with
        ``slow_nullcline_<state>`` of the first fast state, in pieces divided by NaN: where $g = 0$ (none where $g$
        depends on other fast variables too); ``balance_value(balance)`` with ``balance_stable``: where the averaged drift on stable cycles
        is zero.  For every other slow variable that stands, ``held_<path>`` says where, and ``drift_<path>(branch, step)`` where
        it would go.  ``attrs["rhythm"]``: rest, spiking or bursting, with ``spikes_per_burst``; ``attrs["burst_class"]``
        names the kind of burst after Izhikevich, by the diagrams with the other slow variables where they are when spikes
        begin and when they end.

    Raises
    ------
    UnknownName
        For a name that is no state that evolves.
    ModelError
        For other slow variables that are not told where to stand.

    References
    ----------
    Rinzel 1985, doi:10.1007/BFb0074739 (one slow variable); Rinzel & Lee 1987, doi:10.1007/BF00275501 (two); Izhikevich
    2000, doi:10.1142/S0218127400000840.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.fast_slow(bn.neurons.HindmarshRose(), "z", T=1500, I=2.0)
    >>> ds.attrs["rhythm"], ds.attrs["burst_class"]
    ('bursting', 'fold/homoclinic (square-wave)')
    """
    check_others(slow, others)
    run = trajectory(model, slow, T=T, dt=dt, transient=transient, inputs=inputs, **given)
    return dissected(model, slow, run, span, others=others, cycles=cycles, inputs=inputs, **given)


def trajectory(
    model: Model,
    slow: str | Sequence[str],
    *,
    T: float = 2000.0,
    dt: float = 0.05,
    transient: float | None = None,
    progress: Any = None,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    """The way of the whole model that :func:`dissected` lays over the diagram; ``progress`` as in ``bn.simulate``."""
    whole = case(model, inputs, **given)
    for path in paths(slow):
        whole.state(path)
    run = simulate(model, T=T, dt=dt, inputs=inputs, precision="float64", progress=progress, **given)
    return run.isel(time=run.time.values >= (T / 2 if transient is None else transient))


def paths(slow: str | Sequence[str]) -> tuple[str, ...]:
    """The slow variables, the one that moves first."""
    found = (slow,) if isinstance(slow, str) else tuple(slow) if isinstance(slow, Sequence) else ()
    if not found or not all(isinstance(path, str) for path in found) or len(set(found)) < len(found):
        raise ModelError(
            f"slow={slow!r}: the path of a slow variable was expected, such as 'z', or several different ones, ('z', 'w')."
        )
    return found


def check_others(slow: str | Sequence[str], others: Others) -> None:
    """Refuse what does not say where the slow variables but the first stand."""
    rest = paths(slow)[1:]
    if not isinstance(others, Mapping):
        if others not in OTHERS:
            raise ModelError(f"others={others!r}: 'mean', 'settle' or {{path: value}} was expected.")
    elif set(others) != set(rest):
        raise ModelError(
            f"others={dict(others)!r}: a value was expected for each slow variable but the first, that is for "
            f"{', '.join(rest) or 'none'}."
        )


def _held(rest: Sequence[str], run: Any, others: Others) -> dict[str, float]:
    """Where the other slow variables stand; empty where they settle."""
    if isinstance(others, Mapping):
        return {path: float(others[path]) for path in rest}
    return {path: float(run[path].mean()) for path in rest} if others == "mean" else {}


@in_double
def dissected(
    model: Model,
    slow: str | Sequence[str],
    run: Any,
    span: tuple[float, float] | None = None,
    *,
    others: Others = "mean",
    cycles: bool = True,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    """The diagram of the fast variables with a ``run`` of :func:`trajectory` over it: all of :func:`fast_slow`."""
    begun = clock.perf_counter()
    whole = case(model, inputs, **given)
    check_others(slow, others)
    slow, *rest = paths(slow)
    held = _held(rest, run, others)
    lo, hi = _around(whole, slow, run) if span is None else checked_range(slow, span)
    hold = {slow: float(run[slow][0]), **held}

    def sliced(here: Mapping[str, float]) -> Any:
        standing = {path: here[path] for path in hold}
        return bifurcation(model, slow, (lo, hi), hold=standing, cycles=cycles, inputs=inputs, **given)

    ds = sliced(hold)
    fast = held_case(model, inputs, hold, given)
    ds = ds.assign(_drifts(ds, fast, whole, tuple(hold)))
    ds = ds.assign(_balance(ds, slow)).assign(_trajectory(run, whole))
    ds = ds.assign(slow_nullcline(whole, slow, fast.names[0], (lo, hi), run, held))
    ds = ds.assign({f"held_{path}": ((), value, whole.attributes(path)) for path, value in held.items()})
    found = bursts.rhythm(run.time.values, run[fast.names[0]].values)
    name = burst_class(run, found, slow, sliced if held else lambda here: ds) if found.word == "bursting" else ""
    return ds.assign_attrs(
        analysis="fast_slow",
        slow=slow,
        rhythm=found.word,
        spikes_per_burst=found.spikes_per_burst,
        burst_class=name,
        wall_time=clock.perf_counter() - begun + float(run.attrs.get("wall_time", 0.0)),
    )


def _around(whole: Case, slow: str, run: Any) -> tuple[float, float]:
    """The way of the slow variable, and as far again beyond as :data:`REACH` says."""
    lo, hi = float(run[slow].min()), float(run[slow].max())
    width = hi - lo
    if width < 1e-9 * max(1.0, abs(lo)):
        width = float(whole.scale()[whole.state(slow)]) / 2
    first, last = whole.states[whole.state(slow)].bounds
    lo, hi = lo - REACH * width, hi + REACH * width
    return (lo if first is None else min(lo, first)), (hi if last is None else max(hi, last))


def _drifts(ds: Any, fast: Case, whole: Case, slow: tuple[str, ...]) -> dict[str, tuple]:
    """Where the slow variables go; that of the first one is plainly ``drift``."""

    def stacked(pattern: str) -> np.ndarray:
        columns = []
        for path in fast.flow.moving:
            values = ds[pattern.format(path)].values
            columns.append(values.reshape(*values.shape[:2], -1))
        return np.concatenate(columns, axis=-1)

    start = (
        stacked("{}_start")
        if f"{fast.flow.moving[0]}_start" in ds
        else np.full((*ds[slow[0]].shape, fast.flow.n), np.nan)
    )
    parts = dict(value=ds[slow[0]].values, rest=stacked("{}"), start=start, period=ds.period.values)
    slopes, found = drifts(fast, whole, slow, parts), {}
    for i, path in enumerate(slow):
        unit = whole.states[whole.state(path)].unit
        said = {
            "units": f"{unit}/ms" if unit != "1" else "1/ms",
            "long_name": f"slope of {path}; on cycles its average",
        }
        found[f"drift_{path}" if i else "drift"] = ("branch", "step"), slopes[..., i], said
    return found


def _balance(ds: Any, slow: str) -> dict[str, tuple]:
    """Zeros of the averaged drift along branches of cycles."""
    found, kept = [], []
    for k in np.flatnonzero(ds.branch_kind.values == "cycle"):
        g, z, good = ds.drift.values[k], ds[slow].values[k], ds.stable.values[k]
        for i in np.flatnonzero(g[1:] * g[:-1] < 0):
            found.append(z[i] + (z[i + 1] - z[i]) * g[i] / (g[i] - g[i + 1]))
            kept.append(bool(good[i] and good[i + 1]))
    said = {**ds[slow].attrs, "long_name": f"{slow} where its average slope on cycles is zero"}
    return {
        "balance_value": ("balance", np.array(found, float), said),
        "balance_stable": (
            "balance",
            np.array(kept, bool),
            {"units": "1", "long_name": "whether that cycle is stable"},
        ),
    }


def _trajectory(run: Any, whole: Case) -> dict[str, Any]:
    return {f"trajectory_{path}": run[path] for path in whole.flow.moving if path in run.data_vars}
