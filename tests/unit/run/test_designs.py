"""Points that are no grid: each is the run that simulate makes of it, and they lie where the design says."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.run import designs

RANGES = {"gain": (0.1, 10.0), "I": (-5.0, 5.0), "tau": (2.0, 20.0)}


def as_loop(model, ds, record):
    """Every point by itself."""
    for k in range(ds.sizes["point"]):
        at = ds.isel(point=k)
        own = model.replace({"gain": float(at.gain), "tau": float(at.tau)})
        one = bn.simulate(own, T=10, I=float(at.I), seed=2, record=record)
        for path in record:
            np.testing.assert_allclose(at[path], one[path], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("chunk", [None, 1, 4])
@pytest.mark.parametrize("design", ["zipped", "random", "latin_hypercube"])
def test_every_point_is_its_own_run(noisy, design, chunk):
    if design == "zipped":
        points = designs.zipped({"gain": [1, 2, 3, 4, 5], "I": np.arange(5.0), "tau": (3, 4, 5, 6, 7)})
    else:
        points = getattr(designs, design)(RANGES, 5, seed=1)
    ds = bn.sweep(noisy, points, T=10, seed=2, record=["x", "dice"], chunk=chunk)
    assert ds.x.dims == ("point", "time")
    assert ds.sizes["point"] == 5
    assert ds.I.dims == ("point",)
    assert ds.tau.attrs["units"] == "ms"
    np.testing.assert_array_equal(ds.gain, points["gain"])
    as_loop(noisy, ds, ["x", "dice"])


def test_a_listed_design_is_the_diagonal_of_the_grid(noisy):
    values = {"gain": [1.0, 2.0, 3.0], "I": [0.0, 1.0, 2.0]}
    listed = bn.sweep(noisy, designs.zipped(values), T=5)
    grid = bn.sweep(noisy, values, T=5)
    for k in range(3):
        np.testing.assert_array_equal(listed.x[k], grid.x[k, k])


def test_reduced_points_have_no_time(noisy):
    points = designs.random(RANGES, 7)
    ds = bn.sweep(noisy, points, T=5, reduce=lambda rows: {"mean": rows["x"].mean()})
    assert ds["mean"].dims == ("point",)
    whole = bn.sweep(noisy, points, T=5)
    np.testing.assert_allclose(ds["mean"], whole.x.mean("time"), rtol=1e-12)


def test_a_latin_hypercube_has_one_point_in_every_slice():
    n = 64
    points = designs.latin_hypercube(RANGES, n, seed=5, log=["gain"])
    for path, (low, high) in RANGES.items():
        x = points[path]
        place = np.log(x / low) / np.log(high / low) if path == "gain" else (x - low) / (high - low)
        assert sorted(np.floor(place * n).astype(int)) == list(range(n))
    corr = np.corrcoef(np.log(points["gain"]), points["I"])[0, 1]
    assert abs(corr) < 4 / np.sqrt(n)


def test_a_latin_hypercube_knows_a_mean_better_than_random_points():
    def error(design):
        means = [np.mean(design({"a": (0, 1), "b": (0, 1)}, 32, seed=s)["a"] ** 2) for s in range(200)]
        return np.std(means)

    assert error(designs.latin_hypercube) < error(designs.random) / 5


def test_random_points_are_even_in_the_box_and_repeat_with_the_seed():
    first, again, other = (designs.random(RANGES, 4000, seed=s, log=["gain"]) for s in (1, 1, 2))
    for path, (low, high) in RANGES.items():
        np.testing.assert_array_equal(first[path], again[path])
        assert not np.isclose(first[path], other[path]).any()
        assert low <= first[path].min() < first[path].max() <= high
    assert np.mean(first["I"]) == pytest.approx(0.0, abs=4 * 10 / np.sqrt(12 * 4000))
    assert np.mean(np.log10(first["gain"])) == pytest.approx(0.0, abs=4 * 2 / np.sqrt(12 * 4000))


def test_bounds_of_the_model_hold_for_drawn_points(noisy):
    with pytest.raises(bn.OutOfBounds, match="tau"):
        bn.sweep(noisy, designs.random({"tau": (0.1, 0.9)}, 3), T=5)
