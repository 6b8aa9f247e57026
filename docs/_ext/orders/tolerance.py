"""What methods that choose their steps make of a tolerance: own pairs and solvers of diffrax."""

from functools import cache

import diffrax
import numpy as np

import brainnb as bn
from brainnb.integrators.adaptive import Adaptive

from .deterministic import PROBLEMS, TIMES, exact

TOLERANCES = (1e-4, 1e-6, 1e-8)
SOLVERS = (diffrax.Tsit5, diffrax.Dopri8)
"""Of diffrax, as examples: any of its solvers of ordinary differential equations is a method."""


def methods():
    """By name, what makes the method for a tolerance; and the order."""
    own = {cls.name: (cls, cls.order) for cls in bn.integrators.EMBEDDED}
    return own | {f"diffrax.{cls.__name__}": (_bridged(cls), cls().order(None)) for cls in SOLVERS}


def _bridged(cls):
    return lambda rtol, atol: Adaptive(cls(), rtol=rtol, atol=atol)


@cache
def measured(name):
    """Root mean square error on the coupled problem, by tolerance."""
    make, _ = methods()[name]
    model, states, given, _ = PROBLEMS["coupled"]
    found = {}
    for tolerance in TOLERANCES:
        method = make(rtol=tolerance, atol=tolerance)
        ds = bn.simulate(model(), T=TIMES[-1], dt=TIMES[0], record=states, method=method, **given)
        found[tolerance] = float(np.sqrt(np.mean((np.stack([ds[x] for x in states], axis=1) - exact("coupled")) ** 2)))
    return found


def section():
    """The part of the page."""
    lines = [
        "## By tolerance",
        "",
        "Methods that choose their steps: root mean square error on the coupled problem of above for `rtol` = `atol` = "
        + ", ".join(f"{t:.0e}" for t in TOLERANCES)
        + ".",
        "A tolerance is for one step, and errors of steps add up. Solvers of diffrax are given as they are, "
        "`method=diffrax.Dopri8()`.",
        "",
        f"| method | order | {' | '.join(f'{t:.0e}' for t in TOLERANCES)} |",
        "|---" * (len(TOLERANCES) + 2) + "|",
    ]
    for name, (_, order) in methods().items():
        lines.append(f"| `{name}` | {order} | {' | '.join(f'{e:.1e}' for e in measured(name).values())} |")
    return "\n".join(lines) + "\n"
