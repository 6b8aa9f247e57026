"""BrainPy's best case: one compiled `for_loop` over the whole run, merged synapses, spikes recorded as packed bits.

Public names only.  Two projections, from the excitatory and the inhibitory part of one group of cells to all, which
here is faster than the four between two groups; no delay object; the cells' method is exponential Euler, conductances
taken within the step (the LTC classes).  Everything else, threads included, is BrainPy's default.
"""

from time import perf_counter

import brainpy as bp
import brainpy.math as bm
import jax
import jax.numpy as jnp
import numpy as np
from common import DT, E_E, E_I, FAN_IN, T_E, T_I, WEIGHTS, Built, Run, excitatory

DISTRIBUTIONS = ("brainpy", "brainevent", "numba", "jax")

DENSITY = 200.0  # pF of a membrane of 1 uF/cm2: nS / DENSITY are mS/cm2


class TraubMiles(bp.dyn.CondNeuGroupLTC):
    """Currents in uA/cm2: 20 uS, 6 uS and 10 nS on 200 pF."""

    def __init__(self, n):
        super().__init__(n, V_th=-20.0, V_initializer=bp.init.Normal(-65.0, 5.0))
        self.INa = bp.dyn.INa_TM1991(n, g_max=100.0, E=50.0, V_sh=-63.0)
        self.IK = bp.dyn.IK_TM1991(n, g_max=30.0, E=-90.0, V_sh=-63.0)
        self.IL = bp.dyn.IL(n, g_max=0.05, E=-60.0)


def population(network, n):
    """The cells."""
    if network == "COBAHH":
        return TraubMiles(n)
    start = bp.init.Normal(-55.0, 2.0) if network == "COBA" else bp.init.Uniform(-60.0, -50.0)
    rest = -60.0 if network == "COBA" else -49.0
    return bp.dyn.LifRefLTC(
        n, V_rest=rest, V_th=-50.0, V_reset=-60.0, tau=20.0, tau_ref=5.0, V_initializer=start, method="exp_auto"
    )


class Net(bp.DynSysGroup):
    """Two projections onto one group."""

    def __init__(self, network, n):
        super().__init__()
        self.half = excitatory(n)
        self.drive = 20.0 if network == "COBA" else 0.0
        self.cells = population(network, n)
        w_e, w_i = (w / (DENSITY if network == "COBAHH" else 1.0) for w in WEIGHTS[network])
        self.from_e = self.projection(network, self.half, n, w_e, T_E, E_E)
        self.from_i = self.projection(network, n - self.half, n, w_i, T_I, E_I)

    def projection(self, network, pre, n, weight, tau, reversal):
        out = bp.dyn.CUBA.desc() if network == "CUBA" else bp.dyn.COBA.desc(E=reversal)
        return bp.dyn.HalfProjAlignPostMg(
            comm=bp.dnn.EventCSRLinear(bp.conn.FixedProb(FAN_IN / n, pre=pre, post=n), weight),
            syn=bp.dyn.Expon.desc(n, tau=tau),
            out=out,
            post=self.cells,
        )

    def update(self):
        spikes = self.cells.spike.value
        self.from_e(spikes[: self.half])
        self.from_i(spikes[self.half :])
        self.cells(self.drive)
        return jnp.packbits(self.cells.spike.value)


def build(network: str, n: int, T: float) -> Built:
    begun = perf_counter()
    bm.set_dt(DT)
    net = Net(network, n)
    wired = perf_counter() - begun
    steps = bm.arange(round(T / DT))

    @bm.jit
    def whole():
        return bm.for_loop(net.step_run, steps, progress_bar=False)

    def once() -> tuple[float, jax.Array]:
        net.reset_state()
        if network == "COBAHH":
            for synapse, mean, spread in ((net.from_e, 4.0, 1.5), (net.from_i, 20.0, 12.0)):
                drawn = np.maximum(np.random.default_rng().normal(mean, spread, n), 0.0) * 10.0 / DENSITY
                synapse.refs["syn"].g.value = bm.asarray(drawn, dtype=bm.float_)
        jax.block_until_ready(net.cells.V.value)
        begun = perf_counter()
        packed = bm.as_jax(whole())
        packed.block_until_ready()
        return perf_counter() - begun, packed

    first, _ = once()
    second, _ = once()

    def run() -> Run:
        seconds, packed = once()
        found = np.nonzero(np.unpackbits(np.asarray(packed), axis=1, count=n))
        return Run(seconds, *found)

    return Built(run, {"wiring": wired, "compile": first - second}, "float32")
