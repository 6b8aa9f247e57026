"""Bursting: counting spikes, the two borders of a burst, a neuron that bursts by a slow current."""

from typing import Any

import jax
import numpy as np

import brainnb as bn

from ..compare import Unsuitable, model_of, number, numbers, off
from ..lesson import Exercise, Lesson

CURRENTS = (1.8, 2.0, 2.2, 2.5, 2.8)
CONDUCTANCE = 5.0
"""Of the slow potassium current, mS/cm2."""
STATES = 20


def counts(answer: Any, neuron: Any) -> list[str]:
    neuron = rose(neuron)
    own = numbers(answer, "spikes per burst", len(CURRENTS))
    problems = []
    for I, value in zip(CURRENTS, own, strict=True):
        ds = bn.fast_slow(neuron, "z", T=4000, I=I, cycles=False)
        true = (
            ds.attrs["spikes_per_burst"] if ds.attrs["rhythm"] == "bursting" else float(ds.attrs["rhythm"] == "spiking")
        )
        problems += off(f"the count at I = {I}", value, true, tol=0.01)
    return problems


def borders(answer: Any, neuron: Any) -> list[str]:
    neuron = rose(neuron)
    if not isinstance(answer, dict) or set(answer) != {"fold", "homoclinic"}:
        raise Unsuitable("a dictionary with fold and homoclinic is needed, two values of J = I - z")
    I = 2.0
    found = ends(neuron, "z", (1.0, 3.5), I)
    problems = off("J at the fold", number(answer["fold"], "fold"), I - found["fold"], rel=0.01)
    return problems + off(
        "J at the homoclinic orbit", number(answer["homoclinic"], "homoclinic"), I - found["homoclinic"], tol=1e-3
    )


def ends(model: Any, slow: str, span: tuple[float, float], I: float) -> dict[str, float]:
    """Where the frozen model loses rest and where it stops to spike: the lowest fold and homoclinic orbit."""
    ds = bn.bifurcation(model, slow, span, hold=(slow,), criticality=False, I=I)
    found = {kind: ds.special_value.values[ds.special_kind.values == kind] for kind in ("fold", "homoclinic")}
    if not all(x.size for x in found.values()):
        raise Unsuitable(
            f"with {slow} held, this model has no fold and homoclinic orbit between {span[0]} and {span[1]}"
        )
    return {kind: float(x.min()) for kind, x in found.items()}


def square(answer: Any, window: Any) -> list[str]:
    own = numbers(window, "the window: q where rest is lost and q where spiking ends", 2)
    if isinstance(answer, type) or not isinstance(answer, bn.Model):
        raise Unsuitable("a model is needed, such as Burster(g_K=9.0, tau=0.152)")
    missing = {"V", "n", "q"} - set(type(answer).states())
    if missing or "I" not in answer.inputs():
        raise Unsuitable(
            f"the model needs the states V, n and q and the input I; missing: {', '.join(sorted(missing)) or 'I'}"
        )
    problems = different(answer)
    if problems:
        return problems
    ds = bn.fast_slow(answer, "q", (-0.05, 0.2), T=4000, dt=0.02, cycles=False, I=5.0)
    if ds.attrs["rhythm"] != "bursting":
        problems.append(f"at I = 5 the whole model does not burst: its rhythm is {ds.attrs['rhythm']}")
    found = ends(answer, "q", (-0.05, 0.2), 5.0)
    problems += off("q where rest is lost", own[0], found["fold"], rel=0.02)
    return problems + off("q where spiking ends", own[1], found["homoclinic"], rel=0.02)


def different(model: Any) -> list[str]:
    """Fast equations that are not those of the exercise, at random states."""
    right = bn.neurons.INapIK(g_K=9.0, tau=0.152)
    draw = np.random.default_rng(13)
    worst = dict(V=0.0, n=0.0)
    with jax.enable_x64(True):
        for _ in range(STATES):
            V, n, q = draw.uniform(-80, 20), *draw.uniform(0, 1, 2)
            more = dict.fromkeys(set(type(model).states()) - {"V", "n", "q"}, 0.0)
            own = model.vector_field(0.0, bn.Record(dict(V=V, n=n, q=q, **more)), bn.Record(I=5.0))
            true = dict(right.vector_field(0.0, bn.Record(V=V, n=n), bn.Record(I=5.0 - CONDUCTANCE * q * (V + 90.0))))
            if "q" not in own:
                raise Unsuitable("your vector_field returns no derivative of q")
            worst = {name: max(worst[name], abs(float(own[name]) - float(true[name]))) for name in worst}
    return [f"the equation of d{name}/dt differs" for name, gap in worst.items() if gap > 1e-3]


def rose(model: Any) -> Any:
    return model_of(model, bn.neurons.HindmarshRose, "bn.neurons.HindmarshRose()")


LESSON = Lesson(
    "Bursting",
    {
        "13.1": Exercise(
            "The check runs your own neuron for 4000 ms at each of the five currents and counts the spikes between two long "
            "pauses, exactly.",
            counts,
            (
                "at x over time: a spike is a rise through 0.5; a pause is much longer than the gaps within a burst.",
                "the spikes between two pauses, once the first bursts are over.",
                '`bn.fast_slow(neuron, "z", T=4000, I=I, cycles=False).attrs["spikes_per_burst"]` for each I.',
            ),
        ),
        "13.2": Exercise(
            "The check holds z of your own neuron, follows the resting point and the cycles, and compares both borders (1 % and "
            "0.001).",
            borders,
            (
                "at the diagram over z at I = 2: the right end of the stretch without lower rest, the left end of the spiking there.",
                "z at the fold of the lower branch and at the end of the cycles beside it; then J = 2 - z.",
                '`ds = bn.bifurcation(neuron, "z", (1, 3.5), hold=("z",), I=2.0)`: special_kind and special_value, the lowest of each kind.',
            ),
        ),
        "13.3": Exercise(
            "The check compares dV/dt and dn/dt of your model with the equations above, runs it at I = 5 (it must burst), holds q, and "
            "compares the window with its own fold and homoclinic orbit (2 %).",
            square,
            (
                "at the sign: potassium flows out, so the slow current pulls V down; q must rise while the cell spikes and fall while it rests.",
                "q' = (q_inf(V) - q) / tau_q, with q_inf near 1 above -20 mV and near 0 at rest, and tau_q some tens of ms.",
                '`fast = super().vector_field(t, s, u)`, then `return fast | dict(V=fast["V"] + 5 * s.q * (self.E_K - s.V) / self.C, q=...)`.',
            ),
        ),
    },
)
