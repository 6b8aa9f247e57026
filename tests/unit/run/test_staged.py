"""A step that is cut into kernels does what it did, and computes nothing twice."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.core import xla
from brainnb.run import loop
from brainnb.run.simulate import prepare
from brainnb.run.staged import _cuts, _turns, staged
from brainnb.run.written import Program

X = jnp.linspace(-2.0, 3.0, 512)


def compiled(step, *arguments):
    """The cut step and its HLO."""
    program = jax.jit(lambda *given: staged(step, *given)(*given), compiler_options=xla.alone())
    text = program.lower(*arguments).compile().as_text()
    for a, b in zip(jax.tree.leaves(program(*arguments)), jax.tree.leaves(step(*arguments)), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    return text


def cell(V, last, t):
    """A potential that three results are made of."""
    V = V + 0.1 * jnp.exp(-V) * jnp.tanh(V)
    fired = V > 1.0
    return jnp.where(fired, 0.0, V), jnp.where(fired, t, last), fired


def test_what_parts_is_computed_once():
    text = compiled(cell, X, X, jnp.float32(3.0))
    assert text.count(" exponential(") == 1
    assert text.count(" tanh(") == 1


def test_a_long_table_of_numbers_is_read_from_memory():
    """XLA ends the process where it has to write more than ten kilobytes of them into a kernel."""
    table = np.arange(4096) % 7
    compiled(lambda x: (jnp.exp(x) * table, jnp.where(table > 3, x, 0.0)), jnp.linspace(-2.0, 3.0, 4096))


def test_the_cut_is_where_ways_part():
    program = Program(cell, X, X, jnp.float32(3.0))
    arrays = [op for op in program.ops if op.made[0].shape]
    cuts = _cuts(arrays, set(program.results))
    assert [op.name for op in arrays if op.made[0] in cuts] == ["add"]


def test_light_work_is_not_cut():
    program = Program(lambda x: ((x + 1.0) * 2.0, (x + 1.0) * 3.0), X)
    assert _cuts(program.ops, set(program.results)) == set()


def test_work_on_both_sides_of_another_operation():
    def step(x):
        y = jnp.cumsum(jnp.exp(x))
        return jnp.log(y) + x, jnp.sort(y * 2.0)[::-1] + 1.0

    program = Program(step, X)
    assert len(_turns(program.ops, set())) > 1
    compiled(step, X)


def test_numbers_alone_need_no_kernel():
    assert " call(" not in compiled(lambda a: (jnp.exp(a) + 1.0, a), jnp.float32(1.0))


def test_results_may_be_arguments_constants_and_the_same_array_twice():
    compiled(lambda x: (x, x * 2.0, x * 2.0, jnp.zeros(3), 1.0 + x[0]), X)


@pytest.mark.parametrize("n", [300_000])
def test_large_arrays_compile(n):
    compiled(cell, jnp.linspace(-2.0, 2.0, n), jnp.zeros(n), jnp.float32(1.0))


# --- runs ---------------------------------------------------------------------------------------------------------


class Noisy(bn.Model):
    """Random numbers, and a clock beside the cells."""

    x = bn.state(0.5, "1", "value")
    beats = bn.state(0, "1", "steps", discrete=True)
    I = bn.input(0.0, "1", "drive")

    def vector_field(self, t, s, u):
        return dict(x=-jnp.sin(s.x) + u.I)

    def diffusion(self, t, s, u):
        return dict(x=0.3)

    def on_step(self, t, s, u, key):
        kicks = jax.random.uniform(key, s.x.shape)
        return dict(x=s.x + 0.01 * kicks, beats=s.beats + 1), dict(spike=bn.spike(s.x - 0.6))


def both_ways(model, n=80, **given):
    """Records of a chunk, cut and whole."""
    prepared = prepare(model, 8.0, 0.1, {}, **given)
    run = prepared.run
    assert run.plan.staged
    found = []
    for plan in (run.plan, dataclasses.replace(run.plan, staged=False)):
        arguments = (run.state, plan.buffer(), np.int32(0), *run.scalars(), np.int32(n), run.key)
        state, rows = loop.run_chunk(plan, prepared.system, *arguments)
        found.append((state, {p: np.asarray(x)[:n] for p, x in rows.items()}))
    return found


@pytest.mark.parametrize(
    "model",
    [bn.networks.COBA(400), bn.networks.CUBA(400), bn.networks.COBAHH(400)],
    ids=["COBA", "CUBA", "COBAHH"],
)
def test_networks_fire_the_same_spikes(model):
    with jax.enable_x64(True):
        one, other = both_ways(model)
    assert one[1]["E.spike"].any()
    for path, x in one[1].items():
        np.testing.assert_array_equal(x, other[1][path])
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9), one[0], other[0])


@pytest.mark.parametrize("given", [{}, {"every": 4, "record": ["x", "spike"]}, {"record": ["x"], "method": "srk1w1"}])
def test_noise_and_records(given):
    (s, rows), (same, again) = both_ways(Noisy(), n=80 // given.get("every", 1), size=300, **given)
    for path, x in rows.items():
        np.testing.assert_allclose(x, again[path], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(s.model.beats, same.model.beats)


def test_few_cells_are_one_program():
    assert not prepare(bn.neurons.LIF(), 8.0, 0.1, {}).run.plan.staged
    assert not prepare(bn.neurons.LIF(), 8.0, 0.1, {}, size=loop.MANY - 1).run.plan.staged
    assert prepare(bn.neurons.LIF(), 8.0, 0.1, {}, size=loop.MANY).run.plan.staged


def test_not_a_number_is_found_and_told():
    class Grows(bn.Model):
        x = bn.state(1.0, "1", "value")

        def vector_field(self, t, s, u):
            return dict(x=s.x**3)

    with pytest.raises(bn.NumericalFailure, match="`x` became"):
        bn.simulate(Grows(), T=50, size=300, method="euler")
