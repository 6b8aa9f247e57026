"""Train a rate network: a guesser's loss, a small network that decides, and one that remembers."""

from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, off
from ..lesson import Exercise, Lesson

TRIAL, ANSWER = 40, 15
"""Samples of a trial with a hold of 300 ms, and those of them in which an answer is wanted."""
MOST_UNITS = 20
TRIALS = 400
SLOW = 1e-6
"""Largest q of what counts as standing still."""


def guesser(answer: Any) -> list[str]:
    if not isinstance(answer, dict) or set(answer) != {"nothing", "when"}:
        raise Unsuitable("a dictionary with nothing and when is needed")
    problems = off("the loss without any knowledge", number(answer["nothing"], "nothing"), np.log(3), tol=1e-3)
    thrown = np.log(2) * ANSWER / TRIAL
    return problems + off("the loss of one who knows when", number(answer["when"], "when"), thrown, tol=1e-3)


def judge_of(answer: Any) -> Any:
    """The answer as a small network of both signs for the three channels of the task."""
    model = model_of(answer, bn.rates.RateNetwork, "Judge(N=20)")
    if model.N > MOST_UNITS:
        raise Unsuitable(f"your network has {model.N} units; at most {MOST_UNITS} are allowed")
    if model.weight_in.shape[1] != 3 or model.readout.weight.shape[0] != 3:
        raise Unsuitable("the network needs three channels in and three out, as Judge has")
    return model


def signs(model: Any) -> list[str]:
    """What is wrong with the kinds of its units."""
    W = np.asarray(model.connectivity())
    excites, inhibits = (W >= 0).all(0) & (W > 0).any(0), (W <= 0).all(0) & (W < 0).any(0)
    if (~(excites | inhibits)).any():
        return ["some units have weights of both signs, or none"]
    return [] if excites.any() and inhibits.any() else ["all units are of one kind"]


def right(model: Any, coherence: float) -> float:
    """The share of right answers in the first 100 ms after the streams, in fresh trials."""
    asked = bn.train.tasks.PerceptualDecision(coherences=[coherence], sigma=0.15)
    trials = asked.dataset(TRIALS, seed=1019)
    trials["weight"] = trials.weight * (trials.time >= asked.fixation + asked.stimulus)
    return float(bn.train.evaluate(model, trials, "accuracy"))


def small(answer: Any) -> list[str]:
    model = judge_of(answer)
    problems = signs(model)
    if right(model, 12.8) < 0.85:
        problems.append("at 12.8 % it is right too rarely")
    chance = right(model, 0.0)
    return problems + off("the share of right answers at coherence 0", chance, 0.5, tol=0.08)


def standing(points: Any, model: Any) -> Iterator[tuple[int, int]]:
    """Number of unstable directions and answer, at every point where the model really stands still without input."""
    for x in np.asarray(points.x.values, float)[np.asarray(points.q.values) < SLOW]:
        here = bn.linearize(model, x)  # all inputs are 0
        if 0.5 * float((here.slope**2).sum()) < SLOW:
            rates = model.read(model.rates(jnp.asarray(x)), jnp.zeros(3))
            grow = int((here.eigenvalue.values.real > 0).sum())
            yield grow, int(np.argmax(np.asarray(model.readout(rates))))


def remembers(points: Any, model: Any) -> list[str]:
    model = judge_of(model)
    if not {"x", "q"} <= set(getattr(points, "data_vars", ())) or points.x.dims[0] != "point":
        raise Unsuitable("points is what bn.slow_points gives for your model")
    if points.x.shape[1] != model.N:
        raise Unsuitable("these are points of a network of another size")
    found = list(standing(points, model))
    problems = []
    if len({answer for grow, answer in found if not grow and answer}) < 2:
        problems.append("there are no two stable points that answer left and right")
    if not any(grow == 1 for grow, _ in found):
        problems.append("no saddle with one unstable direction is among the points")
    return problems


LESSON = Lesson(
    "Train a rate network",
    {
        "19.1": Exercise(
            "The check compares both numbers with the closed form (0.001).",
            guesser,
            (
                "at the first step of the run, and at the height at which the loss waits.",
                "the loss is an average over all moments: 25 of 40 samples want fixation, 15 an answer.",
                "`np.log(3)`, and 15 / 40 of the logarithm of 2.",
            ),
        ),
        "19.2": Exercise(
            "The check counts right answers on 400 fresh trials of each kind (0.85 at least at 12.8 %; 0.42 to 0.58 at "
            "coherence 0), and looks at the signs of all columns.",
            small,
            (
                "at the cell that trained `run`: the same call with another start.",
                "the share of right answers of `run.model` at 12.8 %, and of yours: `asked(model, [12.8])`.",
                "`small = bn.fit(Judge(N=20), task(), **how).model`.",
            ),
        ),
        "19.3": Exercise(
            "The check looks at your points with q < 1e-6: speed, eigenvalues and answer there, and asks for two stable points with "
            "different answers and at least one saddle with one unstable direction.",
            remembers,
            (
                "at the outcome: which of the networks kept its choice, and where it stood still.",
                "the stability of the points of several seeds; states of trials are good candidates.",
                "`mine = bn.fit(Judge(N=20, seed=seed), task(), **how).model` for some seeds, and "
                "`bn.slow_points(mine, states)` with states of `asked(mine, levels)`.",
            ),
        ),
    },
)
