"""Fractional neurons: the patterns and tendencies of their papers."""

import numpy as np
import pytest

import brainnb as bn

Izhikevich, Rinzel = bn.neurons.FractionalIzhikevich, bn.neurons.FractionalFitzHughRinzel
LATE = bn.inputs.Step(amplitude=10.0, start=50.0)


def intervals(preset, spike_times, T=500):
    times = spike_times(bn.simulate(Izhikevich.presets()[preset](), T=T, I=LATE, record=["spike"]))
    return np.diff(times)


def test_order_one_is_the_ordinary_cell_by_eulers_method(spike_times):
    ordinary = bn.simulate(
        bn.neurons.Izhikevich(), T=500, I=LATE, record=["spike"], method="euler", init={"V": -65.0, "w": -13.0}
    )
    np.testing.assert_allclose(
        spike_times(bn.simulate(Izhikevich(), T=500, I=LATE, record=["spike"])), spike_times(ordinary), atol=0.11
    )


def test_a_burst_then_single_spikes_at_0_87(spike_times):
    found = intervals("intrinsically_bursting", spike_times)
    assert (found[:2] < 6).all()
    assert (found[2:] > 35).all()


def test_short_bursts_at_0_8(spike_times):
    found = intervals("chattering", spike_times)
    assert ((found > 40) | (found < 5)).all()
    assert (found > 40).sum() >= 5


def test_longer_bursts_at_0_7_and_long_ones_at_0_5(spike_times):
    def spikes_a_burst(found):
        return (len(found) + 1) / (1 + (found > 20).sum())

    lengths = [spikes_a_burst(intervals(p, spike_times)) for p in ("chattering", "bursting", "long_bursts")]
    assert lengths == sorted(lengths)
    assert lengths[0] < 3.5
    assert lengths[1] > 4
    assert lengths[2] > 20


def test_fast_without_a_pause_at_0_3(spike_times):
    found = intervals("fast_spiking", spike_times)
    assert found.max() < 2
    assert found.mean() == pytest.approx(0.7, abs=0.1)


def test_the_first_spike_comes_later_for_lower_orders():
    ds = bn.sweep(Izhikevich(), {"alpha": [0.3, 0.5, 0.7, 0.9, 1.0]}, T=70, I=LATE, record=["spike"])
    first = [float(ds.time[np.flatnonzero(x)[0]]) - 50 for x in ds.spike.values]
    assert first == sorted(first, reverse=True)
    assert first[0] == pytest.approx(5.9, abs=0.2)
    assert first[-1] == pytest.approx(3.8, abs=0.2)


def test_a_shorter_step_gives_another_pattern(spike_times):
    """Why dt is part of the model: at half of it the cell of order 0.87 chatters."""
    model = Izhikevich.intrinsically_bursting()
    found = np.diff(spike_times(bn.simulate(model, T=500, dt=0.05, I=LATE, record=["spike"])))
    assert (found[3:] < 10).sum() >= 4


# --- FitzHugh-Rinzel -----------------------------------------------------------------------------------------------


def test_order_one_is_the_ordinary_model():
    class Ordinary(Rinzel):
        V, w, y = bn.state(-1.0), bn.state(-0.5), bn.state(0.0)

    reference = bn.simulate(Ordinary(), T=50, dt=0.05, method="rk4")
    found = bn.simulate(Rinzel(), T=50, dt=0.05)
    np.testing.assert_allclose(found.V, reference.V, atol=0.15)


def test_the_rate_falls_with_the_order(crossings):
    """Intervals at I = 0.5, in the second half: below the frequency of the classical model, the more the lower."""
    ds = bn.sweep(Rinzel(), {"alpha": [1.0, 0.95, 0.9, 0.8]}, T=800, dt=0.2, I=0.5)
    last = [np.diff(crossings(x, 0.5))[-1] for x in ds.V]
    assert last == pytest.approx([40, 46, 56, 121], rel=0.03)


def test_the_first_spike_is_later_for_lower_orders(crossings):
    ds = bn.sweep(Rinzel(), {"alpha": [1.0, 0.8, 0.6, 0.4]}, T=40, dt=0.1)
    first = [crossings(x, 0.5)[0] for x in ds.V]
    assert first == sorted(first)
    assert first[-1] > 1.8 * first[0]


def test_the_ordinary_model_bursts(crossings):
    class Ordinary(Rinzel):
        V, w, y = bn.state(-1.0), bn.state(-0.5), bn.state(0.03)

    ds = bn.simulate(Ordinary(), T=8000, dt=0.2, every=5, method="rk4")
    intervals = np.diff(crossings(ds.V, 0.5))
    assert np.median(intervals) < 60
    assert (intervals > 350).sum() >= 3
