"""The explicit Runge–Kutta methods of fixed step: a tableau each."""

import dataclasses
import math

from .runge_kutta import ExplicitRungeKutta

_5 = math.sqrt(5.0)


class Euler(ExplicitRungeKutta):
    """Forward Euler, order 1.  With noise: Euler–Maruyama, strong order 1/2 (1 for additive noise), Itô."""

    name, order, strong_order, weak_order = "euler", 1, 0.5, 1.0
    a, b = (), (1.0,)


class Midpoint(ExplicitRungeKutta):
    """Explicit midpoint rule, order 2 (Hairer, Nørsett & Wanner 1993, doi:10.1007/978-3-540-78862-1, II.1)."""

    name, order = "midpoint", 2
    a, b = ((0.5,),), (0.0, 1.0)


class Heun(ExplicitRungeKutta):
    """Heun's trapezoidal rule, order 2 (Heun 1900, Z. Math. Phys. 45, 23–38)."""

    name, order = "heun", 2
    a, b = ((1.0,),), (0.5, 0.5)


class Ralston2(ExplicitRungeKutta):
    """The method of order 2 with the least bound on its error (Ralston 1962, doi:10.1090/S0025-5718-1962-0150954-0)."""

    name, order = "ralston2", 2
    a, b = ((2 / 3,),), (0.25, 0.75)


@dataclasses.dataclass(frozen=True)
class RK2(ExplicitRungeKutta):
    r"""All methods of order 2 with two stages.

    .. math::

        s' = s + h\Big[\Big(1 - \frac{1}{2\beta}\Big) k_1 + \frac{1}{2\beta} k_2\Big], \qquad
        k_2 = f(t + \beta h,\; s + \beta h k_1)

    Parameters
    ----------
    beta : float
        Where in the step the second slope is taken: 1/2 is the midpoint rule, 2/3 Ralston's, 1 Heun's.

    Reference: Butcher 2016, doi:10.1002/9781119121534, 232.

    Examples
    --------
    >>> RK2(beta=0.5).b
    (0.0, 1.0)
    """

    beta: float = 2 / 3

    name, order = "rk2", 2

    def __post_init__(self) -> None:
        super().__post_init__()
        known = isinstance(self.beta, int | float) and not isinstance(self.beta, bool)
        if not known or not 0 < self.beta <= 1:
            raise ValueError(
                f"RK2(beta={self.beta!r}): a number in (0, 1] was expected, "
                f"1/2 for the midpoint rule, 2/3 for Ralston's, 1 for Heun's."
            )

    @property
    def a(self) -> tuple[tuple[float, ...], ...]:
        return ((self.beta,),)

    @property
    def b(self) -> tuple[float, ...]:
        return (1 - 1 / (2 * self.beta), 1 / (2 * self.beta))


class RK3(ExplicitRungeKutta):
    """Kutta's method of order 3 (Kutta 1901, Z. Math. Phys. 46, 435–453)."""

    name, order = "rk3", 3
    a, b = ((0.5,), (-1.0, 2.0)), (1 / 6, 2 / 3, 1 / 6)


class Heun3(ExplicitRungeKutta):
    """Heun's method of order 3 (Heun 1900, Z. Math. Phys. 45, 23–38)."""

    name, order = "heun3", 3
    a, b = ((1 / 3,), (0.0, 2 / 3)), (0.25, 0.0, 0.75)


class Ralston3(ExplicitRungeKutta):
    """The method of order 3 with the least bound on its error (Ralston 1962, doi:10.1090/S0025-5718-1962-0150954-0)."""

    name, order = "ralston3", 3
    a, b = ((0.5,), (0.0, 0.75)), (2 / 9, 1 / 3, 4 / 9)


class SSPRK3(ExplicitRungeKutta):
    """Strong stability preserving, order 3: averages of Euler steps (Shu & Osher 1988, doi:10.1016/0021-9991(88)90177-5)."""

    name, order = "ssprk3", 3
    a, b = ((1.0,), (0.25, 0.25)), (1 / 6, 1 / 6, 2 / 3)


class RK4(ExplicitRungeKutta):
    """The classical Runge–Kutta method, order 4 (Kutta 1901, Z. Math. Phys. 46, 435–453)."""

    name, order = "rk4", 4
    a, b = ((0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)


class RK4Rule38(ExplicitRungeKutta):
    """Kutta's 3/8 rule, order 4: smaller error constants than the classical method (Kutta 1901)."""

    name, order = "rk4_38rule", 4
    a, b = ((1 / 3,), (-1 / 3, 1.0), (1.0, -1.0, 1.0)), (1 / 8, 3 / 8, 3 / 8, 1 / 8)


class Ralston4(ExplicitRungeKutta):
    """The method of order 4 with the least bound on its error (Ralston 1962, doi:10.1090/S0025-5718-1962-0150954-0)."""

    name, order = "ralston4", 4
    a = (
        (2 / 5,),
        ((-2889 + 1428 * _5) / 1024, (3785 - 1620 * _5) / 1024),
        ((-3365 + 2094 * _5) / 6040, (-975 - 3046 * _5) / 2552, (467040 + 203968 * _5) / 240845),
    )
    b = (
        (263 + 24 * _5) / 1812,
        (125 - 1000 * _5) / 3828,
        1024 * (3346 + 1623 * _5) / 5924787,
        (30 - 4 * _5) / 123,
    )
