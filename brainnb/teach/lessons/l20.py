"""Train a spiking network: a spike with a slope, fewer spikes, patterns learned by heart."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, off
from ..lesson import Exercise, Lesson

POINTS = (-1.0, -0.15, 0.0, 0.2, 0.7)
MOST_SPIKES, LEAST_RIGHT = 0.15, 0.96
PATTERNS, AFFERENTS, STEPS = 128, 100, 200


def patterns(student: int) -> Any:
    """A student's own random trains behind a synapse of 5 ms, each of one of two classes, by lot."""
    import xarray as xr

    seed = student % 2**31
    task = bn.train.tasks.PoissonPatterns(afferents=AFFERENTS, patterns=PATTERNS, rate=5.0, seed=seed)
    trains = np.asarray(task.trains, float)
    heard = np.zeros_like(trains)
    for k in range(1, STEPS):
        heard[:, k] = np.exp(-1 / 5) * heard[:, k - 1] + trains[:, k - 1]
    time = np.arange(1.0 * STEPS)
    return xr.Dataset(
        {
            "I": (("trial", "time", "afferent"), heard),
            "out": ("trial", np.random.default_rng(seed).integers(0, 2, PATTERNS)),
            "weight": ("time", (time >= 20) * 1.0),
        },
        {"time": ("time", time, {"units": "ms"})},
    )


def spike(answer: Any) -> list[str]:
    import jax
    import jax.numpy as jnp

    if not callable(answer):
        raise Unsuitable("fires is a function of x")
    x = jnp.linspace(-2.0, 2.0, 41)
    z = np.asarray(answer(x))
    problems = []
    if z.shape != x.shape:
        raise Unsuitable("fires(x) has the shape of x, for arrays too")
    if not np.array_equal(z, (np.asarray(x) >= 0) * 1.0):
        problems.append("going forward it is not exactly 1 from x = 0 on, and 0 below")
    for point in POINTS:
        sigma = 1 / (1 + np.exp(-5 * point))
        slope = float(jax.grad(lambda at: jnp.sum(answer(at)))(jnp.asarray(point)))
        problems += off(f"the derivative at x = {point:g}", slope, 5 * sigma * (1 - sigma), tol=1e-5)
    return problems


def sparing(run: Any, reported: Any, start: Any) -> list[str]:
    if not isinstance(run, bn.train.TrainingRun):
        raise Unsuitable("a run is needed: run = bn.fit(blank, train, ..., **plain)")
    start = model_of(start, bn.networks.SpikingNetwork, "blank")
    run.wait()
    _, test = bn.datasets.digits(25)
    asked = {"right": bn.train.Accuracy("out"), "spikes": bn.train.Mean("spike")}
    before = bn.train.evaluate(start, test, asked, precision="float32")
    after = bn.train.evaluate(run.model, test, asked, precision="float32")
    problems = []
    if after["right"] < LEAST_RIGHT:
        problems.append("too few of the test digits are right")
    if after["spikes"] > MOST_SPIKES:
        problems.append("there are too many spikes")
    own = numbers_of(reported, ("before", "spikes"))
    return [
        *problems,
        *off("what you report as right before", own["before"], before["right"], tol=0.005),
        *off("what you report as spikes", own["spikes"], after["spikes"], tol=0.005),
    ]


def by_heart(everything: Any, readout_only: Any, ties: Any, start: Any) -> list[str]:
    from ..place import student_number

    cls = bn.networks.SpikingLayers
    start = model_of(start, cls, "four")
    data = patterns(student_number())
    right = bn.train.Accuracy("out", readout="max")
    shares = [
        bn.train.evaluate(model_of(model, cls, "bn.fit(four, own, ..., **how).model"), data, right, precision="float32")
        for model in (readout_only, everything)
    ]
    problems = []
    if not np.array_equal(readout_only.layers.layer1.weight, start.layers.layer1.weight):
        problems.append("in the first model the weights to the hidden units have changed too")
    if shares[0] > 0.65:
        problems.append("the readout alone is too good; give it 250 updates of the four units, no more")
    if shares[1] < 0.95:
        problems.append("with everything learned, too few patterns are right")
    own = numbers_of(ties, ("argmax", "half", "at_least"))
    true = {"argmax": float(np.mean(data.out.values == 0)), "half": 0.5, "at_least": 1.0}
    for name, value in true.items():
        problems += off(f"the share {name}", own[name], value, tol=1e-3)
    return problems


def numbers_of(answer: Any, names: tuple[str, ...]) -> dict[str, float]:
    """A dictionary of numbers with these names."""
    if not isinstance(answer, dict) or set(answer) != set(names):
        raise Unsuitable(f"a dictionary with {', '.join(names)} is needed")
    return {name: number(answer[name], name) for name in names}


LESSON = Lesson(
    "Train a spiking network",
    {
        "20.1": Exercise(
            "The check lets your function run on numbers and arrays of its own: exactly 0 or 1, and the derivative by jax.grad "
            "at five points.",
            spike,
            (
                "at bn.spike, and at its second argument.",
                "bn.spike(x, slope): forward a step, backward whatever function of x the slope is.",
                "`from brainnb.core.spikes import sigmoid`, which has a sharpness, or a function of your own with "
                "`jax.nn.sigmoid(5 * x)`; then `def fires(x): return bn.spike(x, slope)`.",
            ),
        ),
        "20.2": Exercise(
            "The check shows the test digits to your run's model and to the untrained one: accuracy, spikes, and the two numbers "
            "that you report.",
            sparing,
            (
                "at the loss: one that only asks for right answers does not care for spikes.",
                "losses add up, with factors; bn.train.Activity draws the mean of every unit towards a target.",
                '`loss=bn.train.CrossEntropy("out") + 20 * bn.train.Activity("spike", 0.05)`, 660 updates; '
                "bn.train.evaluate(model, test, asked).",
            ),
        ),
        "20.3": Exercise(
            "The check shows your patterns to both models, looks whether the hidden weights of the first are those of the start, "
            "and compares the three shares.",
            by_heart,
            (
                "at train=, which says what is learned; for (c), at the labels: when is an answer right if both outputs are equal?",
                '["readout.*"] and ["layer1.*", "readout.*"], at a rate of 0.02; the share of class 0 among own.out.',
                '`bn.fit(four, own, train=["layer1.*", "readout.*"], optimizer=0.02, steps=250, **how).model`.',
            ),
        ),
    },
    specimen=patterns,
)
