"""Channels on their own: clamp currents, steady states, groups."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.channels import ChannelGroup, Leak, PotassiumHH1952, PotassiumTraubMiles, SodiumHH1952, SodiumTraubMiles

GATED = [SodiumHH1952, PotassiumHH1952, SodiumTraubMiles, PotassiumTraubMiles]


@pytest.mark.parametrize("cls", GATED)
@pytest.mark.parametrize("V", [-90.0, -63.0, -40.0, 10.0])
def test_the_steady_state_does_not_move(cls, V):
    channel = cls()
    s = bn.Record(channel.steady_state(V))
    slopes = channel.vector_field(0.0, s, bn.Record(V=V))
    assert slopes.keys() == s.keys()
    for name, slope in slopes.items():
        assert 0 < float(s[name]) < 1, name
        assert float(slope) == pytest.approx(0, abs=1e-12), name


@pytest.mark.parametrize("cls", [*GATED, Leak])
def test_no_current_flows_at_the_reversal_and_inward_is_positive(cls):
    channel = cls()
    s = bn.Record({name: jnp.asarray(0.5) for name in channel.states()})
    E = float(channel.E)
    assert float(channel.current(0.0, s, bn.Record(V=E))) == 0
    assert float(channel.current(0.0, s, bn.Record(V=E - 10.0))) > 0
    assert float(channel.current(0.0, s, bn.Record(V=E + 10.0))) < 0


@pytest.mark.parametrize("cls", GATED)
def test_declared_gates_are_the_steady_state_at_minus_65(cls):
    channel = cls()
    for name, value in channel.steady_state(-65.0).items():
        assert channel.states()[name].default == pytest.approx(float(value), abs=2e-4), name


def test_a_shift_of_V_T_shifts_the_gates():
    shifted = SodiumTraubMiles(V_T=-53.0).steady_state(-40.0)
    plain = SodiumTraubMiles(V_T=-63.0).steady_state(-50.0)
    for name, value in plain.items():
        assert float(shifted[name]) == pytest.approx(float(value), rel=1e-12)


def test_a_group_is_the_sum_of_its_channels():
    group = ChannelGroup({"K": PotassiumHH1952(), "deeper": ChannelGroup({"leak": Leak()})})
    s, u = group.init_state(), bn.Record(V=jnp.asarray(-30.0))
    alone = PotassiumHH1952().current(0.0, s.K, u) + Leak().current(0.0, bn.Record(), u)
    assert float(group.current(0.0, s, u)) == pytest.approx(float(alone), rel=1e-12)


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        ([Leak()], r"a mapping of names"),
        ({"leak": Leak}, r"channels\['leak'\] is the class Leak; build it: Leak\(\)"),
        ({"leak": 3.0}, r"channels\['leak'\] is float; a bn.channels.Channel was expected"),
        ({"my leak": Leak()}, r"'my leak' is no name"),
    ],
)
def test_what_is_no_channel_is_refused(channels, message):
    with pytest.raises(bn.ModelError, match=message):
        ChannelGroup(channels)


def test_a_channel_without_a_current_says_so():
    class Silent(bn.channels.Channel):
        V = bn.input(-65.0, "mV", "membrane potential", bounds=(-100, 60))

    with pytest.raises(bn.ModelError, match=r"Silent must define current"):
        bn.simulate(Silent(), T=1)


def test_glob_paths_reach_every_channel_of_a_cell():
    cell = bn.neurons.TraubMiles().replace({"*.V_T": -60.0})
    rows = cell.parameters()
    assert rows["Na.V_T"].value == rows["K.V_T"].value == -60.0


def test_a_clamp_reports_its_current():
    ds = bn.simulate(SodiumHH1952(), T=2, dt=0.01, V=0.0, record=["I", "m", "h"])
    np.testing.assert_allclose(ds.I, 120 * ds.m**3 * ds.h * 50, rtol=1e-9)
    assert float(ds.I.max()) > 500


@pytest.mark.parametrize("cls", GATED)
@pytest.mark.parametrize("V", [-55.0, -50.0, -48.0, -40.0, -23.0])
def test_gradients_at_singular_voltages_are_finite(cls, V):
    slope = jax.grad(lambda v: sum(jnp.sum(x) for x in cls().steady_state(v).values()))(V)
    assert np.isfinite(slope)
