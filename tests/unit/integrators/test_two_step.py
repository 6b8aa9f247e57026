"""The slopes that a two-step method remembers go wherever the state goes."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest
import xarray as xr

import brainnb as bn
from brainnb.integrators import CrankNicolson, CrankNicolsonAdamsBashforth


class Driven(bn.Model):
    """A fast state behind a slow one, which leaps when it is high; a stimulus of its own equation drives both."""

    k: bn.Param = bn.param(40.0, "1/ms", "stiffness", bounds=(0, None))
    y = bn.state(0.2)
    z = bn.state(0.1)
    I = bn.input(0.0)

    def vector_field(self, t, s, u):
        return dict(y=jnp.cos(t) + 0.3 * s.z + u.I, z=self.k * (s.y - s.z))

    def on_step(self, t, s, u, key):
        high = s.y > 0.9
        return dict(y=jnp.where(high, -0.5, s.y)), dict(spike=high)


RUN = dict(dt=0.1, method=CrankNicolsonAdamsBashforth(stiff="z"))


@pytest.fixture
def network():
    """Two cells that hear each other with a delay."""
    E = bn.Population(bn.neurons.LIF(), 3)
    wiring = bn.Projection("E", "E", bn.connect.AllToAll(), bn.synapses.Exponential(tau=5.0), weight=20.0, delay=1.0)
    return bn.Network({"E": E}, {"EE": wiring})


@pytest.fixture
def whole():
    return bn.simulate(Driven(), T=20, **RUN)


def test_the_two_steps_make_a_difference_and_the_run_leaps(whole):
    assert (np.diff(whole.y) < -0.5).sum() > 1
    other = bn.simulate(Driven(), T=20, dt=0.1, method=CrankNicolson(stiff="z"))
    assert np.abs(whole.y - other.y).max() > 1e-4


def test_a_run_in_many_chunks_is_the_run_in_one(whole, monkeypatch):
    monkeypatch.setattr("brainnb.run.loop.Run._affordable", lambda self, speed: 7)
    xr.testing.assert_equal(bn.simulate(Driven(), T=20, **RUN), whole)


def test_two_halves_are_the_whole(whole):
    first = bn.simulate(Driven(), T=7.3, **RUN)
    second = bn.simulate(Driven(), T=12.7, init=first, **RUN)
    for name in ("y", "z"):
        np.testing.assert_array_equal(np.concatenate([first[name], second[name]]), whole[name])
    assert second.attrs["final_state"] == whole.attrs["final_state"]


def test_a_stored_run_is_taken_up_where_it_stopped(whole, tmp_path, monkeypatch, in_chunks_of):
    monkeypatch.setattr("brainnb.run.store.PIECE_BYTES", 64)
    in_chunks_of(20)
    path = tmp_path / "run.zarr"
    part = bn.simulate(Driven(), T=20, **RUN, store=path, progress=lambda fraction: fraction < 0.4)
    assert part.attrs["status"].startswith("stopped")
    stored = bn.simulate(Driven(), T=20, **RUN, store=path)
    np.testing.assert_array_equal(stored.y, whole.y)
    assert stored.attrs["final_state"] == whole.attrs["final_state"]


def test_a_sweep_is_a_loop_of_runs():
    many = bn.sweep(Driven(), {"k": [10.0, 40.0, 160.0]}, T=20, **RUN)
    for k in many.k.values:
        one = bn.simulate(Driven(k=k), T=20, **RUN)
        np.testing.assert_allclose(many.y.sel(k=k), one.y, rtol=1e-13)


def test_a_stimulus_that_evolves_is_remembered_too():
    whole, first = (bn.simulate(Driven(), T=T, I=Swinging(), **RUN) for T in (12, 5))
    rest = bn.simulate(Driven(), T=7, I=Swinging(), init=first, **RUN)
    np.testing.assert_array_equal(rest.y, whole.y[50:])


class Swinging(bn.inputs.Stimulus):
    """A pendulum."""

    a = bn.state(0.1)
    b = bn.state(0.0)

    def vector_field(self, t, s, u):
        return dict(a=s.b, b=-s.a)

    def value(self, t, s):
        return s.a


@pytest.mark.parametrize(
    "before",
    [dict(dt=0.05), dict(method="rk4"), dict(method=CrankNicolsonAdamsBashforth(stiff="y"))],
    ids=["another step", "another method", "other states"],
)
def test_after_another_method_or_step_a_run_starts_anew(before):
    """Its first step is that of the method that starts; so is the first after a mapping."""
    first = bn.simulate(Driven(), T=0.5, **RUN | before)
    steps = [
        bn.simulate(Driven(), T=0.1, dt=0.1, init=first, method=kind(stiff="z"))
        for kind in (CrankNicolsonAdamsBashforth, CrankNicolson)
    ]
    np.testing.assert_array_equal(steps[0].y, steps[1].y)
    on = bn.simulate(Driven(), T=0.1, init=bn.simulate(Driven(), T=0.5, **RUN), **RUN)
    assert abs(on.y - steps[1].y).max() > 1e-6


def test_another_method_goes_on_from_it():
    first = bn.simulate(Driven(), T=0.5, **RUN)
    ds = bn.simulate(Driven(), T=0.1, dt=0.1, init=first, method="rk4")
    state = dict(y=first.y.values[-1], z=first.z.values[-1])
    assert float(ds.y[-1]) == pytest.approx(state["y"] + 0.1 * (np.cos(0.55) + 0.3 * state["z"]), abs=2e-3)


def test_networks_with_delays_go_on_as_they_were(network):
    method = CrankNicolsonAdamsBashforth(stiff="E.V")
    run = dict(dt=0.1, inputs={"E.I": 150.0}, record=["E.V", "E.spike"], method=method)
    whole, first = (bn.simulate(network, T=T, **run) for T in (60, 22.2))
    rest = bn.simulate(network, T=37.8, init=first, **run)
    assert whole["E.spike"].sum() > 3
    np.testing.assert_array_equal(np.concatenate([first["E.V"], rest["E.V"]]), whole["E.V"])


def test_a_fit_differentiates_through_what_is_remembered():
    """Back-propagation finds the stiffness that made the data; a rule that cuts the past refuses."""
    run = dict(integrator=RUN["method"], train=["k"], steps=60, optimizer=optax.adam(0.05))
    data = bn.simulate(Driven(k=4.0), T=3, dt=0.1, method=RUN["method"])
    fit = bn.fit(Driven(k=3.0), data[["z"]], **run)
    assert float(fit.model.k) == pytest.approx(4.0, abs=0.2)
    with pytest.raises(bn.ModelError, match=r"imex_cnab\(stiff=.* remembers earlier steps.*'bptt'"):
        bn.fit(Driven(k=3.0), data[["z"]], method="sltt", **run)


def test_noise_is_refused():
    class Noisy(Driven):
        def diffusion(self, t, s, u):
            return dict(y=0.1)

    with pytest.raises(bn.ModelError, match=r"'imex_cnab' takes no noise, but `y` of Noisy is noisy"):
        bn.simulate(Noisy(), T=1, **RUN)


def test_a_page_says_why_it_cannot_run_it():
    said = bn.export.why_not(Driven(), method="imex_cnab")
    assert "linear equations are solved there" in said
    assert "'strang' or 'rk4'" in said
