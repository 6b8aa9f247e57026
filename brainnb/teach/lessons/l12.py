"""Types of excitability: the slowest rate of a cell, the square root of an onset, pulses that must come in time."""

from typing import Any

import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, off
from ..lesson import Exercise, Lesson

SLOW = 2.0
"""Hz: as slowly as the cell of the easy exercise must fire."""
NEAR = 1e-4
"""Distance from the onset, uA/cm2, at which rate over square root has nearly reached its limit."""
PAIR = dict(start=10.0, duration=2.0, count=2)
REST = {"A": 35.0, "B": 85.0}
HEIGHT = {"A": 110.0, "B": 60.0}
"""Currents and heights of the two pulses in the hard exercise, uA/cm2."""


def specials(model: Any, span: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """The lowest special point of each kind: current and period."""
    ds = bn.bifurcation(model, "I", span, criticality=False)
    rows = zip(ds.special_kind.values, ds.special_value.values, ds.special_period.values, strict=True)
    return {str(kind): (float(I), float(period)) for kind, I, period in sorted(rows, key=lambda row: -row[1])}


def onset(model: Any) -> float:
    """The current at which the rest of a class I cell vanishes on its own cycle."""
    found = specials(model, (30.0, 60.0))
    if "snic" not in found:
        raise Unsuitable("this cell has no saddle-node on a circle between 30 and 60; go back to the set `snic`")
    return found["snic"][0]


def slowest(model: Any, span: tuple[float, float]) -> float:
    """The rate of the cycle that is born at the fold of cycles, Hz."""
    found = specials(model, span)
    if "cycle_fold" not in found:
        raise Unsuitable(
            f"a cell of these has no fold of cycles between {span[0]:g} and {span[1]:g}; take the defaults"
        )
    return 1000.0 / found["cycle_fold"][1]


def rate(model: Any, I: float) -> float:
    """The lasting rate at a current, Hz; 0 at rest."""
    try:
        return 1000.0 / float(bn.analysis.cycle(model, I=I).period)
    except bn.NumericalFailure:
        return 0.0


def rates(answer: Any, A: Any, B: Any, axon: Any) -> list[str]:
    A, B = fibre(A), fibre(B)
    axon = model_of(axon, bn.neurons.HodgkinHuxley, "bn.neurons.HodgkinHuxley()")
    found = named(answer, ("A", "B", "axon"), "A: a current in uA/cm2; B and axon: rates in Hz")
    problems = []
    own = rate(A, found["A"])
    if own == 0:
        problems.append("with this current cell A comes to rest")
    elif own >= SLOW:
        problems.append("with this current cell A fires too fast")
    problems += off("the slowest rate of B", found["B"], slowest(B, (60.0, 120.0)), rel=0.03, words=("too low", "too high"))  # fmt: skip
    return problems + off("the slowest rate of the axon", found["axon"], slowest(axon, (5.5, 7.5)), rel=0.03, words=("too low", "too high"))  # fmt: skip


def root(answer: Any, A: Any) -> list[str]:
    A = fibre(A)
    found = named(answer, ("exponent", "factor"), "the exponent, and the factor in Hz")
    begins = onset(A)
    low, high = (rate(A, begins + d) for d in (0.01, 0.1))
    problems = off("the exponent", found["exponent"], float(np.log10(high / low)), tol=0.03)
    return problems + off("the factor", found["factor"], rate(A, begins + NEAR) / NEAR**0.5, rel=0.03)


def fired(model: Any, cell: str, gaps: np.ndarray) -> np.ndarray:
    """Whether two pulses that many ms apart make a spike, from rest."""
    points = bn.fixed_points(model, I=REST[cell])
    stable = [i for i, word in enumerate(points.stability.values) if word.startswith("stable")]
    if not stable:
        raise Unsuitable(f"cell {cell} does not rest at I = {REST[cell]:g}; go back to the set of the lesson")
    rest = points.isel(point=stable[0])
    pulses = bn.inputs.Pulses(amplitude=HEIGHT[cell], baseline=REST[cell], period=20.0, **PAIR)
    init = {"V": float(rest.V), "w": float(rest.w)}
    ds = bn.sweep(model, {"I.period": gaps}, T=250, dt=0.1, I=pulses, init=init, record=["V"])
    return ds.V.transpose("I.period", "time").values.max(1) > 0


def timing(answer: Any, A: Any, B: Any) -> list[str]:
    found = named(answer, ("longest", "from", "to"), "times in ms")
    gaps = np.arange(5.0, 121.0)
    for_A, for_B = fired(fibre(A), "A", gaps), fired(fibre(B), "B", gaps) & (gaps >= 30)
    if not for_A.any() or not for_B.any():
        raise Unsuitable("with these cells no pair of pulses fires; go back to the sets of the lesson")
    words = ("too short", "too long")
    problems = off("the longest gap of A", found["longest"], gaps[for_A].max(), rel=0.05, words=words)
    problems += off("the first gap of B", found["from"], gaps[for_B].min(), rel=0.05, words=words)
    return problems + off("the last gap of B", found["to"], gaps[for_B].max(), rel=0.05, words=words)


def named(answer: Any, names: tuple[str, ...], what: str) -> dict[str, float]:
    if not isinstance(answer, dict) or set(answer) != set(names):
        raise Unsuitable(f"a dictionary with {', '.join(names)} is needed ({what})")
    return {name: number(answer[name], name) for name in names}


def fibre(model: Any) -> Any:
    return model_of(model, bn.neurons.MorrisLecar, "bn.neurons.MorrisLecar()")


LESSON = Lesson(
    "Types of excitability",
    {
        "12.1": Exercise(
            "The check runs your cell A at your current (it must fire, below 2 Hz), and finds the slowest cycles of your B and "
            "your axon (3 %).",
            rates,
            (
                "at the left end of each f–I curve: A comes down to zero, the others break off.",
                "the rate just above onset; for B and the axon that is where a stable and an unstable cycle meet.",
                '`ds = bn.bifurcation(B, "I", (60, 120))` has special_period (ms) where special_kind is "cycle_fold".',
            ),
        ),
        "12.2": Exercise(
            "The check finds the onset of your own cell A, its rates at 0.01 and 0.1 above, and compares the exponent (0.03) and "
            "the factor close to onset (3 %).",
            root,
            (
                "at the rates of A over the distance from onset, on two logarithmic axes: the slope is the exponent.",
                "f at I_c + 0.01 and at I_c + 0.1, with I_c to many digits; the factor is f / sqrt(I - I_c), close to I_c.",
                "`f = 1000 / bn.analysis.cycle(A, I=onset + d).period.item()` for several d; then `np.polyfit(np.log(d), np.log(f), 1)`.",
            ),
        ),
        "12.3": Exercise(
            "The check gives your own cells pairs of pulses, 5 to 120 ms apart in steps of 1 ms, and compares the longest gap with "
            "which A fires and the first and the last beyond 30 ms with which B fires (5 %).",
            timing,
            (
                "at the potential after the first pulse: A only forgets it, B swings. When does B swing up again?",
                "the highest V of each run; it is above 0 if the pair made a spike.",
                '`bn.sweep(B, {"I.period": gaps}, T=250, I=pulses, init=rest).V.max("time") > 0` with `count=2` pulses.',
            ),
        ),
    },
)
