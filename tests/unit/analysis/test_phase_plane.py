"""The phase plane: lines, points, separatrices, trajectories, resets; one kernel for all values."""

import json
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.run import cache

FHN = bn.neurons.FitzHughNagumo()
PLANE = dict(V=(-2.5, 2.5), w=(-1, 2))


class Shapes(bn.Model):
    """Nullclines of every shape: closed, two branches, horizontal, vertical, a pole, a jump."""

    shape: str = bn.static("circle")
    x = bn.state(0.1, "1", "first", bounds=(-2, 2))
    y = bn.state(0.1, "1", "second", bounds=(-2, 2))
    c = bn.input(0.3, "1", "shift")

    def vector_field(self, t, s, u):
        x, y = s.x, s.y
        return {
            "circle": dict(x=x**2 + y**2 - 1, y=y - x),
            "hyperbola": dict(x=x**2 - y**2 - 0.25, y=-y + 0 * x),
            "straight": dict(x=y - u.c, y=x - u.c),
            "pole": dict(x=1 / (x - 0.123) + 0 * y, y=y - x),
            "jump": dict(x=jnp.where(x > 0.111, 1.0, -1.0) + 0 * y, y=y - 0.2 * x),
            "still": dict(x=x**2 + y**2 - 1, y=0 * y),
            "root": dict(x=jnp.sqrt(x) - 0.5, y=y - 0.1),
        }[self.shape]


def shape(name, **given):
    return bn.phase_plane(Shapes(shape=name), x=(-2, 2), y=(-2, 2), **given)


def test_names_and_dims_of_the_contract():
    ds = bn.phase_plane(FHN, **PLANE, I=0.5)
    assert ds.dV.dims == ds.dw.dims == ("V", "w")
    assert ds.V.values[[0, -1]].tolist() == [-2.5, 2.5]
    assert ds.nullcline_V.dims == ("vertex_V", "axis")
    assert ds.component_w.dims == ("vertex_w",)
    assert ds.eigenvalue.dims == ("point", "mode")
    assert ds.eigenvector.dims == ("point", "axis", "mode")
    assert ds.axis.values.tolist() == ["V", "w"]
    V, w = ds.V.values[:, None], ds.w.values
    np.testing.assert_allclose(ds.dV, V - V**3 / 3 - w + 0.5, atol=1e-14)
    for name, variable in ds.variables.items():
        if name != "axis" and "component" not in str(name):
            assert {"units", "long_name"} <= variable.attrs.keys(), name
    assert json.loads(ds.attrs["inputs"]) == {"I": 0.5}
    swapped = bn.phase_plane(FHN, w=(-1, 2), V=(-2.5, 2.5), I=0.5)
    assert swapped.dV.dims == ("w", "V")
    np.testing.assert_allclose(swapped.point_V, ds.point_V, rtol=1e-14)


def test_eigenvectors_belong_to_eigenvalues():
    ds = bn.phase_plane(FHN, **PLANE, I=0.5)
    V = ds.point_V.values[0]
    J = np.array([[1 - V**2, -1], [1 / 12.5, -0.8 / 12.5]])
    for mode in range(2):
        v = ds.eigenvector[0, :, mode].values
        np.testing.assert_allclose(J @ v, ds.eigenvalue[0, mode].values * v, atol=1e-14)


def test_vertices_lie_on_the_curve():
    ds = bn.phase_plane(FHN, **PLANE, I=0.5)
    V, w = ds.nullcline_V.values.T
    np.testing.assert_allclose(w, V - V**3 / 3 + 0.5, atol=1e-10)
    V, w = ds.nullcline_w.values.T
    np.testing.assert_allclose(w, (V + 0.7) / 0.8, atol=1e-10)
    assert np.ptp(ds.nullcline_V.values[:, 0]) > 4  # all of it


def test_a_closed_nullcline_comes_back():
    ds = shape("circle")
    assert ds.component_x.values.max() == 0
    np.testing.assert_allclose(np.hypot(*ds.nullcline_x.values.T), 1, atol=1e-10)
    np.testing.assert_allclose(ds.nullcline_x[0], ds.nullcline_x[-1], atol=1e-9)


def test_two_branches_are_two_lines():
    """No false segment joins them."""
    ds = shape("hyperbola")
    assert sorted(set(ds.component_x.values)) == [0, 1]
    for i in (0, 1):
        x = ds.nullcline_x.values[ds.component_x.values == i, 0]
        assert (x > 0).all() or (x < 0).all()


def test_horizontal_and_vertical_nullclines():
    for c in (0.3, 0.0, 0.5):  # between the lines of the grid, and on one
        ds = shape("straight", c=c)
        np.testing.assert_allclose(ds.nullcline_x.values[:, 1], c, atol=1e-10)
        np.testing.assert_allclose(ds.nullcline_y.values[:, 0], c, atol=1e-10)
        assert np.ptp(ds.nullcline_x.values[:, 0]) == pytest.approx(4, abs=0.05)
        assert ds.stability.values.tolist() == ["saddle"]


@pytest.mark.parametrize("name", ["pole", "jump"])
def test_a_change_of_sign_without_a_zero_is_no_nullcline(name):
    ds = shape(name)
    assert ds.sizes["vertex_x"] == 0
    assert ds.sizes["vertex_y"] > 100
    assert ds.sizes["point"] == 0
    assert ds.attrs["complete"] == 0
    assert "jumps" in ds.attrs["checked"]


def test_where_the_field_is_not_finite_nothing_is_drawn_and_it_is_said():
    ds = shape("root")
    np.testing.assert_allclose(ds.nullcline_x.values[:, 0], 0.25, atol=1e-10)
    np.testing.assert_allclose([ds.point_x[0], ds.point_y[0]], [0.25, 0.1], rtol=1e-12)
    assert ds.attrs["complete"] == 0
    assert "not finite" in ds.attrs["checked"]


def test_a_state_that_never_moves():
    """Then a whole curve rests: its points are degenerate, and the search does not claim to have them all."""
    ds = shape("still", manifolds=False)
    np.testing.assert_allclose(np.hypot(*ds.nullcline_x.values.T), 1, atol=1e-10)
    assert ds.sizes["vertex_y"] == 0
    assert set(ds.stability.values) <= {"degenerate"}


def test_the_lines_of_a_saddle():
    """x' = y - c, y' = x - c: the manifolds are the diagonals."""
    ds = shape("straight")
    assert ds.separatrix_kind.values.tolist() == ["unstable", "unstable", "stable", "stable"]
    x, y = ds.separatrix_x.values - 0.3, ds.separatrix_y.values - 0.3
    good = np.isfinite(x[0])
    np.testing.assert_allclose(x[0][good], y[0][good], atol=1e-7)
    good = np.isfinite(x[2])
    np.testing.assert_allclose(x[2][good], -y[2][good], atol=1e-7)
    assert (ds.separatrix_time.values[2:] <= 0)[np.isfinite(ds.separatrix_time.values[2:])].all()
    assert set(ds.separatrix_end.values) == {"left the box"}
    assert "separatrix_x" not in shape("straight", manifolds=False)


def test_trajectories_follow_the_model():
    ds = bn.phase_plane(FHN, **PLANE, I=0.5, start=[{"V": -1.0, "w": 0.5}, (2.0, 1.0)], T=60.0)
    run = bn.simulate(FHN, T=60, dt=0.01, I=0.5, init={"V": -1.0, "w": 0.5})
    last = np.flatnonzero(np.isfinite(ds.trajectory_time[0]))[-1]
    assert float(ds.trajectory_time[0, last]) == pytest.approx(60)
    np.testing.assert_allclose(ds.trajectory_V[0, last], run.V[-1], atol=1e-6)
    assert ds.trajectory_end.values.tolist() == ["time", "time"]
    resting = bn.phase_plane(FHN, **PLANE, I=0.0, start=(2.0, 1.0))
    assert resting.trajectory_end.values.tolist() == ["arrived at a resting point"]


def test_threshold_and_reset_are_read_off_the_model():
    line = bn.phase_plane(bn.neurons.LIF(), V=(-80, -40), I=150, start={"V": -70}, T=100)
    assert float(line.threshold) == pytest.approx(-50, abs=1e-9)
    assert float(line.reset) == -60
    assert line.threshold.attrs["axis"] == "V"
    assert line.sizes["point"] == 1  # behind the threshold: the cell never gets there
    jumps = np.flatnonzero(np.diff(line.trajectory_V[0]) < -9)
    intervals = np.diff(line.trajectory_time[0].values[jumps])
    np.testing.assert_allclose(intervals, 20 * np.log(15 / 5), rtol=1e-6)  # no refractory time in the plane

    adex = bn.phase_plane(bn.neurons.AdEx(), V=(-80, -30), w=(-50, 300), I=700)
    assert (float(adex.threshold), float(adex.reset)) == (pytest.approx(20), pytest.approx(-70.6))
    np.testing.assert_allclose(adex.jump_w, 80.5)
    assert "threshold" not in bn.phase_plane(FHN, **PLANE)


class Adapting(bn.Model):
    """A neuron of a stranger, whose threshold grows with its adaptation."""

    V = bn.state(0.0, "mV", "potential", bounds=(-10, 30))
    w = bn.state(0.0, "mV", "adaptation", bounds=(0, 10))
    I = bn.input(0.0, "mV", "drive")

    def vector_field(self, t, s, u):
        return dict(V=(u.I - s.V) / 10.0, w=-s.w / 100.0)

    def on_step(self, t, s, u, key):
        fired = bn.spike(s.V - 10.0 - s.w)
        return dict(V=jnp.where(fired > 0, 0.5 * s.w, s.V), w=s.w + fired), dict(spike=fired)


def test_a_threshold_that_moves():
    ds = bn.phase_plane(Adapting(), V=(-10, 30), w=(0, 10), I=5.0)
    np.testing.assert_allclose(ds.threshold, 10 + ds.threshold_w, atol=1e-9)
    np.testing.assert_allclose(ds.reset, 0.5 * ds.threshold_w, atol=1e-9)
    np.testing.assert_allclose(ds.jump_w, 1)


def test_states_that_follow_at_once():
    hh = bn.neurons.HodgkinHuxley()
    ds = bn.phase_plane(hh, V=(-90, 60), n=(0, 1), fixed={"m": "steady", "h": 0.6})
    assert json.loads(ds.attrs["steady"]) == ["m"]
    assert json.loads(ds.attrs["frozen"]) == {"h": 0.6}
    V = ds.point_V.values
    a, b = 0.1 * (V + 40) / -np.expm1(-(V + 40) / 10), 4 * np.exp(-(V + 65) / 18)
    np.testing.assert_allclose(ds.point_m, a / (a + b), rtol=1e-10)
    assert ds.attrs["complete"] == 1
    # the reduced Jacobian, against differences of the reduced field
    near = bn.phase_plane(hh, V=(V[0] - 1e-3, V[0] + 1e-3), n=(ds.point_n.values[0] - 1e-5, ds.point_n.values[0] + 1e-5), fixed={"m": "steady", "h": 0.6})  # fmt: skip
    slope = np.gradient(near.dV.values[:, 96], near.V.values)[96]
    J = (ds.eigenvector[0].values * ds.eigenvalue[0].values) @ np.linalg.inv(ds.eigenvector[0].values)
    assert slope == pytest.approx(J[0, 0].real, rel=1e-5)


def test_states_that_are_not_named_are_frozen_at_rest():
    ds = bn.phase_plane(bn.neurons.HodgkinHuxley(), V=(-90, 60), n=(0, 1))
    assert ds.attrs["frozen_at"] == "the resting point nearest to the start"
    assert json.loads(ds.attrs["frozen"])["h"] == pytest.approx(0.59612, abs=1e-3)
    words = dict(zip(ds.point_V.values.round(0), ds.whole_stability.values, strict=True))
    assert words[-65.0] == "stable node"


def test_values_compile_nothing():
    bn.phase_plane(FHN, **PLANE, I=0.0, start=(0, 0))
    bn.phase_plane(FHN.replace(b=1.6), **PLANE, I=0.4375, start=(0, 0))  # a saddle
    before = cache.trace_count()
    for i in range(100):
        model = FHN.replace(a=0.5 + 0.004 * i, b=1.6 if i % 2 else 0.8)
        bn.phase_plane(model, V=(-2.5 - 0.01 * i, 2.5), w=(-1, 2), I=0.01 * i, start=(0.01 * i, 0))
    assert cache.trace_count() == before


def test_a_move_takes_milliseconds():
    """20 ms on a quiet machine; this one may be busy."""
    took = []
    for i in range(25):
        begun = time.perf_counter()
        bn.phase_plane(FHN, **PLANE, I=0.01 * i, manifolds=False)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.06


def test_single_precision_users_get_double():
    jax.config.update("jax_enable_x64", False)
    ds = bn.phase_plane(bn.neurons.FitzHughNagumo(), **PLANE, I=0.0)
    assert ds.point_V.dtype == np.float64
    assert float(ds.point_V[0]) == pytest.approx(-1.1994080351, rel=1e-9)
    assert jnp.zeros(1).dtype == jnp.float32


class Landscape(bn.Model):
    """A field of random waves."""

    a: bn.Param = bn.param(None, "1", "amplitudes")
    x = bn.state(0.0, "1", "first", bounds=(-3, 3))
    y = bn.state(0.0, "1", "second", bounds=(-3, 3))

    def vector_field(self, t, s, u):
        k = jnp.arange(1, 4)
        waves = jnp.stack([jnp.sin(k * s.x + 2), jnp.cos(k * s.y), jnp.sin(k * (s.x + s.y) / 2)])
        return dict(x=-(s.x**3) / 4 + jnp.sum(self.a[0] * waves), y=-(s.y**3) / 4 + jnp.sum(self.a[1] * waves))


@pytest.mark.parametrize("seed", range(12))
def test_indices_add_up_to_the_turns_of_the_field(seed):
    """A field that points inward all around turns once, whatever it does inside."""
    a = np.random.default_rng(seed).normal(0, 1.0, (2, 3, 3))
    ds = bn.phase_plane(Landscape(a), x=(-5, 5), y=(-5, 5), manifolds=False)
    assert ds.attrs["complete"] == 1
    assert ds.index.values.sum() == 1
    assert (ds.residual < 1e-10).all()
    seen = bn.fixed_points(Landscape(a), bounds={"x": (-5, 5), "y": (-5, 5)})
    assert seen.sizes["point"] == ds.sizes["point"]


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda: bn.phase_plane(FHN), "0 states of FitzHughNagumo have a range; one .* or two"),
        (lambda: bn.phase_plane(FHN, **PLANE, q=(0, 1)), "q"),
        (lambda: bn.phase_plane(FHN, V=(2, -2), w=(0, 1)), r"V = \(2, -2\): a finite range was expected"),
        (lambda: bn.phase_plane(FHN, **PLANE, fixed={"z": 1}), "`z`"),
        (lambda: bn.phase_plane(FHN, **PLANE, fixed={"w": 1}), "`w` is an axis of the plane and in fixed="),
        (lambda: bn.phase_plane(FHN, **PLANE, start=(1, 2, 3)), "2 numbers were expected"),
        (lambda: bn.phase_plane(FHN, **PLANE, start={"V": 1}), "one value for each axis was expected"),
        (lambda: bn.phase_plane(FHN, **PLANE, I=bn.inputs.Step(amplitude=1.0)), "Step changes in time"),
        (lambda: bn.phase_plane(bn.neurons.FitzHughNagumo, **PLANE), "build a model first"),
        (lambda: bn.analysis.basins(FHN, V=(0, 1)), "two states with ranges"),
    ],
)
def test_what_cannot_be_drawn_is_said(ask, answer):
    with pytest.raises((bn.ModelError, bn.UnknownName, bn.OutOfBounds), match=answer):
        ask()
