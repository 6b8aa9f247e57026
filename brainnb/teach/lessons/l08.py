"""Gamma rhythms: the peak of a spectrum, how it follows the inhibition, when the interneurons no longer answer."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson

TAUS = (5.0, 10.0, 20.0)
FACTORS = np.linspace(0.1, 0.7, 13)


def pace(model: Any, **changed: float) -> float:
    """Volleys per second: every interneuron fires once in each."""
    ds = bn.simulate(model.replace({"II.synapse.tau": changed["tau"]}) if changed else model, T=1000, dt=0.05)
    return 1e3 / float(ds.bn.period("I.spike", start=300).mean())


def peak(answer: Any, model: Any) -> list[str]:
    model = model_of(model, bn.networks.ING, "bn.networks.ING()")
    return off(
        "the frequency", number(answer, "the frequency", "Hz"), pace(model), tol=2.0, words=("too low", "too high")
    )


def follows(answer: Any, model: Any) -> list[str]:
    model = model_of(model, bn.networks.ING, "bn.networks.ING()")
    own = numbers(answer, "the frequencies at 5, 10 and 20 ms", len(TAUS))
    if (np.diff(own) >= 0).any():
        return ["slower inhibition should make a slower rhythm; somewhere yours is faster"]
    problems = []
    for tau, value in zip(TAUS, own, strict=True):
        words = ("too low", "too high")
        problems += off(f"the frequency at {tau:g} ms", value, pace(model, tau=tau), rel=0.05, words=words)
    return problems


def rates(model: Any, factors: Any) -> tuple[np.ndarray, np.ndarray]:
    """Mean rates of pyramidal cells and interneurons with the synapses from E to I made weaker."""
    weights = float(model.parameters()["EI.weight"].value) * np.asarray(factors)
    ds = bn.sweep(model, {"EI.weight": weights}, T=500, dt=0.05)
    E, I = (ds.bn.rate(f"{p}.spike", start=200).mean(f"{p}_neuron").values for p in "EI")
    return E, I


def breaking(answer: Any, model: Any) -> list[str]:
    model = model_of(model, bn.networks.PING, "bn.networks.PING()")
    if not isinstance(answer, dict) or set(answer) != {"strength", "rate_without"}:
        raise Unsuitable("a dictionary with strength and rate_without is needed")
    if any(value is None or value is ... for value in answer.values()):
        raise Unsuitable("fill in both numbers")
    E, I = rates(model, [0.0, *FACTORS])
    enough = I[1:] >= 0.5 * E[1:]
    if not enough.any():
        raise Unsuitable("in this network the interneurons do not answer at any strength up to 0.7; take another one")
    words = ("too small", "too large")
    strength = number(answer["strength"], "strength")
    problems = off("the strength", strength, FACTORS[enough.argmax()], tol=0.06, words=words)
    return problems + off(
        "rate_without", number(answer["rate_without"], "rate_without", "Hz"), E[0], rel=0.03, words=words
    )


LESSON = Lesson(
    "Gamma rhythms",
    {
        "08.1": Exercise(
            "The check counts the volleys of your own network between 300 and 1000 ms and compares within 2 Hz.",
            peak,
            (
                "at the spectrum of the population rate, between 15 and 100 Hz.",
                "the frequency with the largest power; a window of 500 ms tells 2 Hz apart.",
                '`ds.bn.spectrum(rate, start=300, window=500).sel(frequency=slice(15, 100)).idxmax("frequency")`.',
            ),
        ),
        "08.2": Exercise(
            "The check runs your own network with the three decay times; frequencies must fall, and agree within 5 %.",
            follows,
            (
                "at the path of the decay time in the list of parameters.",
                "the time from volley to volley: each interneuron fires once in each.",
                '`net.replace({"II.synapse.tau": 5})`, then `1000 / ds.bn.period("I.spike", start=300).mean()`.',
            ),
        ),
        "08.3": Exercise(
            "The check weakens the synapses of your own network step by step. Your strength must be within 0.06 of where "
            "interneurons fire half as often as pyramidal cells, and your rate without these synapses within 3 %.",
            breaking,
            (
                "at the rates of both populations while the weight falls.",
                "the smallest weight, relative to the full one, with a rate of I of at least half that of E.",
                '`bn.sweep(ping, {"EI.weight": full * np.linspace(0, 0.7, 29)}, T=500, dt=0.05)`, then '
                '`ds.bn.rate("I.spike", start=200).mean("I_neuron")`.',
            ),
        ),
    },
)
