"""Reservoirs: how much can be remembered, a task that needs memory and products, a penalty chosen on what was not learned."""

from typing import Any

import numpy as np
import xarray as xr

import brainnb as bn

from ..compare import Unsuitable, model_of, number, off
from ..lesson import Exercise, Lesson
from ..place import student_number

UNITS = 20
DELAYS = 60
NARMA_UNITS, NARMA_ERROR = 100, 0.35
WASHOUT, KNOWN, AHEAD, NOISE = 50, 500, 5, 0.1


def fed(u: Any) -> Any:
    """A series as an input, one sample a step."""
    return bn.inputs.FromData(np.arange(len(u)) * 1.0, np.asarray(u), interpolation="previous")


def units_of(net: Any, u: Any) -> np.ndarray:
    """What the readout of a network reads while it hears ``u``, with a one."""
    x = bn.simulate(net, T=len(u), dt=1, I=fed(u), record=["features"], precision="float64").features.values
    return np.c_[x, np.ones(len(x))]


def nrmse(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - wanted) ** 2) / wanted.var()))


# --- how much can be remembered -------------------------------------------------------------------------------------------


def capacity(net: Any, seed: int, steps: int = 6000) -> float:
    """The sum over delays of r² of the best linear readout, on input that it was not fitted to (Jaeger 2001)."""
    u = np.random.default_rng(seed).uniform(-1, 1, steps)
    x, past = units_of(net, u), np.stack([np.roll(u, k) for k in range(DELAYS)], 1)
    learn, test = slice(200, steps // 2), slice(steps // 2, None)
    y = x[test] @ np.linalg.lstsq(x[learn], past[learn], rcond=None)[0]
    return sum(np.corrcoef(a, b)[0, 1] ** 2 for a, b in zip(y.T, past[test].T, strict=True))


def linear(answer: Any, what: str) -> Any:
    net = model_of(
        answer, bn.rates.RateNetwork, f"bn.rates.RateNetwork({UNITS}, form='rate', activation='linear', tau=1)"
    )
    if (net.N, net.activation, net.weight_in.shape[1]) != (UNITS, "linear", 1) or net.direct:
        raise Unsuitable(f"{what} should have {UNITS} linear units and one input that only they hear")
    return net


def remembers(answer: Any, line: Any, drawn: Any) -> list[str]:
    if not isinstance(answer, dict) or set(answer) != {"line", "drawn"}:
        raise Unsuitable("a dictionary with line and drawn is needed")
    own = {name: capacity(linear(net, name), 1801) for name, net in (("line", line), ("drawn", drawn))}
    problems = (
        [] if own["line"] > 0.99 * UNITS else ["your line forgets: its capacity is below that of 20 linear units"]
    )
    for name, true in own.items():
        value = number(answer[name], name)
        problems += off(f"the capacity of {name}", value, true, rel=0.01 if name == "line" else 0.05)
        if value > 1.01 * UNITS:
            problems.append(
                f"the capacity of {name} is more than {UNITS} units can have: was it read from what it learned?"
            )
    return problems


# --- NARMA ------------------------------------------------------------------------------------------------------------------


def narma(answer: Any) -> list[str]:
    net = model_of(answer, bn.rates.RateNetwork, "bn.fit(...).model")
    if net.N > NARMA_UNITS:
        raise Unsuitable(f"your network has {net.N} units; at most {NARMA_UNITS} are allowed")
    errors = []
    for seed in (1802, 1803):
        ds = bn.datasets.narma(2200, seed=seed)
        out = bn.simulate(net, T=2200, dt=1, I=fed(ds.u.values), record=["out"], precision="float64").out.values[:, 0]
        errors.append(nrmse(out[200:], ds.y.values[200:]))
    if max(errors) < NARMA_ERROR:
        return []
    return [
        "on fresh series the error is too large"
        + (": no better than a line through the last 20 inputs" if max(errors) > 0.42 else "")
    ]


# --- the penalty ------------------------------------------------------------------------------------------------------------


def series(number: int, steps: int, part: int) -> xr.Dataset:
    """Mackey–Glass, measured with noise: what is heard, and what will be heard some steps later."""
    draw = np.random.default_rng([number, 1804, part])
    at = int(draw.integers(0, 2000))
    x = bn.datasets.mackey_glass(T=at + steps + AHEAD).x.values[at : at + steps + AHEAD]
    heard = x + NOISE * draw.normal(size=len(x))
    t = np.arange(steps * 1.0)
    return xr.Dataset(
        {"I": ("time", heard[:steps]), "out": ("time", heard[AHEAD:]), "weight": ("time", (t >= WASHOUT) * 1.0)},
        {"time": ("time", t, {"units": "ms"})},
    )


def specimen(number: int) -> dict[str, Any]:
    """A reservoir of 150 units and a short, noisy recording."""
    net = bn.rates.echo_state_network(150, radius=0.9, scale=1.0, bias=0.5, seed=number % 1000)
    return {"net": net, "known": series(number, KNOWN, 0)}


def solved(x: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """The ridge readout of features with a one."""
    return np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)


def penalty(answer: Any, run: Any) -> list[str]:
    value = number(answer, "the penalty")
    if not value > 0:
        raise Unsuitable("the penalty is above 0")
    model = getattr(run, "model", None)
    own = specimen(student_number())
    if not isinstance(model, bn.rates.RateNetwork) or model.N != own["net"].N:
        raise Unsuitable("run is what bn.fit gives for the network of the specimen")
    known, fresh = own["known"], series(student_number(), 2000, 1)
    x, y = units_of(own["net"], known.I.values)[WASHOUT:], known.out.values[WASHOUT:]
    w = np.r_[np.ravel(model.readout.weight), np.ravel(model.readout.bias)]
    true = solved(x, y, value)
    problems = []
    if np.abs(w - true).max() > 1e-6 * np.abs(true).max():
        problems.append(
            "the weights of your run are not those of ridge regression with this penalty on all that is known"
        )
    x_new, y_new = units_of(own["net"], fresh.I.values)[WASHOUT:], fresh.out.values[WASHOUT:]
    errors = {p: nrmse(x_new @ solved(x, y, p), y_new) for p in (value, *10.0 ** np.arange(-8, 5))}
    if errors[value] > 1.1 * min(errors.values()):
        best = min(errors, key=errors.__getitem__)
        problems.append(
            f"on fresh data the error is too large: the penalty is too {'small' if value < best else 'large'}"
        )
    return problems


LESSON = Lesson(
    "Reservoirs",
    {
        "18.1": Exercise(
            "The check measures the capacity of your own two networks with inputs of its own (line: 20 within 1 %; your numbers: 1 % "
            "and 5 %), and none may be above 20.2.",
            remembers,
            (
                "at a queue: whoever comes in stands at its end, and in every step all move up by one.",
                "a matrix with ones just below its diagonal, and an input that only the first unit hears.",
                "`weight=np.eye(20, k=-1)`, `weight_in=np.eye(20)[:, :1]`, and `curve(line).sum()`.",
            ),
        ),
        "18.2": Exercise(
            "The check lets your network hear two fresh series (normalised error below 0.35; a line through the last 20 inputs "
            "reaches 0.42).",
            narma,
            (
                "at the cell that learned Mackey–Glass: the same three lines with other data.",
                "the error on samples that were not learned from; a weak input and a radius of 0.9 are good.",
                "`bn.fit(bn.rates.echo_state_network(100), data, method=bn.train.Ridge(1e-8), train='readout.*', precision='float64')` "
                "with 3000 samples.",
            ),
        ),
        "18.3": Exercise(
            "The check compares the weights of your run with ridge regression (a part in a million), and the error on 2000 fresh "
            "samples with the best of a grid (10 %).",
            penalty,
            (
                "at what was not learned from: keep the last 160 samples aside, and try penalties from 1e-8 to 1e4.",
                "the error on the samples that were kept aside, for each penalty; then learn once more from all of them.",
                "`bn.fit(net, known.isel(time=slice(0, 340)), method=bn.train.Ridge(p), ...)` for each p, and in the end "
                "`run = bn.fit(net, known, method=bn.train.RLS(penalty=p), train='readout.*', precision='float64')`.",
            ),
        ),
    },
    specimen,
)
