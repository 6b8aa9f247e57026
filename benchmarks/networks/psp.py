"""Single synapses for the cross-simulator tests: every equation and number, and the file they are written to."""

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[2] / "tests" / "reference" / "data"
DT, EVERY, T = 0.01, 0.1, 150.0  # ms
EVENTS = [10.0, 20.0, 23.0, 26.0, 29.0, 70.0, 75.0]  # ms
STP_EVENTS = [10.0, 60.0, 110.0, 160.0, 210.0, 260.0, 310.0, 360.0, 860.0]
STP_T = 950.0
PRE = [10.0, 40.0, 45.0, 90.0, 120.0, 122.0, 124.0, 170.0]
POST = [15.0, 38.0, 70.0, 96.0, 121.0, 123.0, 160.0, 176.0]
STDP_T = 200.0

# Cells with the defaults of LIF, AdEx, Izhikevich and TraubMilesPoint, but V_T: at -63 mV it would fire by itself.  mV, ms, nS, pF, pA; Izhikevich mV/ms and 1/ms.
CELLS = {
    "LIF": dict(C=200.0, g_L=10.0, E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0),
    "AdEx": dict(
        C=281.0, g_L=30.0, E_L=-70.6, V_T=-50.4, Delta_T=2.0, a=4.0, b=80.5, tau_w=144.0, V_reset=-70.6, V_peak=20.0
    ),
    "Izhikevich": dict(a=0.02, b=0.2, c=-65.0, d=8.0, V_peak=30.0),
    "TraubMiles": dict(
        C=200.0, g_L=10.0, E_L=-60.0, g_Na=20000.0, E_Na=50.0, g_K=6000.0, E_K=-90.0, V_T=-50.0, V_th=-20.0
    ),
}
EQUATIONS = {
    "LIF": "dV/dt = (g_L*(E_L - V) + I) / C / ms : 1 (unless refractory)",
    "AdEx": """dV/dt = (g_L*(E_L - v) + g_L*Delta_T*exp((v - V_T)/Delta_T) - w + I) / C / ms : 1
               dw/dt = (a*(v - E_L) - w) / tau_w / ms : 1
               v = clip(V, -200, V_peak) : 1""",
    "Izhikevich": """dV/dt = (0.04*V**2 + 5*V + 140 - w + I) / ms : 1
                     dw/dt = a*(b*V - w) / ms : 1""",
    "TraubMiles": """dV/dt = (g_L*(E_L - V) + g_Na*m**3*h*(E_Na - V) + g_K*n**4*(E_K - V) + I) / C / ms : 1
                     dm/dt = (a_m*(1 - m) - b_m*m) / ms : 1
                     dh/dt = (a_h*(1 - h) - b_h*h) / ms : 1
                     dn/dt = (a_n*(1 - n) - b_n*n) / ms : 1
                     a_m = 1.28 / exprel((13 - v)/4) : 1
                     b_m = 1.4 / exprel((v - 40)/5) : 1
                     a_h = 0.128 * exp((17 - v)/18) : 1
                     b_h = 4 / (1 + exp((40 - v)/5)) : 1
                     a_n = 0.16 / exprel((15 - v)/5) : 1
                     b_n = 0.5 * exp((10 - v)/40) : 1
                     v = V - V_T : 1""",
}
SPIKING = {  # threshold, reset
    "LIF": ("V > V_th", "V = V_reset"),
    "AdEx": ("V > V_peak", "V = V_reset; w += b"),
    "Izhikevich": ("V > V_peak", "V = c; w += d"),
    "TraubMiles": ("V > V_th", ""),
}
START = {  # each at rest; TraubMiles with gates at their steady state
    "LIF": dict(V=-60.0),
    "AdEx": dict(V=-70.6, w=0.0),
    "Izhikevich": dict(V=-70.0, w=-14.0),
    "TraubMiles": dict(V=-60.0, m="a_m / (a_m + b_m)", h="a_h / (a_h + b_h)", n="a_n / (a_n + b_n)"),
}

SYNAPSES = {
    "exponential": dict(tau=5.0, E=0.0),
    "alpha": dict(tau=3.0, E=0.0),
    "dual_exponential": dict(tau_rise=1.0, tau_decay=6.0, E=0.0),
    "NMDA": dict(tau_rise=2.0, tau_decay=100.0, a=0.5, E=0.0, Mg=1.0, alpha=0.062, beta=3.57),
    "strong": dict(tau=5.0, E=0.0),
}
# What an event adds: the peak of the conductance; for NMDA the conductance when the gate is fully open.
WEIGHTS = {
    "LIF": dict(exponential=1.5, alpha=1.5, dual_exponential=1.5, NMDA=6.0, strong=12.0),
    "AdEx": dict(exponential=2.5, alpha=2.5, dual_exponential=2.5, NMDA=15.0, strong=25.0),
    "Izhikevich": dict(exponential=0.015, alpha=0.015, dual_exponential=0.015, NMDA=0.1, strong=0.1),
    "TraubMiles": dict(exponential=1.0, alpha=1.0, dual_exponential=1.0, NMDA=4.0, strong=25.0),
}
# A cell has every synapse's variables; cell j hears events through the j-th of SYNAPSES only.
SYNAPTIC = """
    I = (g + g_alpha + decay - rise) * (E - V) + weight*s * (E - V) / (1 + Mg*exp(-alpha*V)/beta) : 1
    dg/dt = -g / (5*ms) : 1
    dx/dt = -x / (3*ms) : 1
    dg_alpha/dt = (exp(1)*x - g_alpha) / (3*ms) : 1
    drise/dt = -rise / (1*ms) : 1
    ddecay/dt = -decay / (6*ms) : 1
    dopening/dt = -opening / (2*ms) : 1
    ds/dt = -s / (100*ms) + 0.5*opening*(1 - s) / ms : 1
    weight : 1 (constant)
    """
ON_PRE = """
    g_post += weight_post * int(j == 0 or j == 4)
    x_post += weight_post * int(j == 1)
    rise_post += peak * weight_post * int(j == 2)
    decay_post += peak * weight_post * int(j == 2)
    opening_post += int(j == 3)
    """
PEAK = 1.0 / ((1 / 6) ** (1 / 5) - (1 / 6) ** (6 / 5))  # makes the peak of the difference of exponentials 1

STP = {  # before an event: u -> rest, x -> 1; at an event: u += U*(1 - u), then release = u*x, x -= release
    "STP_depressing": dict(U=0.5, tau_f=20.0, tau_d=300.0, u_rest=0.5),
    "STP_facilitating": dict(U=0.15, tau_f=750.0, tau_d=50.0, u_rest=0.15),
    "STP_depressing_from_zero": dict(U=0.5, tau_f=20.0, tau_d=300.0, u_rest=0.0),
    "STP_facilitating_from_zero": dict(U=0.15, tau_f=750.0, tau_d=50.0, u_rest=0.0),
}
STP_WEIGHT = 4.0  # nS times the release, onto an exponential synapse (5 ms, 0 mV) of the LIF cell
STP_EQUATIONS = "du/dt = (u_rest - u)/(tau_f*ms) : 1 (clock-driven)\ndx/dt = (1 - x)/(tau_d*ms) : 1 (clock-driven)"
STP_CELL = "dV/dt = (g_L*(E_L - V) + g*(0 - V)) / C / ms : 1\ndg/dt = -g / (5*ms) : 1"
STP_ON_PRE = "u += U*(1 - u); release = u*x; x -= release; g_post += weight*release"
# Every pair counts: an event reads the other side's trace, then adds to its own.
STDP = dict(A_plus=0.02, A_minus=0.021, tau_plus=16.8, tau_minus=33.7, w_start=0.5, w_max=1.0)
STDP_EQUATIONS = """dpre/dt = -pre / (tau_plus*ms) : 1 (clock-driven)
                    dpost/dt = -post / (tau_minus*ms) : 1 (clock-driven)
                    w : 1"""
STDP_ON = {
    "pre": "pre += 1; w = clip(w - A_minus*post, 0, w_max)",
    "post": "post += 1; w = clip(w + A_plus*pre, 0, w_max)",
}


def write(peer: str, arrays: dict, **about) -> None:
    """One compressed file; times as they are, everything else in single precision."""
    told = dict(
        script="benchmarks/networks/psp_peers.py", dt=DT, every=EVERY, T=T, events=EVENTS, cells=CELLS, start=START
    )
    told |= dict(synapses=SYNAPSES, weights=WEIGHTS, stp=STP, stp_weight=STP_WEIGHT, stp_events=STP_EVENTS, stp_T=STP_T)
    told |= dict(stdp=STDP, stdp_pre=PRE, stdp_post=POST, stdp_T=STDP_T) | about
    small = {k: np.asarray(v, np.float64 if k.endswith(("spikes", "times")) else np.float32) for k, v in arrays.items()}
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"psp_{peer}.npz"
    np.savez_compressed(path, about=json.dumps(told), **small)
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB, {len(small)} arrays")
