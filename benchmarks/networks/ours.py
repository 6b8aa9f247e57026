"""brainnb's own side: the published networks of `bn.networks` through `bn.simulate`, all in.

A run is one call of `bn.simulate`: checks, the steps, the raster and its labels.  BRAINNB_KERNELS in the environment
chooses the kernel or the portable products, as everywhere; METHOD another method than the default, which is of order 2
where the others take exponential Euler.
"""

import os
from time import perf_counter

import numpy as np
from common import DT, Built, Run, excitatory

DISTRIBUTIONS = ("brainnb", "jax", "jaxlib")


def ours(network: str, n: int, T: float) -> Built:
    """Build ``bn.networks.<network>(n)`` and compile its run; an ImportError where it does not exist."""
    begun = perf_counter()
    import brainnb as bn
    from brainnb.ops import kernels

    bn.simulate(bn.neurons.LIF(), T=1)  # what is imported when it is first used (xarray), and the start of XLA
    imported = perf_counter() - begun
    if not hasattr(bn.networks, network):
        raise ImportError(f"this brainnb has no bn.networks.{network}")

    begun = perf_counter()
    net = getattr(bn.networks, network)(n)
    wired = perf_counter() - begun
    method = {"method": os.environ["METHOD"]} if "METHOD" in os.environ else {}

    def once():
        begun = perf_counter()
        found = bn.simulate(net, T=T, dt=DT, **method)
        return perf_counter() - begun, found

    first, _ = once()
    second, _ = once()

    def run() -> Run:
        seconds, found = once()
        parts = [found[name].transpose("time", ...).values.astype(bool) for name in ("E.spike", "I.spike")]
        (steps_e, cells_e), (steps_i, cells_i) = (np.nonzero(part.reshape(len(part), -1)) for part in parts)
        return Run(seconds, np.concatenate([steps_e, steps_i]), np.concatenate([cells_e, cells_i + excitatory(n)]))

    return Built(run, {"import": imported, "wiring": wired, "compile": first - second}, f"float32, {kernels.state()}")


build = ours
