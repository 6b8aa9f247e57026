"""Spike-timing-dependent plasticity: one pair, the drift of many, two groups that compete."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson
from ..place import student_number

BEGIN = 0.5
SEEDS = (11, 12, 13)
CORRELATED, INDEPENDENT = "from_correlated.plasticity.weight", "from_independent.plasticity.weight"


class Clock(bn.networks.Regular):
    """A cell that fires like a clock, whatever it hears."""

    I = bn.input(0.0, "pA", "what it hears")


class Chance(bn.networks.Poisson):
    """A cell that fires at random, whatever it hears."""

    I = bn.input(0.0, "pA", "what it hears")


def pairs(rule: Any, pre: Any, post: Any, n: int = 1) -> Any:
    """Pairs of neurons, each with one synapse that learns."""
    learns = bn.Projection(
        "pre", "post", bn.connect.OneToOne(), bn.synapses.Exponential(), weight=BEGIN, plasticity=rule
    )
    return bn.Network({"pre": bn.Population(pre, n), "post": bn.Population(post, n)}, {"pair": learns})


def after_one_pair(rule: Any, interval: float) -> float:
    """The change of a weight by one pair, the postsynaptic spike ``interval`` ms after the presynaptic one."""
    slow = dict(rate=1.0)
    net = pairs(rule, bn.networks.Regular(start=100.0, **slow), Clock(start=100.0 + interval, **slow))
    ds = bn.simulate(net, T=300, dt=0.1, record=["pair.plasticity.weight"], precision="float64")
    return float(ds["pair.plasticity.weight"][-1, 0]) - BEGIN


def one_pair(answer: Any, rule: Any) -> list[str]:
    rule = stdp(rule)
    up, down = numbers(answer, "the changes at +10 and -15 ms", 2)
    problems = off("the change at +10 ms", up, after_one_pair(rule, 10.0), tol=1e-6)
    if down > 0:
        return [*problems, "the postsynaptic spike first: the weight should fall, so the second change is negative"]
    return problems + off("the size of the change at -15 ms", -down, -after_one_pair(rule, -15.0), tol=1e-6)


def drift(answer: Any) -> list[str]:
    if not callable(answer):
        raise Unsuitable("a function drift(rule, r_pre, r_post) is needed")
    draw = np.random.default_rng([student_number(), 602])
    for ratio in draw.uniform([0.6, 1.3], [0.8, 1.6]):
        rule = bn.synapses.STDP(
            A_plus=0.01, A_minus=0.01 * float(ratio), tau_plus=round(draw.uniform(15, 25), 1), tau_minus=20.0
        )
        r_pre, r_post = (round(draw.uniform(8, 15), 1) for _ in range(2))
        own = number(answer(rule, r_pre, r_post), "the drift", "per second")
        mean, error = drifting(rule, r_pre, r_post)
        where = f"the drift with A_minus / A_plus = {ratio:.2f}, {r_pre:g} and {r_post:g} Hz"
        if own * mean < 0:
            return [f"{where} has the wrong sign"]
        if problems := off(where, own, mean, rel=0.03, tol=4 * error):
            return problems
    return []


def drifting(rule: Any, r_pre: float, r_post: float, n: int = 1500, T: float = 10_000.0) -> tuple[float, float]:
    """Mean change per second of weights between neurons that do not know of each other, and its standard error."""
    net = pairs(rule, bn.networks.Poisson(rate=r_pre), Chance(rate=r_post), n)
    ds = bn.simulate(net, T=T, dt=0.5, record=["pair.plasticity.weight"], every=2000, seed=6)
    change = (ds["pair.plasticity.weight"].values[-1] - BEGIN) / (T / 1000)
    return float(change.mean()), float(change.std() / np.sqrt(n))


def competition(answer: Any, bimodality: Any) -> list[str]:
    net = model_of(answer, bn.networks.Song2000, 'net.replace({"*.A_minus": 0.01})')
    if not callable(bimodality):
        raise Unsuitable("bimodality should be a function of the weights")
    draw = np.random.default_rng([student_number(), 603])
    for shape in (0.3, 1.0, 3.0):
        weights = draw.beta(shape, shape, 200)
        if problems := off(
            "the bimodality", number(bimodality(weights), "the bimodality"), coefficient(weights), rel=0.01
        ):
            return problems
    if "correlated" not in net.cells or "independent" not in net.cells:
        return ["the network needs both groups: correlated=100 of n=200"]
    largest = float(net.links["from_correlated"].plasticity.w_max)
    problems: list[str] = []
    for seed in SEEDS:
        ds = bn.simulate(net, T=60_000, dt=0.5, record=[CORRELATED, INDEPENDENT], every=60_000, seed=seed)
        shared, alone = (float(ds[name].mean()) / largest for name in (CORRELATED, INDEPENDENT))
        if shared <= 0.7:
            problems.append("the correlated inputs should win, and end above 0.7 of the largest weight; they end lower")
        if alone >= 0.3:
            problems.append(
                "the independent inputs should lose, and end below 0.3 of the largest weight; they end higher"
            )
        if problems:
            break
    return problems


def coefficient(weights: np.ndarray) -> float:
    """Skewness squared plus one, over the kurtosis: 1 for two points, 5/9 for even, 1/3 for a bell."""
    z = (weights - weights.mean()) / weights.std()
    return float(((z**3).mean() ** 2 + 1) / (z**4).mean())


def stdp(rule: Any) -> Any:
    return model_of(rule, bn.synapses.STDP, "bn.synapses.STDP(A_plus=0.01)")


LESSON = Lesson(
    "Spike-timing-dependent plasticity",
    {
        "06.1": Exercise(
            "The check runs your own rule with one pair at +10 and one at -15 ms and compares the two changes within a "
            "millionth.",
            one_pair,
            (
                "at the figure of the window: two exponentials.",
                "A_plus exp(-10 / tau_plus) when the postsynaptic spike comes second; else A_minus, tau_minus and a minus.",
                "`[rule.A_plus * np.exp(-10 / rule.tau_plus), -rule.A_minus * np.exp(-15 / rule.tau_minus)]`.",
            ),
        ),
        "06.2": Exercise(
            "The check runs 1500 pairs of independent neurons for 10 s, twice, with rules and rates of its own, and compares "
            "their mean change per second with your function within 4 standard errors.",
            drift,
            (
                "at the area under each side of the window: A tau.",
                "how many pairs with a difference between t and t + dt there are per second: r_pre r_post dt.",
                "`r_pre * r_post * (rule.A_plus * rule.tau_plus - rule.A_minus * rule.tau_minus) / 1000`; the 1000 makes "
                "seconds of the ms in tau.",
            ),
        ),
        "06.3": Exercise(
            "The check runs your network for 60 s with three seeds: the correlated inputs must end above 0.7 of the largest "
            "weight in the mean, the others below 0.3. It tries your function on weights of its own.",
            competition,
            (
                "at the ratio A_minus / A_plus: which one decides whether inputs without relation lose?",
                "the two group means at the end, for ratios from 0.9 to 1.4.",
                '`net.replace({"*.A_minus": 0.0125})`; `z = (w - w.mean()) / w.std()`, '
                "`((z**3).mean()**2 + 1) / (z**4).mean()`.",
            ),
        ),
    },
)
