"""Between two points of a curve of cycles: where a test is zero, on corrected points."""

from collections.abc import Callable

import numpy as np

from .collocation import Orbit, product
from .following import Problem, Rows, corrected, moved

FINE = 1e-9
"""What counts as nothing, beside the stretch and beside the values at its ends."""
ROUNDING = 2e-12
"""What a test of order one is not known to: in a canard explosion the parameter itself moves by no more."""


class Lost(Exception):
    """No cycle was found at a distance along a curve, or its test cannot be read there."""


class Stretch:
    """The curve from a point to the next, by the distance along its direction at the first; all points on the mesh of that."""

    def __init__(self, problem: Problem, before: Rows, after: Rows):
        self.problem, self.before = problem, before
        h = np.diff(before.edges)
        orbit, along = moved((after.orbit, after.along), after.edges, before.edges, problem.sign)
        self.length = product(orbit.plus(-1.0, before.orbit), before.along, h)
        self._rows = {0.0: before, self.length: after._replace(orbit=orbit, along=along)}

    def at(self, ds: float) -> Rows:
        """The point at a distance."""
        if ds not in self._rows:
            row = corrected(self.problem, self._between(ds), self.before.along, self.before.edges, ds)
            if row is None:
                raise Lost
            self._rows[ds] = row
        return self._rows[ds]

    def _between(self, ds: float) -> Orbit:
        """Where it is expected: on the cubic through its neighbours along their directions."""
        known = np.sort(list(self._rows))
        k = int(np.clip(np.searchsorted(known, ds), 1, len(known) - 1))
        (a, x), (b, y) = ((s, self._rows[s]) for s in known[k - 1 : k + 1])
        t, width = (ds - a) / (b - a), b - a
        found = x.orbit.times((1 + 2 * t) * (1 - t) ** 2).plus(t**2 * (3 - 2 * t), y.orbit)
        found = found.plus(width * t * (1 - t) ** 2, self._pace(x))
        return found.plus(width * t**2 * (t - 1), self._pace(y))

    def _pace(self, row: Rows) -> Orbit:
        """The direction of the curve by the distance."""
        along, h = self.before.along, np.diff(self.before.edges)
        return row.along.times(1 / product(row.along, along, h))

    def zero(self, test: Callable[[Rows], float]) -> tuple[Rows, float]:
        """A point at which a test is zero, and its distance, searched from all points in hand.

        Raises
        ------
        Lost
            Where no cycle was found, or the test cannot be read or does not change its sign.
        """
        import scipy.optimize

        values = {ds: float(test(row)) for ds, row in sorted(self._rows.items())}
        flat = max(FINE * max(abs(values[ds]) for ds in (0.0, self.length)), ROUNDING)

        def value(ds: float) -> float:
            if ds not in values:
                values[ds] = float(test(self.at(ds)))
            if not np.isfinite(values[ds]):
                raise Lost
            return values[ds] if abs(values[ds]) > flat else 0.0

        known = np.array(list(values.items()))
        changes = np.flatnonzero(known[:-1, 1] * known[1:, 1] < 0)
        if not changes.size:
            raise Lost
        a, b = known[changes[0] : changes[0] + 2, 0].tolist()
        best = scipy.optimize.brentq(value, a, b, xtol=FINE * abs(self.length), rtol=1e-12, maxiter=40)
        return self.at(best), best
