"""Equations with delays: resting points, the roots that decide about them, and Hopf points over any number."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.delayed import watched
from brainnb.core.errors import ModelError
from brainnb.core.fields import State
from brainnb.core.model import Model

from .. import labelled, stability
from ..cases import Case, case
from ..flow import Constants, Flow, in_double, kernel
from ..maps import state_of
from ..states.newton_batch import settle
from .delayed_flow import Delayed, Exponential, Polynomial, seeing

NODES = 24
"""Degree of the polynomial that stands for the past; its rightmost roots are then polished."""


@kernel
def longest(flow: Flow, x: Array, p: Constants) -> Array:
    """The longest delay that the equations read, ms."""
    with watched() as found:
        flow(x, p)
    return jnp.max(jnp.stack([jnp.asarray(high) for reads in found.values() for _, high in reads]))


@kernel
def discretised(flow: Flow, x: Array, p: Constants, reach: Array) -> Array:
    """The generator on polynomials: the derivative along the past, and the linear equation at its end."""
    nodes, turn = chebyshev(NODES)
    n = x.size

    def slope(X: Array) -> Array:
        return seeing(flow, X[0], p, Polynomial(X, nodes, reach))

    past = jnp.broadcast_to(x, (NODES + 1, n))
    J = jax.jacfwd(slope)(past).reshape(n, (NODES + 1) * n)
    inner = jnp.kron(jnp.asarray(turn[1:]) * 2.0 / reach, jnp.eye(n))
    return jnp.concatenate([J, inner])


@kernel
def polished(flow: Flow, x: Array, p: Constants, root: Array, v: Array) -> tuple[Array, Array, Array]:
    """Newton on the characteristic equation from (lambda, v); real and imaginary parts; what is left of it."""

    def step(carry: tuple, _: None) -> tuple:
        root, v, b = carry
        z = jnp.concatenate([jnp.real(v), jnp.imag(v), jnp.stack([root.real, root.imag])])
        J = jax.jacfwd(lambda z: characteristic(flow, x, p, z, b))(z)
        z = z - jnp.linalg.solve(J, characteristic(flow, x, p, z, b))
        n = x.size
        return (z[2 * n] + 1j * z[2 * n + 1], z[:n] + 1j * z[n : 2 * n], b), None

    def one(root: Array, v: Array) -> tuple:
        (root, w, b), _ = jax.lax.scan(step, (root, v, v), length=6)
        z = jnp.concatenate([jnp.real(w), jnp.imag(w), jnp.stack([root.real, root.imag])])
        return root, w, jnp.abs(characteristic(flow, x, p, z, b)).max()

    return jax.vmap(one)(root, v)


def characteristic(flow: Flow, x: Array, p: Constants, z: Array, b: Array) -> Array:
    """lambda v - L(v exp(lambda .)), real and imaginary, and b*.v = 1, for z = (Re v, Im v, Re lambda, Im lambda)."""
    n = x.size
    v, root = (z[:n], z[n : 2 * n]), (z[2 * n], z[2 * n + 1])

    def along(part: int) -> Array:
        """The linear equation for the real (0) or imaginary (1) part of v exp(lambda t)."""

        def moved(e: Array) -> Array:
            return seeing(flow, x + e * v[part], p, Exponential(x, v, root, part, e))

        return jax.jvp(moved, (jnp.zeros(()),), (jnp.ones(()),))[1]

    real = root[0] * v[0] - root[1] * v[1] - along(0)
    imag = root[0] * v[1] + root[1] * v[0] - along(1)
    size = jnp.real(jnp.vdot(b, b))
    norm = jnp.vdot(b, v[0] + 1j * v[1]) / size - 1.0
    return jnp.concatenate([real, imag, jnp.stack([norm.real, norm.imag])])


@kernel
def hopf_defect(
    flow: Flow, x: Array, v: Array, omega: Array, value: Array, at: Array, p: Constants, b: Array
) -> tuple[Array, Array]:
    """One Newton step for (x, v, omega, p) where a root lies on the imaginary axis; the new values and the defect before."""
    n = x.size

    def defect(z: Array) -> Array:
        x, q, value = z[:n], p.put(at, z[-1]), z[n : 3 * n]
        line = jnp.concatenate([value, jnp.zeros(1), z[3 * n : 3 * n + 1]])
        return jnp.concatenate([flow(x, q), characteristic(flow, x, q, line, b)])

    z = jnp.concatenate([x, jnp.real(v), jnp.imag(v), omega[None], value[None]])
    f = defect(z)
    return z - jnp.linalg.solve(jax.jacfwd(defect)(z), f), jnp.abs(f).max()


def chebyshev(degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes on [-1, 1] from 1 downward, and the matrix of the derivative (Trefethen 2000, ch. 6)."""
    k = np.arange(degree + 1)
    x = np.cos(np.pi * k / degree)
    c = np.where((k == 0) | (k == degree), 2.0, 1.0) * (-1.0) ** k
    gap = x[:, None] - x[None, :]
    D = np.outer(c, 1 / c) / (gap + np.eye(degree + 1))
    return x, D - np.diag(D.sum(axis=1))


def _case(model: Model, inputs: Mapping[str, Any] | None, given: Mapping[str, Any]) -> Case:
    found = case(model, inputs, delays=True, closed=Delayed, **given)
    if not _remembers(model):
        raise ModelError(f"{type(model).__name__} reads no past: bn.linearize and bn.fixed_points serve.")
    return found


def _remembers(model: Model) -> bool:
    for d in model.histories().values():
        if not isinstance(model.declaration(d.of), State):
            raise ModelError(
                f"{type(model).__name__} remembers `{d.of}`, which is no state: it has no linear equation."
            )
    return bool(model.histories()) or any(_remembers(part) for part in model.parts().values())


def roots_at(found: Case, x: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rightmost roots with their vectors, polished, and the defect of each."""
    reach = float(longest(found.flow, x, found.p))
    A = np.asarray(discretised(found.flow, x, found.p, max(reach, 1e-9)))
    values, vectors = np.linalg.eig(A)
    order = np.lexsort((-values.imag, -np.round(values.real, 9)))[:count]
    v = vectors[: found.flow.n, order].T
    v = v / np.linalg.norm(v, axis=1, keepdims=True)
    root, v, left = (
        np.asarray(a) for a in polished(found.flow, x, found.p, values[order].astype(complex), v.astype(complex))
    )
    return root, v, left


@in_double
def delay_roots(
    model: Model,
    state: Any = None,
    *,
    count: int = 8,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Resting points of a model with delays, and the rightmost roots of the characteristic equation of each.

    .. math:: \det\Bigl[\lambda I - A_0 - \sum_k A_k e^{-\lambda \tau_k}\Bigr] = 0

    Infinitely many roots; finitely many to the right of any line.  The past is a polynomial on Chebyshev points, its
    eigenvalues are starting values, and Newton's method on the equation itself makes them exact.

    Parameters
    ----------
    model : Model
        With states that are remembered (``bn.history``).
    state : mapping or array, or a list of them, optional
        Where the search for resting points begins; by default from the begin of a run and 32 states within the bounds.
    count : int
        Roots a point.
    inputs, **given
        Values of the inputs.

    Returns
    -------
    Dataset
        Over ``point``: the states, ``stability``, ``root(point, mode)`` per ms, ``root_residual`` (what is left of the
        characteristic equation), ``residual``.

    References
    ----------
    Breda, Maset & Vermiglio 2005, doi:10.1137/030601600; Trefethen 2000, *Spectral Methods in MATLAB*, ch. 6.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.analysis.delay_roots(bn.rates.MackeyGlass(tau=4.0), {"x": 1.0})
    >>> float(found.x[0]), str(found.stability.values[0])
    (1.0, 'stable focus')
    """
    found = _case(model, inputs, given)
    if state is None:
        box = found.box()
        starts = np.random.default_rng(0).uniform(box[:, 0], box[:, 1], (33, found.flow.n))
        starts[0] = found.x
    else:
        starts = np.stack([state_of(found, s) for s in (state if isinstance(state, list) else [state])])
    x, left, rest = settle(found, starts, False, scale=found.scale())
    kept: list[int] = []
    for i in np.flatnonzero(rest):
        if all(np.abs((x[i] - x[j]) / found.scale()).max() > 1e-6 for j in kept):
            kept.append(int(i))
    kept.sort(key=lambda i: tuple(x[i]))
    rows = [roots_at(found, x[i], count) for i in kept]
    modes = min([len(r[0]) for r in rows], default=0)
    root = np.array([r[0][:modes] for r in rows]).reshape(len(rows), modes)
    defect = np.array([r[2][:modes] for r in rows]).reshape(len(rows), modes)
    variables = labelled.states(found, x[kept], ("point",)) | {
        "stability": (
            ("point",),
            stability.words(root) if len(root) else np.zeros(0, str),
            {"units": "1", "long_name": "kind of resting point"},
        ),
        "residual": (("point",), left[kept], {"units": "1", "long_name": "motion that is left"}),
        "root": (("point", "mode"), root, {"units": "1/ms", "long_name": "characteristic root"}),
        "root_residual": (
            ("point", "mode"),
            defect,
            {"units": "1", "long_name": "what is left of the characteristic equation"},
        ),
    }
    status = f"{int(rest.sum())} of {len(starts)} starts reached a resting point"
    return labelled.dataset(variables, labelled.attributes(found, analysis="delay_roots", status=status))


@in_double
def delay_hopf(
    model: Model,
    path: str,
    between: tuple[float, float],
    state: Any = None,
    *,
    points: int = 40,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Hopf points of a model with delays over one parameter or input, such as the delay itself.

    A resting point is followed over ``points`` values, the real parts of its rightmost roots are watched, and where a
    pair crosses the imaginary axis Newton's method solves for :math:`(x, v, \omega, p)`.

    Returns
    -------
    Dataset
        Over ``special``: the value of ``path``, the states, ``frequency`` (rad/ms), ``period`` (ms), ``residual``; over
        ``step``: ``leading_root``.

    References
    ----------
    Engelborghs, Luzyanina & Roose 2002, doi:10.1145/513001.513002.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.analysis.delay_hopf(bn.rates.MackeyGlass(), "tau", (1.0, 8.0), {"x": 1.0})
    >>> round(float(found.tau[0]), 9), round(float(found.frequency[0]), 9)
    (4.708196289, 0.387298335)
    """
    found = _case(model, inputs, given)
    at = found.constant(path)
    x = state_of(found, state)
    values, leading, specials, before, ended = np.linspace(*between, points), [], [], None, "range"
    for value in values:
        here = found.with_value(path, float(value))
        x, _, rest = (a[0] for a in settle(here, x[None], False, scale=found.scale()))
        if not rest:
            ended = f"no resting point at {path} = {value:.6g}"
            break
        roots, v, _ = roots_at(here, x, 8)
        leading.append(roots[np.argmax(roots.real)])
        pairs = roots.imag > 1e-9
        if before is not None and (pairs & (roots.real > 0)).sum() != (before[0] & (before[1].real > 0)).sum():
            i = np.argmin(np.where(pairs, np.abs(roots.real), np.inf))
            specials.append(_hopf(here, x, roots[i], v[i], at))
        before = (pairs, roots)
    specials = [s for s in specials if s is not None and min(between) <= s[2] <= max(between)]
    axis = next(a for a in found.constants if a.path == path)
    X = np.array([s[0] for s in specials]).reshape(len(specials), found.flow.n)
    w, value, left = (np.array([s[i] for s in specials], float) for i in (1, 2, 3))
    variables = labelled.states(found, X, ("special",)) | {
        path: (("special",), value, {"units": axis.unit, "long_name": axis.doc}),
        "frequency": (("special",), w, {"units": "rad/ms", "long_name": "imaginary part of the root"}),
        "period": (("special",), 2 * np.pi / w, {"units": "ms", "long_name": "period that begins here"}),
        "residual": (("special",), left, {"units": "1", "long_name": "largest defect of the defining equations"}),
        "leading_root": (("step",), np.array(leading), {"units": "1/ms", "long_name": "rightmost root"}),
        f"{path}_value": (("step",), values[: len(leading)], {"units": axis.unit, "long_name": axis.doc}),
    }
    return labelled.dataset(variables, labelled.attributes(found, analysis="delay_hopf", variable=path, status=ended))


def _hopf(found: Case, x: np.ndarray, root: complex, v: np.ndarray, at: int) -> tuple | None:
    """Newton to where the pair lies on the axis."""
    n, value, w = found.flow.n, float(found.p.numbers[at]), root.imag
    b, left = v, np.inf
    for _ in range(12):
        z, left = (np.asarray(a) for a in hopf_defect(found.flow, x, v, w, value, at, found.p, b))
        if not np.isfinite(z).all():
            return None
        x, v, w, value = z[:n], z[n : 2 * n] + 1j * z[2 * n : 3 * n], z[3 * n], z[-1]
        if left < 1e-12:
            return x, w, value, left
    return (x, w, value, left) if left < 1e-8 else None
