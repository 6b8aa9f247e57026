"""record=["E.V[:10]"]: some neurons of a population, with their numbers."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.run.cache import trace_count


class Ticking(bn.Model):
    """Rises, fires at 1, starts again."""

    V = bn.state(0.0, "mV", "potential")
    I = bn.input(0.0, "mV", "drive")

    def vector_field(self, t, s, u):
        return dict(V=u.I)

    def on_step(self, t, s, u, key):
        fired = s.V >= 1.0
        return dict(V=s.V * (1.0 - fired)), dict(spike=1.0 * fired)


RUN = {"T": 20, "method": "euler"}


@pytest.fixture
def net():
    cells = {"init": {"V": bn.init.Uniform(0, 1)}, "inputs": {"I": 0.2}}
    return bn.Network(
        {"E": bn.Population(Ticking(), 30, **cells), "I": bn.Population(Ticking(), 8, **cells)},
        {"EI": bn.Projection("E", "I", bn.connect.FixedProbability(0.3), weight=0.1, align="edge")},
    )


@pytest.fixture
def whole(net):
    return bn.simulate(net, **RUN, record=["*.V", "*.spike", "EI.synapse.g"])


@pytest.mark.parametrize(
    ("record", "neurons"),
    [
        (["E.V[3]"], [3]),
        (["E.V[-1]"], [29]),
        (["E.V[:4]"], [0, 1, 2, 3]),
        (["E.V[20:5:-5]"], [20, 15, 10]),
        (["E.V[25:99]"], [25, 26, 27, 28, 29]),
        (["E.V[7]", "E.V[::10]", "E.V[7]"], [7, 0, 10, 20]),
    ],
)
def test_the_named_neurons_are_kept_in_the_order_they_were_asked_for(net, whole, record, neurons):
    ds = bn.simulate(net, **RUN, record=record)
    assert ds["E.V"].dims == ("time", "E.V_neuron")
    assert ds["E.V_neuron"].values.tolist() == neurons
    np.testing.assert_array_equal(ds["E.V"], whole["E.V"][:, neurons])
    assert ds["E.V"].attrs == whole["E.V"].attrs


def test_they_stand_beside_what_is_recorded_whole(net, whole):
    ds = bn.simulate(net, **RUN, record=["*.spike", "*.V[:2]", "E.spike[5]"])
    assert ds["E.spike"].dims == ("time", "E_neuron")  # whole and in part is whole
    assert dict(ds.sizes) == {"time": 200, "E_neuron": 30, "I_neuron": 8, "E.V_neuron": 2, "I.V_neuron": 2}
    np.testing.assert_array_equal(ds["I.V"].sel({"I.V_neuron": 1}), whole["I.V"][:, 1])


def test_spikes_of_some_neurons_are_flags_and_are_counted_over_a_stride(net, whole):
    ds = bn.simulate(net, **RUN, record=["E.spike[3:9]"])
    assert ds["E.spike"].dtype == bool
    coarse = bn.simulate(net, **RUN, every=100, record=["E.spike[3:9]"])
    found = whole["E.spike"].values[:, 3:9].reshape(2, 100, 6).sum(1)
    np.testing.assert_array_equal(coarse["E.spike"], found)
    assert found.sum() > 0


def test_synapses_have_numbers_too(net, whole):
    ds = bn.simulate(net, **RUN, record=["EI.synapse.g[5:8]"])
    assert ds["EI.synapse.g_synapse"].values.tolist() == [5, 6, 7]
    np.testing.assert_array_equal(ds["EI.synapse.g"], whole["EI.synapse.g"][:, 5:8])


def test_other_neurons_compile_nothing(net):
    bn.simulate(net, **RUN, record=["E.V[3]", "I.V[:2]"])
    before = trace_count()
    for i in range(5):
        ds = bn.simulate(net, **RUN, record=[f"E.V[{i}]", f"I.V[{i}:{i + 2}]"])
        assert ds["E.V_neuron"].values.tolist() == [i]
        assert ds["I.V_neuron"].values.tolist() == [i, i + 1]
    assert trace_count() == before


def test_units_of_a_single_model(decay):
    ds = bn.simulate(decay, T=2, size=5, init={"x": np.arange(5.0)}, record=["x[1::2]"])
    assert ds.x.dims == ("time", "x_neuron")
    np.testing.assert_allclose(ds.x[-1] / ds.x[0], ds.x[-1, 0] / ds.x[0, 0])
    assert ds.x_neuron.values.tolist() == [1, 3]


def test_a_sweep_keeps_the_same_neurons_at_every_point(net):
    ds = bn.sweep(net, {"E.I": [0.0, 0.2]}, **RUN, record=["E.V[4:6]"])
    assert ds["E.V"].dims == ("E.I", "time", "E.V_neuron")
    assert ds["E.V_neuron"].values.tolist() == [4, 5]
    alone = bn.simulate(net, **RUN, record=["E.V[4:6]"])
    np.testing.assert_allclose(ds["E.V"].sel({"E.I": 0.2}), alone["E.V"], rtol=1e-9)
    pulsed = {"inputs": {"E.I": bn.inputs.Step(amplitude=0.1, start=5, baseline=0.1)}}
    ds = bn.sweep(net, {"E.I.amplitude": [0.1]}, **RUN, **pulsed, record=["E.V[4:6]"])
    alone = bn.simulate(net, **RUN, **pulsed, record=["E.V[4:6]"])
    np.testing.assert_allclose(ds["E.V"][0], alone["E.V"], rtol=1e-9)


def test_a_sweep_that_reduces_sees_the_same_neurons(net):
    alone = bn.simulate(net, **RUN, record=["E.V[4:6]"])
    last = bn.sweep(net, {"E.I": [0.2]}, **RUN, record=["E.V[4:6]"], reduce=lambda rows: {"last": rows["E.V"][-1]})
    np.testing.assert_allclose(last["last"][0], alone["E.V"][-1], rtol=1e-9)


def test_a_store_keeps_their_numbers_and_refuses_others(net, tmp_path):
    run = {**RUN, "T": 200, "store": tmp_path / "run"}
    ds = bn.simulate(net, **run, record=["E.V[4:6]"], progress=lambda fraction: False)
    assert ds.attrs["status"].startswith("stopped")
    with pytest.raises(bn.StoreError, match="record is"):
        bn.simulate(net, **run, record=["E.V[5:7]"])
    bn.simulate(net, **run, record=["E.V[4:6]"])
    opened = bn.open_run(tmp_path / "run")
    assert opened["E.V_neuron"].values.tolist() == [4, 5]
    np.testing.assert_array_equal(opened["E.V"], bn.simulate(net, **{**RUN, "T": 200}, record=["E.V[4:6]"])["E.V"])


def test_brackets_of_a_glob_still_are(net):
    assert list(bn.simulate(net, **RUN, record=["[EI].V", "E.[s]*"])) == ["E.V", "I.V", "E.spike"]


def test_a_neuron_that_fails_unseen_is_found():
    class Blowing(bn.Model):
        V = bn.state(0.0, "mV", "potential")
        I = bn.input(0.0, "mV", "drive")

        def vector_field(self, t, s, u):
            return dict(V=u.I * s.V**2)

    net = bn.Network({"A": bn.Population(Blowing(), 3, init={"V": np.array([0.0, 0.0, 1.0])}, inputs={"I": 50.0})})
    with pytest.raises(bn.NumericalFailure, match=r"`A.V` became .* at t = ") as failure:
        bn.simulate(net, T=10, method="euler", record=["A.V[0]"])
    assert failure.value.partial["A.V_neuron"].values.tolist() == [0]
