"""Rate models: fixed points and bifurcations (AUTO, closed forms), rhythms (SciPy DOP853), the bump of the ring."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

import brainnb as bn
from brainnb.rates.base import over_one_minus_exp


@functools.partial(jax.jit, static_argnums=1)
def field_and_jacobian(model, names, x, u):
    def field(x):
        out = model.vector_field(0.0, bn.Record(zip(names, x, strict=True)), bn.Record(u))
        return jnp.stack([out[n] for n in names])

    return field(x), jax.jacfwd(field)(x)


def linearised(model, at, **given):
    """Derivative and Jacobian of a model at one state."""
    u = {n: jnp.asarray(float(given.get(n, d.default))) for n, d in model.inputs().items()}
    f, J = field_and_jacobian(model, tuple(at), jnp.array([float(v) for v in at.values()]), u)
    return np.asarray(f), np.asarray(J)


def solved(model, at, **given):
    """The fixed point that Newton finds from ``at``, and its eigenvalues."""
    x = dict(at)
    for _ in range(30):
        f, J = linearised(model, x, **given)
        x = dict(zip(x, np.array(list(x.values())) - np.linalg.solve(J, f), strict=True))
    f, J = linearised(model, x, **given)
    assert np.abs(f).max() < 1e-12
    return np.array(list(x.values())), np.linalg.eigvals(J)


def rhythm(trace, crossings, start):
    """Frequency in Hz of a settled trace, by upward crossings of its middle."""
    late = trace.sel(time=slice(start, None))
    times = crossings(late, float(late.max() + late.min()) / 2)
    return 1000 * (len(times) - 1) / (times[-1] - times[0])


# --- Wilson-Cowan ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "stable"),
    [((0, 0), True), ((0.18966947431139, 0.068103095381083), False), ((0.43975182487606, 0.22593264516422), True)],
)
def test_wilson_cowan_bistable(at, stable):
    model = bn.rates.WilsonCowan.bistable()
    f, J = linearised(model, {"E": at[0], "I": at[1]})
    np.testing.assert_allclose(f, 0, atol=1e-13)
    assert (np.linalg.eigvals(J).real < 0).all() == stable


def test_wilson_cowan_on_its_cycle():
    f, J = linearised(bn.rates.WilsonCowan(), {"E": 0.20174839558555, "I": 0.10688938574728}, P=1.25)
    np.testing.assert_allclose(f, 0, atol=1e-13)
    assert (np.linalg.eigvals(J).real > 0).all()


def test_wilson_cowan_hopf():
    at = {"E": 0.2493382531, "I": 0.1982203366}
    f, J = linearised(bn.rates.WilsonCowan(), at, P=1.8793131980842)
    np.testing.assert_allclose(f, 0, atol=1e-10)
    modes = np.linalg.eigvals(J) * 10.0  # per time constant
    np.testing.assert_allclose(modes.real, 0, atol=1e-8)
    assert abs(modes[0].imag) == pytest.approx(2.6643132274, abs=1e-8)


@pytest.mark.parametrize(("P", "oscillates"), [(1.0, False), (1.1, True), (1.8, True), (1.95, False)])
def test_wilson_cowan_oscillates_between_its_bifurcations(P, oscillates):
    ds = bn.simulate(bn.rates.WilsonCowan(), T=4000, dt=0.5, P=P, init={"E": 0.3, "I": 0.1})
    assert (np.ptp(ds.E.values[-1000:]) > 0.02) == oscillates


@pytest.mark.parametrize("P", [0.90868342730182, 1.0873304561723])
def test_wilson_cowan_folds(P):
    """At a fold an eigenvalue is 0: the determinant changes sign along the branch there."""
    model = bn.rates.WilsonCowan()

    def branch(E):
        """I on its nullcline at E, the P that E then needs, and the determinant."""

        def slope(I):
            return linearised(model, {"E": E, "I": I})[0][1]

        I = brentq(slope, -0.2, 0.6, xtol=1e-15)
        P = brentq(lambda P: linearised(model, {"E": E, "I": I}, P=P)[0][0], -5, 10, xtol=1e-14)
        return P, np.linalg.det(linearised(model, {"E": E, "I": I}, P=P)[1])

    grid = np.linspace(0.005, 0.3, 60)
    signs = np.array([branch(E)[1] for E in grid])
    folds = [
        branch(brentq(lambda E: branch(E)[1], grid[i], grid[i + 1], xtol=1e-13))[0]
        for i in np.flatnonzero(signs[:-1] * signs[1:] < 0)
    ]
    assert min(abs(np.array(folds) - P)) < 1e-9


# --- Wong-Wang ---------------------------------------------------------------------------------------------------

WONG_WANG = [
    # preset, mu, c, point, unstable directions
    ("wong_wang_2006", 0, 0, (0.102651249565, 0.102651249565), 0),
    ("wong_wang_2006", 0, 0, (0.566987180557, 0.0318914198205), 0),
    ("wong_wang_2006", 0, 0, (0.0318914198205, 0.566987180557), 0),
    ("wong_wang_2006", 0, 0, (0.313844924265, 0.0557853305247), 1),
    ("wong_wang_2006", 30, 0, (0.424455591643, 0.424455591643), 1),
    ("wong_wang_2006", 30, 0, (0.658694233523, 0.0518071991493), 0),
    ("wong_wang_2006", 30, 0.064, (0.663077312745, 0.0489360812664), 0),
    ("wong_wang_2006", 30, 0.064, (0.407280239605, 0.439276774412), 1),
    ("wong_wang_2006", 30, 0.064, (0.0549520490142, 0.654040987512), 0),
]
FIGURE_5 = [
    (0, 0, (0.062, 0.062), 0),
    (0, 0, (0.630, 0.004), 0),
    (0, 0, (0.188, 0.029), 1),
    (20, 0, (0.682, 0.008), 0),
    (20, 0, (0.360, 0.360), 1),
    (20, 0.5, (0.700, 0.005), 0),
    (20, 0.5, (0.014, 0.657), 0),
    (20, 0.5, (0.283, 0.406), 1),
    (30, 0, (0.499, 0.499), 1),
    (30, 0, (0.699, 0.012), 0),
]


@pytest.mark.parametrize(("preset", "mu", "c", "point", "unstable"), WONG_WANG)
def test_wong_wang_fixed_points(preset, mu, c, point, unstable):
    model = bn.rates.WongWang.presets()[preset]()
    found, modes = solved(model, {"S1": point[0], "S2": point[1]}, mu=mu, c=c)
    np.testing.assert_allclose(found, point, atol=2e-12)
    assert (modes.real > 0).sum() == unstable


@pytest.mark.parametrize(("mu", "c", "point", "unstable"), FIGURE_5)
def test_wong_wang_fixed_points_of_the_60_ms_set(mu, c, point, unstable):
    found, modes = solved(bn.rates.WongWang.ampa_2006(), {"S1": point[0], "S2": point[1]}, mu=mu, c=c)
    np.testing.assert_allclose(found, point, atol=1e-3)
    assert (modes.real > 0).sum() == unstable


def test_wong_wang_eigenvalues_at_the_choice():
    modes = solved(bn.rates.WongWang(), {"S1": 0.42, "S2": 0.42}, mu=30)[1]
    np.testing.assert_allclose(np.sort(modes.real) * 1000, [-2.60443766, 4.34716921], atol=1e-6)


@pytest.mark.parametrize(("mu", "S"), [(10.676805764678, 0.14401054211676), (43.018186777017, 0.53090135048267)])
def test_wong_wang_pitchforks(mu, S):
    f, J = linearised(bn.rates.WongWang(), {"S1": S, "S2": S}, mu=mu)
    np.testing.assert_allclose(f, 0, atol=1e-12)
    assert np.abs(np.linalg.eigvals(J)).min() < 1e-11


def test_wong_wang_rate_at_its_removable_singularity():
    """a I = b: the rate is 1/d, with a slope; it is continuous around."""
    transfer = bn.rates.wong_wang.firing_rate
    value, slope = jax.value_and_grad(transfer)(0.0, 0.154)
    assert float(value) == pytest.approx(1 / 0.154, rel=1e-14)
    assert float(slope) == pytest.approx(0.5, rel=1e-12)
    x = np.array([-0.131, -0.129, 0.129, 0.131, 5.0, -5.0])
    np.testing.assert_allclose(transfer(x, 0.154), -x / np.expm1(-0.154 * x), rtol=1e-9)


def test_transfer_is_finite_everywhere():
    z = jnp.array([-1e6, -100.0, -1e-8, 0.0, 1e-8, 100.0, 1e6], jnp.float32)
    value, slope = jax.vmap(jax.value_and_grad(over_one_minus_exp))(z)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    np.testing.assert_allclose(value[2:], [1, 1, 1, 100, 1e6], rtol=1e-6)


# --- Jansen-Rit --------------------------------------------------------------------------------------------------

RHYTHMS = [
    # p, Hz, lowest and highest eeg
    (115, 1.49880, 0.9519, 11.0214),
    (120, 2.38464, 1.2261, 11.1698),
    (130, 3.17058, 1.9425, 11.4632),
    (150, 10.623126, 5.79407, 8.43380),
    (220, 10.938029, 6.08826, 9.03439),
    (300, 11.137312, 7.23846, 8.77738),
]


@pytest.mark.parametrize(("p", "frequency", "low", "high"), RHYTHMS)
def test_jansen_rit_rhythms(p, frequency, low, high, crossings):
    near_hopf = p == 300  # settles slowly there: the reference's extremes are those of a run still closing in
    start = 35000 if near_hopf else 9000
    ds = bn.simulate(bn.rates.JansenRit(), T=start + 5000, dt=0.5, p=p, record=["eeg"])
    assert rhythm(ds.eeg, crossings, start) == pytest.approx(frequency, rel=1e-3 if p < 140 else 2e-5)
    late = ds.eeg.sel(time=slice(start, None))
    np.testing.assert_allclose([late.min(), late.max()], [low, high], atol=6e-3 if near_hopf else 2e-3)


@pytest.mark.parametrize(("p", "rest"), [(50, -0.261625), (100, 1.560318)])
def test_jansen_rit_rests(p, rest):
    ds = bn.simulate(bn.rates.JansenRit(), T=4000, dt=0.5, p=p, record=["eeg"])
    assert float(ds.eeg[-1]) == pytest.approx(rest, abs=2e-6)
    assert np.ptp(ds.eeg.values[-200:]) < 1e-6


@pytest.mark.parametrize(
    ("C", "frequency", "low", "high"), [(270, 5.1434, -24.18, 16.62), (675, 2.7420, None, None), (1350, 0, None, None)]
)
def test_jansen_rit_coupling(C, frequency, low, high, crossings):
    ds = bn.simulate(bn.rates.JansenRit(C=C), T=9000, dt=0.25, p=220, record=["eeg"])
    late = ds.eeg.sel(time=slice(4000, None))
    if not frequency:
        assert np.ptp(late.values) < 1e-6
        return
    assert rhythm(ds.eeg, crossings, 4000) == pytest.approx(frequency, rel=2e-4)
    if low is not None:
        np.testing.assert_allclose([late.min(), late.max()], [low, high], atol=0.02)


@pytest.mark.parametrize(
    ("p", "omega"),
    [(-12.147492348419, 45.4870070795), (89.829107969643, 65.2009819663), (315.69642806882, 70.142784204)],
)
def test_jansen_rit_hopf_points(p, omega):
    """Somewhere on the branch of fixed points a pair of eigenvalues sits at +-i omega for this p."""
    model, found = bn.rates.JansenRit(), []
    for y0 in np.linspace(0.0, 0.16, 33):
        start = dict(y0=y0, y1=8.0, y2=0.0, y3=0.0, y4=0.0, y5=0.0)
        inhibited = 0.25 * 135 * float(model.rate(0.25 * 135 * y0))
        start["y2"] = 22 / 0.05 * 1e-3 * inhibited
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            v = 6 - np.log(5 * 3.25 / 0.1 * 1e-3 / y0 - 1) / 0.56 if y0 > 0 else np.nan
        if np.isfinite(v):
            start["y1"] = start["y2"] + v
            found.append(modes_near(model, start, p))
    found = [m for m in found if m is not None]
    closest = min(found, key=lambda modes: np.abs(modes * 1000 - 1j * omega).min())
    assert np.abs(closest * 1000 - 1j * omega).min() < 1e-6


def modes_near(model, start, p):
    """Eigenvalues of the fixed point that Newton reaches, or None where it fails."""
    try:
        return solved(model, start, p=p)[1]
    except (AssertionError, np.linalg.LinAlgError):
        return None


# --- QIF mean field, Stuart-Landau, Kuramoto, threshold-linear ------------------------------------------------------


@pytest.mark.parametrize(
    ("r", "v", "modes"),
    [
        (0.0811344420, -1.9616199886, (-5.3977, -2.4487)),
        (0.4729803407, None, None),
        (1.0305967988, -0.1544298830, (-0.30885977 - 3.31862863j, -0.30885977 + 3.31862863j)),
    ],
)
def test_qif_mean_field_fixed_points(r, v, modes):
    model = bn.rates.QIFMeanField(tau=1.0)
    at = {"r": r, "v": -1 / (2 * np.pi * r)}
    f, J = linearised(model, at)
    np.testing.assert_allclose(f, 0, atol=2e-8)
    found = np.sort_complex(np.linalg.eigvals(J))
    if modes is None:
        assert found[0].real < 0 < found[1].real
    else:
        assert at["v"] == pytest.approx(v, abs=3e-9)  # ten digits of r
        np.testing.assert_allclose(found, modes, atol=1e-4)


@pytest.mark.parametrize(("eta", "r"), [(-3.1361340861957, 0.16256979681321), (-5.7435271616578, 0.75391972723879)])
def test_qif_mean_field_folds(eta, r):
    f, J = linearised(bn.rates.QIFMeanField(tau=1.0, eta=eta), {"r": r, "v": -1 / (2 * np.pi * r)})
    np.testing.assert_allclose(f, 0, atol=1e-11)
    assert np.linalg.det(J) == pytest.approx(0, abs=1e-9)


def test_qif_mean_field_scales_with_tau():
    fast = bn.simulate(bn.rates.QIFMeanField(tau=1.0), T=10, dt=0.01, I=3, init={"r": 0.08, "v": -1.9})
    slow = bn.simulate(bn.rates.QIFMeanField(tau=10.0), T=100, dt=0.1, I=3, init={"r": 0.008, "v": -1.9})
    np.testing.assert_allclose(10 * slow.r, fast.r, rtol=1e-10)
    np.testing.assert_allclose(slow.v, fast.v, rtol=1e-10, atol=1e-12)


def test_stuart_landau(crossings):
    ds = bn.simulate(bn.rates.StuartLandau(), T=600, dt=0.05)
    late = ds.sel(time=slice(300, None))
    assert np.diff(crossings(late.x, 0.0)) == pytest.approx(31.41592654, abs=1e-3)
    np.testing.assert_allclose(np.hypot(late.x, late.y), 0.5, atol=1e-9)
    # the linear growth e^{at} while the amplitude is small
    small = bn.simulate(bn.rates.StuartLandau(), T=10, dt=0.01, init={"x": 1e-7, "y": 0.0})
    assert float(np.hypot(small.x, small.y)[-1]) == pytest.approx(1e-7 * np.exp(2.5), rel=1e-9)


@pytest.mark.parametrize(("K", "R", "atol"), [(0.5, 0.0072, 5e-4), (2.0, 0.70679, 2e-5), (3.0, 0.81656, 2e-5)])
def test_kuramoto_order(K, R, atol):
    """Lorentzian frequencies of half-width 0.5; the theory is sqrt(1 - 1/K)."""
    model = bn.rates.Kuramoto.lorentzian(2000, centre=0.0, width=0.5, K=K)
    phases = 2 * np.pi * (np.arange(1, 2001) * 0.6180339887 % 1.0)
    ds = bn.simulate(model, T=60, dt=0.02, size=2000, record=["R"], init={"theta": phases})
    assert float(ds.R[1500:].mean()) == pytest.approx(R, abs=atol)
    assert float(ds.R[1500:].mean()) == pytest.approx(np.sqrt(max(0, 1 - 1 / K)), abs=0.01)


def test_kuramoto_mean_field_is_the_sum_of_sines():
    theta = np.random.default_rng(1).uniform(0, 2 * np.pi, 7)
    model = bn.rates.Kuramoto(omega=np.linspace(0, 1, 7), K=0.3)
    found = model.vector_field(0.0, bn.Record(theta=jnp.asarray(theta)), bn.Record())["theta"]
    expected = np.linspace(0, 1, 7) + 0.3 * np.mean(np.sin(theta[None, :] - theta[:, None]), axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_threshold_linear_is_linear_above_threshold():
    model = bn.rates.ThresholdLinear()
    W = np.array([[24.3, -19.7], [12.2, -12.5]])
    given = np.array([350.0, 100.0])  # both populations end above threshold
    gain = np.diag([0.066, 0.351])
    expected = np.linalg.solve(np.eye(2) - gain @ W, gain @ given)
    assert (expected > 0).all()
    ds = bn.simulate(model, T=2000, I_E=given[0], I_I=given[1])
    np.testing.assert_allclose([ds.r_E[-1], ds.r_I[-1]], expected, rtol=1e-9)
    silent = bn.simulate(model, T=2000, I_E=-100, I_I=-100)
    np.testing.assert_allclose([silent.r_E[-1], silent.r_I[-1]], 0, atol=1e-12)


# --- CANN --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "U"), [(0.1, 22.563), (8.1, 0.27420), (100.0, 0.01671)])
def test_cann_bump_height(k, U):
    model = bn.rates.CANN(k=k)
    assert float(model.height()) == pytest.approx(U, rel=5e-4)
    ds = bn.simulate(model, T=20, init={"U": model.bump(0.7)}, every=200)
    top = float(ds.U[-1].max())
    assert top == pytest.approx(float(model.height()), rel=2e-3)
    assert float(model.places()[int(np.argmax(ds.U.values[-1]))]) == pytest.approx(0.7, abs=0.02)


def test_cann_silence_above_the_critical_inhibition():
    assert float(bn.rates.CANN().critical_k()) == pytest.approx(130.0, abs=0.05)
    assert np.isnan(float(bn.rates.CANN(k=140.0).height()))
    ds = bn.simulate(bn.rates.CANN(k=140.0), T=300, init={"U": bn.rates.CANN(k=129.0).bump()})
    assert float(ds.U[-1].max()) < 1e-6


def test_cann_at_half_the_critical_inhibition():
    """Fung, Wong & Wu 2010 with a = 0.3 and rho = J0 = 1: U0 = 4 + 4 sqrt 2; eigenvalues 0, -1/2, -0.7071, -3/4, -7/8."""
    N = 256
    rho = N / (2 * np.pi)
    # their sum carries the width of a place: J0 and k absorb rho
    k_c = 0.16622595016727
    model = bn.rates.CANN(N=N, a=0.3, J_0=1 / rho, k=k_c / 2 / rho)
    assert float(model.critical_k()) * rho == pytest.approx(k_c, rel=1e-12)
    assert float(model.height()) == pytest.approx(9.65685424949, rel=1e-10)
    u = bn.Record({"A": jnp.zeros(()), "z": jnp.zeros(())})

    def field(U):
        return model.vector_field(0.0, bn.Record(U=U), u)["U"]

    bump = model.bump()
    assert float(jnp.abs(field(bump)).max()) < 1e-10
    modes = np.sort(np.linalg.eigvals(np.asarray(jax.jacfwd(field)(bump))).real)[::-1]
    np.testing.assert_allclose(modes[:5], [0, -0.5, -np.sqrt(0.5), -0.75, -0.875], atol=1e-7)


@pytest.mark.parametrize(("lower", "unstable"), [(False, 0), (True, 1)])
def test_cann_has_one_neutral_direction(lower, unstable):
    model = bn.rates.CANN(N=128, k=4.0)
    u = bn.Record({"A": jnp.zeros(()), "z": jnp.zeros(())})

    def field(U):
        return model.vector_field(0.0, bn.Record(U=U), u)["U"]

    bump = model.bump(0.3, lower=lower)
    for _ in range(8):  # the ring is finite: the closed form is close, not exact
        bump = bump - jnp.linalg.lstsq(jax.jacfwd(field)(bump), field(bump), rcond=1e-9)[0]
    modes = np.linalg.eigvals(np.asarray(jax.jacfwd(field)(bump))).real
    assert (np.abs(modes) < 1e-3).sum() == 1
    assert (modes > 1e-3).sum() == unstable


def test_cann_says_where_its_bump_is():
    model = bn.rates.CANN(N=64)
    bumps = jnp.stack([model.bump(z) for z in (-3.0, 0.4, 2.9)])
    np.testing.assert_allclose(model.decoded(bumps), [-3.0, 0.4, 2.9], atol=1e-5)


def test_cann_convolution_is_the_matrix_product():
    model = bn.rates.CANN(N=64, k=0.5)
    U = jnp.asarray(np.random.default_rng(0).normal(size=64))
    x = np.asarray(model.places())
    gap = (x[:, None] - x[None, :] + np.pi) % (2 * np.pi) - np.pi
    J = 4.0 / (np.sqrt(2 * np.pi) * 0.5) * np.exp(-(gap**2) / (2 * 0.25))
    r = U**2 / (1 + 0.5 * jnp.sum(U**2))
    given = bn.Record({"A": jnp.zeros(()), "z": jnp.zeros(())})
    found = model.vector_field(0.0, bn.Record(U=U), given)["U"]
    np.testing.assert_allclose(found, -U + J @ r, atol=1e-12)


def test_cann_follows_a_moving_stimulus_with_a_constant_lag():
    model, speed = bn.rates.CANN(N=256), 0.02
    ds = bn.simulate(model, T=200, A=20.0, z=bn.inputs.Ramp(start_value=-2.0, end_value=2.0, duration=200.0))
    x = np.asarray(model.places())
    centre = np.angle(np.asarray(ds.U) @ np.exp(1j * x))
    lag = (-2.0 + speed * ds.time.values) - centre
    assert 0 < lag[1500] < 0.2
    np.testing.assert_allclose(lag[1000:], lag[1000], atol=2e-3)
