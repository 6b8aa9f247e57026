"""Your own model: write FitzHugh–Nagumo, let it tire, measure how the error follows the step."""

from typing import Any

import jax
import numpy as np

import brainnb as bn

from ..compare import Unsuitable
from ..lesson import Exercise, Lesson

STATES = 20
DRIVE = 0.5
T = 10.0
STEPS = {"euler": (0.1, 0.05, 0.025), "rk4": (0.2, 0.1, 0.05)}
ORDERS = {"euler": (1.0, 0.15), "rk4": (4.0, 0.3)}


def own_model(answer: Any) -> list[str]:
    model = built(answer)
    reference = bn.neurons.FitzHughNagumo()
    problems = missing(model, reference)
    if problems:
        return problems
    problems += undeclared(model)
    a, b, tau = 0.6, 0.9, 10.0  # other values than the defaults, so that numbers in the equations show
    problems += different(model.replace(a=a, b=b, tau=tau), reference.replace(a=a, b=b, tau=tau), ("V", "w"))
    return problems


def tiring(answer: Any) -> list[str]:
    model = built(answer)
    reference = bn.neurons.FitzHughNagumo()
    problems = missing(model, reference)
    if "g" not in model.parameters():
        problems.append("a parameter `g`, the strength of what you added, is missing")
    if set(type(model).states()) <= {"V", "w"}:
        problems.append("a third state is missing: what you add has to evolve")
    if problems:
        return problems
    strength = float(model.g)
    if strength <= 0:
        return ["g should be above 0 in the model that you hand in"]
    without = model.replace(g=0)
    problems += [f"with g = 0 it should be the old neuron, but {p}" for p in different(without, reference, ("V", "w"))]
    if problems:
        return problems
    before, after = (
        1000 / float(bn.simulate(m, T=800, dt=0.05, I=DRIVE).bn.period("V", start=300)) for m in (without, model)
    )
    if np.isnan(after):
        return ["with your g the neuron stops firing; it should fire, but more slowly"]
    return [] if after < 0.99 * before else ["with your g the neuron does not fire more slowly"]


def convergence(answer: Any) -> list[str]:
    if not callable(answer):
        raise Unsuitable("a function error(method, dt) is needed")
    problems = []
    with jax.enable_x64(True):
        for method, steps in STEPS.items():
            own = np.array([float(answer(method, dt)) for dt in steps])
            if not (np.isfinite(own).all() and (own > 0).all()):
                return [f"the errors of {method} should be positive numbers"]
            order, tolerance = ORDERS[method]
            slope = np.polyfit(np.log(steps), np.log(own), 1)[0]
            if abs(slope - order) > tolerance:
                problems.append(f"the error of {method} falls too {'slowly' if slope < order else 'fast'} with dt")
            elif not 0.5 < own[0] / error(method, steps[0]) < 2:
                problems.append(f"the error of {method} has the right slope, but not the right size")
    return problems


def error(method: str, dt: float, fine: float = 0.005) -> float:
    """Largest distance of V from a much finer run, at common times."""
    model = bn.neurons.FitzHughNagumo()
    truth = bn.simulate(model, T=T, dt=fine, I=DRIVE).V.values
    V = bn.simulate(model, T=T, dt=dt, I=DRIVE, method=method).V.values
    every = round(dt / fine)
    return float(np.abs(V - truth[every - 1 :: every]).max())


def built(answer: Any) -> Any:
    """The answer as a model; a class is built with its defaults."""
    model = answer() if isinstance(answer, type) else answer
    if not isinstance(model, bn.Model):
        raise Unsuitable(f"a bn.Model is needed; you gave {type(answer).__name__}")
    return model


def missing(model: Any, reference: Any) -> list[str]:
    """Names of the reference that the model lacks."""
    kinds = {
        "parameter": (model.parameters(), reference.parameters()),
        "state": (type(model).states(), type(reference).states()),
        "input": (model.inputs(), reference.inputs()),
    }
    return [f"the {kind} `{n}` is missing" for kind, (own, ref) in kinds.items() for n in ref if n not in own]


def undeclared(model: Any) -> list[str]:
    """Parameters without meaning or bounds, and a time constant that is not in ms."""
    rows = model.parameters()
    problems = [f"`{n}` has no bounds" for n, p in rows.items() if None in p.bounds]
    problems += [f"`{n}` has no meaning in words" for n, p in rows.items() if not p.doc]
    return problems + ([] if rows["tau"].unit == "ms" else ["the unit of `tau` is not ms"])


def different(model: Any, reference: Any, states: tuple[str, ...]) -> list[str]:
    """Derivatives that differ from the reference at random states."""
    draw = np.random.default_rng(3)
    others = [n for n in type(model).states() if n not in states]
    worst = dict.fromkeys(states, 0.0)
    with jax.enable_x64(True):
        for _ in range(STATES):
            s = {n: draw.uniform(-2, 2) for n in (*states, *others)}
            u = bn.Record({n: draw.uniform(0, 1) for n in model.inputs()})
            own = model.vector_field(0.0, bn.Record(s), u)
            right = reference.vector_field(0.0, bn.Record({n: s[n] for n in states}), bn.Record(I=u["I"]))
            for n in states:
                if n not in own:
                    raise Unsuitable(f"your vector_field returns no derivative of {n}")
                worst[n] = max(worst[n], abs(float(own[n]) - float(right[n])))
    return [f"the equation of d{n}/dt differs" for n in states if worst[n] > 1e-6]


LESSON = Lesson(
    "Your own model",
    {
        "03.1": Exercise(
            "The check compares both derivatives with the library's FitzHugh–Nagumo at 20 random states, with other "
            "parameters than the defaults, and looks for units, meanings and bounds of a, b and tau.",
            own_model,
            (
                "at the two equations: one line of the dictionary for each.",
                "what comes from where: a, b, tau from `self.`, V and w from `s.`, I from `u.`",
                "`return dict(V=s.V - s.V**3 / 3 - s.w + u.I, w=...)`; the second one is divided by `self.tau`.",
            ),
        ),
        "03.2": Exercise(
            "The check sets your g to 0, where both old derivatives must be unchanged, and then runs your model at "
            "I = 0.5: with your g it must go on firing, but more slowly.",
            tiring,
            (
                "at the new state z: it should grow while the neuron is active, and hold V back.",
                "in dV/dt the term `- self.g * s.z`; in dz/dt something that is positive during a spike, over a long time.",
                "`z=((s.V > 0) - s.z) / self.tau_z`, with tau_z around 100 ms and g around 0.3.",
            ),
        ),
        "03.3": Exercise(
            "The check calls your function for three steps of each method, in double precision: in log-log the slope "
            "must be 1 ± 0.15 for Euler and 4 ± 0.3 for RK4, and the errors must have the right size.",
            convergence,
            (
                "at two runs of the same model over the same 10 ms: one with dt, one with 0.005.",
                "the largest |V - V_fine| at the times that both runs have.",
                "`fine.V.values[every - 1 :: every]` with `every = round(dt / 0.005)`.",
            ),
        ),
    },
)
