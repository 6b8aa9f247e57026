"""Attractor networks: energy that never rises, a cliff of capacity, one direction in which a bump gives way."""

from collections.abc import Callable
from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson

HELD = (50, 100, 120, 200)
TOLERANCES = (0.03, 0.03, 0.03, 0.1)
SEEDS = range(10, 20)
SMALL = 1e-3


def energy(W: np.ndarray, x: np.ndarray) -> float:
    return float(-x @ W @ x / 2)


def downhill(answer: Any, W: Any, x: Any) -> list[str]:
    if not callable(answer):
        raise Unsuitable("update is a function of W, x and i")
    return [*_rises(answer), *_cycles(W, x)]


def _rises(update: Callable) -> list[str]:
    """What is wrong with an update of one neuron, seen on three memories."""
    for seed in (21, 22, 23):
        random = np.random.default_rng(seed)
        xi = random.choice([-1.0, 1.0], (6, 40))
        W = xi.T @ xi  # whole numbers: a field of 0 is 0
        np.fill_diagonal(W, 0.0)
        x = random.choice([-1.0, 1.0], 40)
        for i in np.concatenate([random.permutation(40) for _ in range(6)]):
            given = x.copy()
            new = np.asarray(update(W, x, int(i)), float)
            if new.shape != x.shape or not (np.abs(new) == 1).all():
                raise Unsuitable("update gives the whole state, every entry 1 or -1")
            if (np.delete(new, i) != np.delete(given, i)).any():
                return ["update turns more than the one neuron"]
            if (x != given).any():
                return ["update changes the state that it was given; work on a copy"]
            if energy(W, new) > energy(W, given) + 1e-9:
                return ["the energy rises in some updates"]
            field = W[i] @ given
            if field != 0 and new[i] != np.sign(field):
                return ["a neuron does not turn to the side of its field"]
            if field == 0 and new[i] != given[i]:
                return ["a neuron turns although its field is 0"]
            x = new
    return []


def _cycles(W: Any, x: Any) -> list[str]:
    """What is wrong with weights and a state that are to go back and forth."""
    x = np.ravel(np.asarray(x, float))
    W = np.asarray(W, float)
    if W.shape != (x.size, x.size) or not (np.abs(x) == 1).all():
        raise Unsuitable("W is a square matrix, and x has an entry of 1 or -1 for each of its rows")
    if not np.allclose(W, W.T) or np.diagonal(W).any():
        return ["W is not symmetric with a diagonal of 0"]
    once = at_once(W, x)
    if (once == x).all():
        return ["your state stays as it is when all neurons turn at once"]
    if (at_once(W, once) != x).any():
        return ["your state does not come back after two turns"]
    return []


def at_once(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    """All neurons take the sign of their field together."""
    field = W @ x
    return np.where(np.abs(field) < 1e-9, x, np.sign(field))


def cliff(answer: Any) -> list[str]:
    own = numbers(answer, "the overlaps with 50, 100, 120 and 200 patterns", len(HELD))
    nets = (bn.networks.Hopfield.random(1000, 200, seed=seed, flipped=0.1) for seed in SEEDS)
    held = np.array(HELD, float)
    true = np.mean([bn.sweep(n, {"held": held}, T=20, dt=1, record=["overlap"]).overlap[:, -1, 0] for n in nets], 0)
    problems = []
    for count, value, reference, tol in zip(HELD, own, true, TOLERANCES, strict=True):
        problems += off(f"the overlap with {count} patterns", value, reference, tol=tol)
    return problems


def directions(answer: Any, model: Any) -> list[str]:
    model = model_of(model, bn.rates.CANN, "bn.rates.CANN()")
    if not isinstance(answer, dict) or set(answer) != {"zeros", "next", "height"}:
        raise Unsuitable("a dictionary with zeros, next and height is needed")
    if not np.isfinite(float(model.height())):
        raise Unsuitable("this ring holds no bump; make k smaller")
    values = bn.linearize(model, np.asarray(model.bump())).eigenvalue.values.real
    zeros = int((np.abs(values) < SMALL).sum())
    problems = off("the number of zeros", number(answer["zeros"], "zeros"), zeros, tol=0.1)
    problems += off(
        "the next eigenvalue", number(answer["next"], "next"), values[np.abs(values) >= SMALL].max(), tol=SMALL
    )
    return problems + off("the height", number(answer["height"], "height"), float(model.height()), tol=SMALL)


LESSON = Lesson(
    "Attractor networks",
    {
        "15.1": Exercise(
            "The check lets your update run on three networks of its own and looks whether the energy rises (1e-9), and turns "
            "your W and x twice.",
            downhill,
            (
                "at the field of one neuron: a row of W times the state.",
                "for the cycle: two neurons that each want to be what the other one is now.",
                "`new = x.copy(); new[i] = np.sign(W[i] @ x) or x[i]`; and W = [[0, 1], [1, 0]] with neurons that disagree.",
            ),
        ),
        "15.2": Exercise(
            "The check runs ten networks of 1000 neurons with seeds of its own (0.03, and 0.1 where all patterns are held).",
            cliff,
            (
                "at the cell under What you saw: the same sweep, with other numbers.",
                "the overlap with pattern 0 in the last record, averaged over five networks.",
                '`bn.sweep(bn.networks.Hopfield.random(1000, 200, seed=seed, flipped=0.1), {"held": [50.0, 100.0, 120.0, 200.0]}, '
                'T=20, dt=1, record=["overlap"]).overlap[:, -1, 0]`.',
            ),
        ),
        "15.3": Exercise(
            "The check computes the eigenvalues at the bump of your own ring (0.001), and its height (0.001).",
            directions,
            (
                "at the line of bn.slow_points for a high bump: its slowest modes.",
                "the eigenvalues of bn.linearize at ring.bump(): count those near 0, and take the largest of the others.",
                "`bn.linearize(ring, np.asarray(ring.bump())).eigenvalue.values.real`, and `ring.height()`.",
            ),
        ),
    },
)
