"""Event products: what a step costs, over firing rates and sizes; cost must follow the spikes.

Run ``python benchmarks/events.py`` from the root of the repository.  Every contender delivers the same spikes, 80
synapses out of each neuron with a weight of their own, in a loop of steps of 0.1 ms; the results are compared before
anything is timed, and all are timed in turn.
"""

import os
import resource
import statistics
from functools import partial
from time import perf_counter

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental.sparse import BCOO
from timing import rounds, versions

from brainnb import ops
from brainnb.ops import kernels

SIZES = (1_000, 4_000, 16_000, 32_000, 128_000)
RATES = (0.5, 5.0, 20.0, 50.0, 200.0)  # Hz
FAN_OUT, DT = 80, 1e-4  # synapses, s
REPEATS = 5
CONTENDERS = ("kernel",) * kernels.ready() + ("portable", "dense", "BCOO")
LARGEST = {"BCOO": 4_000, "dense": 4_000}


def contender(name, wiring):
    """``(deliver(g, spikes, stored), stored)``."""
    if name in ("kernel", "portable"):
        os.environ["BRAINNB_KERNELS"] = "on" if name == "kernel" else "off"
        return lambda g, spikes, wiring: ops.event_product(spikes, wiring, g), wiring
    if name == "dense":
        return lambda g, spikes, matrix: g + spikes.astype(matrix.dtype) @ matrix, wiring.to_dense().weight
    pre, post, weight = wiring.to_edges()
    stored = BCOO((jnp.asarray(weight), jnp.asarray(np.stack([post, pre], 1))), shape=wiring.shape[::-1])
    return lambda g, spikes, matrix: g + matrix @ spikes.astype(g.dtype), stored


def compiled(name, wiring, spikes):
    """A loop over all steps, compiled; and its result."""
    deliver, stored = contender(name, wiring)

    def run(g, spikes, stored):
        return jax.lax.scan(lambda g, s: (deliver(0.98 * g, s, stored), None), g, spikes)[0]

    begun = perf_counter()
    call = jax.jit(run).lower(jnp.zeros(wiring.shape[1]), spikes, stored).compile()
    cold = perf_counter() - begun
    return (lambda spikes: jax.block_until_ready(call(jnp.zeros(wiring.shape[1]), spikes, stored))), cold


def measure(size):
    rng = np.random.default_rng(0)
    wiring = ops.CSR.from_edges(
        np.repeat(np.arange(size), FAN_OUT),
        rng.integers(0, size, size * FAN_OUT),
        rng.random(size * FAN_OUT),
        (size, size),
    )
    steps = max(20, 2_000_000 // size)
    slow = max(2, min(steps, 8_000_000 // (size * FAN_OUT)))
    names = [n for n in CONTENDERS if size <= LARGEST.get(n, size)]
    lengths = {n: slow if n in LARGEST else steps for n in names}
    runs = {n: compiled(n, wiring, jnp.zeros((lengths[n], size), bool)) for n in names}
    print(f"\n{size} neurons, {wiring}; compile " + ", ".join(f"{n} {runs[n][1]:.2f} s" for n in names))
    for rate in RATES:
        spikes = jnp.asarray(rng.random((steps, size)) < rate * DT)
        given = {n: spikes[: lengths[n]] for n in names}
        found = {n: runs[n][0](given[n][: lengths[n]]) for n in names}
        exact = [n for n in names if lengths[n] == steps]
        for n in exact[1:]:
            np.testing.assert_array_equal(found[n], found[exact[0]])
        spent = rounds({n: partial(lambda run, x, _: run(x), runs[n][0], given[n]) for n in names}, REPEATS)
        step = {n: statistics.median(t) / lengths[n] * 1e6 for n, t in spent.items()}
        base = step[names[0]]
        number = float(spikes.sum()) / steps
        told = "".join(f"{n:>10} {t:9.1f} us ({t / base:6.1f}x)" for n, t in step.items())
        print(f"{rate:6.1f} Hz {number:8.1f} spikes a step:{told}", flush=True)


def million():
    """A million neurons with 80 targets each that are nowhere stored."""
    size, steps = 1_000_000, 10
    wiring = ops.JITNormal(1.0, 0.1, FAN_OUT, 1, (size, size))
    spikes = jnp.asarray(np.random.default_rng(0).random((steps, size)) < 5.0 * DT)
    run, cold = compiled("portable", wiring, spikes)
    begun = perf_counter()
    run(spikes)
    spent = (perf_counter() - begun) / steps * 1e3
    print(
        f"\n{wiring}: {spent:.2f} ms a step at 5 Hz ({int(spikes.sum()) // steps} spikes), compile {cold:.2f} s, "
        f"largest memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB"
    )


if __name__ == "__main__":
    versions("jax", "jaxlib", "numpy")
    print(kernels.state())
    million()
    for size in SIZES:
        measure(size)
