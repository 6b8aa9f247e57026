"""The public face of continuation: one call, all branches and special points in a range."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, UnknownName
from brainnb.core.model import Model

from .. import ahead
from ..cases import Case, case
from ..cycles import critical_curves, homoclinic_curves
from ..cycles.cycle_special import Found
from ..cycles.cycles import cycles as follow_cycles
from ..cycles.cycles import soon as cycles_soon
from . import codim2, equilibria
from .curves import Road
from .diagram_dataset import dataset
from .frame import soon

Range = tuple[float, float]


def bifurcation(
    model: Model,
    param: str,
    span: Range,
    *,
    param2: str | tuple[str, Range] | None = None,
    cycles: bool = True,
    criticality: bool = True,
    hold: Iterable[str] | Mapping[str, float] = (),
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""How resting points and oscillations come, go and change their stability as a parameter moves.

    Solutions of $f(x, p) = 0$ are followed by pseudo-arclength continuation, through folds and around corners, from all
    resting points that a search at seven values of the parameter finds, and across branch points.  Folds, Hopf points
    and branch points are solved for exactly and classified by their normal forms; oscillations are followed from the Hopf
    points.  It asks what a model does while its inputs stand still: noise, delays and inputs in time are outside, and so
    are branches that none of the searched resting points is on.

    Parameters
    ----------
    model : Model
    param : path
        The parameter or input that moves: ``"I"``, ``"Na.g_max"``; or a state in ``hold``.
    span : (lo, hi)
        Where it moves, in its own unit.
    param2 : path or (path, (lo, hi)), optional
        A second parameter: folds, Hopf points and, with ``cycles``, folds, period doublings and tori of cycles and homoclinic
        orbits are then followed in both.  Without a range it moves in its declared bounds and as far again beyond (not
        through zero).
    cycles : bool
        Whether oscillations are followed too.
    criticality : bool
        Whether normal forms are computed; without them the marks come sooner and ``special_coefficient`` is NaN.
    hold : paths of states, or {path: value}
        States that stand still and may be ``param``: the slow variables of a burst.  Without a value they stand where the
        model begins.
    inputs, **given : numbers
        Values of the inputs.

    Returns
    -------
    Dataset
        Over ``branch`` and ``step`` (NaN-padded): the parameter by its name, the states, of cycles ``<state>_min``,
        ``<state>_max`` and ``period``, ``stable``, ``eigenvalue``; ``branch_kind`` and ``branch_end`` say what and why.
        Over ``special``: ``special_kind``, ``special_value``, ``special_<state>``, ``special_coefficient`` (Hopf: the
        first Lyapunov coefficient, negative where a stable cycle is born; fold: $\langle p, B(q, q) \rangle / 2$),
        ``special_period``, ``special_residual``; with two parameters ``special_value2``, and ``special_note`` says which curves
        begin at the point; on a ``homoclinic_curve`` the states and eigenvalues are those of the saddle, and ``stable`` says
        whether the cycles beside it are.  ``attrs["complete"]`` and ``attrs["status"]`` say what was searched
        and what went wrong.

    References
    ----------
    Kuznetsov 2004, *Elements of Applied Bifurcation Theory*, doi:10.1007/978-1-4757-3978-7; Doedel et al. 1991,
    doi:10.1142/S0218127491000397.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.bifurcation(bn.neurons.FitzHughNagumo(), "I", (0, 1.5), cycles=False)
    >>> found.special_kind.values.tolist(), found.special_value.values.round(5).tolist()
    (['hopf', 'hopf'], [0.33128, 1.41872])
    """
    begun = time.perf_counter()
    found = _case(model, param, inputs, hold, given)
    lo, hi = checked_range(param, span)
    road = Road.of(found, (param,), ((lo, hi),))
    index = found.constant(param)
    special_cycles: list[Found] = []
    programs = [*road.soon(), *soon(found.flow, road.at), *(cycles_soon(found, index, lo, hi) if cycles else [])]
    with ahead.compiled(programs):
        diagram = equilibria.diagram(road, criticality=criticality)
        branches, notes = equilibria.branches(diagram), list(diagram.notes)
        if cycles:
            branches += follow_cycles(found, index, lo, hi, branches, special_cycles)
    second = None
    if param2 is not None:
        second, ends = _second(found, param, param2)
        plane = (param, second), ((lo, hi), ends)
        curves = codim2.curves(found, *plane, diagram, notes)
        if cycles:
            known = list(curves)
            curves += critical_curves.curves(found, *plane, special_cycles, known, notes)
            curves += homoclinic_curves.curves(found, *plane, special_cycles, known, notes)
        branches += curves
    failed = [f"branch {k} ({b.kind}) ended: {b.end}" for k, b in enumerate(branches) if b.end in UNEXPECTED]
    return dataset(
        found,
        param,
        branches,
        param2=second,
        cycles=cycles,
        **({} if second is None else {"parameter2": second}),
        range=[lo, hi],
        search=searched(found),
        complete="every resting point found lies on a branch" if not notes else "no",
        status="; ".join([*failed, *notes]) or "finished",
        wall_time=time.perf_counter() - begun,
    )


UNEXPECTED = ("no convergence", "step too small", "steps")


def searched(found: Case) -> str:
    """What was searched for resting points, in words."""
    box = found.box()
    names = [f"{axis.path} in [{a:g}, {b:g}]" for axis, (a, b) in zip(found.states[:8], box, strict=False)]
    more = f" and {len(found.states) - 8} more states" if len(found.states) > 8 else ""
    return f"Newton's method from many starts at {equilibria.values_of(found.flow.n)} values of the parameter, {', '.join(names)}{more}"


def checked_range(param: str, span: Any) -> Range:
    """(lo, hi) as two finite numbers, the lower first."""
    try:
        lo, hi = (float(x) for x in span)
    except (TypeError, ValueError):
        raise ModelError(f"The range of {param} is {span!r}; two numbers (lo, hi) were expected.") from None
    if not (np.isfinite([lo, hi]).all() and lo < hi):
        raise ModelError(f"The range of {param} is ({lo:g}, {hi:g}); two finite numbers with lo < hi were expected.")
    return lo, hi


def held_case(model: Model, inputs: Any, hold: Iterable[str] | Mapping[str, float], given: Mapping[str, Any]) -> Case:
    """A case with states that stand still, those with a value at it."""
    hold = (hold,) if isinstance(hold, str) else hold
    found = case(model, inputs, hold=tuple(hold), **given)
    for path, value in hold.items() if isinstance(hold, Mapping) else ():
        if not np.isfinite(value):
            raise ModelError(f"hold={{'{path}': {value}}}: a finite number was expected.")
        found = found.with_value(path, float(value))
    return found


def _case(
    model: Model, param: str, inputs: Any, hold: Iterable[str] | Mapping[str, float], given: Mapping[str, Any]
) -> Case:
    if param in given or param in (inputs or {}):
        raise ModelError(f"{param} moves through the range; do not give it a value as well.")
    found = held_case(model, inputs, hold, given)
    if param in found.names:
        name = type(model).__name__
        raise UnknownName(
            f"`{param}` is a state of {name} that evolves; a parameter or an input was expected. "
            f"To move it by hand, hold it: bn.bifurcation(..., '{param}', ..., hold=['{param}'])."
        )
    found.constant(param)
    return found


def _second(found: Case, param: str, param2: Any) -> tuple[str, Range]:
    if isinstance(param2, str):
        axis = found.constants[found.constant(param2)]
        lo, hi = axis.bounds
        if lo is None or hi is None:
            raise ModelError(f"{param2} has no declared bounds; give its range, param2=('{param2}', (lo, hi)).")
        width = hi - lo
        return _other(param, param2), (lo - width if lo < 0 else lo, hi + width if hi > 0 else hi)
    try:
        path, ends = param2
    except (TypeError, ValueError):
        raise ModelError(f"param2 is {param2!r}; a path or (path, (lo, hi)) was expected.") from None
    found.constant(path)
    return _other(param, path), checked_range(path, ends)


def _other(param: str, path: str) -> str:
    if path == param:
        raise ModelError(f"param2 is {path}, which is already the first parameter; name another one.")
    return path
