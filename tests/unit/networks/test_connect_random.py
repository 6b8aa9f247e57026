"""Random connectors have the degree distributions that they promise."""

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from brainnb.networks import connect
from brainnb.networks.connect.draw import bernoulli, distinct


def agrees(counts, expected):
    """A chi-square test at the level 0.001, over bins with at least five expected."""
    order = np.flatnonzero(expected >= 5)
    seen, wanted = counts[order], expected[order]
    rest_seen, rest_wanted = counts.sum() - seen.sum(), expected.sum() - wanted.sum()
    if rest_wanted >= 5:
        seen, wanted = np.append(seen, rest_seen), np.append(wanted, rest_wanted)
    return stats.chi2.sf(((seen - wanted) ** 2 / wanted).sum(), len(seen) - 1) > 0.001


def is_binomial(degrees, n, p):
    k = np.arange(n + 1)
    return agrees(np.bincount(degrees, minlength=n + 1), len(degrees) * stats.binom.pmf(k, n, p))


def test_fixed_probability_has_binomial_degrees():
    edges = connect.FixedProbability(0.1).connect(2000, 300, seed=3)
    assert is_binomial(edges.out_degree, 300, 0.1)
    assert is_binomial(edges.in_degree, 2000, 0.1)
    assert edges.matrix().max() == 1


def test_the_degree_test_can_fail():
    assert not is_binomial(connect.FixedProbability(0.12).connect(2000, 300).out_degree, 300, 0.1)
    assert not is_binomial(connect.FixedOutDegree(30).connect(2000, 300).out_degree, 300, 0.1)


def test_all_pairs_are_equally_likely_also_beside_the_left_out_diagonal():
    counts = sum(
        connect.FixedProbability(0.3, self_connections=False).connect(5, 5, seed=s).matrix() for s in range(4000)
    )
    assert (np.diag(counts) == 0).all()
    off = counts[~np.eye(5, dtype=bool)]
    assert agrees(off, np.full(20, off.sum() / 20))
    assert off.mean() == pytest.approx(1200, abs=20)


@pytest.mark.parametrize(("p", "expected"), [(0.0, 0), (1.0, 12)])
def test_the_ends_of_probability(p, expected):
    assert len(connect.FixedProbability(p).connect(3, 4)) == expected


@pytest.mark.parametrize("p", [1e-300, 1e-9, 0.5, 0.999])
def test_bernoulli_positions_rise_and_stay_inside(p):
    found = bernoulli(np.random.default_rng(0), 1000, p)
    assert (np.diff(found) > 0).all()
    assert found.size == 0 or (found[0] >= 0 and found[-1] < 1000)
    assert abs(found.size - 1000 * p) < 5 * np.sqrt(1000 * p * (1 - p)) + 1


@pytest.mark.parametrize("multiple", [False, True])
def test_fixed_in_degree_has_binomial_out_degrees(multiple):
    edges = connect.FixedInDegree(20, multiple=multiple).connect(400, 3000, seed=1)
    assert set(edges.in_degree.tolist()) == {20}
    assert edges.out_degree.var() == pytest.approx(3000 * 0.05 * (1 if multiple else 0.95), rel=0.25)
    assert (edges.matrix().max() > 1) == multiple
    assert multiple or is_binomial(edges.out_degree, 3000, 0.05)


def test_fixed_out_degree_has_binomial_in_degrees():
    edges = connect.FixedOutDegree(20).connect(3000, 400, seed=1)
    assert set(edges.out_degree.tolist()) == {20}
    assert is_binomial(edges.in_degree, 3000, 0.05)


@pytest.mark.parametrize("cls", [connect.FixedInDegree, connect.FixedOutDegree])
@pytest.mark.parametrize("n", [3, 9])
def test_no_neuron_chooses_itself_and_all_others_alike(cls, n):
    counts = sum(cls(n, self_connections=False).connect(10, 10, seed=s).matrix() for s in range(600))
    assert (np.diag(counts) == 0).all()
    off = counts[~np.eye(10, dtype=bool)]
    assert agrees(off, np.full(90, 600 * n / 9)) if n < 9 else (off == 600).all()


@pytest.mark.parametrize("k", [2, 4])
def test_every_set_is_equally_likely(k):
    chosen = distinct(np.random.default_rng(5), 30_000, 6, k)
    assert (np.diff(chosen, axis=1) > 0).all()
    _, counts = np.unique(chosen, axis=0, return_counts=True)
    assert len(counts) == 15
    assert agrees(counts, np.full(15, 2000.0))


@pytest.mark.parametrize("multiple", [False, True])
def test_fixed_total_number(multiple):
    edges = connect.FixedTotalNumber(5000, multiple=multiple).connect(200, 100, seed=2)
    assert len(edges) == 5000
    assert (edges.matrix().max() > 1) == multiple
    # the number in each row is hypergeometric (or binomial): its variance tells them from a fixed degree
    assert edges.out_degree.var() == pytest.approx(25 * (1 if multiple else 0.75), rel=0.3)


def test_all_pairs_can_be_asked_for():
    assert len(connect.FixedTotalNumber(12).connect(3, 4)) == 12
    assert len(connect.FixedTotalNumber(6, self_connections=False).connect(3, 3)) == 6
    assert len(connect.FixedInDegree(50, multiple=True).connect(3, 4)) == 200


def clustering_and_path(edges):
    graph = nx.from_numpy_array(edges.matrix())
    return nx.average_clustering(graph), nx.average_shortest_path_length(graph)


def test_the_ring_of_a_small_world():
    edges = connect.SmallWorld(6, 0.0).connect(30, 30)
    same = nx.watts_strogatz_graph(30, 6, 0.0)
    np.testing.assert_array_equal(edges.matrix(), nx.to_numpy_array(same, nodelist=range(30)))
    np.testing.assert_array_equal(edges.matrix(), connect.Ring(3).connect(30, 30).matrix())


@pytest.mark.parametrize("p", [0.0, 0.03, 0.2, 1.0])
def test_clustering_and_paths_of_a_small_world(p):
    n, k = 300, 10
    ours = np.mean([clustering_and_path(connect.SmallWorld(k, p).connect(n, n, seed=s)) for s in range(4)], axis=0)
    theirs = np.mean(
        [
            (nx.average_clustering(g), nx.average_shortest_path_length(g))
            for g in (nx.watts_strogatz_graph(n, k, p, seed=s) for s in range(4))
        ],
        axis=0,
    )
    np.testing.assert_allclose(ours, theirs, rtol=0.12, atol=0.02)
    if p < 1:
        assert ours[0] == pytest.approx(0.75 * (k - 2) / (k - 1) * (1 - p) ** 3, rel=0.06)


def test_a_directed_small_world_keeps_what_each_neuron_sends():
    edges = connect.SmallWorld(8, 0.3, directed=True).connect(500, 500, seed=1)
    assert set(edges.out_degree.tolist()) == {8}
    assert edges.in_degree.std() > 1
    matrix = edges.matrix()
    assert matrix.max() == 1
    assert np.trace(matrix) == 0
    ring = connect.Ring(4).connect(500, 500).matrix()
    assert (matrix * ring).sum() / 4000 == pytest.approx(0.7, abs=0.03)


def test_a_crowded_small_world_ends():
    matrix = connect.SmallWorld(4, 1.0).connect(5, 5).matrix()
    np.testing.assert_array_equal(matrix, 1 - np.eye(5, dtype=int))


def exponent(degrees, least):
    """Maximum likelihood of a power law's exponent from `least` on (Clauset, Shalizi, Newman 2009, eq. 3.7)."""
    tail = degrees[degrees >= least]
    return 1 + len(tail) / np.log(tail / (least - 0.5)).sum()


def test_a_scale_free_graph_has_exponent_three():
    degrees = connect.ScaleFree(4).connect(20_000, 20_000, seed=1).in_degree
    assert exponent(degrees, 20) == pytest.approx(3.0, abs=0.2)
    assert exponent(connect.FixedProbability(8 / 20_000).connect(20_000, 20_000).in_degree, 8) > 4  # no power law
    theirs = np.array([d for _, d in nx.barabasi_albert_graph(20_000, 4, seed=1).degree])
    k = np.arange(4, 30)
    ours_cdf, theirs_cdf = ((x[:, None] <= k).mean(axis=0) for x in (degrees, theirs))
    np.testing.assert_allclose(ours_cdf, theirs_cdf, atol=0.015)


def test_degrees_of_the_barabasi_albert_graph_match_their_closed_form():
    m = 3
    degrees = connect.ScaleFree(m).connect(20_000, 20_000, seed=2).in_degree
    k = np.arange(m, m + 8)
    expected = 2 * m * (m + 1) / (k * (k + 1) * (k + 2))
    np.testing.assert_allclose([(degrees == i).mean() for i in k], expected, atol=0.012)


def test_scale_free_graphs_are_simple_and_symmetric_or_directed():
    for connector in (connect.ScaleFree(3), connect.ScaleFreeDual(1, 4, 0.5), connect.PowerLawCluster(3, 0.7)):
        matrix = connector.connect(200, 200).matrix()
        assert matrix.max() == 1
        assert np.trace(matrix) == 0
        np.testing.assert_array_equal(matrix, matrix.T)
    one_way = connect.ScaleFree(3, directed=True).connect(200, 200)
    assert (one_way.pre > one_way.post).all()
    np.testing.assert_array_equal(one_way.out_degree[4:], 3)


def test_the_dual_graph_mixes_two_numbers_of_links():
    edges = connect.ScaleFreeDual(2, 6, 0.7, directed=True).connect(4000, 4000, seed=1)
    later = edges.out_degree[7:]
    assert set(later.tolist()) == {2, 6}
    assert (later == 2).mean() == pytest.approx(0.7, abs=0.025)


def test_triangles_of_the_power_law_cluster_graph():
    n, m, p = 1500, 4, 0.8
    ours = nx.average_clustering(nx.from_numpy_array(connect.PowerLawCluster(m, p).connect(n, n, seed=1).matrix()))
    theirs = nx.average_clustering(nx.powerlaw_cluster_graph(n, m, p, seed=1))
    without = nx.average_clustering(nx.from_numpy_array(connect.ScaleFree(m).connect(n, n, seed=1).matrix()))
    assert ours == pytest.approx(theirs, rel=0.12)
    assert ours > 5 * without


def test_modules_have_their_two_densities():
    connector = connect.Modular(4, inside=0.3, between=0.02)
    edges = connector.connect(400, 300, seed=1)
    same = connector.module_of(400)[:, None] == connector.module_of(300)
    matrix = edges.matrix()
    assert matrix[same].mean() == pytest.approx(0.3, abs=0.01)
    assert matrix[~same].mean() == pytest.approx(0.02, abs=0.002)
    assert matrix.max() == 1


def test_modules_that_do_not_divide_the_population():
    connector = connect.Modular(3, inside=1.0, between=0.0)
    np.testing.assert_array_equal(connector.module_of(8), [0, 0, 1, 1, 1, 2, 2, 2])
    matrix = connector.connect(8, 8).matrix()
    np.testing.assert_array_equal(matrix, connector.module_of(8)[:, None] == connector.module_of(8))
    assert np.trace(connect.Modular(3, 1.0, 0.0, self_connections=False).connect(8, 8).matrix()) == 0
