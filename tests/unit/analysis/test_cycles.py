"""Limit cycles and their phase response: identities, no compilation for another value, words for failures."""

import jax
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.analysis.branch import Branch, Special
from brainnb.analysis.cases import case
from brainnb.analysis.cycles import chain, collocation, cycle_special, stretch
from brainnb.analysis.cycles.cycle_track import Follower, sampled
from brainnb.analysis.cycles.cycles import cycles
from brainnb.analysis.cycles.floquet import LARGE
from brainnb.analysis.cycles.orbit import found_cycle
from brainnb.run import cache


@pytest.fixture(scope="module")
def fhn():
    return bn.neurons.FitzHughNagumo()


def test_polynomials_of_degree_four_are_exact():
    edges = np.array([0, 0.1, 0.35, 0.6, 1.0])
    at = edges[:-1, None] + np.diff(edges)[:, None] * np.arange(collocation.M) / collocation.M
    u = (at**4 - 2 * at**3 + at**2)[..., None]  # 0 at both ends
    phase = np.linspace(0, 0.999, 50)
    np.testing.assert_allclose(sampled(u, edges, phase)[:, 0], phase**4 - 2 * phase**3 + phase**2, atol=1e-15)


def test_the_last_link_is_the_product_of_all():
    rng = np.random.default_rng(1)
    N, n = 8, 3
    A = rng.standard_normal((N, collocation.M, n, n + 3))
    last = np.asarray(chain.last_link(chain.links(A)))
    G = np.eye(n)
    for j in range(N):
        G = A[j, -1, :, :n] @ G
    np.testing.assert_allclose(np.linalg.solve(-last[:, n : 2 * n], last[:, :n]), G, rtol=1e-9)


@pytest.mark.parametrize("N", [8, 64])
@pytest.mark.parametrize("sign", [1.0, np.array([1.0, -1.0, 1.0])])
def test_a_step_satisfies_every_interval_and_every_condition(sign, N):
    rng = np.random.default_rng(2)
    n, k = 3, 2
    A = rng.standard_normal((N, collocation.M, n, n + k + 1))
    given = chain.Conditions(rng.standard_normal((k, N, n)), rng.standard_normal((k, k)), rng.standard_normal(k))
    step, towards, _ = chain.newton(A, given, sign)
    for found, constant, missing in ((step, 1.0, -given.defect), (towards, 0.0, np.array([0.0, 1.0]))):
        rest = np.append(found.s, constant)
        w = collocation.whole(found.u, sign)
        by_first = np.einsum("jkab,jb->jka", A[..., :n], w[:, 0]) + A[..., n:] @ rest
        np.testing.assert_allclose(w[:, 1:], by_first, rtol=1e-7, atol=1e-7 * np.abs(w).max())
        met = np.einsum("kjn,jn->k", given.onto, w[:, 0]) + given.direct @ found.s
        np.testing.assert_allclose(met, missing, atol=1e-7 * np.abs(w).max())


@pytest.mark.parametrize("seed", range(4))
def test_identities_of_a_cycle(fhn, seed):
    rng = np.random.default_rng(seed)
    model = fhn.replace(a=rng.uniform(0.6, 0.8), tau=rng.uniform(8.0, 15.0))
    I = float(rng.uniform(0.5, 1.0))
    ds = bn.phase_response(model, I=I)
    cycle = bn.analysis.cycle(model, I=I)
    assert cycle.attrs["trivial_multiplier_error"] < 1e-6
    assert ds.attrs["normalisation_error"] < 1e-4
    # The product of the multipliers is the exponential of the integrated divergence, 1 - V^2 - b / tau.
    growth = float((1 - cycle.V**2 - model.b / model.tau).mean() * cycle.period)
    np.testing.assert_allclose(np.log(np.abs(cycle.multiplier[1].item())), growth, rtol=1e-3)
    _born_with_the_period_of_its_hopf_point(model)
    mirrored = bn.analysis.cycle(model, I=2 * float(model.a) / 0.8 - I)
    np.testing.assert_allclose(mirrored.period, cycle.period, rtol=1e-6)


def _born_with_the_period_of_its_hopf_point(model):
    """2 pi over the imaginary part of the eigenvalues, which the first cycles have to second order in their size."""
    a, b, tau = (float(x) for x in (model.a, model.b, model.tau))
    V = -np.sqrt(1 - b / tau)
    w, frequency = (V + a) / b, np.sqrt((1 - b**2 / tau) / tau)
    found = case(model)
    follower = Follower(found, found.constant("I"), 0.0, 1.0)
    begin = follower.from_hopf(np.array([V, w]), w - V + V**3 / 3, frequency)
    large, small = (follower.run(begin._replace(ds=ds), most=1).rows for ds in (1e-3, 2.5e-4))
    off, less = (abs(np.exp(rows.orbit.log_T[0]) * frequency / (2 * np.pi) - 1) for rows in (large, small))
    assert off < 1e-2
    assert less == pytest.approx(off * (small.ds[0] / large.ds[0]) ** 2, rel=0.2)


def test_values_compile_nothing(fhn):
    bn.phase_response(fhn, I=0.5)
    found = found_cycle(case(fhn, I=0.5))
    Follower(found.case, found.case.constant("I"), 0.4, 0.6).at(found.row, 0.5)
    before = cache.trace_count()
    for k in range(100):
        model, I = fhn.replace(tau=10.0 + 0.02 * k), 0.5 + 0.002 * k
        if k % 10 == 0:
            bn.phase_response(model, I=I, points=400)
        found = found_cycle(case(model, I=I))
        name = ("I", "a", "tau")[k % 3]
        value = found.case.value(name)
        follower = Follower(found.case, found.case.constant(name), 0.9 * value, 1.1 * value)
        row = follower.at(found.row, 0.5)
        np.testing.assert_allclose(np.exp(row.orbit.log_T), found.period, rtol=1e-8)
    assert cache.trace_count() == before


def test_single_precision_users_get_the_same(fhn):
    wide = bn.analysis.cycle(fhn, I=0.5)
    with jax.enable_x64(False):
        narrow = bn.analysis.cycle(bn.neurons.FitzHughNagumo(), I=0.5)
    np.testing.assert_allclose(narrow.period, wide.period, rtol=1e-12)
    assert narrow.V.dtype == np.float64


def test_the_result_says_what_it_is(fhn):
    ds = bn.phase_response(fhn, I=0.5, points=50)
    assert dict(ds.sizes) == {"phase": 50}
    assert ds.prc_V.attrs["long_name"] == "advance of the cycle by a push of V"
    assert (ds.period.attrs["units"], ds.attrs["phase_zero"], ds.attrs["model"]) == (
        "ms",
        "peak of V",
        "FitzHughNagumo",
    )
    assert ds.V.values.argmax() == 0
    assert all("long_name" in x.attrs for x in ds.variables.values())
    unit = bn.phase_response(bn.neurons.MorrisLecar.snic(), I=50.0, points=10).prc_V.attrs["units"]
    assert unit == "ms/(mV)"
    assert isinstance(bn.analysis.cycle(fhn, I=0.5), xr.Dataset)


@pytest.mark.parametrize(
    ("ask", "error", "answer"),
    [
        (lambda m: bn.analysis.cycle(m, I=0.0), bn.NumericalFailure, r"comes to rest at V = -1\.19941, w = -0\.62426"),
        (lambda m: bn.phase_response(m, I=0.0), bn.NumericalFailure, "no limit cycle was found"),
        (lambda m: bn.phase_response(m, I=0.5, method="kick"), bn.ModelError, "'adjoint' or 'direct' was expected"),
        (lambda m: bn.phase_response(m, I=0.5, points=1), bn.ModelError, "at least 2 phases"),
        (lambda m: bn.analysis.cycle(m, I=0.5, points=0), bn.ModelError, "at least 2 phases"),
        (lambda m: bn.analysis.cycle(m, I=0.5, start={"v": 1.0}), bn.UnknownName, "`v`"),
        (lambda m: bn.phase_response(m, J=0.5), (bn.ModelError, bn.UnknownName), "J"),
    ],
)
def test_failures_say_why(fhn, ask, error, answer):
    with pytest.raises(error, match=answer):
        ask(fhn)


def test_a_search_begins_from_the_points_of_another(fhn, monkeypatch):
    """The fold of a branch and the period doubling beside it lie between the same two points."""
    corrected, asked = stretch.corrected, []
    monkeypatch.setattr(stretch, "corrected", lambda *given: asked.append(given) or corrected(*given))
    follower = Follower(case(fhn), case(fhn).constant("I"), 0.0, 1.5)
    rest = bn.bifurcation(fhn, "I", (0, 1.5), cycles=False).isel(special=0)
    x = np.array([float(rest.special_V), float(rest.special_w)])
    track = follower.run(follower.from_hopf(x, float(rest.special_value), float(rest.special_frequency)), 4)
    between = stretch.Stretch(follower.problem, track.row(2), track.row(3))
    low, high = track.rows.orbit.log_T[2:]
    for share, most in ((0.5, 8), (0.5 + 1e-6, 3), (0.5, 0)):
        wanted, before = low + share * (high - low), len(asked)
        row, _ = between.zero(lambda row, wanted=wanted: row.orbit.log_T - wanted)
        assert abs(row.orbit.log_T - wanted) < 1e-8 * abs(high - low)
        assert len(asked) - before <= most
    with pytest.raises(stretch.Lost):
        between.zero(lambda row: 1.0)


@pytest.mark.parametrize(
    ("before", "after", "crosses"),
    [
        ([1, -3e12, -1e-4, 0], [1, LARGE, -3e-5, 0], False),  # one number, beyond what its last link can tell
        ([1, -3e12, -1.1, 0], [1, LARGE, -0.9, 0], True),
        ([1, -5e8, -1.1, 0], [1, -6e8, -0.9, 0], True),
        ([1.01, -5e8, -1.1, 0], [1, -6e8, -0.9, 0], False),  # the trivial one is off: none can be trusted
    ],
)
def test_no_period_doubling_is_read_from_the_sign_of_a_huge_multiplier(before, after, crosses):
    assert cycle_special._plausible("period_doubling", np.array(before), np.array(after)) == crosses


def test_a_run_finds_the_branch_that_no_hopf_point_leads_to(fhn):
    """The range holds neither Hopf point; the branch goes from border to border, which it meets exactly."""
    found = case(fhn)
    none = np.zeros(0)
    equilibria = [Branch("equilibrium", none, none, none, none, "range")]
    branches = cycles(found, found.constant("I"), 0.5, 1.0, equilibria)
    (branch,) = branches
    assert (branch.begin, branch.end) == ("range", "range")
    np.testing.assert_allclose(branch.value[[0, -1]], [0.5, 1.0], atol=1e-12)
    np.testing.assert_allclose(branch.period[[0, -1]], [39.4744149802, 36.6987944166], rtol=1e-8)
    assert (np.diff(branch.value) > 0).all()
    assert branch.stable.all()
    assert len(branch.x) == len(branch.low) == len(branch.high) == len(branch.eigenvalues) == len(branch.value)


def test_nothing_oscillates_nothing_is_found(fhn):
    found = case(fhn)
    assert cycles(found, found.constant("I"), -0.5, 0.2, []) == []


def test_a_first_branch_compiles_each_kernel_once():
    """Starts, steps, located points and the border ask for the same signature of the loop."""

    class Turning(bn.Model):
        """A circle of radius sqrt(mu)."""

        mu: bn.Param = bn.param(0.25, "1", "growth rate")
        x = bn.state(0.3, "1", "real part", bounds=(-1, 1))
        y = bn.state(0.0, "1", "imaginary part", bounds=(-1, 1))

        def vector_field(self, t, s, u):
            square = s.x**2 + s.y**2
            return dict(x=self.mu * s.x - 2 * s.y - s.x * square, y=2 * s.x + self.mu * s.y - s.y * square)

    found = case(Turning())
    hopf = Special("hopf", 0.0, np.zeros(2), frequency=2.0)
    none = np.zeros(0)
    equilibria = [Branch("equilibrium", none, none, none, none, "range", special=(hopf,))]
    before = cache.trace_count()
    (branch,) = cycles(found, found.constant("mu"), -0.5, 0.5, equilibria)
    assert cache.trace_count() - before == 3  # the loop, the run, the Jacobian
    assert (branch.begin, branch.end) == ("hopf", "range")
    np.testing.assert_allclose(branch.high[1:, 0], np.sqrt(branch.value[1:]), rtol=1e-4)
    np.testing.assert_allclose(branch.period, np.pi, rtol=1e-9)
    np.testing.assert_allclose(np.abs(branch.eigenvalues[1:, 1]), np.exp(-2 * np.pi * branch.value[1:]), rtol=1e-7)
