"""BrainPy's analysers: resting points on a grid of the parameter, polished by its optimiser; it follows no curve."""

from importlib import metadata

import brainpy as bp
import matplotlib

matplotlib.use("agg")
import numpy as np
from common import FHN_BOX, FHN_SPAN, tau

bp.math.enable_x64()
bp.math.set_platform("cpu")
COUNT = 100


def versions() -> str:
    return f"BrainPy {bp.__version__}, jax {metadata.version('jax')}"


@bp.odeint
def dV(V, t, w, I=0.0):
    return V - V**3 / 3 - w + I


@bp.odeint
def dw(w, t, V, tau=12.5):
    return (V + 0.7 - 0.8 * w) / tau


BOX = {name: list(ends) for name, ends in FHN_BOX.items()}


def redraw(k: int):
    plane = bp.analysis.PhasePlane2D(
        model=[dV, dw], target_vars=BOX, pars_update={"I": 0.5, "tau": tau(k)}, resolutions=0.02
    )
    plane.plot_vector_field(with_plot=False, with_return=True)
    plane.plot_nullcline(with_plot=False, with_return=True)
    return plane.plot_fixed_point(with_plot=False, with_return=True)


def equilibria(k: int):
    lo, hi = FHN_SPAN
    values = np.linspace(lo, hi, COUNT)
    found = bp.analysis.Bifurcation2D(
        model=[dV, dw],
        target_vars=BOX,
        target_pars={"I": list(FHN_SPAN)},
        pars_update={"tau": tau(k)},
        resolutions={"I": bp.math.asarray(values)},
    )
    return found.plot_bifurcation(with_plot=False, with_return=True)


def read_equilibria(found) -> dict:
    """Hopf points lie where the real part of a complex pair changes its sign between two values of the grid."""
    _, values, jacobians = (np.asarray(a) for a in found)
    order = np.argsort(values[:, 0])
    I, growth = values[order, 0], np.trace(jacobians[order], axis1=1, axis2=2)
    change = np.flatnonzero(growth[:-1] * growth[1:] < 0)
    spacing = (FHN_SPAN[1] - FHN_SPAN[0]) / (COUNT - 1)
    return {"positions": {"hopf": ((I[change] + I[change + 1]) / 2).tolist()}, "spacing": spacing}


def read_redraw(found) -> dict:
    return {"positions": {"resting V": np.atleast_2d(np.asarray(found))[:, 0].tolist()}, "spacing": 1e-3}


TASKS = {"redraw": (redraw, read_redraw), "equilibria 2": (equilibria, read_equilibria)}
