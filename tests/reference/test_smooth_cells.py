"""Cells whose equations know no spike, in networks: what they send, and what it does, against adaptive integration."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import brainnb as bn

N = bn.neurons
FIRING = {
    N.Butera: 0.0,
    N.ChayKeizer: 0.0,
    N.ConnorStevens: 15.0,
    N.HodgkinHuxley: 10.0,
    N.INapIK: 60.0,
    N.MorrisLecar: 100.0,
}
"""Cells in mV without a spike of their own, and a current at which they fire."""


@pytest.mark.parametrize("cell", FIRING, ids=lambda c: c.__name__)
def test_a_population_sends_what_is_seen_on_the_trace(cell, crossings):
    given = {"E.I": FIRING[cell]} if FIRING[cell] else {}
    T = 3000 if cell is N.ChayKeizer else 300
    net = bn.Network({"E": bn.Population(cell(), 1)})
    ds = bn.simulate(net, T=T, dt=0.05, inputs=given, record=["E.V", "E.spike"])
    seen = crossings(ds["E.V"][:, 0], -20.0)
    sent = ds.time.values[ds["E.spike"].values[:, 0] > 0]
    assert len(seen) > 2
    assert ((sent >= seen) & (sent - seen <= 0.05)).all()  # at the end of the step of the crossing


def test_each_its_own_level_and_potential(crossings):
    net = bn.Network(
        {
            "soma": bn.Population(N.PinskyRinzel(), 2, threshold={"V_s": [-20.0, 10.0]}, inputs={"I": 0.75}),
            "rose": bn.Population(N.HindmarshRose(), 1, threshold={"x": 1.0}, inputs={"I": 3.0}),
        }
    )
    ds = bn.simulate(net, T=500, dt=0.05, record=["soma.V_s", "*.spike", "rose.x"])
    for name, trace, level in (("soma", "V_s", -20.0), ("soma", "V_s", 10.0), ("rose", "x", 1.0)):
        which = int(level == 10.0)
        seen = crossings(ds[f"{name}.{trace}"][:, which], level)
        assert len(seen) > 2
        assert int(ds[f"{name}.spike"][:, which].sum()) == len(seen)


# --- one spike of a Hodgkin-Huxley cell, heard by another ---------------------------------------------------------------

TAU, E_SYN, WEIGHT, DELAY = 3.0, 0.0, 0.05, 1.5  # ms, mV, mS/cm2, ms
PULSE = dict(amplitude=20.0, start=5.0, duration=1.0)


def rates(V):
    x, y = (V + 40) / 10, (V + 55) / 10
    return (
        (x / -np.expm1(-x), 4 * np.exp(-(V + 65) / 18)),
        (0.07 * np.exp(-(V + 65) / 20), 1 / (1 + np.exp(-(V + 35) / 10))),
        (0.1 * y / -np.expm1(-y), 0.125 * np.exp(-(V + 65) / 80)),
    )


def squid(y, I):
    """The axon of 1952 as its authors write it, in today's sign."""
    V, gates = y[0], y[1:]
    m, h, n = gates
    flow = 120 * m**3 * h * (50 - V) + 36 * n**4 * (-77 - V) + 0.3 * (-54.387 - V)
    return [flow + I, *(a * (1 - g) - b * g for (a, b), g in zip(rates(V), gates, strict=True))]


def integrated(current, start, spans):
    """Adaptive integration from kink to kink of the current; a function of time for each span."""
    found, y = [], start
    for begin, end in spans:
        part = solve_ivp(
            lambda t, y, at=begin: squid(y, current(t, y[0], at)),
            (begin, end),
            y,
            rtol=1e-10,
            atol=1e-10,
            dense_output=True,
        )
        found.append((begin, end, part.sol))
        y = part.y[:, -1]
    return found


def at(parts, times):
    V = np.empty(len(times))
    for begin, end, sol in parts:
        inside = (times >= begin - 1e-9) & (times <= end + 1e-9)
        V[inside] = sol(times[inside])[0]
    return V


@pytest.fixture(scope="module")
def heard():
    """Both potentials over time as functions of the step: the step decides when the spike is sent."""
    start, on = [-65.0, 0.0529, 0.5961, 0.3177], PULSE["start"]
    off = on + PULSE["duration"]
    pre = integrated(lambda t, V, begin: PULSE["amplitude"] * (begin == on), start, [(0, on), (on, off), (off, 40)])
    fine = np.arange(0, 40, 1e-4)
    V = at(pre, fine)
    (crossed,) = fine[1:][(V[:-1] < -20) & (V[1:] >= -20)]

    def both(times, dt):
        arrives = np.ceil(crossed / dt - 1e-6) * dt + DELAY

        def synapse(t, V, begin):
            return WEIGHT * np.exp(-(t - arrives) / TAU) * (E_SYN - V) if begin >= arrives else 0.0

        return at(pre, times), at(integrated(synapse, start, [(0, arrives), (arrives, 40)]), times)

    return both


@pytest.mark.parametrize(("dt", "mV"), [(0.01, 2e-4), (0.1, 0.02)])
def test_the_potential_that_a_spike_of_a_squid_axon_makes_in_another(heard, dt, mV):
    net = bn.Network(
        populations={name: bn.Population(N.HodgkinHuxley(), 1) for name in ("pre", "post")},
        projections={
            "synapse": bn.Projection(
                "pre",
                "post",
                bn.connect.OneToOne(),
                bn.synapses.Exponential(tau=TAU),
                weight=WEIGHT,
                delay=DELAY,
                output=bn.synapses.Conductance(E=E_SYN),
            )
        },
    )
    ds = bn.simulate(net, T=40, dt=dt, inputs={"pre.I": bn.inputs.Pulse(**PULSE)}, record=["*.V", "*.spike"])
    pre, post = heard(ds.time.values, dt)
    assert int(ds["pre.spike"].sum()) == 1
    assert int(ds["post.spike"].sum()) == 0
    assert 2 < post.max() + 65 < 15  # a potential that is there, below threshold
    np.testing.assert_allclose(ds["post.V"][:, 0], post, atol=mV)
    away = np.abs(np.gradient(pre, dt)) < 20  # on the flank of a spike, a tenth of a step is many mV
    np.testing.assert_allclose(ds["pre.V"][away, 0], pre[away], atol=100 * mV)
