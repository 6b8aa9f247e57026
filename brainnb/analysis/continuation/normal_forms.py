r"""What happens at a special point, by the coefficients of its normal form.

Second derivatives are exact (nested ``jvp``), third ones central differences of these along two directions, good to
about ten digits; nothing more is compiled for them.  With $B$ and $C$ the second and third derivatives of the vector
field, $A$ its Jacobian, $q$ and $p$ right and left eigenvectors with $\langle q, q \rangle = \langle p, q \rangle = 1$
in the model's own units:

- Hopf: the first Lyapunov coefficient,

  .. math::

      l_1 = \frac{1}{2\omega} \operatorname{Re} \langle p, C(q, q, \bar q) - 2 B(q, A^{-1} B(q, \bar q))
            + B(\bar q, (2 i \omega - A)^{-1} B(q, q)) \rangle,

  negative for a stable cycle (supercritical); its size depends on the units, its sign does not.
- Fold: $a = \langle p, B(q, q) \rangle / 2$.
- Pitchfork: $c = \langle p, C(q, q, q) - 3 B(q, A^{INV} B(q, q)) \rangle / 6$, negative where the new branches are stable.
  Transcritical: $a$.

References
----------
Kuznetsov 2004, *Elements of Applied Bifurcation Theory*, doi:10.1007/978-1-4757-3978-7, eqs. 5.39 and 5.62; Govaerts 2000,
doi:10.1137/1.9780898719543, chapter 7.
"""

from typing import NamedTuple

import numpy as np

from ..flow import Flow
from .frame import Frame, quadratic_at, wide

STRIDE = 3e-4
"""Of the differences, in scaled coordinates."""


def lyapunov(flow: Flow, at: Frame, y: np.ndarray, a: np.ndarray, b: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """First Lyapunov coefficients of Hopf points (K, n + free) with eigenvectors ``a + i b`` and frequencies."""
    n, size, found = flow.n, at.size[: flow.n], np.full(len(y), np.nan)
    if not len(y):
        return found
    q = a + 1j * b
    q = q / np.linalg.norm(q * size, axis=1, keepdims=True)
    matrix, bent, third = thirds(flow, at, y, np.stack([q.real, q.imag], axis=1))
    for k in range(len(y)):
        jacobian, w = matrix[k, :, :n], rate[k]
        p = _left(jacobian, 1j * w, q[k])
        along = bent[k, 0] + 1j * bent[k, 1]  # B(q, .)
        mixed, square = (along @ np.conj(q[k])).real, along @ q[k]
        if abs(np.linalg.det(jacobian / np.abs(jacobian).max())) < 1e-300:
            continue  # zero-Hopf: the coefficient has a pole there and stays NaN
        h11 = np.linalg.solve(jacobian, mixed)
        h20 = np.linalg.solve(2j * w * np.eye(n) - jacobian, square)
        (aaa, aab), (bba, bbb) = third[k]
        cubic = aaa + bba + 1j * (aab + bbb)  # C(q, q, conj q)
        found[k] = (np.conj(p) @ (cubic - 2 * along @ h11 + np.conj(along) @ h20)).real / (2 * w)
    return found


def fold(flow: Flow, at: Frame, y: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Quadratic coefficients of folds with null vectors ``q`` (K, n)."""
    n, size = flow.n, at.size[: flow.n]
    if not len(y):
        return np.zeros(0)
    q = q / np.linalg.norm(q * size, axis=1, keepdims=True)
    _, matrix, bent = quadratic_at(flow, y, wide(q[:, None], y.shape[1]), at)
    left = [_left(m[:, :n], 0.0, v) for m, v in zip(matrix, q, strict=True)]
    return np.array([(p @ (h[0, :, :n] @ v)).real / 2 for p, h, v in zip(left, bent, q, strict=True)])


class Crossing(NamedTuple):
    """How two curves cross: the word, its coefficient, and the direction of each (2, n + 1)."""

    word: str
    coefficient: float
    directions: np.ndarray


def crossing(flow: Flow, at: Frame, y: np.ndarray, v: np.ndarray) -> Crossing:
    r"""Both tangents at a branch point by the algebraic bifurcation equation $\langle p, D^2 f\,(\alpha v_1 + \beta v_2)^2 \rangle = 0$."""
    n, size = flow.n, at.size[: flow.n]
    v = np.linalg.qr(v.T)[0].T
    _, matrix, bent = quadratic_at(flow, y[None], v[None], at)
    matrix, bent = matrix[0], bent[0]
    p = np.linalg.svd(matrix)[0][:, -1]
    form = np.array([[p @ bent[i] @ v[j] for j in range(2)] for i in range(2)])
    form = (form + form.T) / 2
    gap = form[0, 1] ** 2 - form[0, 0] * form[1, 1]
    if gap <= 1e-12 * np.abs(form).max() ** 2:
        return Crossing("", np.nan, np.zeros((0, n + 1)))
    # a x^2 + 2 b x y + c y^2 = 0 without dividing by what may be zero
    (a, b), c = form[0], form[1, 1]
    root = -(b + np.copysign(np.sqrt(gap), b))
    angles = np.array([[root, a], [c, root]])
    ways = angles @ v
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    # the null vector of the Jacobian alone, and what bends along it
    q = np.linalg.svd(matrix[:, :n])[2][-1]
    q = q / np.linalg.norm(q * size)
    left = _left(matrix[:, :n], 0.0, q).real
    third = thirds(flow, at, y[None], np.stack([q, q])[None])
    square = third[1][0, 0] @ q
    quadratic = left @ square / 2
    within = np.linalg.norm(matrix[:, :n], 2)
    if abs(quadratic) > 1e-6 * max(within, np.abs(square).max()) * np.abs(left).max() * np.abs(q).max():
        return Crossing("transcritical", float(quadratic), ways)
    bordered = np.block([[matrix[:, :n], left[:, None]], [q[None], np.zeros((1, 1))]])
    inverse = np.linalg.solve(bordered, np.append(square, 0.0))[:n]
    coefficient = left @ (third[2][0, 0, 0] - 3 * third[1][0, 0] @ inverse) / 6
    word = "supercritical pitchfork" if coefficient < 0 else "subcritical pitchfork"
    return Crossing(word, float(coefficient), ways)


def thirds(flow: Flow, at: Frame, y: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``A``, ``B(v_i, .)`` and ``C(v_i, v_i, v_j)`` (K, 2, 2, n) of two directions of the states."""
    n, k = flow.n, len(y)
    along = wide(v, y.shape[1])
    length = STRIDE / np.maximum(np.abs(v).max(axis=2), 1e-300)
    points, ways = [y], [along]
    for i in range(2):
        for step in (-2, -1, 1, 2):
            points.append(y + step * length[:, i, None] * along[:, i])
            ways.append(along)
    _, matrix, bent = quadratic_at(flow, np.concatenate(points), np.concatenate(ways), at)
    bent = bent.reshape(9, k, 2, n, y.shape[1])[..., :n]
    third = np.empty((k, 2, 2, n))
    for i in range(2):
        # C(v_i, v_i, v_j): how B(v_i, v_j) changes along v_i
        mixed = np.einsum("skab,kjb->skja", bent[:, :, i], v)
        two_down, down, up, two_up = mixed[1 + 4 * i : 5 + 4 * i]
        slope = (two_down - two_up + 8 * (up - down)) / 12
        third[:, i] = slope / length[:, i, None, None]
    return matrix[:k], bent[0], third


def _left(jacobian: np.ndarray, value: complex, q: np.ndarray) -> np.ndarray:
    r"""The left eigenvector with $\langle p, q \rangle = 1$: $A^T p = \bar\lambda p$."""
    n = len(q)
    shifted = jacobian.T - np.conj(value) * np.eye(n)
    p = np.linalg.svd(shifted)[2][-1].conj()
    return p / np.conj(np.conj(p) @ q)
