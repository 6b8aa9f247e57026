"""Connectors that look at distance follow their law; grids and rings have the neighbours one can count by hand."""

import numpy as np
import pytest

from brainnb.networks import connect
from brainnb.networks.connect import Positions, Sheet

SIZE = (24, 24)


def by_distance(connector, seeds, pre_size=SIZE, post_size=SIZE):
    """Share of connected pairs in bins of distance, with the expected share and its standard error."""
    x, y = connector.space.both(pre_size, post_size)
    distance = connector.space.distance(x[:, None], y[None])
    counts = sum(connector.connect(pre_size, post_size, seed=s).matrix() for s in range(seeds))
    bins = np.digitize(distance.ravel(), np.linspace(0, distance.max(), 15))
    pairs = np.bincount(bins)
    expected = connector.probability(distance).ravel()
    variance = np.bincount(bins, expected * (1 - expected)) * seeds
    seen, wanted = np.bincount(bins, counts.ravel()), np.bincount(bins, expected) * seeds
    return seen[pairs > 0], wanted[pairs > 0], np.sqrt(variance[pairs > 0])


LAWS = [
    connect.Gaussian(0.1, p=0.9),
    connect.Gaussian(0.2, p=0.3, space=Sheet(extent=(1.0, 2.0), periodic=True)),
    connect.Exponential(0.07, p=0.6),
    connect.MexicanHat(0.12, 0.3, surround=0.4),
    connect.WithinDistance(0.25, p=0.4),
    connect.ByDistance(lambda d: 0.5 * (np.sin(20 * d) > 0)),
]


@pytest.mark.parametrize("connector", LAWS, ids=lambda c: type(c).__name__)
def test_the_law_of_distance(connector):
    seen, wanted, error = by_distance(connector, seeds=6)
    assert (np.abs(seen - wanted) <= 4.5 * error + 1e-9).all()
    assert seen.sum() > 1000


def test_another_law_is_told_apart():
    seen, _, _ = by_distance(connect.Gaussian(0.11, p=0.9), seeds=6)
    _, wanted, error = by_distance(connect.Gaussian(0.1, p=0.9), seeds=6)
    assert (np.abs(seen - wanted) > 4.5 * error).any()


@pytest.mark.parametrize("connector", LAWS[:5], ids=lambda c: type(c).__name__)
def test_drawing_by_cells_equals_looking_at_every_pair(connector):
    """In the mean and in the variance of the number of synapses: the pairs are independent."""
    x, y = connector.space.both((60, 2), (30, 3))
    chance = connector.probability(connector.space.distance(x[:, None], y[None]))
    totals = np.array([len(connector.connect((60, 2), (30, 3), seed=s)) for s in range(300)])
    variance = (chance * (1 - chance)).sum()
    assert totals.mean() == pytest.approx(chance.sum(), abs=4 * np.sqrt(variance / 300))
    assert totals.var() == pytest.approx(variance, rel=0.35)


def test_no_pair_twice_and_no_self_where_not_wanted():
    matrix = connect.Gaussian(0.2, self_connections=False).connect(SIZE, SIZE).matrix()
    assert matrix.max() == 1
    assert np.trace(matrix) == 0


def test_probability_one_at_distance_zero_connects_every_neuron_with_itself():
    assert np.trace(connect.Gaussian(0.01).connect(500, 500).matrix()) == 500


def test_the_sheet_is_shared_by_populations_of_different_size():
    edges = connect.WithinDistance(0.06).connect(100, 10)
    x, y = Sheet().both((100,), (10,))
    assert (np.abs(x[edges.pre] - y[edges.post]) <= 0.06 + 1e-9).all()
    assert edges.in_degree.tolist() == [11] + 8 * [12] + [11]  # 0.12 of 100, less what the border cuts off


def test_a_torus_has_no_border():
    open_sheet = connect.WithinDistance(0.11).connect(20, 20)
    ring = connect.WithinDistance(0.11, space=Sheet(periodic=True)).connect(20, 20)
    assert open_sheet.out_degree.tolist()[:3] == [3, 4, 5]
    assert set(ring.out_degree.tolist()) == {5}


def test_own_positions():
    rng = np.random.default_rng(0)
    pre, post = rng.normal(size=(50, 3)), rng.normal(size=(40, 3))
    edges = connect.WithinDistance(1.0, space=Positions(pre, post)).connect(50, 40)
    distance = np.linalg.norm(pre[:, None] - post[None], axis=-1)
    np.testing.assert_array_equal(edges.matrix(), distance <= 1.0)


def test_neurons_at_one_place_are_connected():
    space = Positions(np.zeros((30, 2)))
    assert len(connect.WithinDistance(0.5, space=space).connect(30, 30)) == 900


def test_a_topographic_map_takes_the_nearest():
    edges = connect.Topographic(n=3).connect(30, 10)
    np.testing.assert_array_equal(edges.pre.reshape(10, 3), np.arange(30).reshape(10, 3))
    assert set(edges.in_degree.tolist()) == {3}
    around = connect.Topographic(n=5, space=Sheet(periodic=True)).connect(20, 20).matrix()
    np.testing.assert_array_equal(np.flatnonzero(around[:, 0]), [0, 1, 2, 18, 19])


def test_a_topographic_map_of_a_sheet():
    edges = connect.Topographic(n=4).connect((8, 8), (4, 4))
    row, column = np.unravel_index(edges.pre, (8, 8))
    np.testing.assert_array_equal(row // 2 * 4 + column // 2, edges.post)


def degrees(connector, size):
    return connector.connect(size, size).out_degree.reshape(size)


def test_four_and_eight_neighbours_by_hand():
    assert degrees(connect.GridFour(), (3, 4)).tolist() == [[2, 3, 3, 2], [3, 4, 4, 3], [2, 3, 3, 2]]
    assert degrees(connect.GridEight(), (3, 4)).tolist() == [[3, 5, 5, 3], [5, 8, 8, 5], [3, 5, 5, 3]]
    neighbours = connect.GridFour().connect((3, 4), (3, 4))
    assert neighbours.post[neighbours.pre == 5].tolist() == [1, 4, 6, 9]


@pytest.mark.parametrize(
    ("connector", "each"), [(connect.GridFour(True), 4), (connect.GridEight(True), 8), (connect.GridN(2, True), 24)]
)
def test_a_grid_without_border(connector, each):
    assert set(degrees(connector, (6, 7)).ravel().tolist()) == {each}


def test_a_grid_of_any_number_of_axes_with_oneself():
    assert degrees(connect.GridFour(self_connections=True), (5,)).tolist() == [2, 3, 3, 3, 2]
    assert degrees(connect.GridFour(), (3, 3, 3))[1, 1, 1] == 6
    assert degrees(connect.GridEight(self_connections=True), (3, 3, 3))[1, 1, 1] == 27


def test_around_a_short_axis_no_neighbour_counts_twice():
    matrix = connect.GridEight(periodic=True).connect((2, 5), (2, 5)).matrix()
    assert matrix.max() == 1
    assert set(matrix.sum(axis=1).tolist()) == {5}


def test_a_ring_meets_its_ends():
    matrix = connect.Ring(2).connect(7, 7).matrix()
    assert np.flatnonzero(matrix[0]).tolist() == [1, 2, 5, 6]
    assert np.trace(connect.Ring(2, self_connections=True).connect(7, 7).matrix()) == 7
