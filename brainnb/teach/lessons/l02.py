"""Hodgkin–Huxley: thresholds of short pulses, of pulses of every width, and of a release from inhibition."""

from math import ceil
from typing import Any

import numpy as np

import brainnb as bn

from ..compare import model_of, number, numbers, off
from ..lesson import Exercise, Lesson

WIDTHS = (0.2, 0.5, 1.0, 2.0, 5.0)
DT = 0.02


def threshold(model: Any, width: float, low: float, high: float, after: float = 0.0) -> float:
    """Smallest pulse (largest, below 0) of a width that makes a spike; NaN when none between the limits does."""
    pulse = bn.inputs.Pulse(start=5.0, duration=width)
    quiet, firing = (low, high) if low >= 0 else (high, low)
    for _ in range(3):
        tried = np.linspace(quiet, firing, 25)
        ds = bn.sweep(model, {"I.amplitude": tried}, T=45.0 + ceil(width), dt=DT, record=["V"], I=pulse)
        fires = ds.bn.spike_count(start=after).values > 0
        first = int(fires.argmax())
        if first == 0:
            return float("nan")
        quiet, firing = tried[first - 1], tried[first]
    return float(firing)


def shortest_pulse(answer: Any, model: Any) -> list[str]:
    model = axon(model)
    return off("your current", number(answer, "the current", "µA/cm²"), threshold(model, 1.0, 0.0, 60.0), rel=0.02)


def strength_duration(answer: Any, chronaxie: Any, model: Any) -> list[str]:
    model = axon(model)
    own = numbers(answer, "the thresholds at 0.2, 0.5, 1, 2 and 5 ms", len(WIDTHS))
    if (np.diff(own) >= 0).any():
        return ["a longer pulse should need less current; somewhere yours needs more"]
    if (np.diff(own * WIDTHS) <= 0).any():
        return ["the charge, current times width, should rise with the width; somewhere yours falls"]
    problems = []
    for width, value in zip(WIDTHS, own, strict=True):
        problems += off(f"the threshold at {width:g} ms", value, threshold(model, width, 0.0, 80.0), rel=0.03)
    long = threshold(model, 50.0, 0.0, 20.0)
    width = number(chronaxie, "the chronaxie", "ms")
    if not WIDTHS[0] <= width <= WIDTHS[-1]:
        return [*problems, "the chronaxie lies between the widths that you measured"]
    at = threshold(model, width, 0.0, 80.0)
    # a width that is too large has a threshold that is too small
    problems += off("the chronaxie", 2 * long, at, rel=0.05, words=("too short", "too long"))
    return problems


def anode_break(answer: Any, model: Any) -> list[str]:
    model = axon(model)
    current = number(answer, "the current", "µA/cm²")
    if current >= 0:
        return ["the current should be negative: it pulls the membrane down and then lets go"]
    reference = threshold(model, 20.0, -20.0, 0.0, after=25.0)
    return off("the size of your current", -current, -reference, rel=0.03)


def axon(model: Any) -> Any:
    return model_of(model, bn.neurons.HodgkinHuxley, "bn.neurons.HodgkinHuxley()")


LESSON = Lesson(
    "Hodgkin–Huxley",
    {
        "02.1": Exercise(
            "The check looks for the smallest pulse of 1 ms that makes your own axon fire, and compares within 2 %.",
            shortest_pulse,
            (
                "at a sweep over the height of the pulse: below one height nothing happens, above it there is a spike.",
                "the spike count of every height; you need the first that is not 0, then finer steps around it.",
                '`bn.sweep(axon, {"I.amplitude": np.linspace(6, 8, 41)}, T=45, dt=0.02, record=["V"], '
                "I=bn.inputs.Pulse(start=5, duration=1)).bn.spike_count()`.",
            ),
        ),
        "02.2": Exercise(
            "The check finds the threshold of your own axon at each of the five widths (within 3 %), and runs a pulse "
            "as long as your chronaxie: its threshold must be twice that of a very long pulse (within 5 %).",
            strength_duration,
            (
                "at your answer to the first exercise: put it into a function of the width.",
                "the first height with a spike, for each width; then the height for 50 ms, and the width at which "
                "twice that height is needed.",
                "`np.interp` between your widths and thresholds gives the width for a height (both lists must rise).",
            ),
        ),
        "02.3": Exercise(
            "The check looks for the weakest negative pulse of 20 ms after whose end your own axon fires, within 3 %.",
            anode_break,
            (
                "at the gate h while the membrane is held down, and just after it is let go.",
                "the spike count after 25 ms (`start=25`), for heights from -5 to 0.",
                '`bn.sweep(axon, {"I.amplitude": np.linspace(-5, 0, 51)}, ..., '
                "I=bn.inputs.Pulse(start=5, duration=20)).bn.spike_count(start=25)`.",
            ),
        ),
    },
)
