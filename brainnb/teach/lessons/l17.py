"""Noise: a free membrane, a rate found twice, a current at which spikes are half-way to a clock."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, number, off
from ..lesson import Exercise, Lesson

POINTS = ((13.0, 4.0), (18.0, 2.0), (24.0, 6.0))
NUMBERS = dict(tau=20.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
AT = (15.0, 5.0)


def membrane(answer: Any, model: Any) -> list[str]:
    values = of(model, "tau", "sigma")
    if not isinstance(answer, dict) or set(answer) != {"variance", "correlation_time"}:
        raise Unsuitable("a dictionary with variance and correlation_time is needed")
    variance = number(answer["variance"], "the variance", "mV²")
    time = number(answer["correlation_time"], "the correlation time", "ms")
    return off("the variance", variance, values["sigma"] ** 2 / 2, rel=0.03) + off(
        "the correlation time", time, values["tau"], rel=0.05, words=("too short", "too long")
    )


def twice(answer: Any, simulated: Any, model: Any) -> list[str]:
    if not callable(answer):
        raise Unsuitable("theory is a function of mu and sigma")
    problems = []
    for mu, sigma in POINTS:
        true = bn.analysis.siegert(mu=mu, sigma=sigma, **NUMBERS).rate.item()
        own = number(answer(mu, sigma), "theory(mu, sigma)", "Hz")
        problems += off(f"theory({mu:g}, {sigma:g})", own, true, rel=0.01, words=("too low", "too high"))
    own = number(simulated, "the simulated rate", "Hz")
    true = bn.analysis.siegert(mu=AT[0], sigma=AT[1], **of(model, *NUMBERS)).rate.item()
    return problems + off("the simulated rate", own, true, rel=0.03, words=("too low", "too high"))


def half(answer: Any, model: Any) -> list[str]:
    from scipy.optimize import brentq

    own = number(answer, "mu", "mV")
    values = of(model, *NUMBERS)

    def above(mu: float) -> float:
        return bn.analysis.siegert(mu=mu, sigma=5.0, **values).cv.item() - 0.5

    low, high = values["V_th"] - 10, values["V_th"] + 40
    if above(low) < 0 or above(high) > 0:
        raise Unsuitable("with this cell the CV is nowhere one half; go back to the defaults")
    return off("mu", own, brentq(above, low, high, xtol=0.1), rel=0.03, words=("too low", "too high"))


def of(model: Any, *names: str) -> dict[str, float]:
    """These parameters of the student's cell."""
    if isinstance(model, type) or not isinstance(model, bn.Model):
        raise Unsuitable("a model is needed, such as Noisy()")
    known = model.parameters()
    if missing := [name for name in names if name not in known]:
        raise Unsuitable(f"the cell has no {', '.join(missing)}; take the one of this notebook")
    return {name: float(np.asarray(known[name].value)) for name in names}


LESSON = Lesson(
    "Noise",
    {
        "17.1": Exercise(
            "The check compares with the theory of your own membrane: the variance within 3 %, the correlation time within 5 %.",
            membrane,
            (
                "at a run of many neurons, without its first 100 ms.",
                "the variance over all times and neurons; the mean of V(t) V(t + lag), divided by the variance, for growing lags.",
                '`V = bn.simulate(free, T=2000, dt=0.2, size=400, every=5, record=["V"]).V.values[100:]`, then '
                "`(V[:-20] * V[20:]).mean() / V.var()` for a lag of 20 ms.",
            ),
        ),
        "17.2": Exercise(
            "The check takes your function at points of its own (1 %), and your simulated rate against the theory of your own "
            "cell (3 %).",
            twice,
            (
                "at the formula under What you saw, and at the right picture of the last figure.",
                "the integral from (10 - mu)/sigma to (20 - mu)/sigma of erfcx(-u), 1000 over the mean interval; a line through the "
                "rates over the square root of dt.",
                "`scipy.integrate.quad(lambda u: erfcx(-u), low, high)[0]`; `np.polyfit(np.sqrt(steps), rates, 1)[1]`.",
            ),
        ),
        "17.3": Exercise(
            "The check computes the CV of your own cell by quadrature and compares within 3 %.",
            half,
            (
                "at the middle picture of the last figure: the line of sigma = 5 mV goes on to the right.",
                "the CV of bn.analysis.siegert over mu, above the threshold.",
                "`bn.analysis.siegert(mu=np.arange(20, 40, 0.5), sigma=5.0, **numbers).cv`: where is it 0.5?",
            ),
        ),
    },
)
