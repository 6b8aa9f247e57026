"""Balanced networks: rate and irregularity, four states on a plane, the rate that a theory demands."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson

STATES = ("regular", "steady", "fast", "slow")
POINTS = ((5.0, 2.0), (6.0, 4.0), (4.5, 0.9))


def irregular(answer: Any, model: Any) -> list[str]:
    model = model_of(model, bn.networks.COBA, "bn.networks.COBA()")
    own = _form(answer, ("rate", "cv"))
    ds = bn.simulate(model, T=1000)
    rate = float(ds.bn.rate("E.spike", start=200).mean())
    cv = float(ds.bn.cv("E.spike", start=200).mean())
    problems = off("the rate", number(own["rate"], "rate", "Hz"), rate, rel=0.1, words=("too low", "too high"))
    return problems + off("the CV", number(own["cv"], "cv"), cv, tol=0.2, words=("too low", "too high"))


def seen(model: Any, g: float, eta: float) -> dict[str, float]:
    """Rate, CV, modulation of the population in 1 ms, its strongest frequency and how far that stands out."""
    ds = bn.simulate(model.replace(g=g, eta=eta), T=400, record=["E.spike"])
    spikes = ds["E.spike"].values[1000:]
    counts = spikes.sum(1).reshape(-1, 10).sum(1)
    power = np.convolve(np.abs(np.fft.rfft(counts - counts.mean()))[1:] ** 2, np.ones(3) / 3, "same")
    intervals = [np.diff(np.flatnonzero(train)) for train in spikes.T]
    cvs = [x.std() / x.mean() for x in intervals if len(x) >= 3]
    return {
        "rate": 1e4 * spikes.mean(),
        "cv": float(np.mean(cvs)) if cvs else np.nan,
        "modulation": counts.std() / counts.mean() if counts.any() else 0.0,
        "frequency": np.fft.rfftfreq(len(counts), 1e-3)[1:][power.argmax()],
    }


def four_states(answer: Any, model: Any) -> list[str]:
    model = model_of(model, bn.networks.Brunel, "bn.networks.Brunel(2500, inputs=250, J=0.2)")
    own, problems = _form(answer, STATES), []
    for name in STATES:
        g, eta = numbers(own[name], f"{name}: g and eta", 2)
        problems += [f"{name}: {what}" for what in _missing(name, seen(model, g, eta))]
    return problems


def _missing(state: str, x: dict[str, float]) -> list[str]:
    """What a state still lacks."""
    wanted = {
        "regular": [("the rate is too low", x["rate"] > 150), ("the spikes are too irregular", x["cv"] < 0.2)],
        "steady": [
            ("the rate is not between 5 and 80 Hz", 5 < x["rate"] < 80),
            ("the spikes are too regular", x["cv"] > 0.3),
            ("the population swings too much", x["modulation"] < 0.62),
        ],
        "fast": [
            ("the spikes are too regular", x["cv"] > 0.45),
            ("the population swings too little", x["modulation"] > 0.65),
            ("the rhythm is not between 120 and 250 Hz", 120 < x["frequency"] < 250),
        ],
        "slow": [
            ("the rate is not between 1 and 16 Hz", 1 < x["rate"] < 16),
            ("the population swings too little", x["modulation"] > 0.9),
            ("the rhythm is not below 50 Hz", x["frequency"] < 50),
        ],
    }
    return [what for what, holds in wanted[state] if not holds]


def demanded(g: float, eta: float) -> float:
    """The self-consistent rate (Hz) of a neuron with theta 20, reset 10, tau 20, t_ref 2, J 0.1 and C_E 1000."""
    from scipy.integrate import quad
    from scipy.special import erfcx

    low, high = 0.0, 0.5

    def answered(nu: float) -> float:
        mu, sigma = 2000 * (nu * (1 - g / 4) + 0.01 * eta), np.sqrt(200 * (nu * (1 + g**2 / 4) + 0.01 * eta))
        return 1 / (2 + 20 * np.sqrt(np.pi) * quad(lambda x: erfcx(-x), (10 - mu) / sigma, (20 - mu) / sigma)[0])

    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if answered(middle) > middle else (low, middle)
    return 1e3 * low


def mean_field(answer: Any) -> list[str]:
    own, problems = numbers(answer, "the three rates in Hz", len(POINTS)), []
    for (g, eta), value in zip(POINTS, own, strict=True):
        what = f"the rate at g = {g:g}, eta = {eta:g}"
        problems += off(what, value, demanded(g, eta), rel=0.01, words=("too low", "too high"))
    return problems


def _form(answer: Any, names: tuple[str, ...]) -> dict:
    if not isinstance(answer, dict) or set(answer) != set(names):
        raise Unsuitable(f"a dictionary with {', '.join(names)} is needed")
    if any(value is None or value is ... for value in answer.values()):
        raise Unsuitable("fill in all of it")
    return answer


LESSON = Lesson(
    "Balanced networks",
    {
        "07.1": Exercise(
            "The check runs your own network for a second and compares the mean rate of its excitatory cells (10 %) and the "
            "mean CV of their intervals (0.2).",
            irregular,
            (
                "at the measures of a run of 1000 ms, from 200 ms on.",
                "the mean over the neurons of `ds.bn.rate` and of `ds.bn.cv`.",
                '`ds.bn.cv("E.spike", start=200).mean().item()`.',
            ),
        ),
        "07.2": Exercise(
            "The check runs your own network at your four points and looks at rate, CV, how much the population swings, and "
            "how fast; the name alone does not count.",
            four_states,
            (
                "at the four rasters above: the same names, in other words.",
                "regular needs g below 4, the others more; fast needs a strong drive, slow one just below 1.",
                '`{"regular": (3, 2), "steady": (5, 2), "fast": (6, 4), "slow": (4.5, 0.9)}` are the published ones.',
            ),
        ),
        "07.3": Exercise(
            "The check solves the equation for the rate itself at the three points and compares within 1 %.",
            mean_field,
            (
                "at the two lines for mean and fluctuation: with a guess of the rate both are numbers.",
                "the rate that the formula answers minus the guess: it changes its sign at the solution.",
                "`scipy.optimize.brentq(lambda nu: answered(nu) - nu, 1e-6, 0.5)`, with `scipy.special.erfcx(-x)` in the integral.",
            ),
        ),
    },
)
