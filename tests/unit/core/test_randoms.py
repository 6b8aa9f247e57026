"""The cheap generator: its bits are those of its definition, and neither they nor its Gaussian numbers show a pattern."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from brainnb.core import randoms

N = 1 << 20
KEY = jax.random.key(20)


def own_bits(key, n):
    """The definition once more, in NumPy."""
    k1, k2 = np.asarray(jax.random.key_data(key), np.uint32)

    def mixed(x):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x21F0AAAD)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x735A2D97)
        return x ^ (x >> np.uint32(15))

    return mixed(mixed(np.arange(n, dtype=np.uint32) * np.uint32(0x9E3779B9) + k1) ^ k2)


def keys(count):
    """Keys of consecutive steps, as a run derives them."""
    return jax.vmap(lambda i: jax.random.split(jax.random.fold_in(jax.random.key(0), i))[0])(jnp.arange(count))


def drawn(keys, n):
    """Normal numbers, one row for each key."""
    return np.asarray(jax.jit(jax.vmap(lambda k: randoms.normal(k, (n,))))(keys), float)


# --- definition ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x64", [True, False])
def test_bits_are_those_of_the_definition(x64):
    with jax.enable_x64(x64):
        np.testing.assert_array_equal(randoms.bits(KEY, (5000,)), own_bits(KEY, 5000))


def test_bits_never_change():
    """Written down once: a stored seed gives the same numbers in every version and on every machine."""
    found = [int(x) for x in randoms.bits(jax.random.wrap_key_data(np.array([1, 2], np.uint32)), (4,))]
    assert found == [int(x) for x in own_bits(jax.random.wrap_key_data(np.array([1, 2], np.uint32)), 4)]
    assert found == GOLDEN


GOLDEN = [1870567865, 1499487130, 3236535524, 1829325836]


def test_an_element_is_the_same_in_every_shape():
    flat = np.asarray(randoms.bits(KEY, (60,)))
    np.testing.assert_array_equal(np.ravel(randoms.bits(KEY, (3, 4, 5))), flat)
    np.testing.assert_array_equal(randoms.bits(KEY, (7,)), flat[:7])
    assert int(randoms.bits(KEY, ())) == flat[0]
    assert randoms.bits(KEY, (0, 3)).shape == (0, 3)


def test_vmap_and_jit_give_the_same():
    each = np.stack([randoms.normal(k, (50,)) for k in keys(5)])
    np.testing.assert_allclose(drawn(keys(5), 50), each, rtol=1e-6, atol=1e-6)


def test_both_precisions_follow_one_path():
    wide = randoms.normal(KEY, (N,), np.float64)
    narrow = randoms.normal(KEY, (N,), np.float32)
    assert (wide.dtype, narrow.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose(wide, narrow, atol=3e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_gaussian_is_the_quantile(dtype):
    """Everywhere, the ends of the range included: a bit pattern stands for a probability."""
    rng = np.random.default_rng(0)
    ends = np.concatenate([np.arange(2000), 2**32 - 1 - np.arange(2000)])
    h = np.concatenate([ends, rng.integers(0, 2**32, 200_000), 2 ** rng.uniform(0, 32, 50_000)]).astype(np.uint32)
    tail = (h.astype(np.float64) // 2 + 0.5) / 2**32
    expected = -stats.norm.ppf(tail) * np.where(h & 1, -1.0, 1.0)
    found = randoms.gaussian(jnp.asarray(h), dtype)
    np.testing.assert_allclose(found, expected, atol=4e-6)
    assert 6.2 < np.abs(found).max() < 6.4


# --- bits ---------------------------------------------------------------------------------------------------------


def streams():
    """Bits along units, along steps, and along seeds."""
    along_units = np.asarray(randoms.bits(KEY, (N,)))
    few = jax.jit(jax.vmap(lambda k: randoms.bits(k, (16,))))
    along_steps = np.asarray(few(keys(N // 16))).T.ravel()
    seeds = jax.vmap(jax.random.key)(jnp.arange(N // 16, dtype=jnp.uint32))
    along_seeds = np.asarray(few(seeds)).T.ravel()
    return {"units": along_units, "steps": along_steps, "seeds": along_seeds}


@pytest.fixture(scope="module", params=["units", "steps", "seeds"])
def words(request):
    return streams()[request.param]


def unpacked(words):
    return np.unpackbits(words.view(np.uint8))


def test_every_bit_is_even(words):
    """Monobit, each of the 32 positions on its own."""
    ones = np.array([((words >> np.uint32(b)) & np.uint32(1)).sum() for b in range(32)], float)
    z = (ones - len(words) / 2) / np.sqrt(len(words) / 4)
    assert np.abs(z).max() < 4.5
    assert stats.chi2.sf((z**2).sum(), 32) > 1e-4


def test_runs_of_bits(words):
    found = unpacked(words)
    p = found.mean()
    runs = 1 + np.count_nonzero(found[1:] != found[:-1])
    z = (runs - 2 * len(found) * p * (1 - p)) / (2 * np.sqrt(len(found)) * p * (1 - p))
    assert abs(z) < 4


def test_nibbles_and_pairs_of_nibbles(words):
    """Serial test: each of the 16 and of the 256 patterns as often as any other."""
    nibbles = np.concatenate([words.view(np.uint8) >> 4, words.view(np.uint8) & 15])
    assert stats.chisquare(np.bincount(nibbles, minlength=16)).pvalue > 1e-4
    for shift in range(0, 29, 4):
        at = (words >> np.uint32(shift)) & np.uint32(15)
        pairs = at[:-1:2] * 16 + at[1::2]
        assert stats.chisquare(np.bincount(pairs, minlength=256)).pvalue > 1e-5, shift


def test_neighbours_share_no_bits(words):
    """Any bit of a word against any bit of the next: 1024 correlations."""
    words = words[: 1 << 18]
    bits = ((words[:, None] >> np.arange(32, dtype=np.uint32)) & 1).astype(np.float32) * 2 - 1
    z = bits[:-1].T @ bits[1:] / np.sqrt(len(words))
    assert np.abs(z).max() < 5.0
    assert stats.chi2.sf((z**2).sum(), 1024) > 1e-4


def test_one_bit_of_the_counter_or_the_key_turns_half_of_the_result():
    plain = own_bits(KEY, 1 << 16)
    for b in range(16):
        turned = plain ^ plain[np.arange(1 << 16) ^ (1 << b)]
        assert np.unpackbits(turned.view(np.uint8)).mean() == pytest.approx(0.5, abs=0.005), b
    data = np.asarray(jax.random.key_data(KEY), np.uint32)
    for word in range(2):
        for b in range(32):
            other = data.copy()
            other[word] ^= np.uint32(1 << b)
            turned = plain[:4096] ^ own_bits(jax.random.wrap_key_data(other), 4096)
            assert np.unpackbits(turned.view(np.uint8)).mean() == pytest.approx(0.5, abs=0.02), (word, b)


def test_no_word_comes_too_often_or_too_rarely():
    """Birthdays: 2**20 words of 32 bits repeat 128 times; a bijection of one counter would never."""
    several = np.asarray(jax.vmap(lambda k: randoms.bits(k, (1 << 10,)))(keys(1 << 10))).ravel()
    repeats = len(several) - len(np.unique(several))
    assert 128 - 5 * 128**0.5 < repeats < 128 + 5 * 128**0.5


# --- numbers ------------------------------------------------------------------------------------------------------


def test_moments():
    z = drawn(keys(4), N).ravel()
    square = z * z
    found = {1: z, 2: square, 3: square * z, 4: square * square, 6: square * square * square}
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10170)):
        assert abs(found[power].mean() - mean) < 4 * np.sqrt(variance / len(z)), power


def test_tails():
    """How many of 2**24 lie beyond 2 to 5 standard deviations, on either side."""
    z = drawn(keys(16), N).ravel()
    for limit in (2.0, 3.0, 4.0, 4.5, 5.0):
        expected = len(z) * stats.norm.sf(limit)
        for found in (np.count_nonzero(z > limit), np.count_nonzero(z < -limit)):
            assert abs(found - expected) < 4 * np.sqrt(expected) + 1, limit


@pytest.mark.parametrize("along", ["units", "steps"])
def test_kolmogorov_smirnov(along):
    rows = drawn(keys(1024), 1024)
    tested = rows if along == "units" else rows.T
    pooled = stats.kstest(tested.ravel(), "norm").pvalue
    each = [stats.kstest(row, "norm").pvalue for row in tested[:200]]
    assert pooled > 1e-3
    assert stats.kstest(each, "uniform").pvalue > 1e-3


def test_no_correlation_along_units_steps_and_between_streams():
    z = drawn(keys(2048), 512)
    n = z.size
    for axis in (0, 1):
        for lag in (1, 2, 3, 4, 8, 16, 64, 256):
            a, b = (np.take(z, np.arange(*r), axis=axis) for r in ((0, z.shape[axis] - lag), (lag, z.shape[axis])))
            for f in (lambda x: x, lambda x: (x**2 - 1) / 2**0.5, np.sign):
                assert abs((f(a) * f(b)).mean()) < 4.5 / np.sqrt(n), (axis, lag)
    pairs = np.corrcoef(z)[np.triu_indices(len(z), 1)] * np.sqrt(z.shape[1])
    assert np.abs(pairs).max() < 6.0  # of two million pairs of streams
    assert pairs.std() == pytest.approx(1.0, abs=0.01)


def test_seeds_and_variables_are_independent():
    """The first numbers of neighbouring seeds, and two variables of one step."""
    seeds = drawn(jax.vmap(jax.random.key)(jnp.arange(4096, dtype=jnp.uint32)), 64)
    assert abs((seeds[1:] * seeds[:-1]).mean()) < 4.5 / np.sqrt(seeds.size)
    two = jax.vmap(lambda k: jax.random.split(k, 2))(keys(512))
    first, second = drawn(two[:, 0], 512), drawn(two[:, 1], 512)
    assert abs((first * second).mean()) < 4.5 / 512


def test_sums_of_neighbours_are_gaussian():
    """A generator on a lattice fails here: sums over 64 units, tested again."""
    z = drawn(keys(1024), 4096).reshape(1024, 64, 64)
    for axis in (1, 2):
        assert stats.kstest(z.sum(axis).ravel() / 8.0, "norm").pvalue > 1e-3
    chi = (z**2).sum(axis=2).ravel()
    assert stats.kstest(chi, stats.chi2(64).cdf).pvalue > 1e-3


def test_an_unknown_generator_is_named():
    with pytest.raises(ValueError, match="threefry, fast"):
        randoms.check_generator("mersenne")
