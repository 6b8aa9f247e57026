"""Characteristic roots: closed forms, and the Hopf point of Mackey and Glass."""

import numpy as np
import pytest

import brainnb as bn


def test_mackey_glass():
    found = bn.analysis.delay_hopf(bn.rates.MackeyGlass(), "tau", (1.0, 8.0), {"x": 1.0})
    assert found.sizes["special"] == 1
    assert found.tau.item() == pytest.approx(4.7081962893608, rel=1e-12)
    assert found.frequency.item() == pytest.approx(0.38729833462, rel=1e-10)
    assert found.x.item() == pytest.approx(1.0, abs=1e-12)
    assert found.residual.item() < 1e-12


def test_roots_solve_the_characteristic_equation():
    """lambda = -0.1 - 0.4 exp(-lambda tau) at x = 1 of Mackey-Glass with n = 10."""
    tau = 17.0
    found = bn.analysis.delay_roots(bn.rates.MackeyGlass(tau=tau))
    np.testing.assert_allclose(found.x, [0.0, 1.0], atol=1e-9)
    root = found.root.values[1]
    np.testing.assert_allclose(root, -0.1 - 0.4 * np.exp(-root * tau), atol=1e-10)
    assert (np.diff(root.real) < 1e-9).all()
    assert found.stability.values[1] == "saddle-focus" or "unstable" in found.stability.values[1]
    leading = found.root.values[0][0].real
    assert leading == pytest.approx(-0.1 + 0.2 * np.exp(-leading * tau), abs=1e-10)
