"""e-prop: what a synapse keeps, what it leaves out, and the whole rule written by hand."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

import brainnb as bn
from brainnb.core.spikes import spike
from brainnb.networks.spiking_network import damped_triangle

from ..compare import Unsuitable, off
from ..lesson import Exercise, Lesson
from ..place import student_number

UPDATES = 5
RATE = 5.0
"""Of plain descent in the third exercise: large, because five updates should be seen, and not so large that they diverge."""


def own(exercise: int) -> np.random.Generator:
    return np.random.default_rng([student_number(), 2100 + exercise])


def function(answer: Any, call: str) -> Callable[..., Any]:
    if not callable(answer) or isinstance(answer, type):
        raise Unsuitable(f"a function {call} is needed")
    return answer


# --- the eligibility of one neuron ----------------------------------------------------------------------------------


def neuron(w: Any, pre: Any, tau: Any, V_th: Any) -> tuple[Any, Any]:
    """Spikes and potentials of one unit that hears ``pre``, in steps of 1 ms; the reset has no derivative."""
    keep = jnp.exp(-1.0 / tau)

    def step(at: tuple, x: Any) -> tuple[tuple, tuple]:
        V, z = at
        V = keep * V + (1 - keep) * w * x - V_th * jax.lax.stop_gradient(z)
        z = spike((V - V_th) / V_th, damped_triangle)
        return (V, z), (z, V)

    return jax.lax.scan(step, (0.0 * w, 0.0 * w), pre)[1]


def eligibility(answer: Any) -> list[str]:
    answer = function(answer, "eligibility(pre, V, tau, V_th)")
    draw = own(1)
    for _ in range(3):
        tau, V_th = round(draw.uniform(8, 30), 1), round(draw.uniform(0.5, 2.0), 2)
        pre, w = (draw.random(50) < 0.3).astype(float), draw.uniform(6, 8) * V_th
        with jax.enable_x64(True):
            right, V = map(np.asarray, jax.jacfwd(neuron, has_aux=True)(w, pre, tau, V_th))
        found = np.asarray(answer(pre, V, tau, V_th), float)
        if found.shape != right.shape:
            raise Unsuitable("eligibility should return one number for every step")
        if problems := close(found, right, f"tau = {tau:g} ms and V_th = {V_th:g}"):
            return problems
    return []


def close(found: np.ndarray, right: np.ndarray, where: str) -> list[str]:
    """What is off between two courses, in words."""
    if np.abs(found - right).max() <= 1e-6:
        return []
    if np.abs(found[1:] - right[:-1]).max() <= 1e-6:
        return [f"with {where} it is right, but one step late"]
    if np.abs(found[:-1] - right[1:]).max() <= 1e-6:
        return [f"with {where} it is right, but one step early"]
    size = np.linalg.norm(found) / np.linalg.norm(right)
    if np.linalg.norm(found / size - right) < 1e-6 * np.linalg.norm(right):
        return off(f"with {where} the shape is right, but the size", size, 1.0, tol=1e-7)
    return [f"with {where} the course is another one"]


# --- how far e-prop points away -------------------------------------------------------------------------------------


def small(g: float) -> tuple[Any, Any]:
    """A network and a curve that it should follow."""
    draw = own(2)
    seed = int(draw.integers(1000))
    drive = np.abs(draw.normal(size=(10, 4))) / 2
    net = bn.networks.SpikingNetwork(10, 4, 1, weight_in=drive, g=g, tau=10.0, seed=seed)
    I = draw.normal(3.0, 1.0, (40, 4))
    data = xr.Dataset(
        {"I": (("time", "channel"), I), "out": ("time", np.sin(np.arange(40) / 5))},
        {"time": ("time", np.arange(40.0), {"units": "ms"})},
    )
    return net, data


def gradient(net: Any, data: Any, method: str) -> np.ndarray:
    """The gradient on ``weight_in``: what one update of plain descent at a rate of 1 takes away."""
    import optax

    run = bn.fit(
        net, data, method=method, optimizer=optax.sgd(1.0), steps=1, train=["weight_in"], keep="last", wait=True,
        precision="float64",
    )  # fmt: skip
    return np.asarray(net.weight_in, float) - np.asarray(run.model.weight_in, float)


def angle(answer: Any) -> list[str]:
    answer = function(answer, "cosine(net, data)")
    for g in (0.0, 5.0):
        net, data = small(g)
        a, b = (gradient(net, data, method).ravel() for method in ("eprop", "bptt"))
        right = float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        found = float(answer(net, data))
        where = "without recurrent weights" if g == 0 else "with recurrent weights"
        # single precision is good to a few in ten thousand where units reach each other
        if problems := off(f"the cosine {where}", found, right, tol=1e-6 if g == 0 else 1e-3):
            return problems
    return []


# --- the whole rule -------------------------------------------------------------------------------------------------


def task(draw: np.random.Generator, units: int = 12, steps: int = 60) -> dict[str, Any]:
    """Numbers of a small pattern generation."""
    t = np.arange(steps)
    return {
        "tau": round(draw.uniform(10, 30), 1),
        "tau_out": round(draw.uniform(10, 30), 1),
        "V_th": round(draw.uniform(0.5, 1.5), 2),
        "weight_in": draw.normal(0, 4, (units, units)),
        "weight": draw.normal(0, 8 / np.sqrt(units), (units, units)) * (1 - np.eye(units)),
        "readout": draw.normal(0, 1, (1, units)),
        "feedback": draw.normal(0, 1, (1, units)),
        "spikes": (draw.random((steps, units)) < 0.15).astype(float),
        "target": np.sin(2 * np.pi * (t / steps + draw.random())),
        "rate": RATE,
    }


def five_losses(task: dict[str, Any]) -> np.ndarray:
    """The losses before each of five updates."""
    import optax

    t = np.arange(float(len(task["target"])))
    net = bn.networks.SpikingNetwork(
        len(task["weight"]), tau=task["tau"], tau_out=task["tau_out"], V_th=task["V_th"], weight=task["weight"],
        weight_in=task["weight_in"], bias=np.zeros(len(task["weight"])), readout=bn.rates.Readout(task["readout"]),
    )  # fmt: skip
    data = xr.Dataset(
        {"I": (("time", "channel"), task["spikes"]), "out": ("time", task["target"])},
        {"time": ("time", t, {"units": "ms"})},
    )
    rule = bn.train.Eprop(optax.sgd(task["rate"]), feedback=task["feedback"])
    run = bn.fit(
        net, data, method=rule, steps=UPDATES, train=["weight", "weight_in", "readout.weight"], keep="last", wait=True,
        precision="float64",
    )  # fmt: skip
    return run.history.loss.values


def by_hand(answer: Any) -> list[str]:
    answer = function(answer, "losses(task)")
    draw = own(3)
    for _ in range(2):
        one = task(draw)
        found = np.asarray(answer({k: np.copy(v) if isinstance(v, np.ndarray) else v for k, v in one.items()}), float)
        if found.shape != (UPDATES,):
            raise Unsuitable(f"losses(task) should return the {UPDATES} losses before each update")
        right = five_losses(one)
        wrong = np.abs(found - right) > 1e-6 * np.abs(right)
        if wrong[0]:
            return off("the first loss, before anything was learned,", found[0], right[0])
        if wrong.any():
            return off(f"loss {int(np.argmax(wrong)) + 1} of {UPDATES}", *(x[np.argmax(wrong)] for x in (found, right)))
    return []


def specimen(student: int) -> dict[str, Any]:
    """Numbers to try on; the check draws others."""
    return task(np.random.default_rng([student, 2104]))


LESSON = Lesson(
    "e-prop",
    {
        "21.1": Exercise(
            "The check calls your function with 50 steps of three other neurons, and compares with the derivative of their "
            "spikes, to 1e-6.",
            eligibility,
            (
                "at `x`, `slope` and `e` in the class Synapse; but this V comes without a unit, and R is 1.",
                "x[t] = k x[t-1] + (1 - k) pre[t] with k = exp(-1 / tau); and the slope as a function of (V - V_th) / V_th.",
                "`e[t] = 0.3 * max(0, 1 - abs(V[t] - V_th) / V_th) / V_th * x[t]`.",
            ),
        ),
        "21.2": Exercise(
            "The check calls your function with two networks of its own: without recurrent weights to 1e-6, with them to 1e-3.",
            angle,
            (
                "at the function `gradient` in the cell under What you saw; here only `weight_in` is asked for.",
                "the scalar product of both gradients over the product of their lengths.",
                '`run = bn.fit(net, data, method=m, optimizer=optax.sgd(1.0), steps=1, train="weight_in", keep="last", '
                'precision="float64")`, and the gradient is `net.weight_in - run.model.weight_in`.',
            ),
        ),
        "21.3": Exercise(
            "The check draws two other tasks, and compares your five losses with those of bn.fit to a part in a million.",
            by_hand,
            (
                "at the seven lines of the step: which of them uses the z of the step before?",
                "the readout hears spikes a step later, so its filter of eligibilities takes the e of the step before, too.",
                "`e_y = k_out * e_y + (1 - k_out) * e` before `e = slope[:, None] * x[None, :]`; then "
                "`gradient += 2 / T * error * feedback[0][:, None] * e_y`.",
            ),
        ),
    },
    specimen=specimen,
)
