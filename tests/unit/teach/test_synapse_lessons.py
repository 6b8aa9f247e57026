"""Lessons on synapses: what a wrong answer is told."""

import numpy as np
import pytest

import brainnb as bn

one_spike = bn.networks.SpikeTrains([[20.0]])


def two_synapses(R=0.1):
    def on(E):
        synapse, output = bn.synapses.DualExponential(tau_rise=0.5, tau_decay=3), bn.synapses.Conductance(E=E)
        return bn.Projection("axon", "cell", bn.connect.OneToOne(), synapse, weight=5, output=output)

    cell = bn.neurons.LIF(tau=20, R=R, V_rest=-70, V_th=40)
    return bn.Network(
        {"axon": bn.Population(one_spike, 1), "cell": bn.Population(cell, 1)}, {"ampa": on(0), "gaba": on(-70)}
    )


def peaks(net):
    swept = {"ampa.weight": 5.0 * np.arange(1, 21)}
    net = net.replace({"gaba.weight": 0})
    return bn.sweep(net, swept, T=100, dt=0.1, record=["cell.V"])["cell.V"].max("time").values.ravel() + 70


def limits(leak=10.0):
    g = 5.0 * np.arange(1, 21)
    return 70 * g / (leak + g)


def resources(U, tau_d, rate, n, share=1.0):
    x, found = 1.0, []
    for _ in range(n):
        found.append(x)
        x = 1 - (1 - (1 - share * U) * x) * np.exp(-1000 / rate / tau_d)
    return found


def forgetting(U, tau_d, rate, n):
    return resources(U, tau_d, rate, n, share=1.1)


facilitating = bn.synapses.TsodyksMarkram(U=0.2, tau_d=200, tau_f=1500)
SETTLED = [0.48047, 0.21496, 0.09469]  # closed form at 5, 20 and 50 Hz

rule = bn.synapses.STDP(A_plus=0.01, A_minus=0.012, tau_plus=20, tau_minus=34)
CHANGES = [0.01 * np.exp(-10 / 20), -0.012 * np.exp(-15 / 34)]
competing = bn.networks.Song2000(n=200, correlated=100)


def bimodality(w):
    z = (w - w.mean()) / w.std()
    return ((z**3).mean() ** 2 + 1) / (z**4).mean()


def without_plus_one(w):
    z = (w - w.mean()) / w.std()
    return (z**3).mean() ** 2 / (z**4).mean()


def in_milliseconds(rule, r_pre, r_post):
    return r_pre * r_post * (rule.A_plus * rule.tau_plus - rule.A_minus * rule.tau_minus)


WRONG = [
    ("04.1", 3.0, {"synapse": bn.synapses.DualExponential(tau_rise=2, tau_decay=10)}, "too early"),
    ("04.1", 4.0236, {"synapse": bn.synapses.DualExponential(tau_rise=2, tau_decay=8)}, "too late"),
    ("04.1", 4.0, {"synapse": bn.synapses.Exponential()}, "a DualExponential is needed"),
    ("04.2", lambda: peaks(two_synapses()), {"limit": limits(), "model": two_synapses(R=0.2)}, "too small"),
    ("04.2", lambda: peaks(two_synapses()), {"limit": limits(20.0), "model": two_synapses()}, "limit with 1 inputs.*too small"),
    ("04.2", np.arange(20)[::-1], {"limit": limits(), "model": two_synapses()}, "more inputs should give"),
    ("04.2", 5.0 * np.arange(1, 21), {"limit": limits(), "model": two_synapses()}, "these are the conductances"),
    ("04.2", np.arange(19), {"limit": limits(), "model": two_synapses()}, "a list of 20 numbers"),
    ("04.2", np.arange(20), {"limit": limits(), "model": bn.networks.COBA(200)}, "network of the beginning"),
    ("04.3", -26.0, {}, "a function turning_point"),
    ("04.3", lambda: lambda block: -26.0, {}, "too (negative|positive)"),
    ("05.1", 0.5, {}, "a function resources"),
    ("05.1", lambda: lambda U, tau_d, rate, n: resources(U, tau_d, rate, n)[1:], {}, "a list of 4 numbers"),
    ("05.1", lambda: lambda U, tau_d, rate, n: [0.5] * n, {}, "first spike should find all"),
    ("05.1", lambda: forgetting, {}, "x before spike 2 is too small"),
    ("05.2", SETTLED, {"synapse": facilitating.replace(U=0.4)}, "the release at 5 Hz is too"),
    ("05.2", SETTLED, {"synapse": bn.synapses.Exponential()}, "a TsodyksMarkram is needed"),
    ("05.3", 2.82, {"gain": 2.49, "synapse": facilitating}, "the rate is too low"),
    ("05.3", 3.59, {"gain": 3.0, "synapse": facilitating}, "the gain is too large"),
    ("06.1", CHANGES, {"rule": rule.replace(tau_plus=25)}, "the change at .10 ms is too small"),
    ("06.1", np.abs(CHANGES), {"rule": rule}, "the second change is negative"),
    ("06.1", CHANGES, {"rule": bn.synapses.STDP}, "this is the class STDP"),
    ("06.2", -0.001, {}, "a function drift"),
    ("06.2", lambda: in_milliseconds, {}, "too large|too small"),
    ("06.2", lambda: lambda *given: -in_milliseconds(*given) / 1000, {}, "wrong sign"),
    ("06.3", competing.replace({"*.A_minus": 0.009}), {"bimodality": bimodality}, "independent inputs should lose"),
    ("06.3", competing.replace({"*.A_minus": 0.02}), {"bimodality": bimodality}, "correlated inputs should win"),
    ("06.3", competing, {"bimodality": without_plus_one}, "the bimodality is too small"),
    ("06.3", lambda: bn.networks.Song2000(n=200), {"bimodality": bimodality}, "needs both groups"),
    ("06.3", 0.0125, {"bimodality": bimodality}, "a Song2000 is needed"),
]  # fmt: skip


@pytest.mark.parametrize(("id", "answer", "given", "words"), WRONG, ids=lambda x: x if isinstance(x, str) else "")
def test_wrong_answers_are_told_what_is_off(id, answer, given, words):
    result = bn.teach.check(id, answer() if getattr(answer, "__name__", "") == "<lambda>" else answer, **given)
    assert result.answered
    assert not result.passed
    with pytest.raises(AssertionError, match=words):
        result.require()


def test_another_cell_has_other_right_answers():
    other = two_synapses(R=0.2)
    assert bn.teach.check("04.2", peaks(other), limit=limits(5.0), model=other).passed


def test_settled_releases_of_the_facilitating_synapse_pass():
    assert bn.teach.check("05.2", SETTLED, synapse=facilitating).passed
    assert bn.teach.check("05.3", 3.59, gain=2.49, synapse=facilitating).passed  # numbers of the course sheet
