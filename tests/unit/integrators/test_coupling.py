"""Whether units act on each other is read from the program of a field, and from numbers only where that leaves it open."""

import re
import warnings

import jax
import jax.numpy as jnp
import pytest

import brainnb as bn
from brainnb.integrators.coupling import warn_if_coupled

S = bn.Record(V=jnp.linspace(0.5, 1.5, 5), w=jnp.linspace(1.0, 2.0, 5))


@jax.jit
def inside(x):
    return jnp.where(x > 1, jnp.exp(-x), x**2)


FIELDS = {
    "a program within": (lambda t, s: dict(V=inside(s.V) - s.w, w=s.V), []),
    "another state": (lambda t, s: dict(V=-s.V + jnp.roll(s.w, 1), w=s.w + jnp.sum(s.V)), []),
    "an operation that mixes and does not": (lambda t, s: dict(V=jnp.flip(jnp.flip(s.V)), w=s.w), []),
    "a neighbour": (lambda t, s: dict(V=jnp.roll(s.V, 1) - s.V, w=s.w), ["V"]),
    "a neighbour in a program within": (lambda t, s: dict(V=s.V, w=jax.jit(jnp.cumsum)(s.w)), ["w"]),
    "all, in both": (lambda t, s: dict(V=s.V - s.V.mean(), w=s.w - s.w.mean() * s.V), ["V", "w"]),
}


@pytest.mark.parametrize("name", FIELDS)
def test_the_states_whose_units_meet_are_named(name):
    field, coupled = FIELDS[name]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        joint = bn.Record(model=S, drive=bn.Record())
        warn_if_coupled(lambda t, s: dict(model=field(t, s.model)), 0.0, joint, "Units", "exponential_euler")
    assert [re.search(r"units of `(\w+)`", str(w.message))[1] for w in told] == coupled


def test_one_unit_meets_nobody(recwarn):
    warn_if_coupled(lambda t, s: dict(V=jnp.cumsum(s.V)), 0.0, bn.Record(V=jnp.ones(1)), "One", "exponential_euler")
    assert not recwarn


def test_a_network_is_told_apart_without_compiling():
    """Its synapses reach the slopes of others by spikes only, which are not in the field."""
    cells = bn.Population(bn.neurons.LIF(), 7)
    net = bn.Network({"E": cells}, {"EE": bn.Projection("E", "E", ([0, 3], [1, 2]), bn.synapses.NMDA(), weight=1.0)})
    system = bn.run.system.System(net, bn.run.system.drives(net, {}))
    state = system.init((), jax.random.key(0))
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, seconds, **_: compiled.append(event) if "backend_compile" in event else None
    )
    warn_if_coupled(system.field, 0.0, state, "Network", "exponential_euler")
    assert not compiled
    jax.jit(lambda x: x + 7.5)(1.0)
    assert compiled  # the listener hears
