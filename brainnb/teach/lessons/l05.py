"""Short-term plasticity: resources spike by spike, the steady state, the rate that a facilitating synapse likes best."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson
from ..place import student_number

RATES = (5.0, 20.0, 50.0)
DT = 0.1


def driven(synapse: Any, rate: float, T: float) -> Any:
    """A run of a synapse that hears a clock: its spikes, and its resources."""
    net = bn.Network(
        {"axon": bn.Population(bn.networks.Regular(rate=rate), 1), "cell": bn.Population(bn.neurons.LIF(), 1)},
        {"on": bn.Projection("axon", "cell", bn.connect.OneToOne(), bn.synapses.Exponential(), stp=synapse)},
    )
    return bn.simulate(net, T=T, dt=DT, record=["axon.spike", "on.stp.x"]).isel(axon_neuron=0)


def before(ds: Any, tau_d: float) -> np.ndarray:
    """The resources just before each spike."""
    at = np.flatnonzero(ds["axon.spike"].values)
    return 1.0 - (1.0 - ds["on.stp.x"].values[at - 1]) * np.exp(-DT / tau_d)


def resources(answer: Any) -> list[str]:
    if not callable(answer):
        raise Unsuitable("a function resources(U, tau_d, rate, n) is needed")
    draw = np.random.default_rng([student_number(), 501])
    for rate, n in ((10.0, 4), (20.0, 8), (50.0, 6)):
        U, tau_d = round(draw.uniform(0.2, 0.8), 2), float(draw.integers(200, 900))
        own = numbers(answer(U, tau_d, rate, n), f"the resources before {n} spikes", n)
        ds = driven(bn.synapses.TsodyksMarkram(U=U, tau_d=tau_d, tau_f=0.01), rate, T=30.0 + n * 1000.0 / rate)
        right = before(ds, tau_d)[:n]
        where = f"with U = {U:g}, tau_d = {tau_d:g} ms and {rate:g} Hz "
        if own[0] != 1:
            return [where + "the first spike should find all resources, x = 1"]
        for k, (x, reference) in enumerate(zip(own, right, strict=True), 1):
            if problems := off(where + f"x before spike {k}", x, reference, tol=1e-3):
                return problems
    return []


def steady(answer: Any, synapse: Any) -> list[str]:
    synapse = of(synapse)
    own = numbers(answer, "the releases at 5, 20 and 50 Hz", len(RATES))
    problems = []
    slowest = max(float(synapse.tau_d), float(synapse.tau_f))
    for rate, value in zip(RATES, own, strict=True):
        ds = driven(synapse, rate, T=8 * slowest + 1000.0)
        x = before(ds, float(synapse.tau_d))
        at = np.flatnonzero(ds["axon.spike"].values)
        released = float(x[-1] - ds["on.stp.x"].values[at[-1]])
        problems += off(f"the release at {rate:g} Hz", value, released, rel=0.01)
    return problems


def best_rate(answer: Any, gain: Any, synapse: Any) -> list[str]:
    synapse = of(synapse)
    rate, factor = number(answer, "the best rate", "Hz"), number(gain, "the gain")
    rates = np.geomspace(0.05, 200.0, 20_001)
    release = settled(synapse, rates)
    best = release.argmax()
    problems = off("the rate", rate, rates[best], rel=0.05, words=("too low", "too high"))
    return problems + off("the gain", factor, release[best] / float(synapse.U), rel=0.05)


def settled(synapse: Any, rates: np.ndarray) -> np.ndarray:
    """What a spike of a steady train releases in the end."""
    U, kept_u, kept_x = (
        float(synapse.U),
        *(np.exp(-1000.0 / (rates * float(t))) for t in (synapse.tau_f, synapse.tau_d)),
    )
    u = U / (1 - (1 - U) * kept_u)
    return u * (1 - kept_x) / (1 - (1 - u) * kept_x)


def of(synapse: Any) -> Any:
    return model_of(synapse, bn.synapses.TsodyksMarkram, "bn.synapses.TsodyksMarkram(U=0.2)")


LESSON = Lesson(
    "Short-term plasticity",
    {
        "05.1": Exercise(
            "The check runs three depressing synapses, others for every student, and compares x just before each of the "
            "first spikes within 0.001.",
            resources,
            (
                "at the two things that happen in turn: a spike takes the fraction U of x; then 1 - x shrinks for 1000 / "
                "rate ms.",
                "x after the spike, (1 - U) x, and what recovery makes of it: 1 - (1 - x) exp(-interval / tau_d).",
                "`x = 1 - (1 - (1 - U) * x) * np.exp(-1000 / rate / tau_d)` in a loop that first keeps x.",
            ),
        ),
        "05.2": Exercise(
            "The check runs your own synapse at the three rates until it has settled, and compares what the last spike "
            "released within 1 %.",
            steady,
            (
                "at a long run with `released`, or at the two formulas above.",
                "the last entry of `released(...)`, with T at least five times the slower time constant; or u x.",
                '`released(bn.simulate(net.replace({"axon.rate": rate}), T=10_000, record=everything))[-1]`, with the stp '
                "of `net` replaced by yours.",
            ),
        ),
        "05.3": Exercise(
            "The check looks for the best rate of your own synapse between 0.05 and 200 Hz; rate and gain within 5 %.",
            best_rate,
            (
                "at the middle curve of the figure above: it rises, then falls.",
                "u x for many rates; the largest, and by what factor it is larger than the first release, which is U.",
                "`u = U / (1 - (1 - U) * np.exp(-1000 / rates / tau_f))`, then x, then `rates[np.argmax(u * x)]`.",
            ),
        ),
    },
)
