"""Neurons fitted to what they did themselves from starts all over a box: how many come home, how much cheaper a slope is."""

import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.train.transforms import Between

MEMBERS = 40
WAY_BACK = 3
"""Runs of the model that a value with its gradient may count for."""


def recording(cell, currents, dt, record=("V", "spike"), **how):
    """What a cell does in currents (protocol, time); its spikes are also what it is told."""
    t = dt * np.arange(currents.shape[1])
    held = [bn.inputs.FromData(t, I, interpolation="previous") for I in currents]
    runs = [bn.simulate(cell, T=dt * len(t), dt=dt, I=I, record=list(record), **how) for I in held]
    data = xr.concat(runs, "trial", combine_attrs="drop").transpose("trial", "time")
    data = data.assign(I=(("trial", "time"), currents, {"units": cell.inputs()["I"].unit}))
    return data.assign(recorded=data.spike) if "recorded" in cell.inputs() else data


def within_box(cell, box, data, seed, **how):
    """The run from the middle of a box, and from places drawn in it where ``starts`` are asked for."""
    middle = cell.replace({path: sum(bounds) / 2 for path, bounds in box.items()})
    ways = {path: Between(*bounds) for path, bounds in box.items()}
    return bn.fit(middle, data, train=list(box), transforms=ways, seed=seed, **how)


def evolution(seed):
    """What slopes are compared with."""
    return bn.train.DifferentialEvolution(size=MEMBERS, seed=seed)


def errors(run, truth):
    """The largest relative error of every start."""
    models = run.chunks.rule.models(run.chunks.problem, run.chunks.now.carry)
    return np.array([max(abs(float(m.parameters()[p].value) / x - 1) for p, x in truth.items()) for m in models])


def evaluations(run, loss):
    """Runs of the model until a start is as good as ``loss``: the median over starts, endless for those that never are."""
    reached = run.history.start_loss.transpose("step", "start").values <= loss
    return WAY_BACK * float(np.median(np.where(reached.any(0), reached.argmax(0) + 1.0, np.inf)))


def assert_found(slopes, truth):
    """At least half of the starts end within 5 %."""
    off = errors(slopes, truth)
    print(np.sort(off))
    assert np.mean(off < 0.05) >= 0.5


def assert_cheaper(slopes, search):
    """Five times fewer runs of the model to where the search came."""
    print(search.loss, evaluations(slopes, search.loss), MEMBERS * search.step)
    assert 5 * evaluations(slopes, search.loss) <= MEMBERS * search.step


# --- Mihalas and Niebur's neuron, as in Wang et al. 2024 (arXiv 2406.19708) ----------------------------------------------

GIF = {"a": 0.005, "b": 0.01, "k_1": 0.2, "k_2": 0.02}
GIF_BOX = {"a": (0.0, 0.1), "b": (0.0, 0.1), "k_1": (0.1, 1.0), "k_2": (0.01, 0.1)}


def five_currents(T, dt=0.1):
    """Two steps, pulses, a step that rises, and two rebounds (mV/ms)."""
    t = dt * np.arange(round(T / dt))
    return np.stack([
        np.full(t.size, 1.5),
        np.full(t.size, 2.0),
        2.0 * ((t % 150 >= 50) & (t % 150 < 110)),
        1.6 + 0.3 * (t >= 0.5 * t[-1]),
        -3.5 * (((t >= 50) & (t < 300)) | ((t >= 500) & (t < 700))),
    ])  # fmt: skip


def assert_gif_is_found(T, starts, steps, generations, seed):
    data = recording(bn.neurons.GIF(**GIF), five_currents(T), 0.1)
    asked = bn.neurons.GIF(), GIF_BOX, data, seed
    loss = bn.train.MSE("V") + bn.train.AtThreshold("above", "spike")
    slopes = within_box(*asked, loss=loss, method="lbfgs", starts=starts, steps=steps)
    assert_found(slopes, GIF)
    assert_cheaper(slopes, within_box(*asked, loss=loss, method=evolution(seed), steps=generations))


def test_a_neuron_with_a_moving_threshold_is_found_from_most_of_a_box():
    """A tonic burster: 300 ms of each protocol."""
    assert_gif_is_found(300.0, starts=4, steps=30, generations=8, seed=1)


def test_spikes_alone_give_a_threshold_that_foretells_new_ones():
    """No voltage: a and b from when it fired, and then its spikes in other currents, by itself."""
    cell = bn.neurons.GIF(**GIF)
    data = recording(cell, five_currents(300.0), 0.1).drop_vars("V")
    start = cell.replace(a=0.02, b=0.05)
    loss = bn.train.AtThreshold("above", "spike")
    run = bn.fit(start, data, train=["a", "b"], loss=loss, method="lbfgs", steps=25)
    t = 0.1 * np.arange(5000)
    new = 1.6 + 0.6 * np.sin(t / 170) * np.sin(t / 410)
    own, asked, before = (
        recording(c, new[None], 0.1, ["spike"])[["spike"]].isel(trial=0) for c in (run.model, cell, start)
    )
    assert int(asked.spike.sum()) > 10
    assert float(own.bn.coincidence_factor(asked)) > 0.9
    assert float(before.bn.coincidence_factor(asked)) < 0.1


# --- the neuron of the Allen Institute -----------------------------------------------------------------------------------

GLIF = {"g_L": 9.43, "A_1": -9.18, "theta_add": 5.0, "b_s": 0.02}
GLIF_BOX = {"g_L": (4.0, 20.0), "A_1": (-40.0, 0.0), "theta_add": (0.5, 20.0), "b_s": (0.005, 0.1)}


def assert_glif_is_found(T, starts, steps, seed):
    """Leak, current after spikes, and a threshold that spikes raise."""
    cell = bn.neurons.GLIF.glif_4().replace(GLIF)
    t = 0.1 * np.arange(round(T / 0.1))
    data = recording(cell, np.stack([np.full(t.size, 350.0), 450 + 250 * np.sin(t / 30)]), 0.1)
    loss = bn.train.MSE("V") + bn.train.AtThreshold("above", "spike")
    slopes = within_box(cell, GLIF_BOX, data, seed, loss=loss, method="lbfgs", starts=starts, steps=steps)
    assert_found(slopes, GLIF)


def test_the_mechanisms_of_a_leaky_neuron_are_found_from_most_of_a_box():
    assert_glif_is_found(300.0, starts=4, steps=40, seed=1)


# --- Hodgkin and Huxley's axon -------------------------------------------------------------------------------------------

SQUID = {"g_Na": 120.0, "g_K": 36.0, "g_L": 0.3, "C": 1.0}


def assert_squid_is_found(starts, steps, generations, seed):
    """Four numbers, from starts within a factor of two, by what three steps of current do."""
    cell, dt, how = bn.neurons.HodgkinHuxley(), 0.025, "exponential_euler"
    currents = np.array([-4.0, 3.0, 8.0])[:, None] * (dt * np.arange(round(25 / dt)) >= 2)
    data = recording(cell, currents, dt, ["V"], method=how)
    box = {path: (x / 2, 2 * x) for path, x in SQUID.items()}
    asked = cell, box, data, seed
    slopes = within_box(*asked, integrator=how, method="lbfgs", starts=starts, steps=steps)
    assert_found(slopes, SQUID)
    assert_cheaper(slopes, within_box(*asked, integrator=how, method=evolution(seed), steps=generations))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("starts", "steps", "generations", "seed"), [(6, 50, 15, 1), (16, 100, 50, 2), (16, 100, 50, 3)]
)
def test_four_numbers_of_an_axon_are_found_from_most_of_a_box(starts, steps, generations, seed):
    """From one start see test_training."""
    assert_squid_is_found(starts, steps, generations, seed)


# --- the adaptive exponential neuron -------------------------------------------------------------------------------------

MEMBRANE = {"C": 200.0, "g_L": 12.0, "a": 2.0, "tau_w": 300.0}


def assert_adex_is_found(starts, steps, generations, seed):
    """Its membrane from the voltage below threshold, by slopes; what its spikes do from when they were, by search."""
    cell = bn.neurons.AdEx.adapting()
    t = 0.1 * np.arange(4000)
    below = np.array([-150.0, 200.0])[:, None] * (t >= 20)
    box = {path: (x / 2, 2 * x) for path, x in MEMBRANE.items()}
    quiet = recording(cell, below, 0.1)
    assert int(quiet.spike.sum()) == 0
    slopes = within_box(cell, box, quiet[["V", "I"]], seed, method="lbfgs", starts=starts, steps=steps)
    assert_found(slopes, MEMBRANE)
    firing = recording(cell, np.array([450.0, 600.0])[:, None] * (t[:2000] >= 20), 0.1, ["spike"])
    assert int(firing.spike.sum()) > 12
    box, loss = {"b": (10.0, 150.0), "V_T": (-56.0, -44.0)}, bn.train.VanRossum("spike", tau=20.0)
    found = within_box(slopes.model, box, firing, seed, loss=loss, method="cma", steps=generations).model
    assert float(found.b) == pytest.approx(60.0, rel=0.05)
    assert float(found.V_T) == pytest.approx(-50.0, abs=0.2)


def test_an_adapting_neuron_is_found_in_two_parts():
    assert_adex_is_found(starts=4, steps=40, generations=40, seed=1)


# --- all of them, larger -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neurons_are_found_from_most_of_a_box_whatever_the_starts(seed):
    """One second of each protocol, sixteen starts, three draws of them."""
    assert_gif_is_found(1000.0, 16, 60, 50, seed)
    assert_glif_is_found(1000.0, 16, 80, seed)
    assert_adex_is_found(16, 80, 80, seed)
