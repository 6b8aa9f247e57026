"""Decision making: resting points of a competition, the psychometric curve, the weakest pulse that changes a mind."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, numbers, off
from ..lesson import Exercise, Lesson

LEVELS = (0.0, 0.032, 0.064, 0.128)
TRIALS = 500
MU = 30.0
SIGMA = 0.02 / np.sqrt(
    2
)  # the paper's 0.02 nA is the strength of the noise, this the standard deviation of the current
TIMES = (300.0, 700.0)


def end(model: Any, S1: float, S2: float) -> np.ndarray:
    """Where a run without noise and without evidence ends."""
    ds = bn.simulate(model, T=4000, dt=1, mu=MU, init={"S1": S1, "S2": S2})
    return np.array([ds.S1[-1].item(), ds.S2[-1].item()])


def points(answer: Any, model: Any) -> list[str]:
    model = circuit(model)
    if not isinstance(answer, dict) or set(answer) != {"undecided", "chose_1"}:
        raise Unsuitable("a dictionary with undecided and chose_1 is needed, each a pair (S1, S2)")
    if any(value is None or value is ... for value in answer.values()):
        raise Unsuitable("fill in both points")
    problems = []
    for name, start in (("undecided", (0.3, 0.3)), ("chose_1", (0.6, 0.1))):
        own, true = numbers(answer[name], f"{name}: S1 and S2", 2), end(model, *start)
        for i in (0, 1):
            problems += off(f"S{i + 1} of {name}", own[i], true[i], tol=2e-3)
    return problems


def accuracy(model: Any, c: float, trials: int, seed: int = 0) -> tuple[float, float]:
    """Fraction of decisions for population 1, and of trials that decide."""
    noise = bn.inputs.Noise(sigma=np.full(trials, SIGMA), tau=2)
    ds = bn.simulate(
        model, T=3000, dt=1, size=trials, seed=seed, mu=MU, c=c, I_1=noise, I_2=noise, record=["S1", "S2"], every=10
    )
    first, second = (first_time(ds[name].values) for name in ("S1", "S2"))
    decided = np.isfinite(np.minimum(first, second))
    return float((first < second)[decided].mean()), float(decided.mean())


def first_time(S: np.ndarray) -> np.ndarray:
    """The record in which each trial first passes 0.5; infinite where it never does."""
    passed = S > 0.5
    return np.where(passed.any(0), passed.argmax(0), np.inf)


def psychometric(answer: Any, model: Any) -> list[str]:
    model = circuit(model)
    own = numbers(answer, "the fractions at 0, 3.2, 6.4 and 12.8 %", len(LEVELS))
    if ((own < 0) | (own > 1)).any():
        return ["a fraction lies between 0 and 1"]
    problems = []
    for c, p in zip(LEVELS, own, strict=True):
        true = accuracy(model, c, 2000, seed=91)[0]
        error = np.sqrt(true * (1 - true) * (1 / TRIALS + 1 / 2000)) + 0.002
        problems += off(f"the fraction at {100 * c:g} %", p, true, tol=4 * error, words=("too low", "too high"))
    return problems


def flips(model: Any, at: float, amplitudes: np.ndarray) -> np.ndarray:
    """Which pulses of 100 ms into population 2, from that time on, make it win; evidence speaks for population 1."""
    pulse = bn.inputs.Pulse(start=at, duration=100)
    ds = bn.sweep(model, {"I_2.amplitude": amplitudes}, T=4000, dt=1, mu=MU, c=0.1, I_2=pulse, record=["S1", "S2"])
    last = ds.isel(time=-1)
    return (last.S2 > last.S1).values


def change_of_mind(answer: Any, model: Any) -> list[str]:
    model = circuit(model)
    own = numbers(answer, "the weakest pulses at 300 and at 700 ms", len(TIMES))
    problems = []
    for at, value in zip(TIMES, own, strict=True):
        tried = np.linspace(0.0, 0.1, 101)
        made = flips(model, at, tried)
        if not made.any():
            raise Unsuitable(f"with this model no pulse of up to 0.1 nA at {at:g} ms changes the decision")
        problems += off(
            f"the pulse at {at:g} ms", value, tried[made.argmax()], rel=0.1, words=("too weak", "too strong")
        )
    return problems


def circuit(model: Any) -> Any:
    return model_of(model, bn.rates.WongWang, "bn.rates.WongWang()")


LESSON = Lesson(
    "Decision making",
    {
        "09.1": Exercise(
            "The check runs your own circuit without noise from starting points on either side and compares where it "
            "comes to rest (0.002).",
            points,
            (
                "at the figure of the plane: the crossings of the two curves.",
                "where a run ends: from S1 = S2 it stays on the diagonal, from S1 > S2 it goes to the choice of 1.",
                '`bn.simulate(circuit, T=4000, dt=1, mu=30, init={"S1": 0.3, "S2": 0.3})`, then the last S1 and S2.',
            ),
        ),
        "09.2": Exercise(
            "The check runs 2000 trials of your own circuit at each coherence; your fractions must agree within the "
            "sampling error of 500 trials (four standard errors).",
            psychometric,
            (
                "at the cell that counts decisions at 0 %: only c changes.",
                "which of S1 and S2 passes 0.5 first; the mean of that over all trials that decide.",
                "`[fraction(c) for c in (0, 0.032, 0.064, 0.128)]`.",
            ),
        ),
        "09.3": Exercise(
            "The check looks for the weakest pulse with your own circuit at both times, without noise, and compares "
            "within 10 %.",
            change_of_mind,
            (
                "at a sweep over the size of the pulse: which population is ahead at the end?",
                "the smallest amplitude with S2 > S1 in the last record.",
                '`bn.sweep(circuit, {"I_2.amplitude": np.linspace(0, 0.1, 101)}, T=4000, dt=1, mu=30, c=0.1, '
                "I_2=bn.inputs.Pulse(start=300, duration=100))`.",
            ),
        ),
    },
)
