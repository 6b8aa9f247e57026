"""A model near one state: its Jacobian, and the modes in which small deviations grow, decay and turn."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.model import Model

from .. import labelled, stability
from ..cases import Case
from ..flow import Constants, Flow, in_double, kernel
from ..maps import read, state_of
from .newton_batch import settle


@kernel
def slopes(flow: Flow, x: Array, p: Constants, at: Array) -> tuple[Array, Array, Array]:
    """Field, Jacobian and derivative to the constants ``at``, at every row of ``x``."""

    def one(x: Array) -> tuple[Array, Array, Array]:
        def to(i: Array) -> Array:
            v = p.numbers[i]
            return jax.jvp(lambda v: flow(x, p.put(i, v)), (v,), (jnp.ones_like(v),))[1]

        given = jax.vmap(to)(at) if at.size else jnp.zeros((0, x.size))
        return flow(x, p), jax.jacfwd(flow)(x, p), given

    p = Constants(jnp.asarray(p.numbers), p.others)
    return jax.vmap(one)(x)


def inputs_of(found: Case) -> tuple[np.ndarray, tuple[str, ...]]:
    """Where the inputs of a case stand among its constants, and their names."""
    names = tuple(a.path for a in found.constants if a.path.partition("[")[0] in found.drives)
    return np.array([found.constant(name) for name in names], int), names


class Modes:
    """Eigenvalues of many Jacobians (points, n, n), the slowest first, with vectors of both sides, <left, right> = 1."""

    def __init__(self, jacobian: np.ndarray, map: bool = False):
        values, right = np.linalg.eig(jacobian)
        key = -np.abs(values) if map else -values.real
        order = np.lexsort((-values.imag, np.round(key, 12)), axis=-1)
        self.values = np.take_along_axis(values, order, -1).astype(complex)
        self.right = np.take_along_axis(right, order[:, None, :], -1).astype(complex)
        self.left = np.stack([_inverse(v) for v in self.right]) if len(self.right) else self.right
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.log(np.abs(self.values)) if map else self.values.real
            self.time_constant = -1.0 / rate
        turn = np.angle(self.values) / (2 * np.pi) if map else self.values.imag / (2 * np.pi) * 1000.0
        self.frequency = np.abs(turn)
        self.words = np.array([stability_word(row, map) for row in self.values], dtype=object).astype(str)


def _inverse(right: np.ndarray) -> np.ndarray:
    """The left eigenvectors as rows; where the right ones do not span (a Jordan block), those of the pseudo-inverse."""
    if np.linalg.cond(right) > 1e12:
        return np.linalg.pinv(right)
    return np.linalg.inv(right)


def stability_word(eigenvalues: np.ndarray, map: bool = False) -> str:
    """The word for a resting point of a flow, or of a map, whose multipliers are compared with the unit circle."""
    found = np.asarray(eigenvalues, complex)
    return stability.word(np.abs(found) - 1.0 + 1j * found.imag) if map else stability.word(found)


@in_double
def linearize(
    model: Model | Callable,
    state: Any = None,
    *,
    map: bool = False,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""The linear system that a model is near one state.

    .. math:: \delta\dot x = J\,\delta x + B\,\delta u, \qquad J = \partial f/\partial x, \quad B = \partial f/\partial u

    Each eigenvalue :math:`\lambda` of J is a mode: it decays with the time constant :math:`-1/\mathrm{Re}\,\lambda`
    (negative: it grows) and turns with :math:`\mathrm{Im}\,\lambda/2\pi`.  It says nothing of what is far away, and of
    modes with :math:`\mathrm{Re}\,\lambda = 0` nothing at all.

    Parameters
    ----------
    model : Model or callable
        A model, or a plain function of one vector.
    state : Dataset, mapping or array, optional
        Where: paths of states with their values (others as at the start of a run), the end of a run, or all numbers in
        order.  Nothing: the resting point that is reached from the start of a run.
    map : bool
        Read the model as a map: ``on_step``, or the function, gives the next state.
    inputs, **given
        Values of the inputs.

    Returns
    -------
    Dataset
        ``jacobian(state_to, state_from)`` per ms, ``eigenvalue(mode)`` from the slowest, ``right(state_to, mode)``,
        ``left(mode, state_from)`` with <left, right> = 1, ``time_constant(mode)`` ms, ``frequency(mode)`` Hz (of a map:
        steps, and cycles a step), ``input_jacobian(state_to, input)``, ``slope(state_to)``, ``stability`` and the state.

    Raises
    ------
    ValueError
        Without ``state``, when no resting point is found from the start of a run.

    References
    ----------
    Strogatz 2015, *Nonlinear Dynamics and Chaos*, ch. 5-6; left and right modes: Trefethen & Embree 2005, ch. 1.

    Examples
    --------
    >>> import brainnb as bn
    >>> near = bn.linearize(bn.neurons.FitzHughNagumo(), I=0.0)
    >>> str(near.stability.values), round(float(near.V), 6)
    ('stable focus', -1.199408)
    """
    found = read(model, inputs, map=map, like=state, **given)
    x = state_of(found, state)
    if state is None:
        x, residual, reached = settle(found, x[None], map)
        if not reached[0]:
            raise ValueError(
                f"{labelled.attributes(found)['model']}: no resting point was reached from the start of a run (|F| = {residual[0]:.3g} is "
                "left); give a state to linearize at, or search with bn.fixed_points or bn.slow_points."
            )
        x = x[0]
    return _dataset(found, x, map)


def _dataset(found: Case, x: np.ndarray, map: bool) -> Any:
    at, names = inputs_of(found)
    f, J, B = (np.asarray(a)[0] for a in slopes(found.flow, x[None], found.p, at))
    modes = Modes(J[None], map)
    per = "" if map else "ms"
    units = tuple(next(a.unit for a in found.constants if a.path == name) for name in names)
    variables = labelled.states(found, x, ()) | {
        "jacobian": (
            ("state_to", "state_from"),
            J,
            {"units": labelled.slope_unit(found, per=per), "long_name": "Jacobian"},
        ),
        "input_jacobian": (
            ("state_to", "input"),
            B.T,
            {"units": labelled.slope_unit(found, units, per), "long_name": "derivative to the inputs"},
        ),
        "slope": (
            ("state_to",),
            f - x * map,
            {"units": f"unit of state_to{' / ms' if per else ''}", "long_name": "what is left of the motion"},
        ),
        "right": (("state_to", "mode"), modes.right[0], {"units": "1", "long_name": "right eigenvectors, in columns"}),
        "left": (("mode", "state_from"), modes.left[0], {"units": "1", "long_name": "left eigenvectors, in rows"}),
        "stability": ((), modes.words[0], {"units": "1", "long_name": "kind of resting point"}),
    }
    variables |= mode_variables(modes, (), map, 0)
    coords = {"state_to": list(found.names), "state_from": list(found.names), "input": list(names)}
    return labelled.dataset(variables, labelled.attributes(found, analysis="linearize", map=int(map)), coords)


def mode_variables(modes: Modes, dims: tuple[str, ...], map: bool, row: Any = slice(None)) -> dict[str, tuple]:
    """Eigenvalues, time constants and frequencies as variables of a Dataset."""
    over = (*dims, "mode")
    value = "1" if map else "1/ms"
    return {
        "eigenvalue": (over, modes.values[row], {"units": value, "long_name": "multiplier" if map else "eigenvalue"}),
        "time_constant": (
            over,
            modes.time_constant[row],
            {"units": "steps" if map else "ms", "long_name": "time constant of the mode; negative: it grows"},
        ),
        "frequency": (
            over,
            modes.frequency[row],
            {"units": "1/step" if map else "Hz", "long_name": "frequency of the mode"},
        ),
    }
