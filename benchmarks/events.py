"""Event products: what a step costs, over firing rates and sizes; cost must follow the spikes.

Run ``python benchmarks/events.py`` from the root of the repository.  Every contender delivers the same spikes, 80
synapses out of each neuron with a weight of their own, in a loop of steps of 0.1 ms; the results are compared before
anything is timed, and all are timed in turn.

``python benchmarks/events.py --figure docs/_static/events.svg`` draws all of it too, the figure of
docs/understand/many-cells.

``python benchmarks/events.py 1.0`` builds the cortical microcircuit with the delays of its synapses at full scale
(4 GB) instead, and times what its spikes cost.
"""

import os
import resource
import statistics
import sys
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
    """Microseconds a step, by contender and firing rate."""
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
    table = {n: [] for n in names}
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
        for n in names:
            table[n].append(step[n])
        number = float(spikes.sum()) / steps
        told = "".join(f"{n:>10} {t:9.1f} us ({t / base:6.1f}x)" for n, t in step.items())
        print(f"{rate:6.1f} Hz {number:8.1f} spikes a step:{told}", flush=True)
    return table


TITLES = {"kernel": "compiled for this machine", "portable": "by JAX alone"}
EVERY_SYNAPSE = {"BCOO": "dotted", "dense": "dashed"}


def draw(found, path):
    """Time over firing rate, a line for every size; products that touch every synapse for comparison."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "events"})
    import matplotlib.pyplot as plt

    shown = [n for n in TITLES if n in next(iter(found.values()))]
    figure, axes = plt.subplots(
        1, len(shown), figsize=(4.6 * len(shown), 4.0), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, name in zip(axes[0], shown, strict=True):
        for i, (size, table) in enumerate(found.items()):
            shade = plt.get_cmap("viridis")(0.85 * (1 - i / (len(found) - 1)))
            ax.plot(RATES, table[name], "o-", ms=3.5, lw=1.6, color=shade)
            end, words = (RATES[-1], table[name][-1]), f"{size // 1000} 000"
            ax.annotate(words, end, (6, -3), textcoords="offset points", fontsize=8, color=shade)
            for other, style in EVERY_SYNAPSE.items():
                if size == max(s for s in found if other in found[s]) and other in table:
                    ax.plot(RATES, table[other], ls=style, lw=1.2, color="#6E6E6E")
                    words = f"{other}, {size // 1000} 000"
                    ax.annotate(words, (RATES[0], table[other][0]), (0, 3), textcoords="offset points", fontsize=8)
        ax.set(title=TITLES[name], xlabel="firing rate (Hz)", xscale="log", yscale="log", xlim=(0.4, 700))
        ax.set_xticks(RATES, [f"{rate:g}" for rate in RATES])
        ax.minorticks_off()
        ax.grid(color="#DDDDDD", lw=0.5)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylabel("time of a step (us)")
    figure.savefig(path, metadata={"Date": None})
    print(f"\n{path}")


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
        f"largest memory of this process {peak():.2f} GB"
    )


# Potjans & Diesmann 2014, doi:10.1093/cercor/bhs358: populations L23E, L23I, L4E, ... L6I; rows are targets
NEURONS = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
CONNECTED = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0],
        [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
    ]
)
RATE = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # Hz
PSC = 87.8  # pA


def microcircuit(scale):
    """Build and deliver at a share of the neurons, and of the synapses of each."""
    known = np.log(1 - CONNECTED) / np.log(1 - 1 / np.outer(NEURONS, NEURONS))
    sizes, counts = np.rint(NEURONS * scale).astype(int), np.rint(np.rint(known) * scale**2).astype(int)
    mean = np.tile([PSC, -4 * PSC], (8, 4))
    mean[0, 2] *= 2
    before = peak()
    begun = perf_counter()
    wiring = ops.draw_blocks(sizes, counts, mean, 0.1 * abs(mean), [1.5, 0.75] * 4, [0.75, 0.375] * 4, 0.1, seed=1)
    built = perf_counter() - begun
    print(
        f"{wiring}, {wiring.slots} delays: built in {built:.2f} s, largest memory of this process {peak():.2f} GB "
        f"({before:.2f} before)",
        flush=True,
    )
    steps, rng, rows = 1000, np.random.default_rng(0), 64
    words = -(-wiring.shape[0] // 32)
    fired = np.zeros((steps + rows, words * 32), bool)
    fired[:, : wiring.shape[0]] = rng.random((steps + rows, wiring.shape[0])) < np.repeat(RATE, sizes) * DT
    fired = jnp.asarray(np.packbits(fired, axis=1, bitorder="little").view(np.uint32))
    number = float(np.bitwise_count(fired).sum()) / (steps + rows)

    def run(wiring, fired):
        def step(carry, now):
            n, line, g = carry
            line = line.at[n % rows].set(now)
            return (n + 1, line, ops.event_product_delayed(line, n, 0.1, wiring, 0.8 * g)), None

        start = jnp.int32(0), jnp.zeros((rows, words), jnp.uint32), jnp.zeros(wiring.shape[1])
        return jax.lax.scan(step, start, fired)[0][2]

    found, spent = {}, {}
    for name in ("kernel",) * kernels.ready() + ("portable",):
        os.environ["BRAINNB_KERNELS"] = "on" if name == "kernel" else "off"
        call = jax.jit(lambda *given: run(*given)).lower(wiring, fired).compile()
        found[name] = jax.block_until_ready(call(wiring, fired))
        timed = rounds({name: lambda _, call=call: jax.block_until_ready(call(wiring, fired))}, REPEATS)[name]
        spent[name] = [t / (steps + rows) * 1e6 for t in timed]
        np.testing.assert_array_equal(found[name], next(iter(found.values())))
        print(
            f"{name:>10} {statistics.median(spent[name]):8.1f} us a step (least {min(spent[name]):.1f}) at "
            f"{number:.1f} spikes, {number * wiring.size / wiring.shape[0]:.0f} synapses; memory {peak():.2f} GB",
            flush=True,
        )


def peak():
    """The largest memory that this process ever had, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    versions("jax", "jaxlib", "numpy")
    print(kernels.state())
    if sys.argv[1:] and sys.argv[1] != "--figure":
        microcircuit(float(sys.argv[1]))
    else:
        million()
        found = {size: measure(size) for size in SIZES}
        if sys.argv[1:]:
            draw(found, sys.argv[2])
