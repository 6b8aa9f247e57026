"""Poisson numbers: their law, and the same bits from the kernel, from JAX and in JavaScript."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chisquare, poisson

import brainnb as bn
from brainnb.ops import counts, kernels

RNG = np.random.default_rng(4)
MEANS = {
    "one for all": np.full(1000, 2.3),
    "layers": np.repeat([1.28, 0.0, 2.32, 0.49], [400, 300, 260, 37]),
    "of their own": RNG.uniform(0, 3, 777),
    "in parts": RNG.uniform(0, 20, 300),
    "one for all, in parts": np.full(513, 50.0),
    "rare": np.full(70_000, 1e-4),
    "one": np.array([0.7]),
}


@pytest.fixture(autouse=True)
def _there_is_a_kernel():
    assert kernels.ready(), kernels.state()


def words(seed):
    return jax.random.key_data(jax.random.key(seed))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("means", MEANS.values(), ids=MEANS)
def test_the_kernel_gives_the_numbers_of_the_definition(means, dtype):
    by_kernel, by_jax = jax.jit(kernels.count), counts.poisson_numbers
    with jax.enable_x64(dtype is np.float64):
        expected = jnp.asarray(means, dtype)
        for seed in range(20):
            found = by_kernel(words(seed), expected)
            assert found.dtype == dtype
            np.testing.assert_array_equal(found, by_jax(words(seed), expected))
        assert not np.array_equal(found, by_kernel(words(3), expected)) or means.sum() < 1


@pytest.mark.parametrize("mean", [1e-3, 0.49, 0.5, 2.32, 3.0, 20.0])
def test_numbers_follow_the_law_into_the_tail(mean):
    """Ten million draws, a chance of one in ten thousand; bins down to twenty expected, one in half a million."""
    found = np.asarray(jax.jit(kernels.count)(words(9), jnp.full(10_000_000, mean, jnp.float32))).astype(int)
    most = int(poisson.isf(20 / found.size, mean))
    seen = np.bincount(np.minimum(found, most + 1), minlength=most + 2)
    chance = np.append(poisson.pmf(np.arange(most + 1), mean), poisson.sf(most, mean))
    assert chisquare(seen, chance / chance.sum() * found.size).pvalue > 1e-4


def test_neither_neurons_nor_steps_know_of_each_other():
    """Neighbours, one neuron at two steps, and all together: a small part that is common would show in their sum."""
    expected = jnp.full(4096, 1.5)
    keys = jax.random.split(jax.random.key(1), 2000)
    drawn = np.asarray(jax.jit(jax.vmap(lambda key: counts.counted(key, expected)))(keys))
    np.testing.assert_array_equal(drawn[7], counts.counted(keys[7], expected))
    drawn = (drawn - 1.5) / np.sqrt(1.5)
    bound = 4 / np.sqrt(drawn.size)
    assert abs((drawn[:, 1:] * drawn[:, :-1]).mean()) < bound
    assert abs((drawn[1:] * drawn[:-1]).mean()) < bound
    assert abs((drawn.sum(axis=1) ** 2).mean() / 4096 - 1) < 4 * np.sqrt(2 / 2000)


def test_no_slope_passes():
    def total(rate):
        return counts.counted(jax.random.key(0), jnp.full(kernels.MANY_DRAWS, rate)).sum() * rate

    found = jax.grad(total)(2.0)
    assert float(found) == pytest.approx(2 * kernels.MANY_DRAWS, rel=0.05)


def test_few_draws_need_no_kernel(monkeypatch):
    assert not kernels.draws_pay(kernels.MANY_DRAWS - 1)
    assert kernels.draws_pay(kernels.MANY_DRAWS)
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    assert kernels.draws_pay(1)


def test_a_drive_is_exported_by_its_definition(monkeypatch):
    net = bn.Network({"drive": bn.Population(bn.networks.PoissonDrive(rate=8, number=1600), 5)})
    texts = []
    for switch in ("on", "off"):
        monkeypatch.setenv("BRAINNB_KERNELS", switch)
        jax.clear_caches()
        texts.append(bn.export.javascript(net).text)
    assert texts[0] == texts[1]
