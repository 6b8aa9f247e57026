r"""The smallest folds of cycles: what a Bautin point tells of the curve that begins there.

With the eigenvector $q$ of the pair $\pm i \omega$ a small cycle of size r is

.. math::

    x + r \operatorname{Re}(q e^{i \theta}) + \tfrac{r^2}{4} \left(\operatorname{Re}(h_{20} e^{2 i \theta}) + h_{11}\right),
    \qquad h_{20} = (2 i \omega - A)^{-1} B(q, q), \quad h_{11} = -A^{-1} B(q, \bar q)

and turns with $\omega + \operatorname{Im}(c_1)\, r^2 / 4$, $c_1 = \langle p, C(q, q, \bar q) + 2 B(q, h_{11}) + B(\bar q,
h_{20}) \rangle / 2$ (Kuznetsov 2004, doi:10.1007/978-1-4757-3978-7, sections 3.5 and 8.3).  At the fold the real part of
$c_1$ is zero to this order, and the critical direction is the derivative to r.
"""

from collections.abc import Callable

import numpy as np

from ..branch import Special
from ..cases import Case
from ..continuation.frame import Frame, linear_at
from ..flow import Constants
from .collocation import Orbit, phases
from .cycle_track import INTERVALS
from .following import Scale

STRIDE = 1e-3
"""Of the differences that give the higher derivatives; Newton's method mends what they miss."""

SIZES = (0.02, 0.06, 0.007)
"""Of the first cycle, in scales of the states, tried in turn."""


def born(case: Case, index: np.ndarray, scale: Scale, point: Special, r: float) -> tuple[Orbit, Orbit]:
    """A guess of the fold of cycles of size ``r`` near a Bautin point, on an even mesh, and the direction in which it grows."""
    numbers = np.array(case.p.numbers)
    numbers[index] = point.value, point.value2
    at = Frame(
        Constants(numbers, case.p.others), index[:1], np.append(0 * scale.x, point.value), np.append(scale.x, 1.0)
    )

    def jacobian(x: np.ndarray) -> np.ndarray:
        return linear_at(case.flow, np.append(x, 0.0)[None], at)[1][0, :, :-1]

    x = point.x / scale.x
    A = jacobian(x)
    values, vectors = np.linalg.eig(A)
    k = int(np.argmin(np.abs(values - 1j * point.frequency)))
    n, omega = len(A), values[k].imag
    q = vectors[:, k] * np.sqrt(4 * n)  # so that among 2n numbers the mean square of v is 1
    p = np.linalg.inv(vectors)[k] / np.sqrt(4 * n)
    bend, twist = _derivatives(jacobian, x, q)
    h20 = np.linalg.solve(2j * omega * np.eye(n) - A, bend @ q)
    h11 = -np.linalg.solve(A, (bend @ q.conj()).real)
    c1 = p @ (twist @ q.conj() + 2 * bend @ h11 + bend.conj() @ h20) / 2
    turn = np.exp(2j * np.pi * phases(np.linspace(0, 1, INTERVALS + 1)))[..., None]
    first, second = (turn * q).real, ((turn**2 * h20).real + h11) / 4
    a = -c1.imag * r / (2 * omega)
    length = np.sqrt(1 + a**2)
    free = (np.array([point.value, point.value2]) - scale.lo) / scale.length
    v = first + 2 * r * second
    s = np.array([np.log(2 * np.pi / omega) + a * r / 2, *free, a / length])
    at = Orbit(np.concatenate([x + r * first + r**2 * second, v / length], -1), s)
    return at, Orbit(np.concatenate([v, np.zeros_like(v)], -1), np.array([a, 0.0, 0.0, 0.0]))


def _derivatives(
    jacobian: Callable[[np.ndarray], np.ndarray], x: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The matrices of B(q, .) and C(q, q, .)."""
    A = jacobian(x)

    def both(way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        length = STRIDE / np.linalg.norm(way)
        up, down = jacobian(x + length * way), jacobian(x - length * way)
        return (up - down) / (2 * length), (up - 2 * A + down) / length**2

    (re, rr), (im, ii) = both(q.real), both(q.imag)
    mixed = (both(q.real + q.imag)[1] - both(q.real - q.imag)[1]) / 4
    return re + 1j * im, rr - ii + 2j * mixed
