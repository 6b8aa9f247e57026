"""The same network whatever its synapses are stored in, and gradients as if it were written by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import ops
from brainnb.run.system import System, drives

N, STEPS, DT = 40, 400, 0.1


def net(wiring, weight=None):
    """Cells that drive each other through one wiring."""
    return bn.Network(
        {"E": bn.Population(bn.neurons.LIF(), N, init={"V": bn.init.Uniform(-60, -50)}, inputs={"I": 160.0})},
        {
            "EE": bn.Projection(
                "E", "E", wiring, bn.synapses.Exponential(tau=4.0), weight=weight, output=bn.synapses.Conductance(E=0.0)
            )
        },
    )


def raster(wiring, weight=None):
    return bn.simulate(net(wiring, weight), T=STEPS * DT)["E.spike"].values


@pytest.fixture
def drawn():
    """A wiring in which everybody reaches equally many, so that every storage can hold it."""
    edges = bn.connect.FixedOutDegree(8).connect(N, N, seed=5)
    weight = np.random.default_rng(1).uniform(0.5, 4.0, len(edges))
    return ops.CSR.from_edges(edges.pre, edges.post, weight, (N, N))


def test_every_storage_gives_the_same_raster(drawn):
    expected = raster(drawn)
    assert expected.sum() > 100
    for wiring in (drawn.to_csc(), drawn.to_fixed_post(), drawn.to_dense()):
        np.testing.assert_array_equal(raster(wiring), expected, err_msg=type(wiring).__name__)
    edges = (*drawn.to_edges()[:2], drawn.to_edges()[2])
    late = ops.DelayedCSR.from_edges(*edges, 0.0, (N, N))
    np.testing.assert_array_equal(raster(late), expected)


def test_what_is_never_stored_gives_the_raster_of_what_is():
    drawn = ops.JITHomogeneous(2.5, 8, 7, (N, N))
    expected = raster(drawn.to_csr())
    assert expected.sum() > 100
    np.testing.assert_array_equal(raster(drawn, 2.5), expected)
    drawn = ops.JITUniform(1.0, 4.0, 8, 7, (N, N))
    np.testing.assert_array_equal(raster(drawn), raster(drawn.to_csr()))


def test_weights_drawn_on_the_way_give_the_raster_of_every_storage():
    drawn = ops.JITNormal(2.5, 1.0, 8, 7, (N, N))
    expected = raster(drawn)
    assert expected.sum() > 100
    for wiring in (drawn.to_csr(), drawn.to_fixed_post(), drawn.to_dense()):
        np.testing.assert_array_equal(raster(wiring), expected, err_msg=type(wiring).__name__)


def test_tables_of_sources_and_of_targets_give_the_same_raster():
    """Everybody reaches equally many and hears equally many: eight neurons further on, at distances of their own."""
    rng = np.random.default_rng(2)
    pre = np.repeat(np.arange(N), 8)
    post = (pre + np.tile(rng.permutation(np.arange(1, N))[:8], N)) % N
    drawn = ops.CSR.from_edges(pre, post, rng.uniform(0.5, 4.0, pre.size), (N, N))
    expected = raster(drawn)
    assert expected.sum() > 100
    for wiring in (drawn.to_fixed_pre(), drawn.to_fixed_post()):
        np.testing.assert_array_equal(raster(wiring), expected, err_msg=type(wiring).__name__)


def test_the_gradient_is_that_of_the_surrogate(drawn):
    """Backpropagation through the network against a network written by hand with the same surrogate slope."""
    with jax.enable_x64(True):
        dense = jnp.asarray(np.asarray(drawn.to_dense().weight), float)
        network = net(ops.Dense(dense))
        system = System(network, drives(network, {}))
        method = bn.integrators.get("euler")
        begin = system.init((), jax.random.key(0))

        def by_network(w):
            moved = System(network._with({"EE.weight": w}), system.drives)

            def step(s, i):
                s = method.step(moved.field, i * DT, s, DT)
                s, seen = moved.on_step((i + 1) * DT, s, jax.random.key(0))
                return s, (seen["E"]["spike"].sum(), s.model.E.V.mean())

            spikes, V = jax.lax.scan(step, begin, jnp.arange(60.0))[1]
            return (spikes * jnp.arange(60.0)).sum() * 0.01 + V[-1], spikes.sum()

        cell = network.cells["E"]

        def by_hand(w):
            def step(carry, i):
                V, last, g = carry
                t, end = i * DT, (i + 1) * DT
                drive = 160.0 + g * (0.0 - V)
                slope = jnp.where(t - (last + cell.t_ref) >= -1e-9, (cell.V_rest - V + cell.R * drive) / cell.tau, 0.0)
                V, g = V + DT * slope, g + DT * (-g / 4.0)
                fired = bn.spike(V - cell.V_th)
                V = (1 - fired) * V + fired * cell.V_reset
                last = jnp.where(fired > 0, end, last)
                return (V, last, g + fired @ w), (fired.sum(), V.mean())

            first = begin.model.E.V, begin.model.E.t_last, begin.model.EE.synapse.g
            spikes, V = jax.lax.scan(step, first, jnp.arange(60.0))[1]
            return (spikes * jnp.arange(60.0)).sum() * 0.01 + V[-1], spikes.sum()

        (ours, fired), slope = jax.value_and_grad(by_network, has_aux=True)(dense)
        (theirs, same), expected = jax.value_and_grad(by_hand, has_aux=True)(dense)
        assert fired == same
        assert fired > 10
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        assert np.abs(expected).max() > 1e-3
        np.testing.assert_allclose(slope, expected, rtol=1e-9, atol=1e-12)
