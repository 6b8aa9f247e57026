"""What all contenders are given: the ranges, and the value of the parameter that moves in every turn."""

FHN_SPAN, HH_SPAN = (0.0, 2.0), (0.0, 200.0)
FHN_BOX = {"V": (-2.5, 2.5), "w": (-1.0, 2.0)}
FHN_REST = (-1.199408035, -0.624260044)
HH_REST = (-64.999722434, 0.0529342176, 0.5961110463, 0.3176811676)
E_L = -54.4


def tau(k: int) -> float:
    """Of FitzHugh-Nagumo in turn ``k``; 12.5 ms in the first call."""
    return 12.5 * (1 + 1e-3 * (k + 1))


def g_Na(k: int) -> float:
    """Of Hodgkin-Huxley in turn ``k``; 120 mS/cm2 in the first call."""
    return 120.0 * (1 + 1e-4 * (k + 1))
