"""Working memory: where a bump stands, how fast noise moves it, and thresholds that remember a sample."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, off
from ..lesson import Exercise, Lesson
from ..place import student_number

MOST_UNITS, MOST_UPDATES, TRIALS = 100, 300, 400
RIGHT, GUESSED = 0.95, 0.60


# --- where a bump stands ----------------------------------------------------------------------------------------------


def decodes(answer: Any) -> list[str]:
    if not callable(answer) or isinstance(answer, type):
        raise Unsuitable("a function decode(U) is needed")
    draw = np.random.default_rng([student_number(), 2301])
    for _ in range(12):
        N, height = int(draw.integers(24, 200)), draw.uniform(1, 20)
        x = -np.pi + 2 * np.pi * np.arange(N) / N
        from_it = np.angle(np.exp(1j * (x - draw.uniform(-np.pi, np.pi))))
        U = height * (np.exp(-(from_it**2)) + 0.005 * draw.normal(size=N))
        true = np.degrees(np.angle(np.sum(U * np.exp(1j * x))))
        apart = (number(answer(U), "the angle", "degrees") - true + 180) % 360 - 180
        if abs(apart) > 1:
            return ["the angle is more than a degree away from that of the population vector"]
    return []


# --- how fast noise moves it --------------------------------------------------------------------------------------------


def growth(ring: Any) -> float:
    r"""How fast the variance of the angle grows, degrees² per second, in closed form.

    Of the noise only what pushes along the ring stays, and the left null vector of the Jacobian at the bump says how much
    that is.  For odd deviations the inhibition is constant, so the vector is :math:`U U'`, and the variance grows by
    :math:`(\sigma^2 / \tau) \sum (U U')^2 / (\sum U U'^2)^2`.
    """
    U, x = np.asarray(ring.bump(0.0), float), np.asarray(ring.places(), float)
    slope = x / (2 * float(ring.a) ** 2) * U
    rate = float(ring.sigma) ** 2 / float(ring.tau) * ((U * slope) ** 2).sum() / (U * slope**2).sum() ** 2
    return 1000 * np.degrees(np.degrees(rate))


def ring_of(answer: Any, what: str) -> Any:
    ring = model_of(answer, bn.rates.CANN, "ring(48)")
    if not hasattr(ring, "sigma") or not float(ring.sigma) > 0:
        raise Unsuitable(f"{what} has no noise; ring(48) of the notebook has sigma")
    if not np.isfinite(float(ring.height())):
        raise Unsuitable(f"{what} holds no bump; make k smaller")
    return ring


def diffusion(answer: Any, one: Any, two: Any) -> list[str]:
    if not isinstance(answer, dict) or set(answer) != {"one", "two"}:
        raise Unsuitable("a dictionary with one and two is needed")
    one, two = ring_of(one, "one"), ring_of(two, "two")
    if two.N != 2 * one.N or float(one.sigma) != float(two.sigma):
        raise Unsuitable("two should have twice the neurons of one, and the same noise")
    found = {name: number(answer[name], name, "degrees² per second") for name in ("one", "two")}
    problems = off("the growth with N neurons", found["one"], growth(one), rel=0.15)
    problems += off("the growth with 2N neurons", found["two"], growth(two), rel=0.15)
    return problems + off("their ratio", found["two"] / found["one"], 0.5, tol=0.1)


# --- thresholds that remember ---------------------------------------------------------------------------------------------


def match(delay: float = 500.0) -> Any:
    """The task: two samples as spikes, a pause, and the same again or the other one."""
    asked = bn.train.tasks.DelayedMatch(sigma=0.0, delay=delay, decision=75.0, dt=5.0)
    return bn.train.tasks.AsSpikes(asked, afferents=10, high=80.0, low=2.0)


def run_of(answer: Any, what: str) -> Any:
    """The answer as a run of a spiking network that may be judged."""
    model = getattr(answer, "model", None)
    if not isinstance(model, bn.networks.SpikingNetwork):
        raise Unsuitable(f"{what} is what bn.fit gives for a spiking network")
    if model.N > MOST_UNITS or answer.step > MOST_UPDATES:
        raise Unsuitable(
            f"{what} has {model.N} units and {answer.step} updates; {MOST_UNITS} units and {MOST_UPDATES} updates are allowed"
        )
    if model.weight_in.shape[1] != 20 or model.readout.weight.shape[0] != 2:
        raise Unsuitable(f"{what} needs the 20 channels in and the two out of match(500)")
    return answer


def right(model: Any) -> float:
    trials = match().dataset(TRIALS, seed=2303 + student_number() % 1000)
    return float(bn.train.evaluate(model, trials, bn.train.Accuracy("out")))


def bridges(answer: Any, without: Any) -> list[str]:
    adaptive, plain = run_of(answer, "adaptive"), run_of(without, "without")
    if not (np.asarray(adaptive.model.beta) > 0).any():
        raise Unsuitable("no threshold of `adaptive` remembers anything: its beta is 0")
    if np.asarray(plain.model.beta).any():
        raise Unsuitable("some thresholds of `without` still remember: its beta should be 0")
    if plain.model.N != adaptive.model.N or plain.step < adaptive.step:
        raise Unsuitable("give `without` as many units, and as many updates at least, as the other")
    problems = []
    if right(adaptive.model) < RIGHT:
        problems.append("over a pause of 500 ms the adaptive network is right too rarely")
    if right(plain.model) > GUESSED:
        problems.append("the network without adaptation remembers too: is the pause the same?")
    return problems


LESSON = Lesson(
    "Working memory",
    {
        "23.1": Exercise(
            "The check gives your function bumps of its own, noisy and at any place, and compares with the angle of the population "
            "vector (1 degree).",
            decodes,
            (
                "at the neurons: each votes for its own place, the more active the louder.",
                "the sum of arrows of length U in the directions of the places; its angle knows no jump at 180 degrees.",
                "`x = -np.pi + 2 * np.pi * np.arange(len(U)) / len(U)`, then `np.degrees(np.arctan2(U @ np.sin(x), U @ np.cos(x)))`.",
            ),
        ),
        "23.2": Exercise(
            "The check computes the growth of the variance of your own rings in closed form (15 %), and looks at the ratio (0.4 to "
            "0.6).",
            diffusion,
            (
                "at the left picture under What you saw: a straight line for every ring.",
                "the variance over the trials at every time, in degrees²; the slope of a line through it, per second.",
                "`t, angle = wander(one, trials=1500)` and `np.polyfit(t, angle.var(1), 1)[0]`.",
            ),
        ),
        "23.3": Exercise(
            "The check tries both of your networks on 400 fresh trials with a pause of 500 ms (at least 0.95, at most 0.60).",
            bridges,
            (
                "at the cell that trained `spikes`: the same call, with another pause, more units and more updates.",
                "the course of `right`; a rate of 0.02, 30 + 30 units and 200 updates of 32 trials are enough.",
                "`adaptive = bn.fit(spiking(30), match(500), steps=200, **how)`, and the same with `spiking(30, beta=0.0)`.",
            ),
        ),
    },
)
