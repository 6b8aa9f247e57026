"""Fit a neuron: by hand, by gradient, and out of a wrong valley."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, off
from ..lesson import Exercise, Lesson

TRUE = {"g_Na": 120.0, "g_K": 36.0, "g_L": 0.3}
WRONG = 1.0
"""Least loss (mV²) of a start that counts as wrong."""

HOW = dict(dt=0.025, method="exponential_euler", precision="float64")


def unknown(student: int) -> dict[str, float]:
    """The conductances of a student's own axon."""
    rng = np.random.default_rng(student)
    return {"g_Na": float(rng.uniform(95, 150)), "g_K": float(rng.uniform(29, 44))}


def recording(student: int) -> Any:
    """Its voltage during a pulse of 8 uA/cm2."""
    model = bn.neurons.HodgkinHuxley(**unknown(student))
    pulse = bn.inputs.Pulse(amplitude=8.0, start=5.0, duration=110.0)
    ds = bn.simulate(model, T=50, I=pulse, record=["V"], **HOW)
    return ds.assign_attrs(model="unknown axon", parameters="{}", inputs="{}")


def by_hand(answer: Any) -> list[str]:
    from ..place import student_number

    true = unknown(student_number())
    if not isinstance(answer, dict) or set(answer) != set(true):
        raise Unsuitable("a dictionary with g_Na and g_K is needed")
    if any(value is None or value is ... for value in answer.values()):
        raise Unsuitable("fill in both numbers")
    problems = []
    for name, value in true.items():
        problems += off(name, number(answer[name], name, "mS/cm2"), value, rel=0.1)
    return problems


def by_gradient(run: Any) -> list[str]:
    if not isinstance(run, bn.train.TrainingRun):
        raise Unsuitable("a run is needed: run = bn.fit(start, recording[['V']], ...)")
    problems = conductances(run.model, rel=1e-4)
    if run.step > 100:
        problems.append(f"it took {run.step} updates; 100 are enough")
    if float(run.history.loss[0]) < WRONG:
        problems.append("it began where it should end; start from g_Na = 100, g_K = 30, g_L = 0.4")
    return problems


def out_of_the_valley(found: Any, stuck: Any, missing: Any, pair: Any) -> list[str]:
    axon, example = bn.neurons.HodgkinHuxley, "run.model"
    problems = conductances(model_of(found, axon, example), rel=1e-3)
    pulse = bn.inputs.Pulse(amplitude=8.0, start=5.0, duration=110.0)
    counts = [
        int(bn.simulate(m, T=120, I=pulse, record=["V"], **HOW).bn.spike_count())
        for m in (axon(), model_of(stuck, axon, "walks['B'].model"))
    ]
    problems += off("the number of missing spikes", number(missing, "missing"), counts[0] - counts[1], tol=0.5)
    if (
        not isinstance(pair, tuple | list | set)
        or not all(isinstance(name, str) for name in pair)
        or len(set(pair)) != 2
    ):
        raise Unsuitable('two names are needed, such as pair = ("g_Na", "g_L")')
    if set(pair) != least_apart():
        problems.append("there is a pair whose errors are more strongly correlated")
    return problems


def least_apart() -> set[str]:
    """The two conductances whose errors go together most in a recording without a spike."""
    weak = bn.inputs.Pulse(amplitude=2.0, start=5.0, duration=40.0)
    axon = bn.neurons.HodgkinHuxley()
    quiet = bn.simulate(axon, T=50, I=weak, record=["V"], **HOW)
    report = bn.train.identifiability(
        axon, quiet, train=list(TRUE), noise=1.0, I=weak, integrator="exponential_euler", precision="float64"
    )
    together = np.abs(np.tril(report.correlation.values, -1))
    return {str(report.parameter.values[i]) for i in np.unravel_index(together.argmax(), together.shape)}


def conductances(model: Any, rel: float) -> list[str]:
    """What is off among the conductances of the recorded axon."""
    problems = []
    for name, value in TRUE.items():
        problems += off(name, float(model.parameters()[name].value), value, rel=rel)
    return problems


LESSON = Lesson(
    "Fit a neuron",
    {
        "22.1": Exercise(
            "The check compares both conductances with those that made your recording: within 10 %.",
            by_hand,
            (
                "at the time of the second spike, and at how deep the voltage falls behind the first.",
                "the mean squared difference between cell.V and a sweep over both conductances, T=50.",
                '`V = bn.sweep(squid, {"g_Na": ..., "g_K": ...}, T=50, I=pulse, record=["V"], **how).V`, then '
                '`((V - cell.V) ** 2).mean("time").argmin(...)`; or bn.fit.',
            ),
        ),
        "22.2": Exercise(
            "The check looks at your run: the three numbers to a part in 10 000, in at most 100 updates, from a start that was wrong.",
            by_gradient,
            (
                "at the cell under What you saw: the walks are such runs.",
                'method="lbfgs" needs tens of updates where descent needs thousands.',
                '`bn.fit(squid.replace(g_Na=100, g_K=30, g_L=0.4), recording[["V"]], method="lbfgs", steps=100, **asked)`.',
            ),
        ),
        "22.3": Exercise(
            "The check counts the spikes of your `stuck` model itself, compares your model to a part in 1000, and computes the "
            "correlations of errors for `quiet`.",
            out_of_the_valley,
            (
                "at the landscape: from where does downhill lead to the star? And at the left of both reports.",
                "the losses of several walks from random starts: the least one is home; `ds.bn.spike_count()`; the correlation nearest to 1.",
                "`runs = [bn.fit(squid.replace(g_Na=x, g_K=y), ...) for x, y in starts]; min(runs, key=lambda run: run.loss).model`.",
            ),
        ),
    },
    specimen=recording,
)
