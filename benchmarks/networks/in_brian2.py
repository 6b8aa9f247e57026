"""Brian2's C++ standalone mode on one thread, with its own compiler flags, in its default double precision.

Conductances decay and V moves by exponential Euler (COBA, COBAHH) or exactly (CUBA), as in Brian2's published examples.
A run starts the compiled program anew: what the program spends on its synapses before the first step is `wiring`, its
simulation loop is the run.
"""

import tempfile
from pathlib import Path
from time import perf_counter

import brian2 as b2
import numpy as np
from brian2 import Hz, ms, mV, nS, pF, siemens, volt  # noqa: F401  (equations name units)
from common import DT, FAN_IN, WEIGHTS, Built, Run, excitatory

DISTRIBUTIONS = ("brian2", "numpy")
LIF = dict(threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms)
# An upward crossing: above the threshold a cell is refractory to it.
CROSSING = dict(threshold="v > -20*mV", refractory="v > -20*mV")
EQUATIONS = {
    "COBA": """
        dv/dt = (-60*mV - v + g_e * (0*mV - v) + g_i * (-80*mV - v) + 20*mV) / (20*ms) : volt (unless refractory)
        dg_e/dt = -g_e / (5*ms) : 1
        dg_i/dt = -g_i / (10*ms) : 1
        """,
    "CUBA": """
        dv/dt = (-49*mV - v + g_e + g_i) / (20*ms) : volt (unless refractory)
        dg_e/dt = -g_e / (5*ms) : volt
        dg_i/dt = -g_i / (10*ms) : volt
        """,
    "COBAHH": """
        dv/dt = (10*nS * (-60*mV - v) + g_e * (0*mV - v) + g_i * (-80*mV - v)
                 - 20*uS * m**3 * h * (v - 50*mV) - 6*uS * n**4 * (v + 90*mV)) / (200*pF) : volt
        dm/dt = a_m * (1 - m) - b_m * m : 1
        dn/dt = a_n * (1 - n) - b_n * n : 1
        dh/dt = a_h * (1 - h) - b_h * h : 1
        dg_e/dt = -g_e / (5*ms) : siemens
        dg_i/dt = -g_i / (10*ms) : siemens
        a_m = 1.28 / exprel((13 - u) / 4) / ms : Hz
        b_m = 1.4 / exprel((u - 40) / 5) / ms : Hz
        a_h = 0.128 * exp((17 - u) / 18) / ms : Hz
        b_h = 4 / (1 + exp((40 - u) / 5)) / ms : Hz
        a_n = 0.16 / exprel((15 - u) / 5) / ms : Hz
        b_n = 0.5 * exp((10 - u) / 40) / ms : Hz
        u = v / mV + 63 : 1
        """,
}
UNIT = {"COBA": 1, "CUBA": mV, "COBAHH": nS}


def build(network: str, n: int, T: float) -> Built:
    begun = perf_counter()
    folder = tempfile.TemporaryDirectory()
    b2.set_device("cpp_standalone", build_on_run=False, directory=folder.name)
    b2.prefs.devices.cpp_standalone.openmp_threads = 0
    b2.defaultclock.dt = DT * ms
    spiking = CROSSING if network == "COBAHH" else LIF
    method = "exact" if network == "CUBA" else "exponential_euler"
    cells = b2.NeuronGroup(n, EQUATIONS[network], method=method, **spiking)
    if network == "COBA":
        cells.v = "-55*mV + 2*mV * randn()"
    elif network == "CUBA":
        cells.v = "-60*mV + 10*mV * rand()"
    else:
        cells.v = "-65*mV + 5*mV * randn()"
        cells.g_e = "clip(1.5 * randn() + 4, 0, inf) * 10*nS"
        cells.g_i = "clip(12 * randn() + 20, 0, inf) * 10*nS"
    w_e, w_i = (w * UNIT[network] for w in WEIGHTS[network])
    half = excitatory(n)
    parts = [cells]
    for source, variable, w in ((cells[:half], "g_e", w_e), (cells[half:], "g_i", w_i)):
        synapses = b2.Synapses(source, cells, on_pre=f"{variable} += jump", namespace={"jump": w})
        synapses.connect(p=FAN_IN / n)
        parts.append(synapses)
    monitor = b2.SpikeMonitor(cells)
    whole = b2.Network(*parts, monitor)
    whole.run(T * ms)
    b2.device.build(directory=folder.name, compile=True, run=False)
    compiled = perf_counter() - begun
    phases = {"compile": compiled}

    def run() -> Run:
        begun = perf_counter()
        b2.device.run(directory=folder.name, with_output=False)
        whole_program = perf_counter() - begun
        seconds = float(Path(folder.name, "results", "last_run_info.txt").read_text().split()[0])
        phases.setdefault("wiring", whole_program - seconds)
        return Run(seconds, np.round(monitor.t / (DT * ms)).astype(np.int64), np.asarray(monitor.i))

    run()
    return Built(run, phases, "float64")
