"""Neurons fitted to their own voltage from starts all over a box: how many come home, and how much cheaper a slope is."""

import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.train.transforms import Between

TRUE = {"a": 0.005, "b": 0.01, "k_1": 0.2, "k_2": 0.02}
BOX = {"a": (0.0, 0.1), "b": (0.0, 0.1), "k_1": (0.1, 1.0), "k_2": (0.01, 0.1)}
SQUID = {"g_Na": 120.0, "g_K": 36.0, "g_L": 0.3, "C": 1.0}
MEMBERS = 40
WAY_BACK = 3
"""Runs of the model that a value with its gradient may count for."""


def currents(t):
    """Two steps, pulses, a step that rises, and two rebounds (mV/ms), as in Wang et al. 2024."""
    return np.stack([
        np.full(t.size, 1.5),
        np.full(t.size, 2.0),
        2.0 * ((t % 150 >= 50) & (t % 150 < 110)),
        1.6 + 0.3 * (t >= 0.5 * t[-1]),
        -3.5 * (((t >= 50) & (t < 300)) | ((t >= 500) & (t < 700))),
    ])  # fmt: skip


def recording(cell, T, dt=0.1):
    """Voltage and spikes in five protocols, with the spikes as what it is told too."""
    t = dt * np.arange(round(T / dt))
    runs = [
        bn.simulate(cell, T=T, dt=dt, I=bn.inputs.FromData(t, I, interpolation="previous"), record=["V", "spike"])
        for I in currents(t)
    ]
    data = xr.concat(runs, "trial", combine_attrs="drop").transpose("trial", "time")
    return data.assign(I=(("trial", "time"), currents(t), {"units": "mV/ms"}), recorded=data.spike)


def errors(run, truth):
    """The largest relative error of every start."""
    models = run.chunks.rule.models(run.chunks.problem, run.chunks.now.carry)
    return np.array([max(abs(float(m.parameters()[p].value) / x - 1) for p, x in truth.items()) for m in models])


def evaluations(run, loss):
    """Runs of the model until a start is as good as ``loss``: the median over starts, endless for those that never are."""
    reached = run.history.start_loss.transpose("step", "start").values <= loss
    return WAY_BACK * float(np.median(np.where(reached.any(0), reached.argmax(0) + 1.0, np.inf)))


def both(cell, box, data, starts, steps, seed, generations, **asked):
    """The run of the slopes from the middle of a box and elsewhere in it, and that of differential evolution there."""
    asked |= dict(train=list(box), transforms={path: Between(*bounds) for path, bounds in box.items()})
    middle = cell.replace({path: sum(bounds) / 2 for path, bounds in box.items()})
    slopes = bn.fit(middle, data, method="lbfgs", steps=steps, starts=starts, seed=seed, **asked)
    search = bn.train.DifferentialEvolution(size=MEMBERS, seed=seed)
    return slopes, bn.fit(middle, data, method=search, steps=generations, seed=seed, **asked)


def gif(T, starts, steps, seed, generations):
    """The GIF in the box: the run of the slopes, and that of differential evolution."""
    data = recording(bn.neurons.GIF(**TRUE), T)
    loss = bn.train.MSE("V") + bn.train.AtThreshold("above", "spike")
    return data, *both(bn.neurons.GIF(), BOX, data, starts, steps, seed, generations, loss=loss)


def squid(starts, steps, seed, generations):
    """Four numbers of the squid's axon, from starts within a factor of two, by what three steps of current do."""
    cell, dt = bn.neurons.HodgkinHuxley(), 0.025
    t = dt * np.arange(round(25 / dt))
    currents = np.array([-4.0, 3.0, 8.0])[:, None] * (t >= 2)
    held = [bn.inputs.FromData(t, I, interpolation="previous") for I in currents]
    runs = [bn.simulate(cell, T=25, dt=dt, method="exponential_euler", I=I)[["V"]] for I in held]
    data = xr.concat(runs, "trial", combine_attrs="drop").transpose("trial", "time")
    data = data.assign(I=(("trial", "time"), currents, {"units": "uA/cm2"}))
    box = {path: (x / 2, 2 * x) for path, x in SQUID.items()}
    return both(cell, box, data, starts, steps, seed, generations, integrator="exponential_euler")


def found(slopes, search, truth):
    """At least half of the starts within 5 %, and five times cheaper than the search to where it came."""
    off = errors(slopes, truth)
    print(np.sort(off), search.loss, evaluations(slopes, search.loss))
    assert np.mean(off < 0.05) >= 0.5
    assert 5 * evaluations(slopes, search.loss) <= MEMBERS * search.step


def test_a_neuron_with_a_moving_threshold_is_found_from_most_of_a_box():
    """Mihalas and Niebur's neuron, a tonic burster: 300 ms of each protocol."""
    _, slopes, search = gif(300.0, 4, 30, seed=1, generations=15)
    found(slopes, search, TRUE)


def test_four_numbers_of_an_axon_are_found_from_most_of_a_box():
    found(*squid(6, 50, seed=1, generations=15), SQUID)


def test_spikes_alone_give_a_threshold_that_foretells_new_ones():
    """No voltage: a and b from when it fired, and then its spikes in other currents, by itself."""
    cell = bn.neurons.GIF(**TRUE)
    data = recording(cell, 300.0).drop_vars("V")
    start = cell.replace(a=0.02, b=0.05)
    loss = bn.train.AtThreshold("above", "spike")
    run = bn.fit(start, data, train=["a", "b"], loss=loss, method="lbfgs", steps=25)
    t = 0.1 * np.arange(5000)
    new = 1.6 + 0.6 * np.sin(t / 170) * np.sin(t / 410)
    I = bn.inputs.FromData(t, new, interpolation="previous")
    own, asked, before = (bn.simulate(c, T=500, dt=0.1, I=I, record=["spike"]) for c in (run.model, cell, start))
    assert int(asked.spike.sum()) > 10
    assert float(own.bn.coincidence_factor(asked)) > 0.9
    assert float(before.bn.coincidence_factor(asked)) < 0.1


@pytest.mark.slow
def test_neurons_are_found_from_most_of_a_box_whatever_the_starts():
    """One second of each protocol, sixteen starts, three draws of them."""
    for seed in (1, 2, 3):
        _, slopes, search = gif(1000.0, 16, 60, seed, generations=50)
        found(slopes, search, TRUE)
        found(*squid(16, 100, seed, generations=50), SQUID)
