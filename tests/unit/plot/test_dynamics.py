"""Every kind of result has its picture, with labels that carry units."""

import high_systems as systems
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import brainnb as bn
from brainnb.plot import dynamics
from brainnb.plot.analysed import PICTURES

matplotlib.use("Agg")

NEURON = bn.neurons.FitzHughNagumo()
CASES = {
    "linearize": (lambda: bn.linearize(NEURON), "real part (1/ms)"),
    "slow_points": (lambda: bn.slow_points(systems.SaddleNode(), mu=-0.04), "axis 1"),
    "lyapunov": (lambda: bn.lyapunov(NEURON, T=1000, dt=0.05, transient=300, I=0.0), "time (ms)"),
    "poincare": (lambda: bn.analysis.poincare(NEURON, {"V": 0.0}, passes_wanted=4, I=0.5), "w"),
    "reset_map": (lambda: bn.analysis.reset_map(bn.neurons.Izhikevich(), points=20, I=10.0), "w (mV/ms)"),
    "spike_adding": (lambda: bn.analysis.spike_adding(bn.neurons.Izhikevich(), "c", [-65.0, -50.0], I=10.0), "c (mV)"),
    "fi_curve": (lambda: bn.analysis.fi_curve(bn.neurons.LIF(), (50.0, 300.0), T=300), "I (pA)"),
    "siegert": (
        lambda: bn.analysis.siegert(mu=np.linspace(10, 20, 5), sigma=[1.0, 5.0], tau=20.0, V_th=20.0, V_reset=10.0),
        "mu (mV)",
    ),
    "fokker_planck": (lambda: bn.analysis.fokker_planck(bn.neurons.LIF(), noise=1.0, I=80.0), "V (mV)"),
    "delay_roots": (lambda: bn.analysis.delay_roots(bn.rates.MackeyGlass(), {"x": 1.0}), "real part (1/ms)"),
    "delay_hopf": (
        lambda: bn.analysis.delay_hopf(bn.rates.MackeyGlass(), "tau", (4.0, 6.0), {"x": 1.0}, points=5),
        "tau (ms)",
    ),
}


def test_all_are_here():
    assert CASES.keys() == {kind for kind, place in PICTURES.items() if place.startswith("dynamics.")}


@pytest.mark.parametrize("kind", CASES)
def test_picture(kind):
    make, label = CASES[kind]
    ds = make()
    for name, variable in ds.data_vars.items():
        assert {"units", "long_name"} <= variable.attrs.keys(), name
    ax = ds.bn.plot()
    assert label in ax.get_xlabel()
    assert ax.lines
    drawn = np.concatenate([np.asarray(line.get_xdata(), float).ravel() for line in ax.lines])
    assert np.isfinite(drawn).any()
    plt.close("all")


def test_a_state_that_the_section_lacks():
    ds = CASES["poincare"][0]()
    with pytest.raises(bn.UnknownName, match="`q`"):
        dynamics.poincare(ds, variable="q")
