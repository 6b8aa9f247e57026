"""Jumps, noise and delays: values compile nothing, single precision serves, and what cannot be done is said."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.analysis.cases import case
from brainnb.analysis.delays.delay_roots import chebyshev
from brainnb.analysis.delays.delayed_flow import Delayed, Polynomial, seeing
from brainnb.run import cache


class TwoDelays(bn.Model):
    """Two units that inhibit each other, each as late as its own delay."""

    tau: bn.Param = bn.param(3.0, "ms", "delay", bounds=(0, 10))
    g: bn.Param = bn.param(-2.0, "1", "strength")
    x = bn.state(0.1, "1", "activity", bounds=(-2, 2))
    y = bn.state(0.0, "1", "activity", bounds=(-2, 2))
    x_ago = bn.history("x", "tau", "x as it was")
    y_ago = bn.history("y", "tau", "y as it was")

    def vector_field(self, t, s, u):
        return dict(x=-s.x + jnp.tanh(self.g * s.y_ago(self.tau)), y=-s.y + jnp.tanh(self.g * s.x_ago(0.5 * self.tau)))


def test_the_field_sees_the_past_that_is_given():
    """Values at Chebyshev points, read at two delays: a parabola is read without error."""
    found = case(TwoDelays(), delays=True, closed=Delayed)
    nodes, turn = chebyshev(8)
    past = lambda delay: jnp.stack([0.3 - 0.1 * delay + 0.02 * delay**2, 0.2 * delay], -1)  # noqa: E731
    X = past(jnp.asarray(1.5 * (1 - nodes)))
    slope = seeing(found.flow, X[0], found.p, Polynomial(X, nodes, jnp.asarray(3.0)))
    x, y = 0.3 - 0.1 * 1.5 + 0.02 * 2.25, 0.2 * 3.0
    np.testing.assert_allclose(slope, [-0.3 + np.tanh(-2 * y), np.tanh(-2 * x)], rtol=1e-12)
    np.testing.assert_allclose(turn @ nodes**3, 3 * nodes**2, atol=1e-12)


def test_roots_of_two_delays():
    """(lambda + 1)^2 = g^2 exp(-1.5 lambda tau) at the origin."""
    found = bn.analysis.delay_roots(TwoDelays(), {"x": 0.0, "y": 0.0})
    root = found.root.values[0]
    np.testing.assert_allclose((root + 1) ** 2, 4.0 * np.exp(-1.5 * root * 3.0), atol=1e-9)
    assert (found.root_residual < 1e-10).all()


def jump(model, I):
    return bn.analysis.reset_map(model, (-20.0, 0.0), points=20, I=I)


@pytest.mark.parametrize(
    ("ask", "model", "changes"),
    [
        (jump, bn.neurons.Izhikevich(), dict(a=0.03, d=6.0)),
        (lambda m, I: bn.analysis.delay_roots(m, {"x": 1.0}), bn.rates.MackeyGlass(), dict(tau=9.0, n=8.0)),
        (lambda m, I: bn.analysis.fokker_planck(m, noise=1.0, I=9 * I), bn.neurons.LIF(), dict(tau=15.0)),
        (
            lambda m, I: bn.analysis.poincare(m, {"V": 0.0}, passes_wanted=3, skip=1, I=0.05 * I),
            bn.neurons.FitzHughNagumo(),
            dict(a=0.6),
        ),
        (
            lambda m, I: bn.analysis.delay_hopf(m, "tau", (4.0, 6.0), {"x": 1.0}, points=4),
            bn.rates.MackeyGlass(),
            dict(n=9.5),
        ),
        (
            lambda m, I: bn.analysis.spike_adding(m, "V_reset", [-58.0, -50.0], I=20 * I, longest=500.0),
            bn.neurons.AdEx.bursting(),
            dict(a=3.0),
        ),
        (lambda m, I: bn.analysis.siegert(m, I=I, sigma=5.0), bn.neurons.LIF(), dict(tau=15.0)),
    ],
)
def test_values_compile_nothing(ask, model, changes):
    ask(model, 10.0)
    before = cache.trace_count()
    ask(model.replace(changes), 10.0)
    ask(model, 9.0)
    assert cache.trace_count() == before


def test_single_precision_serves():
    with jax.enable_x64(False):
        found = bn.analysis.reset_map(bn.neurons.QIF.normal_form(), I=1.0)
        hopf = bn.analysis.delay_hopf(bn.rates.MackeyGlass(), "tau", (4.0, 6.0), {"x": 1.0}, points=4)
    assert found.orbit_interval[0].item() == pytest.approx(2.9422553486075, rel=1e-9)
    assert hopf.tau.item() == pytest.approx(4.7081962893608, rel=1e-12)


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda: bn.analysis.reset_map(bn.neurons.FitzHughNagumo()), "no spike that resets a state"),
        (lambda: bn.analysis.reset_map(bn.neurons.GIF()), r"the map is of one\s+number|states \("),
        (lambda: bn.analysis.poincare(bn.neurons.AdEx()), "on_step changes V, w; use bn.analysis.reset_map"),
        (lambda: bn.analysis.poincare(bn.neurons.FitzHughNagumo(), ["V"]), "a state and its value was expected"),
        (lambda: bn.analysis.poincare(bn.neurons.FitzHughNagumo(), "V", direction=0), "1 or -1"),
        (lambda: bn.analysis.delay_roots(bn.neurons.FitzHughNagumo()), "reads no past"),
        (lambda: bn.analysis.fokker_planck(bn.neurons.FitzHughNagumo()), "2 states; one was expected"),
        (lambda: bn.analysis.fokker_planck(bn.neurons.LIF()), "no noise everywhere; give noise="),
        (lambda: bn.analysis.siegert(bn.neurons.QIF(), sigma=1.0), "a bn.neurons.LIF was expected"),
        (lambda: bn.analysis.siegert(sigma=1.0, mu=3.0), "tau, V_th, V_reset missing"),
        (lambda: bn.analysis.siegert(bn.neurons.LIF(), sigma=0.0), "a positive number was expected"),
    ],
)
def test_what_cannot_be_done_is_said(ask, answer):
    with pytest.raises((bn.ModelError, ValueError), match=answer):
        ask()


def test_fewer_passes_are_said():
    found = bn.analysis.poincare(bn.neurons.FitzHughNagumo(), {"V": 1.0}, T=50.0, I=0.0)
    assert found.sizes["pass"] == 0
    assert found.attrs["status"].startswith("0 passes within")
