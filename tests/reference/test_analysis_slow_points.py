"""Fixed points of networks whose answers are known in closed form."""

import high_systems as systems
import numpy as np
import pytest

import brainnb as bn


def test_rank_one_network():
    model = systems.rank_one(2.0)
    found = bn.slow_points(model)
    m = np.asarray(model.m)
    s = found.x.values @ m / (m @ m)
    np.testing.assert_allclose(np.sort(s), [-0.95750402407727, 0.0, 0.95750402407727], atol=1e-10)
    np.testing.assert_allclose(found.x.values, s[:, None] * m, atol=1e-10)
    for at, values in zip(s, found.eigenvalue.values, strict=True):
        own = 1.0 if abs(at) < 1e-6 else -0.83362791224833
        np.testing.assert_allclose(np.sort(values.real)[::-1], [own] + [-1.0] * (len(m) - 1), atol=1e-7)
    assert (found.speed.values < 1e-10).all()
    assert set(found.kind.values) == {"fixed point"}
    alone = bn.slow_points(systems.rank_one(0.9))
    assert alone.sizes["point"] == 1


@pytest.mark.parametrize(("beta", "root"), [(1.5, 0.85855963664011), (2.0, 0.95750402407727)])
def test_mean_field_is_a_map(beta, root):
    import jax.numpy as jnp

    found = bn.slow_points(lambda m: jnp.tanh(beta * m), np.linspace(-1, 1, 9)[:, None], map=True)
    np.testing.assert_allclose(np.sort(found.x.values[:, 0]), [-root, 0, root], atol=1e-12)
    words = dict(zip(np.round(found.x.values[:, 0], 2), found.stability.values, strict=True))
    assert words[0.0] == "unstable node"
    assert words[round(root, 2)] == "stable node"


def test_a_window_of_period_three_opens_in_a_fold():
    """... of the logistic map, at 1 + sqrt 8."""

    def turned(x):
        for _ in range(3):
            x = (1 + np.sqrt(8) + 1e-9) * x * (1 - x)
        return x

    found = bn.slow_points(turned, np.linspace(0.05, 0.95, 61)[:, None], map=True)
    assert np.abs(found.eigenvalue.values[:, 0] - 1.0).min() < 2e-3  # near a fold it moves by a root


def test_two_units():
    model = systems.Network(g=1.0, W=[[2.2, -1.8], [1.6, 1.1]], b=[0.1, -0.05])
    found = bn.slow_points(model)
    found = found.isel(point=np.flatnonzero(found.kind == "fixed point"))  # minima of q are beside it
    assert found.sizes["point"] == 1
    np.testing.assert_allclose(found.x.values[0], [0.0267525499, 0.0735149407], atol=1e-9)
    np.testing.assert_allclose(
        found.eigenvalue.values[0], [0.64625134 + 1.59923259j, 0.64625134 - 1.59923259j], atol=1e-8
    )
    assert found.stability.item() == "unstable focus"


def test_random_network_loses_its_rest():
    W = np.random.default_rng(0).standard_normal((200, 200)) / np.sqrt(200)
    assert W[0, 0] == pytest.approx(0.008890469194)
    g = 0.9539706246
    at = bn.linearize(systems.Network(g=g, W=W, b=np.zeros(200)), np.zeros(200))
    assert at.eigenvalue.values[0].real == pytest.approx(0.0, abs=1e-9)
    beyond = bn.linearize(systems.Network(g=1.0, W=W, b=np.zeros(200)), np.zeros(200))
    assert beyond.eigenvalue.values[0].real == pytest.approx(1.0482503069 - 1, abs=1e-9)


def ring(N):
    """The network of Fung, Wong & Wu 2010 at k = kc / 2; its rho = J_0 = 1 are integrals, the model sums over its places."""
    rho = N / (2 * np.pi)
    model = bn.rates.CANN(N=N, a=0.3, J_0=1 / rho, k=1.0, tau=1.0)
    assert float(model.critical_k()) * rho == pytest.approx(0.16622595016727, rel=1e-12)
    return model.replace(k=float(model.critical_k()) / 2)


SLOWEST = [0, -0.5, -np.sqrt(0.5), -0.75, -0.875]
"""Eigenvalues of the bump: shift, then what brings its shape back."""


def test_a_continuous_attractor():
    model = ring(128)
    np.testing.assert_allclose(float(model.height()), 9.65685424949, rtol=1e-11)
    bumps = np.stack([np.asarray(model.bump(z)) for z in (-2.0, 0.3, 1.7)])
    found = bn.slow_points(model, bumps, noise=0.0)
    assert found.sizes["point"] == 4  # and silence
    high = found.U.max("U_0") > 1
    np.testing.assert_allclose(found.U[high].max("U_0"), 9.65685424949, rtol=2e-3)
    for values in found.eigenvalue.values[high]:
        np.testing.assert_allclose(values[:5].real, SLOWEST, atol=2e-6)


def test_the_bump_in_closed_form_on_512_places():
    model = ring(512)
    U = np.asarray(model.bump(model.places()[256]))
    rate = U**2 / (1 + float(model.k) * np.sum(U**2))
    np.testing.assert_allclose([U.max(), rate.max()], [9.65685424949, 13.6568542495], rtol=1e-10)
    at = bn.linearize(model, {"U": U})
    np.testing.assert_allclose(at.slope, 0.0, atol=1e-9)
    np.testing.assert_allclose(at.eigenvalue.values[:5].real, SLOWEST, atol=1e-7)


def test_the_ghost_of_a_saddle_node_is_kept_and_said():
    before = bn.slow_points(systems.SaddleNode(), mu=-0.04)
    np.testing.assert_allclose(np.sort(before.x.values), [-0.2, 0.2], atol=1e-12)
    after = bn.slow_points(systems.SaddleNode(), mu=0.01)
    assert after.kind.values.tolist() == ["slow point"]
    assert after.x.item() == pytest.approx(0.0, abs=1e-3)
    assert after.q.item() == pytest.approx(0.5e-4, rel=1e-6)
    assert "slow point" in after.attrs["status"]
