"""Chaos and delay: two doublings of a period, an exponent found twice, the borders of two states of rest."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson

DOUBLINGS = (np.roots([-1, 3]).max(), np.roots([-1, 2, 5]).max())
"""r at which the slope 2 - r of the map, and 4 + 2 r - r^2 of the map taken twice, is -1."""


def doublings(answer: Any) -> list[str]:
    own = numbers(answer, "the first two doublings", 2)
    problems = []
    for name, value, true in zip(("first", "second"), own, DOUBLINGS, strict=True):
        problems += off(f"the r of the {name} doubling", value, true, tol=1e-3)
    return problems


def exponent(answer: Any, model: Any) -> list[str]:
    if not isinstance(model, bn.Model):
        raise Unsuitable(f"a model is needed, such as Lorenz(); you gave {type(model).__name__}")
    found = named(answer, ("measured", "computed"))
    true = bn.lyapunov(model)
    first, error = true.exponent.values[0], true.standard_error.values[0]
    if first < 5 * error:
        raise Unsuitable("with these parameters there is no chaos to measure; go back to the defaults")
    return off("the measured exponent", found["measured"], first, rel=0.1) + off(
        "the computed exponent", found["computed"], first, tol=3 * error
    )


def borders(answer: Any, delayed: Any, network: Any) -> list[str]:
    delayed = model_of(delayed, bn.rates.MackeyGlass, "bn.rates.MackeyGlass()")
    found = named(answer, ("delay", "gain"))
    return off("the delay", found["delay"], swinging(delayed), rel=0.01, words=("too short", "too long")) + off(
        "the gain", found["gain"], restless(network), rel=0.02
    )


def swinging(model: Any) -> float:
    """The delay at which the characteristic root crosses: i w = -gamma + b exp(-i w tau)."""
    beta, gamma, n = (float(getattr(model, name)) for name in ("beta", "gamma", "n"))
    power = beta / gamma - 1  # x^n at rest
    slope = beta * (1 + (1 - n) * power) / (1 + power) ** 2 if power > 0 else 0.0
    if slope > -gamma:
        raise Unsuitable("with these numbers no delay makes it swing; go back to the defaults")
    return float(np.arccos(gamma / slope) / np.sqrt(slope**2 - gamma**2))


def restless(network: Any) -> float:
    """The gain at which an eigenvalue of the resting network crosses zero."""
    W = np.asarray(network.W) if isinstance(network, bn.Model) and hasattr(network, "W") else np.zeros(0)
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise Unsuitable("the network has a square matrix of weights, W")
    rightmost = np.linalg.eigvals(W.astype(float)).real.max()
    if rightmost <= 0:
        raise Unsuitable("with these weights no gain disturbs the rest")
    return float(1 / rightmost)


def named(answer: Any, names: tuple[str, ...]) -> dict[str, float]:
    if not isinstance(answer, dict) or set(answer) != set(names):
        raise Unsuitable(f"a dictionary with {', '.join(names)} is needed")
    return {name: number(answer[name], name) for name in names}


LESSON = Lesson(
    "Chaos and delay",
    {
        "16.1": Exercise(
            "The check solves for the r at which the slope of the map, and of the map taken twice, is -1 (0.001).",
            doublings,
            (
                "at the right picture: where does one line become two, and where do two become four?",
                "the slope r (1 - 2 x); of the map taken twice it is the product of the slopes at both values.",
                "`r - 2 * r * (1 - 1 / r)` is -1 at the first; the product of both slopes is 4 + 2 r - r², which is -1 at the second.",
            ),
        ),
        "16.2": Exercise(
            "The check computes the largest exponent of your own model; what you measured may be off by 10 %, what you computed "
            "by three standard errors.",
            exponent,
            (
                "at the lower line of the figure: its slope between 1 and 10, averaged over many starts.",
                "distance counts powers of ten; powers of e are ln 10 = 2.303 times as many.",
                '`bn.simulate(twins, T=12, dt=0.005, size=n, init={"x": ..., "y": ..., "z": ...}, record=["distance"])` with starts '
                "from a long run of lorenz, then np.polyfit; and `bn.lyapunov(lorenz).exponent[0]`.",
            ),
        ),
        "16.3": Exercise(
            "The check solves the characteristic equation of your own delayed model (1 %) and takes the eigenvalues of your own "
            "weights (2 %).",
            borders,
            (
                "at what decides about a resting point: the rightmost root, or eigenvalue.",
                "the delay at which a pair of roots crosses the imaginary axis; the g at which g times an eigenvalue of W is 1.",
                '`bn.analysis.delay_hopf(glass, "tau", (1.0, 8.0), {"x": 1.0}).tau`, and `1 / np.linalg.eigvals(net.W).real.max()`.',
            ),
        ),
    },
)
