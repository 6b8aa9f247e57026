"""Leaky integrate-and-fire: the weakest current that fires, a cell read off its trace, a membrane as a filter."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson

FREQUENCIES = (2.0, 5.0, 10.0, 20.0, 50.0)
READ = {"tau": "tau (ms)", "R": "R (Gohm)", "V_th": "V_th (mV)", "t_ref": "t_ref (ms)"}


def rheobase(answer: Any, model: Any) -> list[str]:
    model = lif(model)
    current = number(answer, "the current", "pA")
    around = current * np.array([0.999, 1.001])
    T = round(10 * float(model.tau), 1)  # 0.1 % above threshold the first spike comes after 7 time constants
    just_below, just_above = bn.sweep(model, {"I": around}, T=T, dt=0.1, record=["V", "spike"]).bn.spike_count().values
    if just_below:
        return ["your current is too large: a little less still makes it fire"]
    return [] if just_above else ["your current is too small: with a little more it is still silent"]


def cell(student: int) -> tuple[Any, float, float]:
    """The unknown cell of a student, and a weak and a strong current for it."""
    draw = np.random.default_rng([student, 101])
    rest = -round(draw.uniform(62, 70))
    model = bn.neurons.LIF(
        tau=round(draw.uniform(10, 30), 1),
        R=round(draw.uniform(0.05, 0.2), 3),
        V_rest=rest,
        V_th=rest + round(draw.uniform(12, 22), 1),
        V_reset=rest + round(draw.uniform(0, 5), 1),
        t_ref=round(draw.uniform(2, 6), 1),
    )
    needed = float((model.V_th - model.V_rest) / model.R)
    return model, round(0.6 * needed), round(1.7 * needed)


def recording(student: int) -> Any:
    """Two recorded sweeps of the unknown cell: a weak and a strong step of current from 20 ms on."""
    model, weak, strong = cell(student)
    step = bn.inputs.Step(start=20.0)
    swept = {"I.amplitude": [weak, strong]}
    ds = bn.sweep(model, swept, T=220, dt=0.1, record=["V", "spike"], I=step).rename({"I.amplitude": "I"})
    ds["I"].attrs.update(units="pA", long_name="step of current at 20 ms")
    return ds.assign_attrs(model="unknown cell", parameters="{}", inputs="{}")


def read_off(answer: Any) -> list[str]:
    from ..place import student_number

    if not isinstance(answer, dict) or set(answer) != set(READ):
        raise Unsuitable(f"a dictionary with {', '.join(READ)} is needed")
    if any(value is None or value is ... for value in answer.values()):
        raise Unsuitable("fill in all four numbers")
    model, *_ = cell(student_number())
    problems = []
    for name, shown in READ.items():
        own, true = number(answer[name], shown), float(getattr(model, name))
        if name == "V_th":
            problems += off(
                shown, own, true, tol=0.05 * float(model.V_th - model.V_rest), words=("too low", "too high")
            )
        else:
            problems += off(shown, own, true, rel=0.05, tol=0.15 if name == "t_ref" else 0.0)
    return problems


def membrane_filter(answer: Any, phase: Any, model: Any) -> list[str]:
    model = lif(model)
    gain = numbers(answer, "the gains at 2, 5, 10, 20 and 50 Hz", len(FREQUENCIES))
    angle = numbers(phase, "the phases in degrees at 2, 5, 10, 20 and 50 Hz", len(FREQUENCIES))
    turned = 2 * np.pi * np.array(FREQUENCIES) * float(model.tau) / 1000.0
    problems = []
    for f, g, a, x in zip(FREQUENCIES, gain, angle, turned, strict=True):
        problems += off(f"the gain at {f:g} Hz", g, 1 / np.hypot(1, x), rel=0.01)
        if a > 0:
            problems.append(f"the phase at {f:g} Hz is positive: the voltage cannot come before the current")
        else:
            lag = ("too small a delay", "too large a delay")
            problems += off(f"the phase at {f:g} Hz is off:", -a, np.degrees(np.arctan(x)), tol=1.0, words=lag)
    return problems


def lif(model: Any) -> Any:
    return model_of(model, bn.neurons.LIF, "bn.neurons.LIF(tau=20)")


LESSON = Lesson(
    "Leaky integrate-and-fire",
    {
        "01.1": Exercise(
            "The check runs your own neuron with 0.1 % less and with 0.1 % more than your current: the first must stay "
            "silent, the second must fire.",
            rheobase,
            (
                "at the voltage that the membrane would reach if it had no threshold.",
                "the steady voltage V_rest + R I: which current brings it exactly to V_th?",
                "`(neuron.V_th - neuron.V_rest) / neuron.R`.",
            ),
        ),
        "01.2": Exercise(
            "The check compares your four numbers with the cell that made your recording, each within 5 % (the threshold "
            "within 5 % of its distance from rest). Every student has another cell.",
            read_off,
            (
                "at the sweep with the weak current for tau and R, at the strong one for V_th and t_ref.",
                "R: the final change of V divided by the current. tau: the time until 63 % of that change. V_th: the "
                "highest voltage just before a spike. t_ref: how long V stands still after one.",
                "`weak = cell.V.isel(I=0)`, `strong = cell.V.isel(I=1)`; the step begins at 20 ms; "
                "`strong.max()`; `(strong == strong[after_spike]).sum() * 0.1` within one interval.",
            ),
        ),
        "01.3": Exercise(
            "The check compares gain (within 1 %) and phase (within 1 degree) at the five frequencies with what the time "
            "constant of your own neuron demands.",
            membrane_filter,
            (
                "at the voltage after the start has been forgotten: the second half of the run.",
                "how much of `V - V_rest` goes with the sine and how much with the cosine of the drive, over whole cycles.",
                "`s, c = 2 * (v * np.sin(w)).mean(), 2 * (v * np.cos(w)).mean()`; the gain is `np.hypot(s, c)` over R "
                "times the amplitude, the phase `np.degrees(np.arctan2(c, s))`.",
            ),
        ),
    },
    specimen=recording,
)
