"""Synapses: when the gate is widest, what many inputs add up to, where the current through NMDA receptors turns."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson
from ..place import student_number

INPUTS = np.arange(1, 21)
AMPA = 5.0


def peak_time(answer: Any, synapse: Any) -> list[str]:
    synapse = model_of(synapse, bn.synapses.DualExponential, "bn.synapses.DualExponential(tau_rise=2, tau_decay=10)")
    own = number(answer, "the time of the peak", "ms")
    return off("the time of your peak", own, widest(synapse), tol=0.05, words=("too early", "too late"))


def widest(synapse: Any) -> float:
    """When the gate of a synapse is widest, after the spike."""
    net = bn.Network(
        {"axon": bn.Population(bn.networks.SpikeTrains([[1.0]]), 1), "cell": bn.Population(bn.neurons.LIF(), 1)},
        {"on": bn.Projection("axon", "cell", bn.connect.OneToOne(), synapse)},
    )
    T = 1.0 + float(np.ceil(4 * synapse.tau_decay))
    ds = bn.simulate(net, T=T, dt=0.01, record=["on.synapse.*"])
    gate = ds["on.synapse.decay"] - ds["on.synapse.rise"]
    return float(ds.time[int(gate.argmax("time")[0])]) - 1.0


def summation(answer: Any, limit: Any, model: Any) -> list[str]:
    net = model_of(model, bn.Network, "the network `net` of the beginning")
    if not {"ampa.weight", "gaba.weight", "cell.R", "cell.V_rest", "ampa.output.E"} <= net.parameters().keys():
        raise Unsuitable("the network of the beginning is needed, with `cell`, `ampa` and `gaba`")
    peaks = numbers(answer, "the peaks with 1 to 20 inputs", len(INPUTS))
    limits = numbers(limit, "the limits with 1 to 20 inputs", len(INPUTS))
    net = net.replace({"gaba.weight": 0.0})
    rest, E = float(net.cells["cell"].V_rest), float(net.links["ampa"].output.E)
    if (np.diff(peaks) <= 0).any():
        return ["more inputs should give a larger peak; somewhere yours is smaller"]
    ds = bn.sweep(net, {"ampa.weight": AMPA * INPUTS}, T=100, dt=0.1, record=["cell.V"])
    right = ds["cell.V"].max("time").values.ravel() - rest
    leak = 1.0 / float(net.cells["cell"].R)
    problems = []
    for n, own, reference in zip(INPUTS, peaks, right, strict=True):
        problems = problems or off(f"the peak with {n} inputs, above rest,", own, reference, tol=0.1)
    if problems and abs(peaks - AMPA * INPUTS).max() < 0.1:
        problems = ["these are the conductances, not the peaks"]
    for n, own in zip(INPUTS, limits, strict=True):
        g = n * AMPA
        if found := off(
            f"the limit with {n} inputs, above rest,", own, (leak * rest + g * E) / (leak + g) - rest, tol=0.1
        ):
            return problems + found
    return problems


def turning_point(answer: Any) -> list[str]:
    if not callable(answer):
        raise Unsuitable("a function turning_point(block) is needed")
    draw = np.random.default_rng([student_number(), 403])
    V = np.linspace(-120.0, 60.0, 18_001)
    for Mg in draw.uniform([0.2, 0.8, 2.0], [0.5, 1.2, 4.0]):
        block = bn.synapses.MagnesiumBlock(Mg=float(Mg))
        reference = float(V[np.asarray(block.current(1.0, V)).argmax()])
        own = number(answer(block), "the voltage that your function returns", "mV")
        where = f"the voltage of the largest inward current with {Mg:.2f} mM of magnesium"
        if problems := off(where, own, reference, tol=1.0, words=("too negative", "too positive")):
            return problems
    return []


LESSON = Lesson(
    "Synapses",
    {
        "04.1": Exercise(
            "The check sends one spike through your own synapse and looks when its gate is widest; yours must be within "
            "0.05 ms of it.",
            peak_time,
            (
                "at the gate, the difference of two exponentials: at the peak its slope is 0.",
                "where exp(-t/tau_decay)/tau_decay equals exp(-t/tau_rise)/tau_rise.",
                "`r * d * np.log(d / r) / (d - r)`, with r = tau_rise and d = tau_decay.",
            ),
        ),
        "04.2": Exercise(
            "The check runs your own network with 1 to 20 inputs at once and compares the peaks above rest (0.1 mV), then "
            "your limits with the conductances of your own cell (0.1 mV).",
            summation,
            (
                "at the sweep over `ampa.weight`: n inputs at once are one input that is n times as strong.",
                "the largest V above rest of each run; for the limit, where leak and synapse balance: both currents add to 0.",
                '`ds["cell.V"].max("time").values.ravel() + 70`; `(g_L * V_rest + n * g * E) / (g_L + n * g) - V_rest`, '
                "with g_L = 1 / R = 10 nS.",
            ),
        ),
        "04.3": Exercise(
            "The check calls your function with three concentrations of magnesium, others for every student, and compares "
            "the voltage of the largest inward current within 1 mV.",
            turning_point,
            (
                "at the curve of the current over the voltage above: it has one turning point below 0 mV.",
                "`block.current(1.0, V)` for many V at once; inward is positive.",
                "`V[np.argmax(block.current(1.0, V))]` with `V = np.linspace(-100, 50, 1501)`.",
            ),
        ),
    },
)
