"""Phase response: twelve pushes, two types, two cells that find their distance."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson

PHASES = (np.arange(12) + 0.5) / 12
CURRENT = 0.5
TALK = 50.0
POINTS = 400


def curve(model: Any, I: float, points: int) -> Any:
    """The phase response of a model, or a sentence about why there is none."""
    try:
        return bn.phase_response(model, points=points, I=I)
    except bn.NumericalFailure as error:
        raise Unsuitable(f"this cell does not fire for ever at I = {I:g}; go back to the defaults") from error


def pushes(answer: Any, neuron: Any) -> list[str]:
    neuron = fhn(neuron)
    own = numbers(answer, "the answers at the twelve phases, in ms per unit of V", len(PHASES))
    prc = curve(neuron, CURRENT, 1200)
    true = prc.prc_V.values[np.round(PHASES * 1200).astype(int)]
    allowed = 0.05 * float(np.ptp(prc.prc_V.values))
    problems = []
    for phase, value, right in zip(PHASES, own, true, strict=True):
        problems += off(f"the answer at phase {phase:.3f}", value, right, tol=allowed)
    if len(problems) > 3:
        problems = [*problems[:3], f"and {len(problems) - 3} more are off (they are advances per unit of the push)"]
    return problems


def types(answer: Any, neuron: Any, qif: Any) -> list[str]:
    neuron, qif = fhn(neuron), model_of(qif, bn.neurons.QIF, "bn.neurons.QIF.normal_form()")
    wanted = {f"{cell}_{what}" for cell in ("fhn", "qif") for what in ("lowest", "highest", "type")}
    if not isinstance(answer, dict) or set(answer) != wanted:
        raise Unsuitable(f"a dictionary with {', '.join(sorted(wanted))} is needed")
    own = {name: number(value, name) for name, value in answer.items()}
    curves = {"fhn": curve(neuron, CURRENT, POINTS).prc_V.values, "qif": one_dimensional(qif, 1.0)}
    problems = []
    for cell, Z in curves.items():
        wide = 0.02 * float(np.ptp(Z))
        problems += off(f"{cell}_lowest", own[f"{cell}_lowest"], float(Z.min()), tol=wide)
        problems += off(f"{cell}_highest", own[f"{cell}_highest"], float(Z.max()), tol=wide)
        if own[f"{cell}_type"] != (1 if Z.min() > -0.02 * Z.max() else 2):
            problems.append(f"{cell}_type does not fit the signs of its curve")
    return problems


def one_dimensional(qif: Any, I: float) -> np.ndarray:
    """The response of a neuron of one variable: what a push saves is the time it would have taken."""
    V = np.linspace(float(qif.V_reset), float(qif.V_th), 2001)
    slope = np.asarray(qif.vector_field(0.0, bn.Record(V=V), bn.Record(I=I))["V"], float)
    if slope.min() <= 0:
        raise Unsuitable("this QIF rests at I = 1; go back to bn.neurons.QIF.normal_form()")
    return 1.0 / slope


def distance(answer: Any, talker: Any, E: Any) -> list[str]:
    if isinstance(talker, type) or not {"V", "w", "open"} <= set(getattr(type(talker), "states", dict)()):
        raise Unsuitable("talker is a cell with V, w and open, such as Talker.snic().replace(tau_s=10.0)")
    if not isinstance(answer, dict) or set(answer) != {"predicted", "simulated"}:
        raise Unsuitable("a dictionary with predicted and simulated is needed, two parts of a cycle")
    true = lag(talker, number(E, "E", "mV"))
    words = ("too small", "too large")
    problems = off("the predicted lag", folded(answer["predicted"]), true, tol=0.02, words=words)
    return problems + off("the simulated lag", folded(answer["simulated"]), true, tol=0.03, words=words)


def folded(value: Any) -> float:
    """A lag as a part of a cycle between 0 and a half: who leads does not matter."""
    part = number(value, "a lag") % 1.0
    return min(part, 1.0 - part)


def lag(talker: Any, E: float) -> float:
    """The stable lag of two equal cells that hear each other weakly; the first one above 0 where there are several."""
    prc = curve(talker, TALK, POINTS)
    V, heard, Z = prc.V.values, prc["open"].values, prc.prc_V.values
    H = np.array([np.mean(Z * np.roll(heard, -k) * (E - V)) for k in range(POINTS)])
    G = np.roll(H[::-1], 1) - H  # how the lag moves: H of minus lag, less H of lag
    half = POINTS // 2
    found = [k + G[k] / (G[k] - G[k + 1]) for k in range(1, half - 1) if G[k] > 0 >= G[k + 1]]
    if found:
        return found[0] / POINTS
    return 0.0 if G[1] < 0 else 0.5


def fhn(model: Any) -> Any:
    return model_of(model, bn.neurons.FitzHughNagumo, "bn.neurons.FitzHughNagumo()")


LESSON = Lesson(
    "Phase response",
    {
        "14.1": Exercise(
            "The check computes the response curve of your own neuron at I = 0.5 from its adjoint equation and compares your twelve "
            "values (5 % of the curve's range).",
            pushes,
            (
                "at `advance` after a push: its last value, over the size of the push.",
                "small pushes: half the push must give half the advance, else it is too large.",
                '`bn.sweep(twins.replace(push=0.02), {"phase": phases}, T=240, dt=0.05, init=peak, record=["advance"])`, last time, over 0.02.',
            ),
        ),
        "14.2": Exercise(
            "The check computes the response curves of your own two neurons, compares their lowest and highest values (2 % of the "
            "range) and whether the types fit the signs.",
            types,
            (
                "at the part of each curve below zero: has it one?",
                "prc_V of the first; for the second, one variable only: a push saves exactly the time V would have taken, so Z = 1 / (dV/dt).",
                "`Z = 1 / (V**2 + 1)` for V from -10 to 10; type 1 never goes below zero, type 2 does.",
            ),
        ),
        "14.3": Exercise(
            "The check computes H of your own talker by averaging over its cycle, finds the stable lag, and compares your prediction "
            "(0.02 of a cycle) and your simulation (0.03).",
            distance,
            (
                "at H: the cell at phase θ hears the other one at phase θ + lag, weighted by its own response at θ.",
                "the zeros of H(-lag) - H(lag); a zero is stable where this falls.",
                "`H = [np.mean(Z * np.roll(heard, -k) * (E - V)) for k in range(400)]`, then `G = np.roll(H[::-1], 1) - H`.",
            ),
        ),
    },
)
