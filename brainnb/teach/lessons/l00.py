"""Welcome: a current that gives three spikes, one changed parameter, a frequency-current curve."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number
from ..lesson import Exercise, Lesson

LEAST_SPEEDUP = 1.2


def three_spikes(answer: Any) -> list[str]:
    current = number(answer, "the current", "µA/cm²")
    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=50, dt=0.05, I=current, record=["V"])
    spikes = int(ds.bn.spike_count())
    return [] if spikes == 3 else [f"the neuron fires too {'few' if spikes < 3 else 'many'} spikes in 50 ms"]


def one_change(answer: Any) -> list[str]:
    changed = model_of(answer, bn.neurons.HodgkinHuxley, "hh.replace(C=2.0)")
    standard = bn.neurons.HodgkinHuxley()
    own = changed.parameters()
    # single and double precision spell 0.3 differently
    other = [p for p, v in standard.parameters().items() if not np.allclose(v.value, own[p].value, rtol=1e-6, atol=0)]
    if len(other) != 1:
        return [f"{len(other) or 'no'} parameters differ from the standard neuron; exactly one should"]
    before, after = (mean_rate(m) for m in (standard, changed))
    if after == 0:
        return [f"with this {other[0]} the neuron stops firing at 10 µA/cm²"]
    if after < LEAST_SPEEDUP * before:
        how = "slower" if after < before else "faster, but not by 20 %"
        return [f"the change of {other[0]} makes the neuron {how}"]
    return []


def mean_rate(model: Any) -> float:
    """Rate at 10 µA/cm² in Hz, from the intervals after the start; 0 when it does not go on firing."""
    period = float(bn.simulate(model, T=300, dt=0.05, I=10.0, record=["V"]).bn.period(start=100))
    return 0.0 if np.isnan(period) else 1000.0 / period


def f_i_curve(answer: Any) -> list[str]:
    if not hasattr(answer, "dims") or not hasattr(answer, "attrs"):
        raise Unsuitable(f"a labelled array is needed, such as ds.bn.rate(start=200); you gave {type(answer).__name__}")
    if answer.dims != ("I",):
        return [f"the array should have the one dimension I; yours has {', '.join(map(str, answer.dims)) or 'none'}"]
    currents, rates = answer.I.values, answer.values
    problems = []
    if answer.attrs.get("units") != "Hz":
        problems.append("the unit of the rates is not Hz")
    if currents.size < 10:
        problems.append("there are too few currents to see a curve: take at least 10")
    if currents.min() > 2 or currents.max() < 15:
        problems.append("the currents do not span 2 to 15 µA/cm²")
    if problems:
        return problems
    own = bn.sweep(bn.neurons.HodgkinHuxley(), {"I": currents}, T=1000, dt=0.05, record=["V"]).bn.rate(start=200)
    one_spike = 1000.0 / 800.0
    late = np.abs(rates - own.values) > 0.02 * own.values + one_spike
    if late.any():
        where = "where the neuron is silent" if (own.values[late] == 0).any() else "where the neuron fires"
        problems.append(f"your rates are off {where}; is T = 1000 ms and start=200?")
    firing = rates[np.argsort(currents)]
    firing = firing[firing > 0]
    if (np.diff(firing) < -one_spike).any():
        problems.append("the rate falls somewhere although the current grows")
    return problems


LESSON = Lesson(
    "Welcome",
    {
        "00.1": Exercise(
            "The check runs the neuron for 50 ms with your current and counts its spikes.",
            three_spikes,
            (
                "at the figure: count the peaks in the first 50 ms while you move the current.",
                "the time from spike to spike: two of them, and the first spike, must fit into 50 ms.",
                "`bn.simulate(hh, T=50, dt=0.05, I=...).bn.spike_count()`, with a current between 6 and 10.",
            ),
        ),
        "00.2": Exercise(
            "The check compares your model with the standard one: exactly one parameter differs, and at 10 µA/cm² "
            "yours fires at least 20 % faster.",
            one_change,
            (
                "at the table of the model: which of its parameters has to do with speed?",
                "the rate at which the gates open and close: it is tripled by every ten degrees.",
                "`faster = hh.replace(temperature=...)` with a value above 6.3.",
            ),
        ),
        "00.3": Exercise(
            "The check repeats your sweep for 1000 ms, leaves the first 200 ms out, and compares the rates at your own "
            "currents; the array needs the dimension I and the unit Hz.",
            f_i_curve,
            (
                "at `bn.sweep`: it runs the model once for every value in a list.",
                "`ds.bn.rate(start=200)`: spikes per second, counted from 200 ms on.",
                '`bn.sweep(hh, {"I": np.linspace(0, 20, 41)}, T=1000, dt=0.05, record=["V"]).bn.rate(start=200)`.',
            ),
        ),
    },
)
