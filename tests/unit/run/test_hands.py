"""The blocks of a sweep on several cores: the same numbers, one compilation, and whatever goes wrong comes home."""

import sys
import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.run import cache
from brainnb.run.hands import share


class Walk(bn.Model):
    """A point that walks at random."""

    pull: bn.Param = bn.param(0.1, "1")
    x = bn.state(1.0)

    def vector_field(self, t, s, u):
        return dict(x=-self.pull * s.x)

    def diffusion(self, t, s, u):
        return dict(x=0.3)


PULLS = np.linspace(0.05, 1.0, 70)


@pytest.fixture(params=[1, 2, 5])
def hands(request, monkeypatch):
    assert bn.sweep  # its module is loaded now
    monkeypatch.setattr(sys.modules["brainnb.run.sweep"], "hands_here", lambda: request.param)
    return request.param


@pytest.mark.parametrize(
    ("points", "fits", "least", "hands", "expected"),
    [
        (50, 10**6, 16, 1, 50),
        (50, 10**6, 16, 2, 25),
        (50, 10**6, 16, 8, 13),  # four registers are full of points: more hands would step empty ones
        (10, 10**6, 16, 4, 10),
        (10_000, 256, 16, 4, 64),
        (3, 1, 1, 4, 1),
        (4, 10**6, 1, 2, 2),
    ],
)
def test_how_many_points_a_block_has(points, fits, least, hands, expected):
    assert share(points, fits, least, hands) == expected


def test_hands_change_no_number(hands):
    ds = bn.sweep(Walk(), {"pull": PULLS}, T=20, seed=3)
    again = bn.sweep(Walk(), {"pull": PULLS}, T=20, seed=3)  # compiled now: all hands begin at once
    whole = bn.sweep(Walk(), {"pull": PULLS}, T=20, seed=3, chunk=len(PULLS))
    np.testing.assert_allclose(ds.x, whole.x, rtol=1e-12)
    np.testing.assert_array_equal(ds.x, again.x)
    best = bn.sweep(Walk(), {"pull": PULLS}, T=20, seed=3, reduce=lambda rows: {"top": rows["x"].max()})
    np.testing.assert_allclose(best.top, whole.x.max("time"), rtol=1e-12)


def test_they_compile_once(hands):
    class Fresh(Walk):
        pass

    before = cache.trace_count()
    bn.sweep(Fresh(), {"pull": PULLS}, T=5)
    first = cache.trace_count() - before
    bn.sweep(Fresh(), {"pull": PULLS + 0.01}, T=5)
    assert first == 2  # the check of the model, and the loop
    assert cache.trace_count() - before == first


def test_double_precision_reaches_every_thread(hands):
    with jax.enable_x64(False):
        for _ in range(2):
            assert bn.sweep(Walk(), {"pull": PULLS}, T=2).x.dtype == np.float32
            assert bn.sweep(Walk(), {"pull": PULLS}, T=2, precision="float64").x.dtype == np.float64


def test_progress_comes_from_the_callers_thread_and_ends_at_one(hands):
    heard = []
    for _ in range(2):
        heard.clear()
        bn.sweep(Walk(), {"pull": PULLS}, T=20, progress=lambda f: heard.append((f, threading.current_thread())))
    assert heard[-1][0] == pytest.approx(1.0)
    assert [f for f, _ in heard] == sorted(f for f, _ in heard)
    assert {thread for _, thread in heard} == {threading.current_thread()}


def test_stop_keeps_what_is_there(hands):
    long = dict(T=30_000, every=100)
    bn.sweep(Walk(), {"pull": PULLS}, **long)
    ds = bn.sweep(Walk(), {"pull": PULLS}, progress=lambda f: f < 0.2, **long)
    whole = bn.sweep(Walk(), {"pull": PULLS}, **long)
    there = np.isfinite(ds.x.values)
    assert ds.attrs["status"].startswith("stopped at")
    assert 0 < there.mean() < 1
    np.testing.assert_allclose(ds.x.values[there], whole.x.values[there], rtol=1e-12)


def test_an_error_in_a_helper_is_raised_where_the_sweep_was_called(hands, monkeypatch):
    bn.sweep(Walk(), {"pull": PULLS}, T=20)
    from brainnb.run import blocks

    def fails(self, index, *rest):
        raise ValueError(f"block {index[0]}")

    monkeypatch.setattr(blocks.Blocks, "block", fails)
    with pytest.raises(ValueError, match="block "):
        bn.sweep(Walk(), {"pull": PULLS}, T=20)


def test_a_sweep_inside_a_sweeps_progress(hands):
    """A helper that is never free is not waited for."""
    inner = []

    def look(fraction):
        inner.append(float(bn.sweep(Walk(), {"pull": PULLS}, T=5).x[0, -1]))

    bn.sweep(Walk(), {"pull": PULLS}, T=5, progress=look)
    bn.sweep(Walk(), {"pull": PULLS}, T=5, progress=look)
    assert len(set(inner)) == 1
    assert jnp.isfinite(inner[0])
