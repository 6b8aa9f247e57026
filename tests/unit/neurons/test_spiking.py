"""Jumps of integrate-and-fire neurons: threshold, reset, refractoriness, surrogate slopes, arrays."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.neurons import LIF, AdEx, HodgkinHuxley, Izhikevich, Izhikevich2004, TraubMilesPoint
from brainnb.run.step import one_step
from brainnb.run.system import System, drives

KEY = jax.random.key(0)
NO_INPUT = bn.Record(I=0.0)


def after_step(model, t=10.0, **state):
    s = model.init_state().merge({k: jnp.asarray(v) for k, v in state.items()})
    changed, seen = model.on_step(jnp.asarray(t), s, NO_INPUT, KEY)
    return changed, float(seen["spike"])


def test_at_threshold_it_spikes_and_below_it_does_not():
    changed, fired = after_step(LIF(), V=-50.0)
    assert (float(changed["V"]), float(changed["t_last"]), fired) == (-60.0, 10.0, 1.0)
    changed, fired = after_step(LIF(), V=-50.0 - 1e-9)
    assert (float(changed["V"]), fired) == (-50.0 - 1e-9, 0.0)
    assert float(changed["t_last"]) < 0


def test_reset_may_differ_from_rest():
    changed, _ = after_step(LIF(V_reset=-55.0), V=-49.0)
    assert float(changed["V"]) == -55.0


@pytest.mark.parametrize("overshoot", [0.0, 1.0, 1e10, np.inf])
def test_adex_resets_from_any_overshoot(overshoot):
    changed, fired = after_step(AdEx(), V=20.0 + overshoot, w=7.0)
    assert (float(changed["V"]), float(changed["w"]), fired) == (pytest.approx(-70.6), pytest.approx(87.5), 1.0)


def test_izhikevich_resets_and_recovers():
    changed, fired = after_step(Izhikevich(), V=31.0, w=-5.0)
    assert (float(changed["V"]), float(changed["w"]), fired) == (-65.0, 3.0, 1.0)


def test_a_crossing_counts_once():
    """The conductance model counts the way up, not the time above."""
    _, first = after_step(TraubMilesPoint(), V=-19.0)
    _, second = after_step(TraubMilesPoint(), V=10.0, above=True)
    assert (first, second) == (1.0, 0.0)


def test_runs_start_at_rest_of_the_parameters():
    assert float(LIF(V_rest=-72.0).init_state().V) == -72.0
    assert float(AdEx(E_L=-58.0).init_state().V) == -58.0
    s = Izhikevich(b=0.25).init_state()
    assert float(s.w) == float(0.25 * s.V)
    s = Izhikevich2004.accommodation().init_state()
    assert (float(s.V), float(s.w)) == (-65.0, pytest.approx(-16.0))


def test_refractory_time_survives_a_continued_run():
    """The clock is the time of the last spike, and a continued run goes on in time."""
    whole = bn.simulate(LIF(t_ref=20.0), T=100, dt=0.1, I=250, record=["V", "spike"])
    first = bn.simulate(LIF(t_ref=20.0), T=30, dt=0.1, I=250, record=["V", "spike"])
    second = bn.simulate(LIF(t_ref=20.0), T=70, dt=0.1, I=250, record=["V", "spike"], init=first)
    np.testing.assert_allclose(second.V, whole.V[300:], atol=1e-9)
    assert int(first.spike.sum() + second.spike.sum()) == int(whole.spike.sum()) > 1


def test_the_rate_has_a_slope_through_the_surrogate():
    def count(current):
        model, s = LIF(t_ref=0.0), LIF().init_state()

        def step(s, t):
            s = s.merge({"V": s.V + 0.5 * model.vector_field(t, s, bn.Record(I=current))["V"]})
            changed, seen = model.on_step(t, s, NO_INPUT, KEY)
            return s.merge(changed), seen["spike"]

        return jax.lax.scan(step, s, jnp.arange(400) * 0.5)[1].sum()

    slope = float(jax.grad(count)(150.0))
    assert np.isfinite(slope)
    assert slope > 0  # more current, more spikes


@pytest.mark.parametrize(
    ("model", "drive"), [(LIF(tau=[10.0, 20.0, 40.0]), 200), (AdEx(b=[0.0, 40.0, 200.0]), 1000), (Izhikevich(d=[2.0, 6.0, 8.0]), 10)]
)  # fmt: skip
def test_more_adaptation_or_inertia_fewer_spikes_unit_by_unit(model, drive):
    ds = bn.simulate(model, T=500, dt=0.1, I=drive, size=3, record=["spike"])
    counts = ds.spike.sum("time").values
    assert (np.diff(counts) < 0).all()


def test_an_array_needs_its_size():
    with pytest.raises(bn.ModelError, match=r"size="):
        bn.simulate(LIF(tau=np.array([10.0, 20.0])), T=1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LIF(tau=0), r"LIF\.tau = 0 ms is outside \[1, 100\] ms"),
        (lambda: AdEx(Delta_T=0), r"AdEx\.Delta_T = 0 mV is outside"),
        (lambda: LIF(V_t=-50), r"No argument `V_t` in LIF\. Did you mean `V_th`\?"),
        (lambda: LIF(R="100 mV"), r"a value in Gohm was expected"),
    ],
)
def test_mistakes_are_answered(make, message):
    with pytest.raises((bn.OutOfBounds, bn.UnitError, TypeError), match=message):
        make()


def test_megaohm_is_understood():
    assert float(LIF(R="100 Mohm").R) == pytest.approx(0.1)


def test_spikes_are_counted_between_records():
    every = bn.simulate(LIF(), T=1000, dt=0.1, I=200, record=["spike"], every=1000)
    single = bn.simulate(LIF(), T=1000, dt=0.1, I=200, record=["spike"])
    assert every.spike.sum() == single.spike.sum() == 53


def test_a_warm_axon_spikes_faster():
    """Fewer milliseconds above 0 mV at 18.5 degrees."""
    pulse = bn.inputs.Pulse(amplitude=60.0, start=1.0, duration=0.5)
    widths = []
    for model in (HodgkinHuxley.squid_1952(), HodgkinHuxley.squid_warm()):
        ds = bn.simulate(model, T=20, dt=0.01, I=pulse)
        widths.append(float((ds.V > 0).sum()) * 0.01)
    assert widths[0] > 2 * widths[1] > 0


@pytest.mark.parametrize("method", ["euler", "exponential_euler", "rk4"])
def test_gradients_through_upstrokes_stay_finite_in_single_precision(method):
    """An exponential that overflows would turn every derivative into NaN."""
    with jax.enable_x64(False):
        system = System(AdEx.tonic(), drives(AdEx.tonic(), {"I": 500.0}))
        integrator = bn.integrators.get(method)

        @jax.grad
        def slopes(system):
            def step(s, i):
                s, seen = one_step(integrator, system, s, i, jnp.zeros(()), jnp.float32(0.1), KEY)
                return s, seen["spike"]

            s, spikes = jax.lax.scan(step, system.init((), KEY), jnp.arange(500))
            return s.model.V + spikes.sum()

        found = jax.jit(slopes)(system)
    assert all(np.isfinite(g).all() for g in jax.tree.leaves(found))
    assert float(found.model.C) != 0
