"""Bifurcations: a Hopf point found twice, two currents for one border, a line of Hopf points."""

from typing import Any

import brainnb as bn

from ..compare import Unsuitable, model_of, number, off
from ..lesson import Exercise, Lesson

BORDERS = ("starts", "stops", "ramp")
RAMP = dict(start_value=92.0, end_value=104.0, duration=3000.0)


def border(model: Any) -> tuple[float, float]:
    """The current of the Hopf point where the student's neuron loses its rest, and of the fold of its cycles."""
    ds = bn.bifurcation(model, "I", (60.0, 150.0))
    found = {
        kind: float(v) for kind, v in zip(ds.special_kind.values[::-1], ds.special_value.values[::-1], strict=True)
    }
    if not {"hopf", "cycle_fold"} <= set(found):
        raise Unsuitable(
            "this neuron has no Hopf point with a fold of cycles between 60 and 150; go back to the defaults"
        )
    return found["hopf"], found["cycle_fold"]


def twice(answer: Any, model: Any) -> list[str]:
    model = neuron(model)
    found = named(answer, ("simulated", "followed"))
    hopf, _ = border(model)
    return off("the simulated current", found["simulated"], hopf, rel=0.01) + off(
        "the current that bn.bifurcation found", found["followed"], hopf, tol=1e-3
    )


def hysteresis(answer: Any, model: Any) -> list[str]:
    model = neuron(model)
    found = named(answer, BORDERS)
    hopf, fold = border(model)
    problems = off("the current where firing starts", found["starts"], hopf, rel=0.03)
    problems += off("the current where firing stops", found["stops"], fold, rel=0.03)
    return problems + off("the current where the ramp fires", found["ramp"], ramped(model), rel=0.01)


def ramped(model: Any) -> float:
    """The current at which the student's neuron fires on the ramp."""
    point = bn.fixed_points(model, I=RAMP["start_value"]).isel(point=0)
    init = {"V": float(point.V), "w": float(point.w)}
    V = bn.simulate(model, T=RAMP["duration"], dt=0.1, init=init, record=["V"], I=bn.inputs.Ramp(**RAMP)).V
    if float(V.max()) <= 0:
        raise Unsuitable("on this ramp the neuron does not fire; go back to the defaults")
    part = float(V.time[int((V.values > 0).argmax())]) / RAMP["duration"]
    return RAMP["start_value"] + part * (RAMP["end_value"] - RAMP["start_value"])


def slope(answer: Any, model: Any) -> list[str]:
    model = model_of(model, bn.neurons.FitzHughNagumo, "bn.neurons.FitzHughNagumo()")
    own = number(answer, "dI/da along the line of Hopf points")
    a = float(model.a)
    ends = [first_hopf(model.replace(a=value)) for value in (a - 0.05, a + 0.05)]
    return off("the slope", own, (ends[1] - ends[0]) / 0.1, rel=0.01, words=("too flat", "too steep"))


def first_hopf(model: Any) -> float:
    ds = bn.bifurcation(model, "I", (-1.0, 3.0), cycles=False, criticality=False)
    found = ds.special_value.values[ds.special_kind.values == "hopf"]
    if not found.size:
        raise Unsuitable("this neuron has no Hopf point between I = -1 and 3; go back to the defaults")
    return float(found.min())


def named(answer: Any, names: tuple[str, ...]) -> dict[str, float]:
    if not isinstance(answer, dict) or set(answer) != set(names):
        raise Unsuitable(f"a dictionary with {', '.join(names)} is needed")
    return {name: number(answer[name], name, "uA/cm2") for name in names}


def neuron(model: Any) -> Any:
    return model_of(model, bn.neurons.MorrisLecar, "bn.neurons.MorrisLecar()")


LESSON = Lesson(
    "Bifurcations",
    {
        "11.1": Exercise(
            "The check follows the resting point of your own neuron to its Hopf point and compares both currents (1 % and "
            "0.001 uA/cm2).",
            twice,
            (
                "at small deviations from rest: below the Hopf point they die out, above it they grow.",
                "compare the swing of V early and late in a run that starts 0.2 mV beside the resting point.",
                '`ds.special_value[ds.special_kind == "hopf"]` of `bn.bifurcation(neuron, "I", (60, 120))`.',
            ),
        ),
        "11.2": Exercise(
            "The check finds the Hopf point and the fold of cycles of your own neuron (3 %), and runs the ramp itself (1 %).",
            hysteresis,
            (
                "at the state in which each run begins: it must be the one in which the last run ended.",
                "the first current of the stairs up with V above 0, and the last one of the stairs down.",
                '`run = bn.simulate(neuron, T=2000, I=I, init={"V": run.V[-1].item(), "w": run.w[-1].item()})` in a loop over I.',
            ),
        ),
        "11.3": Exercise(
            "The check finds the Hopf points of your own neuron a little below and above its a and compares the slope (1 %).",
            slope,
            (
                "at the curve of Hopf points in the plane of I and a: it is a straight line.",
                "two points of it are enough: I at a = 0.65 and at a = 0.75.",
                '`bn.bifurcation(fhn.replace(a=0.65), "I", (-1, 3), cycles=False).special_value.min()`.',
            ),
        ),
    },
)
