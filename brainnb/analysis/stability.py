"""What eigenvalues say about a resting point, in words a student reads."""

import numpy as np

FLAT = 1e-7
"""An eigenvalue this small beside the largest one decides nothing: the point is called degenerate or a center."""

WORDS = (
    "stable node",
    "stable focus",
    "saddle",
    "saddle-focus",
    "unstable node",
    "unstable focus",
    "center",
    "degenerate",
)


def word(eigenvalues: np.ndarray, flat: float = FLAT) -> str:
    """Name a resting point of a flow by the eigenvalues of its Jacobian.

    A node leaves and returns straight, a focus by turning; which of the two is said of the slowest direction.  A saddle
    attracts along some directions and repels along others, a saddle-focus turns along one of them.  Where an eigenvalue
    is zero to rounding (``flat``, relative to the largest) the linear part decides nothing: ``center`` for a pair on
    the imaginary axis, else ``degenerate``.

    Examples
    --------
    >>> word(np.array([-1 + 2j, -1 - 2j]))
    'stable focus'
    >>> word(np.array([0.5, -3.0]))
    'saddle'
    """
    found = np.asarray(eigenvalues, complex)
    if not np.isfinite(found).all():
        return "degenerate"
    small = flat * max(np.abs(found).max(initial=0.0), 1e-300)
    idle = np.abs(found.real) <= small
    if idle.any():
        return "center" if (np.abs(found.imag[idle]) > small).all() else "degenerate"
    turns = np.abs(found.imag) > small
    up = found.real > 0
    if up.any() and not up.all():
        leading = turns[up][np.argmin(found.real[up])] or turns[~up][np.argmax(found.real[~up])]
        return "saddle-focus" if leading else "saddle"
    slowest = turns[np.argmin(np.abs(found.real))]
    return f"{'unstable' if up.all() else 'stable'} {'focus' if slowest else 'node'}"


def words(eigenvalues: np.ndarray, flat: float = FLAT) -> np.ndarray:
    """The word of every row of ``eigenvalues`` (points, n)."""
    return np.array([word(row, flat) for row in eigenvalues], dtype=object).astype(str)
