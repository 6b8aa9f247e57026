"""What does not change in a loop leaves it, and nothing else does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.run.hoist import hoisted


def names(step, *like):
    """Primitives that one call of ``step`` computes, those of inner programs included."""
    found = []

    def look(jaxpr):
        for eqn in jaxpr.eqns:
            inner = [x for x in eqn.params.values() if hasattr(x, "jaxpr") or hasattr(x, "eqns")]
            for x in inner:
                look(getattr(x, "jaxpr", x))
            if not inner:
                found.append(eqn.primitive.name)

    look(jax.make_jaxpr(step)(*like).jaxpr)
    return found


def inside(make, *like):
    """Primitives that a hoisted step computes at each call, where ``make(a)`` closes over a traced value."""
    seen = {}

    def outer(a):
        step = hoisted(make(a), *like)
        seen["names"] = names(step, *like)
        return step(*like)

    result = jax.jit(outer)(jnp.asarray(2.0))
    np.testing.assert_allclose(result, make(jnp.asarray(2.0))(*like), rtol=1e-12)
    return seen["names"]


def test_heavy_work_on_constants_leaves():
    left = inside(lambda a: lambda x: jnp.exp(a * 3.0) * jnp.sin(x), jnp.asarray(0.3))
    assert "exp" not in left
    assert "sin" in left


def test_light_work_stays():
    left = inside(lambda a: lambda x: (a + 1.0) * x, jnp.asarray(0.3))
    assert left.count("add") == 1


def test_light_work_that_both_need_is_done_in_both():
    def make(a):
        def step(x):
            b = a + 1.0
            return jnp.exp(b) * x + b * x

        return step

    left = inside(make, jnp.asarray(0.3))
    assert "exp" not in left
    assert "add" in left


def test_inner_programs_leave_whole():
    left = inside(lambda a: lambda x: jnp.linalg.norm(jnp.arange(5.0) * a) * x, jnp.asarray(0.3))
    assert "sqrt" not in left


def test_what_is_returned_may_be_constant():
    step = hoisted(lambda x: (x, jnp.exp(jnp.asarray(1.0)), 3.0), jnp.asarray(0.5))
    np.testing.assert_allclose(jnp.stack(jax.tree.leaves(step(jnp.asarray(0.5)))), [0.5, np.e, 3.0])


def test_random_numbers_stay_random():
    key = jax.random.key(3)

    def step(i):
        return jax.random.normal(jax.random.fold_in(key, i))

    lifted = hoisted(step, jnp.int32(0))
    assert [float(lifted(jnp.int32(i))) for i in range(3)] == [float(step(jnp.int32(i))) for i in range(3)]


def test_surrogate_slopes_pass():
    a = jnp.asarray(0.5)
    step = hoisted(lambda x: bn.spike(x - jnp.exp(a)), jnp.asarray(1.0))
    assert float(step(jnp.asarray(2.0))) == 1.0
    slope = jax.grad(lambda x: bn.spike(x - jnp.exp(a)))(jnp.asarray(1.6))
    assert float(jax.grad(step)(jnp.asarray(1.6))) == pytest.approx(float(slope))


class Ring(bn.Model):
    """A ring whose kernel depends on a parameter alone."""

    width: bn.Param = bn.param(0.5, "1", "width of the kernel", bounds=(0.1, 2))
    r = bn.state(np.linspace(0, 1, 64), "1", "rates")

    def vector_field(self, t, s, u):
        x = jnp.linspace(0, 2 * jnp.pi, 64)
        kernel = jnp.exp((jnp.cos(x[:, None] - x) - 1) / self.width**2)
        return dict(r=kernel @ s.r / 64 - s.r)


def test_a_run_is_the_same_either_way(monkeypatch):
    with_it = bn.simulate(Ring(), T=5, dt=0.1)
    monkeypatch.setattr("brainnb.run.loop.hoisted", lambda step, *like: step)
    without = bn.simulate(Ring(width=0.5), T=5, dt=0.1, record=["r"], every=2)
    np.testing.assert_allclose(with_it.r[1::2], without.r, rtol=1e-10)


def test_a_slider_still_moves_it():
    before = bn.simulate(Ring(), T=5, dt=0.1)
    count = bn.run.cache.trace_count()
    after = bn.simulate(Ring(width=1.0), T=5, dt=0.1)
    assert bn.run.cache.trace_count() == count
    assert float(np.abs(after.r - before.r).max()) > 0.01
