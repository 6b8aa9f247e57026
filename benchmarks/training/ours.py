"""brainnb's side: `bn.fit`, in the chunks in which it learns."""

from collections.abc import Callable
from functools import partial

import jax
import numpy as np
import xarray as xr
from setups import OUTPUTS, RATE, TAU, Force, Spikes

import brainnb as bn
from brainnb.core.spikes import fast_sigmoid
from brainnb.networks import SpikingNetwork
from brainnb.rates import Readout
from brainnb.train.gradients.descent import slope
from brainnb.train.running.loop import begun, pieces

DISTRIBUTIONS = ("jax", "jaxlib", "optax")


def spikes(setup: Spikes, memory: str = "all") -> tuple[Callable[[], tuple[float, int]], float]:
    """A call that makes updates and tells the newest loss and how many; and the MB that a gradient holds."""
    x, labels = setup.data()
    w_in, w, w_out = setup.weights()
    net = SpikingNetwork(
        setup.units, slope=fast_sigmoid, tau=TAU, tau_out=TAU, weight=w, weight_in=w_in, readout=Readout(w_out)
    )
    data = xr.Dataset(
        {"I": (("trial", "time", "channel"), x), "out": ("trial", labels)},
        {"time": ("time", np.arange(setup.steps) * 1.0, {"units": "ms"})},
    )
    paths = ["weight", "weight_in", "readout.*"]
    run = bn.fit(net, data, train=paths, optimizer=RATE, steps=2, memory=memory, keep="last")
    assert run.chunks.problem.source.trials.targets["out"].max() < OUTPUTS
    chunks = run.chunks
    problem, batch = chunks.problem, chunks.problem.source.trials
    held = slope.lower(problem, chunks.now.carry.free, batch, jax.random.key(0)).compile().memory_analysis()

    def updates() -> tuple[float, int]:
        rows, fine = chunks.run(512)
        assert fine
        return float(rows["loss"][-1]), len(rows["loss"])

    return updates, held.temp_size_in_bytes / 1e6


def force(setup: Force) -> tuple[Callable[[], tuple[float, int]], float]:
    """A call that learns all samples once and tells the error of the last tenth."""
    M, back, start = setup.weights()
    net = bn.rates.RateNetwork(setup.units, tau=1.0, weight=M, weight_in=np.zeros((setup.units, 1)), weight_back=back)
    time = ("time", np.arange(setup.steps) * 0.1, {"units": "ms"})
    data = xr.Dataset({"out": ("time", setup.target())}, {"time": time})
    rule = bn.train.FORCE(samples=setup.steps // 10)
    chunks = bn.fit(net, data, method=rule, train="readout.weight", init={"x": start}).chunks
    first = begun(rule, chunks.problem, jax.random.key(0))

    def learn() -> tuple[float, int]:
        chunks.now = first
        stretches = [rows["loss"] for rows, _ in pieces(chunks, 10)]
        return float(np.sqrt(stretches[-1][-1])), setup.steps

    learn()
    return learn, float("nan")


CONTENDERS = {
    "spikes": {"brainnb, memory='all'": spikes, "brainnb, memory='sqrt'": partial(spikes, memory="sqrt")},
    "force": {"brainnb": force},
}
