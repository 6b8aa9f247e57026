"""Compute behind a slider move: one changed parameter, a warm rerun, labels and checks included.

    python benchmarks/slider.py [--repeats 15]

Two tasks on the squid axon at dt = 0.02 ms: 20 000 steps of one neuron, and 50 currents of 20 000 steps each.  Then 200 ms
of a network of 4 000 cells (COBA, CUBA, COBAHH) with a weight, a drive and a time constant moved: `replace`, checks,
run, raster and labels, by brainnb alone; `benchmarks/networks.py` has the peers.  Its goal is 50 ms.
Peers run when they are installed (pip install brian2 brainpy neuron numba scipy, with numpy < 2.4); each contender's
spike count is checked before anything is timed.  BrainPy, Brian2 and NEURON get the cheapest way they document
for changing a parameter and running again.
"""

import argparse
import math
import statistics
from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time

import numpy as np
from timing import first_call, report, rounds, versions

DT, STEPS = 0.02, 20_000
T = DT * STEPS
DRAG = 0.1
"""Seconds that a hand stays on the slider, in every round."""

CURRENTS = np.linspace(0.0, 20.0, 50)


def g_Na(k: int) -> float:
    """The value of the slider in round ``k``; checks run before round 0, at its value."""
    return 120.0 + 0.1 * max(k, 0)


def crossings(V: np.ndarray) -> int:
    """Upward crossings of 0 mV."""
    V = np.asarray(V).ravel()
    return int(((V[1:] >= 0) & (V[:-1] < 0)).sum())


def brainnb_one(method: str | None) -> Callable[[int], int]:
    import brainnb as bn

    hh = bn.neurons.HodgkinHuxley()

    def run(k: int) -> int:
        ds = bn.simulate(hh.replace(g_Na=g_Na(k)), T=T, dt=DT, I=10.0, method=method)
        return crossings(ds.V.values) if k < 0 else 0

    return run


def brainnb_many(method: str | None) -> Callable[[int], int]:
    import brainnb as bn

    hh = bn.neurons.HodgkinHuxley()

    def run(k: int) -> int:
        ds = bn.sweep(hh.replace(g_Na=g_Na(k)), {"I": CURRENTS}, T=T, dt=DT, record=["V"], method=method)
        return crossings(ds.V.values[-1]) if k < 0 else 0

    return run


NETWORKS = {"COBA": range(15_000, 24_000), "CUBA": range(2_500, 7_500), "COBAHH": range(22_000, 40_000)}
"""Spikes of 4 000 cells in 200 ms."""

GOAL = 50.0  # ms a move


def brainnb_network(name: str) -> Callable[[int], int]:
    """Moves of a weight, a drive and a time constant."""
    import brainnb as bn

    net = getattr(bn.networks, name)(4000)
    start = {path: float(net.parameters()[path].value) for path in ("EE.weight", "IE.synapse.tau")}
    drive = float(net.inputs()["E.I"].default)

    def run(k: int) -> int:
        by = 1 + 1e-3 * (max(k, 0) % 10)
        moved = net.replace({path: value * by for path, value in start.items()})
        ds = bn.simulate(moved, T=200.0, inputs={"E.I": drive * by})
        return int(ds["E.spike"].sum() + ds["I.spike"].sum()) if k < 0 else 0

    return run


def compute(calls: dict[str, Callable[[int], int]], moves: int) -> None:
    """What a move takes by the clock, and of processors: of two that share a run, more than the clock says."""
    for name, call in calls.items():
        waited, spent = [], []
        for k in range(moves):
            begun, at_work = perf_counter(), process_time()
            call(k)
            waited.append((perf_counter() - begun) * 1e3)
            spent.append((process_time() - at_work) * 1e3)
        middle = statistics.median(waited)
        word = "below" if middle < GOAL else "ABOVE"
        told = f"(least {min(waited):.2f}; {statistics.median(spent):.2f} ms of processors)"
        print(f"{name:28}{middle:9.2f} ms by the clock {told}, {word} the goal of {GOAL:g}")


def rates(V: float, exp: Callable = math.exp) -> tuple[float, ...]:
    """Rate functions of the squid axon, written flat for the peers that take Python."""
    x, y = (V + 40.0) / 10.0, (V + 55.0) / 10.0
    a_m = x / (1.0 - exp(-x)) if abs(x) > 1e-6 else 1.0
    a_n = 0.1 * y / (1.0 - exp(-y)) if abs(y) > 1e-6 else 0.1
    return (
        a_m,
        4.0 * exp(-(V + 65.0) / 18.0),
        0.07 * exp(-(V + 65.0) / 20.0),
        1.0 / (1.0 + exp(-(V + 35.0) / 10.0)),
        a_n,
        0.125 * exp(-(V + 65.0) / 80.0),
    )


def scipy_one() -> Callable[[int], int]:
    from scipy.integrate import solve_ivp

    def run(k: int) -> int:
        g = g_Na(k)

        def field(t: float, s: np.ndarray) -> list[float]:
            V, m, h, n = s
            am, bm, ah, bh, an, bnn = rates(V)
            dV = 10.0 + g * m**3 * h * (50.0 - V) + 36.0 * n**4 * (-77.0 - V) + 0.3 * (-54.387 - V)
            return [dV, am * (1 - m) - bm * m, ah * (1 - h) - bh * h, an * (1 - n) - bnn * n]

        found = solve_ivp(
            field, (0, T), [-65, 0.0529, 0.5961, 0.3177], "LSODA", np.arange(1, STEPS + 1) * DT, rtol=1e-6, atol=1e-6
        )
        return crossings(found.y[0])

    return run


def numba_one() -> Callable[[int], int]:
    import numba

    quick_rates = numba.njit(inline="always")(_numba_rates)

    @numba.njit
    def loop(g: float, I: float, V_out: np.ndarray) -> None:
        V, m, h, n = -65.0, 0.0529, 0.5961, 0.3177
        for i in range(STEPS):
            am, bm, ah, bh, an, bnn = quick_rates(V)
            dV = I + g * m**3 * h * (50.0 - V) + 36.0 * n**4 * (-77.0 - V) + 0.3 * (-54.387 - V)
            m = am / (am + bm) + (m - am / (am + bm)) * math.exp(-DT * (am + bm))
            h = ah / (ah + bh) + (h - ah / (ah + bh)) * math.exp(-DT * (ah + bh))
            n = an / (an + bnn) + (n - an / (an + bnn)) * math.exp(-DT * (an + bnn))
            V += DT * dV
            V_out[i] = V

    def run(k: int) -> int:
        V = np.empty(STEPS)
        loop(g_Na(k), 10.0, V)
        return crossings(V)

    run.loop = loop
    return run


def _numba_rates(V):
    x, y = (V + 40.0) / 10.0, (V + 55.0) / 10.0
    a_m = x / (1.0 - math.exp(-x)) if abs(x) > 1e-6 else 1.0
    a_n = 0.1 * y / (1.0 - math.exp(-y)) if abs(y) > 1e-6 else 0.1
    return (
        a_m,
        4.0 * math.exp(-(V + 65.0) / 18.0),
        0.07 * math.exp(-(V + 65.0) / 20.0),
        1.0 / (1.0 + math.exp(-(V + 35.0) / 10.0)),
        a_n,
        0.125 * math.exp(-(V + 65.0) / 80.0),
    )


def numba_many() -> Callable[[int], int]:
    loop = numba_one().loop

    def run(k: int) -> int:
        V = np.empty((len(CURRENTS), STEPS))
        for i, current in enumerate(CURRENTS):
            loop(g_Na(k), current, V[i])
        return crossings(V[-1])

    return run


def neuron_one() -> Callable[[int], int]:
    from neuron import h

    h.load_file("stdrun.hoc")
    soma = h.Section(name="soma")
    soma.L = soma.diam = 100 / math.sqrt(math.pi)  # 1e4 um2, so that 1 nA is 10 uA/cm2
    soma.insert("hh")
    h.usetable_hh = 0
    soma(0.5).hh.el = -54.387
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur = 0, 1e9
    trace = h.Vector().record(soma(0.5)._ref_v)
    h.celsius, h.dt, h.steps_per_ms = 6.3, DT, 1 / DT

    def run(k: int, current: float = 10.0) -> int:
        clamp.amp = current / 10.0
        soma(0.5).hh.gnabar = g_Na(k) / 1000
        h.finitialize(-65)
        h.continuerun(T)
        return crossings(trace.as_numpy())

    return run


def neuron_many() -> Callable[[int], int]:
    one = neuron_one()

    def run(k: int) -> int:
        return [one(k, current) for current in CURRENTS][-1]

    return run


HH_BRIAN = """
dv/dt = (I + gNa*m**3*h*(50 - v) + 36*n**4*(-77 - v) + 0.3*(-54.387 - v))/ms : 1
dm/dt = (am*(1 - m) - 4*exp(-(v + 65)/18)*m)/ms : 1
dh/dt = (0.07*exp(-(v + 65)/20)*(1 - h) - h/(1 + exp(-(v + 35)/10)))/ms : 1
dn/dt = (an*(1 - n) - 0.125*exp(-(v + 65)/80)*n)/ms : 1
am = 1/exprel(-(v + 40)/10) : 1
an = 0.1/exprel(-(v + 55)/10) : 1
gNa : 1 (shared)
I : 1
"""


def brian2_many(currents: np.ndarray) -> Callable[[int], int]:
    import brian2 as b2

    b2.prefs.codegen.target = "cython"
    b2.defaultclock.dt = DT * b2.ms
    group = b2.NeuronGroup(len(currents), HH_BRIAN, method="exponential_euler")
    monitor = b2.StateMonitor(group, "v", record=True)
    network = b2.Network(group, monitor)
    group.I = currents
    group.v, group.m, group.h, group.n = -65, 0.0529, 0.5961, 0.3177
    network.store()

    def run(k: int) -> int:
        network.restore()
        group.gNa = g_Na(k)
        network.run(T * b2.ms)
        return crossings(monitor.v[-1])

    return run


def brainpy_many(currents: np.ndarray) -> Callable[[int], int]:
    import brainpy as bp
    import brainpy.math as bm

    bm.set_dt(DT)
    size = len(currents)
    group = bp.dyn.HH(size, gL=0.3, method="exp_auto", V_initializer=bp.init.Constant(-65.0))
    given = bm.asarray(currents)

    def run(k: int) -> int:
        group.gNa = g_Na(k)
        group.reset_state()

        def step(i):
            bp.share.save(i=i, t=i * DT)
            group.update(given)
            return group.V.value

        return crossings(np.asarray(bm.for_loop(step, np.arange(STEPS), progress_bar=False))[:, -1])

    return run


def ready(makers: dict[str, Callable[[], Callable[[int], int]]], expected: range) -> tuple[dict, dict]:
    """Build the contenders that are installed and check what they compute."""
    calls, cold = {}, {}
    for name, make in makers.items():
        try:
            call = make()
        except ImportError as error:
            print(f"  {name}: skipped, {error}")
            continue
        cold[name] = first_call(call)
        spikes = call(-1)
        assert spikes in expected, f"{name} fires {spikes} spikes, expected {expected}"
        calls[name] = call
    return calls, cold


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeats", type=int, default=15)
    repeats = options.parse_args().repeats
    versions("jax", "numpy", "scipy", "numba", "neuron", "brian2", "brainpy")
    one = {
        "brainnb (default)": lambda: brainnb_one(None),
        "brainnb (euler)": lambda: brainnb_one("euler"),
        "numba, hand-written": numba_one,
        "NEURON": neuron_one,
        "SciPy LSODA": scipy_one,
        "Brian2 (cython)": lambda: brian2_many(np.array([10.0])),
        "BrainPy (for_loop)": lambda: brainpy_many(np.array([10.0])),
    }
    calls, cold = ready(one, range(26, 30))
    report("One neuron, 20 000 steps", cold, rounds(calls, repeats, DRAG), "brainnb (default)")
    many = {
        "brainnb (default)": lambda: brainnb_many(None),
        "brainnb (euler)": lambda: brainnb_many("euler"),
        "numba, hand-written": numba_many,
        "NEURON": neuron_many,
        "Brian2 (cython)": lambda: brian2_many(CURRENTS),
        "BrainPy (for_loop)": lambda: brainpy_many(CURRENTS),
    }
    calls, cold = ready(many, range(33, 37))
    report(
        "f-I curve, 50 currents x 20 000 steps", cold, rounds(calls, max(3, repeats // 3), DRAG), "brainnb (default)"
    )
    calls, cold = {}, {}
    for name, expected in NETWORKS.items():
        built, took = ready({name: partial(brainnb_network, name)}, expected)
        calls, cold = calls | built, cold | took
    report("200 ms of 4 000 cells, three sliders moved", cold, rounds(calls, repeats, DRAG), "COBA")
    compute(calls, repeats)


if __name__ == "__main__":
    main()
