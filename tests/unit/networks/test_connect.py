"""What holds for every connector: order, types, seeds; given wiring; and clear answers to bad input."""

import hashlib
import time

import numpy as np
import pytest
import scipy.sparse

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.networks import connect
from brainnb.networks.connect import Edges, Positions, Sheet

C = connect
EVERY = {
    "OneToOne": C.OneToOne(),
    "AllToAll": C.AllToAll(),
    "AllToAll without self": C.AllToAll(False),
    "FixedProbability": C.FixedProbability(0.1),
    "FixedInDegree": C.FixedInDegree(5),
    "FixedOutDegree": C.FixedOutDegree(5, self_connections=False),
    "FixedTotalNumber": C.FixedTotalNumber(300, multiple=True),
    "Gaussian": C.Gaussian(0.1),
    "Exponential": C.Exponential(0.1),
    "MexicanHat": C.MexicanHat(0.1, 0.2),
    "WithinDistance": C.WithinDistance(0.1),
    "ByDistance": C.ByDistance(lambda d: np.exp(-d)),
    "Topographic": C.Topographic(3),
    "SmallWorld": C.SmallWorld(4, 0.2),
    "ScaleFree": C.ScaleFree(2),
    "ScaleFreeDual": C.ScaleFreeDual(1, 3, 0.5),
    "PowerLawCluster": C.PowerLawCluster(2, 0.5),
    "GridFour": C.GridFour(),
    "GridEight": C.GridEight(),
    "GridN": C.GridN(2),
    "Ring": C.Ring(2),
    "Modular": C.Modular(3, 0.3, 0.01),
    "FromMatrix": C.FromMatrix(np.eye(100, dtype=bool)),
    "FromSparse": C.FromSparse(scipy.sparse.eye_array(100)),
    "FromPairs": C.FromPairs([5, 2, 5], [1, 0, 0]),
    "FromCSR": C.FromCSR(np.arange(100)[::-1], np.arange(101)),
    "FromFunction": C.FromFunction(lambda pre, post, rng: (rng.integers(0, 100, 50), rng.integers(0, 100, 50))),
}
RANDOM = (
    "Fixed",
    "Gaussian",
    "Exponential",
    "MexicanHat",
    "ByDistance",
    "SmallWorld",
    "ScaleFree",
    "PowerLaw",
    "Modular",
    "FromFunction",
)


def test_every_exported_connector_is_tested_here():
    concrete = {n for n in C.__all__ if isinstance(getattr(C, n), type) and issubclass(getattr(C, n), C.Connector)}
    assert concrete - {"Connector", "DistanceConnector"} == {type(c).__name__ for c in EVERY.values()}


@pytest.mark.parametrize("name", EVERY)
def test_synapses_are_sorted_small_and_repeatable(name):
    first, again, other = (EVERY[name].connect((10, 10), (10, 10), seed=s) for s in (7, 7, 8))
    assert first.pre.dtype == first.post.dtype == np.int32
    assert (first.pre_size, first.post_size) == ((10, 10), (10, 10))
    assert (np.diff(first.pre.astype(int) * 100 + first.post) >= 0).all()
    np.testing.assert_array_equal(first.pre, again.pre)
    np.testing.assert_array_equal(first.post, again.post)
    same = len(first) == len(other) and (first.post == other.post).all() and (first.pre == other.pre).all()
    assert same is not name.startswith(RANDOM)


@pytest.mark.parametrize("name", [n for n in EVERY if not n.startswith(("ByDistance", "From"))])
def test_equal_numbers_make_equal_connectors_that_can_be_keys(name):
    connector = EVERY[name]
    copy = type(connector)(**{k: v for k, v in vars(connector).items() if name != "GridEight" or k != "n"})
    assert copy == connector
    assert hash(copy) == hash(connector)


def test_seeds_give_the_same_synapses_everywhere():
    """Fixed by hand, so that another machine or version of NumPy that draws differently is seen."""
    found = C.FixedProbability(0.02).connect(1000, 1000, seed=1), C.FixedInDegree(20).connect(1000, 1000, seed=1)
    digests = [
        hashlib.sha256(e.pre.astype("<i4").tobytes() + e.post.astype("<i4").tobytes()).hexdigest()[:12] for e in found
    ]
    assert digests == ["65b8c4087270", "d5c224e9db68"]


def test_thirty_two_thousand_neurons_take_no_longer_than_a_blink():
    begin = time.process_time()
    edges = C.FixedProbability(80 / 32_000).connect(32_000, 32_000)
    assert time.process_time() - begin < 1.0
    assert edges.in_degree.mean() == pytest.approx(80, abs=0.3)
    assert edges.pre.nbytes + edges.post.nbytes == 8 * len(edges)


def test_degrees_rows_and_matrix_agree():
    edges = C.FixedTotalNumber(500, multiple=True).connect(20, (3, 4))
    matrix = edges.matrix()
    assert matrix.shape == (20, 12)
    np.testing.assert_array_equal(edges.out_degree, matrix.sum(axis=1))
    np.testing.assert_array_equal(edges.in_degree, matrix.sum(axis=0))
    for i in range(20):
        row = edges.post[edges.indptr[i] : edges.indptr[i + 1]]
        np.testing.assert_array_equal(np.bincount(row, minlength=12), matrix[i])


def test_given_wiring_comes_back_whatever_its_form():
    matrix = np.random.default_rng(0).random((6, 9)) < 0.3
    sparse = scipy.sparse.csr_array(matrix)
    forms = (
        C.FromMatrix(matrix),
        C.FromSparse(sparse.tocsc()),
        C.FromPairs(*np.nonzero(matrix)),
        C.FromCSR(sparse.indices, sparse.indptr),
        C.as_connector(matrix),
        C.as_connector(sparse),
        C.as_connector(np.nonzero(matrix)),
    )
    for form in forms:
        np.testing.assert_array_equal(form.connect(6, 9).matrix(), matrix)


def test_numbers_in_a_matrix_count_synapses():
    assert C.FromMatrix([[0, 3]]).connect(1, 2).post.tolist() == [1, 1, 1]


def test_a_function_is_a_connector_and_gets_sizes_and_a_generator():
    def random_pairs(pre_size, post_size, rng):
        assert (pre_size, post_size) == ((4,), (2, 3))
        return rng.integers(0, 4, 10), rng.integers(0, 6, 10)

    edges = C.as_connector(random_pairs).connect(4, (2, 3), seed=1)
    assert len(edges) == 10
    assert C.as_connector(edges_of := C.Ring(1)) is edges_of


def test_an_empty_graph_has_degrees():
    edges = C.FromPairs([], []).connect(3, 2)
    assert edges.in_degree.tolist() == [0, 0]
    assert edges.indptr.tolist() == [0, 0, 0, 0]


BAD = [
    (lambda: C.FixedProbability(1.5), OutOfBounds, "p = 1.5; a probability between 0 and 1"),
    (lambda: C.FixedProbability(-0.1), OutOfBounds, "between 0 and 1"),
    (lambda: C.FixedProbability(float("nan")), OutOfBounds, "finite"),
    (lambda: C.FixedProbability("0.1"), ModelError, "'0.1'; one number"),
    (lambda: C.FixedInDegree(11).connect(10, 5), OutOfBounds, "n = 11, but there are only 10 neurons to choose from"),
    (lambda: C.FixedInDegree(10, self_connections=False).connect(10, 10), OutOfBounds, "only 9 neurons"),
    (lambda: C.FixedInDegree(2.5), ModelError, "whole number"),
    (lambda: C.FixedOutDegree(-1), OutOfBounds, "at least 0"),
    (lambda: C.FixedOutDegree(6).connect(10, 5), OutOfBounds, "only 5 neurons"),
    (lambda: C.FixedTotalNumber(51).connect(10, 5), OutOfBounds, "only 50 pairs"),
    (lambda: C.FixedTotalNumber(3, self_connections=False, multiple=True).connect(1, 1), OutOfBounds, "only 0 pairs"),
    (lambda: C.AllToAll().connect(0, 5), OutOfBounds, "pre_size = 0: the population is empty"),
    (lambda: C.AllToAll().connect(5, (3, 0)), OutOfBounds, "post_size = (3, 0)"),
    (lambda: C.AllToAll().connect(5.0, 5), ModelError, "a number of neurons or a tuple"),
    (lambda: C.AllToAll().connect(2**31, 1), OutOfBounds, "the most that an index can count"),
    (lambda: C.OneToOne().connect(5, 4), ModelError, "pre has 5 neurons and post 4"),
    (
        lambda: C.AllToAll(False).connect(5, 4),
        ModelError,
        "self_connections=False only means something within one population",
    ),
    (lambda: C.AllToAll().connect(5, 4, seed=-1), ModelError, "seed = -1"),
    (
        lambda: C.FromPairs([0, 5], [0, 0]).connect(5, 5),
        OutOfBounds,
        "pre holds the index 5; the population has neurons 0 to 4",
    ),
    (lambda: C.FromPairs([0], [-1]).connect(5, 5), OutOfBounds, "post holds the index -1"),
    (lambda: C.FromPairs([0, 1], [0]).connect(5, 5), ModelError, "pre has 2 entries and post 1"),
    (lambda: C.FromPairs([0.5], [0]).connect(5, 5), ModelError, "whole numbers"),
    (lambda: C.FromPairs([[0]], [0]).connect(5, 5), ModelError, "shape (1, 1)"),
    (lambda: C.FromMatrix(np.eye(3)), ModelError, "matrix != 0"),
    (lambda: C.FromMatrix([[-1]]), ModelError, "matrix != 0"),
    (lambda: C.FromMatrix(np.ones(3, bool)), ModelError, "two axes"),
    (lambda: C.FromMatrix(np.ones((3, 4), bool)).connect(4, 3), ModelError, "it seems transposed"),
    (lambda: C.FromMatrix(np.ones((3, 4), bool)).connect(5, 5), ModelError, "the populations need (5, 5)"),
    (lambda: C.FromSparse(np.eye(3)), ModelError, "try FromMatrix"),
    (lambda: C.FromCSR([0, 1], [0, 1]), ModelError, "rise from 0 to the number of indices, 2"),
    (lambda: C.FromCSR([0, 1], [0, 2, 1, 2]), ModelError, "rise from 0"),
    (lambda: C.FromCSR([0, 1], [0, 2]).connect(2, 2), ModelError, "describes 1 neurons; the population before has 2"),
    (lambda: C.FromFunction(3), ModelError, "no function"),
    (lambda: C.as_connector(lambda a, b, rng: None).connect(3, 3), ModelError, "a pair of index arrays"),
    (lambda: C.as_connector(lambda a, b, rng: ([0], [9])).connect(3, 3), OutOfBounds, "post holds the index 9"),
    (lambda: C.as_connector(0.02), ModelError, "bn.connect.FixedProbability(0.02)"),
    (lambda: C.as_connector(C.OneToOne), ModelError, "is a class; give its numbers"),
    (lambda: C.SmallWorld(5, 0.1), OutOfBounds, "an even number"),
    (lambda: C.SmallWorld(4, 1.1), OutOfBounds, "between 0 and 1"),
    (lambda: C.SmallWorld(4, 0.1).connect(4, 4), OutOfBounds, "need more than 4 neurons; got 4"),
    (lambda: C.SmallWorld(4, 0.1).connect(10, 9), ModelError, "within one population"),
    (lambda: C.ScaleFree(5).connect(5, 5), OutOfBounds, "need more than 5 neurons"),
    (lambda: C.ScaleFreeDual(0, 3, 0.5), OutOfBounds, "at least 1"),
    (lambda: C.GridFour().connect((3, 4), (4, 3)), ModelError, "pre is (3, 4), post (4, 3)"),
    (lambda: C.GridN(0), OutOfBounds, "at least 1"),
    (lambda: C.Ring(3).connect(6, 6), OutOfBounds, "need more than 6 neurons"),
    (lambda: C.Modular(7, 0.1, 0.1).connect(10, 6), OutOfBounds, "only 6 neurons"),
    (lambda: C.Topographic(11).connect(10, 5), OutOfBounds, "only 10 neurons"),
    (lambda: C.Gaussian(0.0), OutOfBounds, "a number above 0"),
    (lambda: C.Gaussian(0.1).connect((3, 3), 9), ModelError, "so give both populations as many"),
    (
        lambda: C.Gaussian(0.1, space=Sheet((1.0, 2.0))).connect(9, 9),
        ModelError,
        "has 2 lengths; the population has 1 axes",
    ),
    (lambda: Sheet(extent=-1.0), OutOfBounds, "lengths above 0"),
    (lambda: Positions([0.0, 1.0]), ModelError, "(neurons, axes) was expected"),
    (lambda: Positions([[np.nan]]), OutOfBounds, "NaN"),
    (
        lambda: C.Gaussian(0.1, space=Positions([[0.0]])).connect(2, 2),
        ModelError,
        "places 1 neurons; the population has 2",
    ),
    (lambda: C.ByDistance(lambda d: 2 * d).connect(9, 9), OutOfBounds, "between 0 and 1 was expected"),
    (lambda: C.ByDistance(lambda d: 0.5).connect(9, 9), ModelError, "for distances of shape"),
    (lambda: C.ByDistance(0.5), ModelError, "no function of distance"),
    (lambda: Edges.of([0], [0], 1, 0), OutOfBounds, "the population is empty"),
]


@pytest.mark.parametrize(("typed", "error", "words"), BAD, ids=range(len(BAD)))
def test_bad_input_is_told(typed, error, words):
    with pytest.raises(error) as caught:
        typed()
    assert words in str(caught.value)
    assert type(caught.value) is error
