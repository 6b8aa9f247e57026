"""All resting points in a box, in any dimension."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.run import cache


class Bistable(bn.Model):
    """Three uncoupled bistable units: 27 resting points, 8 of them stable."""

    mu = bn.input(1.0, "1", "distance from the pitchfork")
    x = bn.state(0.5, "1", "first", bounds=(-2, 2))
    y = bn.state(0.5, "1", "second", bounds=(-2, 2))
    z = bn.state(0.5, "1", "third", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        return dict(x=u.mu * s.x - s.x**3, y=u.mu * s.y - s.y**3, z=u.mu * s.z - s.z**3)


def test_three_dimensions():
    ds = bn.fixed_points(Bistable())
    assert ds.sizes["point"] == 27
    assert (ds.stability == "stable node").sum() == 8
    assert ds.attrs["complete"] == 1
    assert "indices must add up to 1, they add up to 1" in ds.attrs["checked"]
    np.testing.assert_allclose(np.abs(ds.x.values), np.abs(ds.x.values).round(), atol=1e-12)
    few = bn.fixed_points(Bistable(), bounds={"x": (0.5, 1.5), "y": (0.5, 1.5), "z": (0.5, 1.5)})
    assert few.sizes["point"] == 1
    assert few.attrs["outside"] > 0
    assert json.loads(few.attrs["bounds"])["x"] == [0.5, 1.5]


def test_other_values_compile_nothing():
    bn.fixed_points(Bistable())
    before = cache.trace_count()
    for mu in np.linspace(0.5, 2, 5):
        ds = bn.fixed_points(Bistable(), mu=mu)
        assert ds.sizes["point"] == 27
    assert cache.trace_count() == before


class Touching(bn.Model):
    """A saddle-node, its ghost and its pair."""

    mu = bn.input(0.0, "1", "distance from the fold")
    x = bn.state(0.5, "1", "first", bounds=(-2, 2))
    y = bn.state(0.5, "1", "second", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        return dict(x=u.mu + (s.x - 0.1) ** 2, y=-s.y + s.x)


@pytest.mark.parametrize(("mu", "count"), [(1e-8, 0), (0.0, 1), (-1e-8, 2), (-1e-4, 2)])
def test_near_a_fold(mu, count):
    """A ghost is no point, the fold is one and called degenerate, the pair is two however near."""
    ds = bn.fixed_points(Touching(), mu=mu)
    assert ds.sizes["point"] == count
    if mu == 0:
        assert ds.stability.values.tolist() == ["degenerate"]
    if mu < 0:
        np.testing.assert_allclose(ds.x, [0.1 - np.sqrt(-mu), 0.1 + np.sqrt(-mu)], atol=1e-9)
        assert ds.stability.values.tolist() == ["stable node", "saddle"]


class Crossing(bn.Model):
    """Rests in the middle of its bounds: at a corner of the grid on which the plane is read."""

    a = bn.input(-1.0, "1", "slope of the first")
    b = bn.input(-1.0, "1", "slope of the second")
    c = bn.input(0.0, "1", "from the second to the first")
    d = bn.input(0.0, "1", "from the first to the second")
    x = bn.state(0.5, "1", "first", bounds=(-2, 2))
    y = bn.state(0.5, "1", "second", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        return dict(x=u.a * s.x + u.c * s.y, y=u.b * s.y + u.d * s.x)


@pytest.mark.parametrize(
    ("given", "index"),
    [({}, 1), ({"a": 1.0}, -1), ({"a": 1.0, "b": 1.0}, 1), ({"c": 3.0, "d": -3.0}, 1), ({"c": 3.0, "d": 3.0}, -1)],
)
def test_a_point_on_the_grid_is_counted(given, index):
    ds = bn.fixed_points(Crossing(), bounds={"x": (-2, 2), "y": (-2, 2)}, **given)
    assert ds.sizes["point"] == 1
    assert ds.attrs["complete"] == 1
    assert f"turns of the field around the box: {index};" in ds.attrs["checked"]


def test_a_network_names_its_states():
    class Ring(bn.Model):
        r = bn.state(np.full(5, 0.1), "1", "rates")

        def vector_field(self, t, s, u):
            return dict(r=-s.r + jnp.tanh(2 * jnp.roll(s.r, 1)))

    ds = bn.fixed_points(Ring(), bounds={f"r[{i}]": (-1.5, 1.5) for i in range(5)})
    assert ds["r[0]"].attrs["units"] == "1"
    assert ds.sizes["point"] >= 3
    assert (ds.residual < 1e-12).all()


def test_a_wrong_bound_is_answered():
    with pytest.raises(bn.UnknownName, match="`q`"):
        bn.fixed_points(Bistable(), bounds={"q": (0, 1)})
