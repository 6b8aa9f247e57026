"""record=, every=, size= and init=: what a run keeps, and from where it starts."""

import numpy as np
import pytest

import brainnb as bn


def test_time_is_exact_and_starts_after_the_first_step(decay):
    ds = bn.simulate(decay, T=1000, dt=0.1)
    np.testing.assert_array_equal(ds.time, np.round(np.arange(1, 10001) * 0.1, 9))
    assert ds.time.attrs == {"units": "ms", "long_name": "time"}


def test_by_default_every_continuous_state_is_recorded(ticker):
    assert list(bn.simulate(ticker, T=1)) == ["x"]


@pytest.mark.parametrize(
    ("record", "names"),
    [
        ("x", ["x"]),
        (["x", "steps"], ["x", "steps"]),
        (("spike", "x"), ["spike", "x"]),
        (["*"], ["x", "steps", "spike", "now"]),
        (["s*"], ["steps", "spike"]),
        (["x", "x", "*"], ["x", "steps", "spike", "now"]),
        ({"now"}, ["now"]),
        ((p for p in ("x", "now")), ["x", "now"]),
        ([], []),
    ],
)
def test_record_takes_paths_and_globs(ticker, record, names):
    assert list(bn.simulate(ticker, T=1, record=record)) == names


def test_inputs_can_be_recorded(decay):
    ds = bn.simulate(decay, T=2, dt=0.5, I=lambda t: 10 * t, record=["I", "x"])
    np.testing.assert_allclose(ds.I, [5.0, 10.0, 15.0, 20.0])
    assert ds.I.attrs["units"] == "mV"


def test_states_of_parts_have_paths():
    cell = bn.neurons.Cell({"K": bn.channels.PotassiumHH1952()})
    ds = bn.simulate(cell, T=1, record=["V", "K.n"])
    assert list(ds) == ["V", "K.n"]
    assert ds["K.n"].attrs["units"] == "1"
    assert "activation" in ds["K.n"].attrs["long_name"]


@pytest.mark.parametrize("every", [1, 2, 5, 10, 60])
def test_every_counts_spikes_and_samples_the_rest(ticker, every):
    fine = bn.simulate(ticker, T=60, dt=1.0, record=["*"])
    ds = bn.simulate(ticker, T=60, dt=1.0, every=every, record=["*"])
    assert ds.sizes["time"] == 60 // every
    np.testing.assert_array_equal(ds.time, fine.time[every - 1 :: every])
    for name in ("x", "steps", "now"):
        np.testing.assert_array_equal(ds[name], fine[name][every - 1 :: every])
    np.testing.assert_array_equal(ds.spike, fine.spike.values.reshape(-1, every).sum(1))
    assert float(ds.spike.sum()) == 20.0


def test_discrete_states_pass_every_integrator_untouched(ticker):
    for method in ("euler", "midpoint", "heun", "rk4", "exponential_euler", "strang"):
        ds = bn.simulate(ticker, T=5, dt=0.5, method=method, record=["steps", "x"])
        assert ds.steps.dtype.kind == "i"
        np.testing.assert_array_equal(ds.steps, np.arange(1, 11))
        np.testing.assert_allclose(ds.x, ds.time, rtol=1e-12)


@pytest.mark.parametrize(
    ("size", "dims", "shape"), [(None, (), ()), (3, ("neuron",), (3,)), ((2, 3), ("neuron_0", "neuron_1"), (2, 3))]
)
def test_size_gives_dimensions(decay, size, dims, shape):
    ds = bn.simulate(decay, T=1, size=size)
    assert ds.x.dims == ("time", *dims)
    assert ds.x.shape == (10, *shape)


def test_a_parameter_may_have_one_value_per_unit(decay):
    model = type(decay)(tau=[5.0, 10.0, 20.0])
    ds = bn.simulate(model, T=20, dt=0.01, size=3, I=[0.0, 1.0, 2.0])
    I, tau = np.array([0.0, 1.0, 2.0]), np.array([5.0, 10.0, 20.0])
    expected = I + (1 - I) * np.exp(-ds.time.values[:, None] / tau)
    np.testing.assert_allclose(ds.x, expected, rtol=1e-6)


def test_units_of_a_run_are_independent(hh):
    one = bn.simulate(hh, T=20, I=10)
    many = bn.simulate(hh, T=20, I=[0.0, 10.0], size=2)
    np.testing.assert_allclose(many.V[:, 1], one.V, atol=1e-9)
    assert float(np.abs(many.V[:, 0] - many.V[:, 1]).max()) > 10


@pytest.mark.parametrize(
    ("init", "first"),
    [({"x": 5}, 5.0), ({"x": "0.005 V"}, 5.0), (bn.Record(x=5.0), 5.0), ({"x": np.float32(5)}, 5.0), ({}, 1.0)],
)
def test_init_sets_single_states(decay, init, first):
    ds = bn.simulate(decay, T=10, dt=0.01, init=init)
    np.testing.assert_allclose(ds.x, first * np.exp(-ds.time / 10), rtol=1e-6)
    assert ds.time[0] == 0.01


def test_init_may_differ_by_unit_and_reach_parts():
    cell = bn.neurons.Cell({"K": bn.channels.PotassiumHH1952()})
    ds = bn.simulate(cell, T=0.1, dt=0.01, size=2, init={"V": [-80.0, -60.0], "K.n": 0.9})
    assert float(ds.V[0, 0]) < float(ds.V[0, 1])
    np.testing.assert_allclose(ds["K.n"][0], 0.9, atol=0.01)
    nested = bn.simulate(cell, T=0.1, dt=0.01, size=2, init={"V": [-80.0, -60.0], "K": {"n": 0.9}})
    np.testing.assert_array_equal(ds.V, nested.V)


def test_counters_keep_every_digit(ticker):
    ds = bn.simulate(ticker, T=1, dt=1.0, init={"steps": 2**24 + 1}, record=["steps"])
    assert int(ds.steps[0]) == 2**24 + 2


def test_an_own_init_state_is_completed_and_converted():
    class Own(bn.Model):
        a = bn.state(0.0)
        b = bn.state(0.0)
        n = bn.state(0, discrete=True)

        def init_state(self, size=(), key=None):
            return dict(b=2, n=5, a=1)

        def vector_field(self, t, s, u):
            return dict(b=0.0, a=0.0)

    ds = bn.simulate(Own(), T=1, size=4, record=["a", "b", "n"])
    assert ds.a.dims == ds.b.dims == ("time", "neuron")
    assert ds.n.dims == ("time",)
    assert (ds.a == 1.0).all()
    assert (ds.b == 2.0).all()
    assert (ds.n == 5).all()


def test_a_function_of_time_sees_the_time_of_the_step(decay):
    ds = bn.simulate(decay.replace(tau=1), T=5, dt=0.001, I=lambda t: t, method="rk4")
    t = ds.time.values
    np.testing.assert_allclose(ds.x, t - 1 + 2 * np.exp(-t), rtol=1e-9)


def test_a_shape_that_changes_is_refused():
    class Grows(bn.Model):
        x = bn.state(0.0)

        def init_state(self, size=(), key=None):
            return dict(x=np.zeros((2, 1)))

        def vector_field(self, t, s, u):
            return dict(x=np.zeros((2, 3)))

    with pytest.raises(bn.ModelError, match=r"dx/dt has shape \(2, 3\) but state `x` has shape \(2, 1\)"):
        bn.simulate(Grows(), T=1)


def test_a_stateless_model_runs():
    ds = bn.simulate(bn.channels.Leak(), T=1, V=-60, record=["I"])
    np.testing.assert_allclose(ds.I, 0.3 * (-54.387 + 60), rtol=1e-6)
    assert dict(bn.simulate(bn.channels.Leak(), T=1).sizes) == {"time": 10}
