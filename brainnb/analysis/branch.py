"""What continuation brings home: branches of resting points, cycles or special points, and the special points on them."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Special:
    """A point where something comes, goes or changes stability.

    ``kind`` is a word of the contract (fold, hopf, branch_point, cycle_fold, period_doubling, torus, homoclinic, snic,
    cusp, bogdanov_takens, bautin, zero_hopf, double_hopf) or one of those on curves of cycles in two parameters; ``residual`` is the largest defect of its defining equations
    (NaN where it was seen and not solved for).  ``coefficient`` is that of the normal form: the first Lyapunov
    coefficient of a Hopf point, the quadratic one of a fold.  ``row`` says behind which row of its branch it lies.
    """

    kind: str
    value: float
    x: np.ndarray
    value2: float = np.nan
    coefficient: float = np.nan
    frequency: float = np.nan
    period: float = np.nan
    residual: float = np.nan
    row: int = -1
    note: str = ""


@dataclass(frozen=True)
class Branch:
    """One curve of solutions, in the order in which it was followed.

    ``kind``: equilibrium, cycle, or with two parameters fold_curve, hopf_curve, cycle_fold_curve,
    period_doubling_curve, torus_curve, homoclinic_curve.  ``x`` (steps, n) are the states; of a cycle those at its phase
    zero, with ``low`` and ``high`` (steps, n) and ``period``; of a homoclinic orbit its saddle.  ``eigenvalues``
    (steps, n) are those of the Jacobian, of a cycle its Floquet multipliers.  ``begin`` and ``end`` say where the curve
    comes from and why it ends: range, box, closed, hopf, branch_point, homoclinic, snic, period, no convergence, step too
    small, steps, or a point of codimension two.
    """

    kind: str
    value: np.ndarray
    x: np.ndarray
    stable: np.ndarray
    eigenvalues: np.ndarray
    end: str
    begin: str = ""
    value2: np.ndarray | None = None
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    period: np.ndarray | None = None
    special: tuple[Special, ...] = field(default=())
    note: str = ""

    @property
    def rests(self) -> bool:
        """Whether ``x`` and ``eigenvalues`` are those of resting points."""
        return self.low is None or self.kind == "homoclinic_curve"
