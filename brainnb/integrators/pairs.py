"""The adaptive Runge–Kutta pairs: a tableau each, with the weights of both results."""

from .embedded import EmbeddedRungeKutta


class HeunEuler(EmbeddedRungeKutta):
    """Heun's rule with Euler's, order 2(1): the simplest pair (Hairer, Nørsett & Wanner 1993, II.4)."""

    name, order, embedded_order = "heun_euler", 2, 1
    a = ((1.0,),)
    b, b_low = (0.5, 0.5), (1.0, 0.0)


class Fehlberg12(EmbeddedRungeKutta):
    """Fehlberg's pair of order 2(1) (Fehlberg 1969, NASA TR R-315, table I).

    Its first-order result is so accurate that the difference of the two is about 1/512 of an Euler step's error
    and says little about long steps: the error of a run is some thousand tolerances, and a tolerance looser than
    1e-5 is not kept.  It is here for comparison with published runs; :class:`BogackiShampine` is the one to take.
    """

    name, order, embedded_order = "rkf12", 2, 1
    a = ((1 / 2,), (1 / 256, 255 / 256))
    b, b_low = (1 / 512, 255 / 256, 1 / 512), (1 / 256, 255 / 256, 0.0)


class BogackiShampine(EmbeddedRungeKutta):
    """Pair of order 3(2) for loose tolerances (Bogacki & Shampine 1989, doi:10.1016/0893-9659(89)90079-7)."""

    name, order, embedded_order = "bs", 3, 2
    a = ((1 / 2,), (0.0, 3 / 4), (2 / 9, 1 / 3, 4 / 9))
    b, b_low = (2 / 9, 1 / 3, 4 / 9, 0.0), (7 / 24, 1 / 4, 1 / 3, 1 / 8)


class Fehlberg45(EmbeddedRungeKutta):
    """Fehlberg's pair of order 5(4) (Fehlberg 1969, NASA TR R-315, table III)."""

    name, order, embedded_order = "rkf45", 5, 4
    a = (
        (1 / 4,),
        (3 / 32, 9 / 32),
        (1932 / 2197, -7200 / 2197, 7296 / 2197),
        (439 / 216, -8.0, 3680 / 513, -845 / 4104),
        (-8 / 27, 2.0, -3544 / 2565, 1859 / 4104, -11 / 40),
    )
    b = (16 / 135, 0.0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55)
    b_low = (25 / 216, 0.0, 1408 / 2565, 2197 / 4104, -1 / 5, 0.0)


class CashKarp(EmbeddedRungeKutta):
    """Pair of order 5(4) (Cash & Karp 1990, doi:10.1145/79505.79507)."""

    name, order, embedded_order = "ck", 5, 4
    a = (
        (1 / 5,),
        (3 / 40, 9 / 40),
        (3 / 10, -9 / 10, 6 / 5),
        (-11 / 54, 5 / 2, -70 / 27, 35 / 27),
        (1631 / 55296, 175 / 512, 575 / 13824, 44275 / 110592, 253 / 4096),
    )
    b = (37 / 378, 0.0, 250 / 621, 125 / 594, 0.0, 512 / 1771)
    b_low = (2825 / 27648, 0.0, 18575 / 48384, 13525 / 55296, 277 / 14336, 1 / 4)


class DormandPrince(EmbeddedRungeKutta):
    """Pair of order 5(4) with small error constants (Dormand & Prince 1980, doi:10.1016/0771-050X(80)90013-3)."""

    name, order, embedded_order = "rkdp", 5, 4
    a = (
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    )
    b = (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0)
    b_low = (5179 / 57600, 0.0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40)


class Tsitouras(EmbeddedRungeKutta):
    """Pair of order 5(4) with smaller errors than Dormand and Prince's (Tsitouras 2011, doi:10.1016/j.camwa.2011.06.002)."""

    name, order, embedded_order = "tsit5", 5, 4
    a = (
        (0.161,),
        (-0.008480655492356989, 0.335480655492357),
        (2.8971530571054935, -6.359448489975075, 4.3622954328695815),
        (5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525),
        (5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383),
        (0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774),
    )
    b = (0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774, 0.0)
    b_low = (
        0.09646076681806523 + 0.00178001105222577714,
        0.01 + 0.0008164344596567469,
        0.4798896504144996 - 0.007880878010261995,
        1.379008574103742 + 0.1447110071732629,
        -3.290069515436081 - 0.5823571654525552,
        2.324710524099774 + 0.45808210592918697,
        -1 / 66,
    )
