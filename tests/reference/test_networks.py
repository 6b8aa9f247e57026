"""Published networks against published numbers and other simulators."""

import numpy as np
import pytest

import brainnb as bn


def rate(ds, name, start):
    """Mean rate in Hz from ``start`` ms on."""
    spikes = ds[f"{name}.spike"].sel(time=slice(start, None))
    return float(spikes.values.mean() / float(ds.attrs["dt"]) * 1e3)


def irregularity(ds, name, start):
    """Mean coefficient of variation of the intervals of cells that fired five times or more."""
    spikes = ds[f"{name}.spike"].sel(time=slice(start, None))
    t, cell = np.nonzero(spikes.values)
    times = spikes.time.values[t]
    order = np.lexsort((times, cell))
    trains = np.split(times[order], np.flatnonzero(np.diff(cell[order])) + 1)
    intervals = [np.diff(train) for train in trains if len(train) >= 5]
    return np.mean([x.std() / x.mean() for x in intervals])


@pytest.mark.parametrize(
    ("network", "low", "high", "cv"),
    [("COBA", 18.0, 26.0, 1.66), ("CUBA", 4.5, 7.5, 0.49), ("COBAHH", 28.0, 42.0, 2.0)],
)
def test_the_benchmarks_fire_as_in_other_simulators(network, low, high, cv):
    """Brian2, NEST and BrainPy at 4000 neurons: 20-25 Hz, 5.4-6 Hz and 30-38 Hz; CVs of the loop of benchmarks/networks."""
    ds = bn.simulate(getattr(bn.networks, network)(4000), T=1000)
    assert low < rate(ds, "E", 200) < high
    assert irregularity(ds, "E", 200) == pytest.approx(cv, rel=0.15)


def test_the_fan_in_does_not_depend_on_the_size():
    for n in (800, 4000):
        net = bn.networks.COBA(n)
        onto = sum(net.links[p].wiring.size for p in ("EE", "IE")) / net.number("E")
        assert onto == pytest.approx(80, rel=0.03)


def test_the_microcircuit_has_the_published_numbers():
    from brainnb.networks.published import microcircuit as pd

    assert pd.NEURONS.sum() == 77169
    assert pd.synapses().sum() == 298_880_968
    assert pd.PSP * pd.pA_per_mV() == pytest.approx(87.8, abs=0.05)


def test_a_tenth_of_the_microcircuit_fires_as_in_nest():
    """NEST 3.10 at 10 % of neurons and synapses; a second of each layer is known to about 5 %."""
    nest = dict(L23E=0.440, L23I=2.058, L4E=3.959, L4I=4.994, L5E=6.574, L5I=7.771, L6E=0.855, L6I=6.958)
    circuit = bn.networks.Microcircuit(0.1)
    ds = bn.simulate(circuit, T=1500, record=["cortex.spike"])
    for layer, found in circuit.rates(ds, 300).items():
        assert found == pytest.approx(nest[layer], rel=0.15, abs=0.1), layer


def test_a_constant_drive_leaves_the_excitatory_cells_of_a_tenth_silent():
    """So it is in NEST: with few synapses the input varies too little."""
    circuit = bn.networks.Microcircuit(0.1, drive="dc")
    rates = circuit.rates(bn.simulate(circuit, T=400, record=["cortex.spike"]), 200)
    assert max(rates[layer] for layer in ("L23E", "L4E", "L5E", "L6E")) < 0.1
