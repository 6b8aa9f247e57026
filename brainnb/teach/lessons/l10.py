"""The phase plane: a resting point and its eigenvalues, a threshold without a line, excitability by slowness."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson

KICK = 0.7
FIRED = 0.5
"""A spike is counted where V rises above this."""


def rest(model: Any) -> Any:
    """The resting point of the student's neuron without current."""
    found = bn.fixed_points(model, I=0.0)
    if found.sizes["point"] != 1:
        raise Unsuitable("this neuron has several resting points without current; go back to the defaults")
    return found.isel(point=0)


def peaks(model: Any, kicks: Any) -> np.ndarray:
    """The highest V after the potential was pushed up from rest, for each size of the push."""
    at = rest(model)
    kicks = np.asarray(kicks, float)
    init = {"V": float(at.V) + kicks, "w": np.full(len(kicks), float(at.w))}
    return bn.simulate(model, T=100, dt=0.02, size=len(kicks), init=init, record=["V"]).V.values[100:].max(0)


def smallest(model: Any, low: float = 0.05, high: float = 2.0) -> float:
    """The smallest push that makes a spike, to a ten-thousandth."""
    for _ in range(3):
        tried = np.linspace(low, high, 41)
        fired = peaks(model, tried) > FIRED
        if not fired.any() or fired[0]:
            raise Unsuitable("with this neuron no push between 0.05 and 2 separates silence from a spike")
        i = int(fired.argmax())
        low, high = tried[i - 1], tried[i]
    return float(high)


def resting(answer: Any, model: Any) -> list[str]:
    model = neuron(model)
    wanted = {"V", "w", "growth", "turning", "word"}
    if not isinstance(answer, dict) or set(answer) != wanted:
        raise Unsuitable(f"a dictionary with {', '.join(sorted(wanted))} is needed")
    at = rest(model)
    true = at.eigenvalue.values[0]
    problems = []
    for name, value, tol in (("V", at.V, 1e-4), ("w", at.w, 1e-4), ("growth", true.real, 1e-3), ("turning", abs(true.imag), 1e-3)):  # fmt: skip
        problems += off(name, abs(number(answer[name], name)) if name == "turning" else number(answer[name], name), float(value), tol=tol)  # fmt: skip
    if str(answer["word"]).strip().lower() != str(at.stability.values):
        problems.append("the word does not fit these eigenvalues")
    return problems


def push(answer: Any, model: Any) -> list[str]:
    model = neuron(model)
    own = number(answer, "the smallest push of V")
    return off("the push", own, smallest(model), rel=0.01, words=("too weak", "too strong"))


def slowness(answer: Any, model: Any) -> list[str]:
    model = neuron(model)
    (own,) = numbers([answer], "tau", 1)

    def fires(tau: float) -> bool:
        return peaks(model.replace(tau=tau), [KICK])[0] > FIRED

    low, high = 1.0, 50.0
    if fires(low) or not fires(high):
        raise Unsuitable("with this neuron no tau between 1 and 50 ms separates silence from a spike")
    while high - low > 0.005 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if fires(middle) else (middle, high)
    return off("tau", own, high, rel=0.03, words=("too short", "too long"))


def neuron(model: Any) -> Any:
    return model_of(model, bn.neurons.FitzHughNagumo, "bn.neurons.FitzHughNagumo()")


LESSON = Lesson(
    "The phase plane",
    {
        "10.1": Exercise(
            "The check computes the resting point of your own neuron at I = 0 (0.0001), the larger eigenvalue (0.001) and "
            "its name.",
            resting,
            (
                "at the Dataset that bn.fixed_points returns: it has V, w, eigenvalue and stability.",
                "an eigenvalue is growth + i turning; both of the pair grow alike and turn against each other.",
                "`rest = bn.fixed_points(neuron, I=0.0).isel(point=0)`, then `rest.eigenvalue.values[0].real`.",
            ),
        ),
        "10.2": Exercise(
            "The check pushes V of your own neuron up from rest, a little more each time, and compares the first push "
            "after which V rises above 0.5 (1 %).",
            push,
            (
                "at trajectories that start right of the resting point: where do they part?",
                "the highest V of a run that begins at rest + push; the smallest push with a peak above 0.5.",
                '`bn.simulate(neuron, T=100, dt=0.02, init={"V": V_rest + push, "w": w_rest}).V.max()`, for pushes from 0.5 to 0.6.',
            ),
        ),
        "10.3": Exercise(
            "The check pushes V of your own neuron up by 0.7 for many values of tau and compares the smallest at which it "
            "still fires (3 %).",
            slowness,
            (
                "at the plane with tau = 2 and with tau = 12.5: the nullclines are the same, the arrows are not.",
                "the peak of V after a push of 0.7; w must be slow enough not to catch it.",
                "`for tau in np.arange(4, 8, 0.1): ...` with `neuron.replace(tau=tau)`; the resting point does not depend on tau.",
            ),
        ),
    },
)
