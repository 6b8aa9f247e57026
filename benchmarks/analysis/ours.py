"""brainnb: default settings, nothing told about steps or starts."""

from importlib import metadata

from common import E_L, FHN_BOX, FHN_SPAN, HH_SPAN, g_Na, tau

import brainnb as bn
from brainnb.run import cache

traced = cache.trace_count


def versions() -> str:
    return f"brainnb {bn.__version__}, jax {metadata.version('jax')}"


def fhn(k: int) -> bn.Model:
    return bn.neurons.FitzHughNagumo(tau=tau(k))


def hh(k: int) -> bn.Model:
    return bn.neurons.HodgkinHuxley().replace(g_Na=g_Na(k), E_L=E_L)


def read(found) -> dict:
    """Hopf points, folds of cycles, and the points on branches of cycles."""
    kinds = found.special_kind.values
    positions = {"hopf": sorted(found.special_value.values[kinds == "hopf"].tolist())}
    told = {"positions": positions}
    cycle = found.branch_kind.values == "cycle"
    if cycle.any():
        told["points"] = int(found.I.notnull().values[cycle].sum())
    return told


TASKS = {
    "redraw": (
        lambda k: bn.phase_plane(fhn(k), I=0.5, **FHN_BOX),
        lambda found: {"positions": {"resting V": found.point_V.values.tolist()}},
    ),
    "equilibria 2": (lambda k: bn.bifurcation(fhn(k), "I", FHN_SPAN, cycles=False), read),
    "equilibria 4": (lambda k: bn.bifurcation(hh(k), "I", HH_SPAN, cycles=False), read),
    "cycles 2": (lambda k: bn.bifurcation(fhn(k), "I", FHN_SPAN), read),
    "cycles 4": (lambda k: bn.bifurcation(hh(k), "I", HH_SPAN), read),
}
