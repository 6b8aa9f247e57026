"""FitzHugh–Nagumo, Morris–Lecar, Hindmarsh–Rose: periods, peaks, bursts and onsets (SciPy DOP853, AUTO)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn


def period(model, current, crossings, T=1200, dt=0.02, name="V", level=0.0, **options):
    """The last interval between upward crossings of a settled run."""
    ds = bn.simulate(model, T=T, dt=dt, I=current, record=[name], method="rk4", **options)
    return np.diff(crossings(ds[name], level))[-1]


def jacobian(model, at, current):
    """Jacobian of a model without parts at one state."""
    names = list(at)

    def field(x):
        out = model.vector_field(0.0, bn.Record(zip(names, x, strict=True)), bn.Record(I=current))
        return jnp.stack([out[n] for n in names])

    return field(jnp.array(list(at.values()))), jax.jacfwd(field)(jnp.array(list(at.values())))


@pytest.mark.parametrize(("current", "T"), [(0.5, 39.4744149802), (0.875, 36.4183026175), (1.0, 36.6987944166)])
def test_fitzhugh_nagumo_periods(current, T, crossings):
    assert period(bn.neurons.FitzHughNagumo(), current, crossings, T=500) == pytest.approx(T, abs=1e-4)


def test_fitzhugh_nagumo_peak():
    ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=400, dt=0.01, I=0.5)
    late = ds.isel(time=slice(20000, None))
    top = int(late.V.argmax("time"))
    assert late.V[top] == pytest.approx(1.85211747, abs=1e-5)
    assert late.w[top] == pytest.approx(0.23432046, abs=2e-3)


def test_fitzhugh_nagumo_rests():
    ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=500, dt=0.05)
    assert ds.V[-1] == pytest.approx(-1.1994080351, abs=1e-8)
    assert ds.w[-1] == pytest.approx(-0.6242600438, abs=1e-8)


@pytest.mark.parametrize(("current", "V"), [(0.33128133745475, -0.9674709298), (1.4187186625453, 0.9674709298)])
def test_fitzhugh_nagumo_hopf_points(current, V):
    value, matrix = jacobian(bn.neurons.FitzHughNagumo(), {"V": V, "w": (V + 0.7) / 0.8}, current)
    np.testing.assert_allclose(value, 0, atol=1e-9)
    eigenvalues = np.linalg.eigvals(matrix)
    np.testing.assert_allclose(eigenvalues.real, 0, atol=1e-9)
    assert abs(eigenvalues[0].imag) == pytest.approx(0.275506805724, abs=1e-9)


@pytest.mark.parametrize(("current", "oscillates"), [(0.31, False), (0.35, True), (1.40, True), (1.44, False)])
def test_fitzhugh_nagumo_oscillates_between_its_hopf_points(current, oscillates):
    ramp = bn.inputs.Ramp(start_value=0.0 if current < 1 else 2.0, end_value=current, duration=2000.0)
    ds = bn.simulate(
        bn.neurons.FitzHughNagumo(), T=6000, dt=0.1, I=ramp, init={} if current < 1 else {"V": 1.2, "w": 2.4}
    )
    swing = np.ptp(ds.V.values[-5000:])
    assert (swing > 2) == oscillates


def test_fitzhugh_nagumo_bistable_preset_has_three_resting_points():
    m = bn.neurons.FitzHughNagumo.bistable()
    b = float(m.b)
    # V - V^3/3 - (V + a)/b + I = 0 has three real roots between the folds, one outside
    for current, points in ((0.2, 1), (0.4, 3), (0.65, 1)):
        roots = np.roots([-1 / 3, 0, 1 - 1 / b, current - 0.7 / b])
        assert (np.abs(roots.imag) < 1e-9).sum() == points


@pytest.mark.parametrize(("preset", "current", "T"), [("hopf", 100, 85.290641043), ("snic", 45, 99.192093212)])
def test_morris_lecar_periods(preset, current, T, crossings):
    model = bn.neurons.MorrisLecar.presets()[preset]()
    assert period(model, current, crossings, init={"V": 20.0}) == pytest.approx(T, abs=1e-3)


def test_morris_lecar_period_with_the_books_phi(crossings):
    model = bn.neurons.MorrisLecar.snic().replace(phi=1 / 15)
    assert period(model, 45, crossings) == pytest.approx(99.308228503, abs=1e-3)


@pytest.mark.parametrize(
    ("preset", "current", "V", "w_hopf"),
    [
        ("hopf", 93.857618373725, -25.27010488, 0.0797797841146),
        ("hopf", 212.01881610037, 7.800663867, 0.148602170744),
        ("snic", 97.646163921526, 8.334122715, 0.252748080634),
    ],
)
def test_morris_lecar_hopf_points(preset, current, V, w_hopf):
    model = bn.neurons.MorrisLecar.presets()[preset]()
    w = 0.5 * (1 + np.tanh((V - float(model.V_3)) / float(model.V_4)))
    value, matrix = jacobian(model, {"V": V, "w": w}, current)
    np.testing.assert_allclose(value, 0, atol=1e-7)
    eigenvalues = np.linalg.eigvals(matrix)
    np.testing.assert_allclose(eigenvalues.real, 0, atol=1e-8)
    assert abs(eigenvalues[0].imag) == pytest.approx(w_hopf, abs=1e-8)


def test_morris_lecar_snic_fires_arbitrarily_slowly(crossings):
    model = bn.neurons.MorrisLecar.snic()
    below = bn.simulate(model, T=1500, dt=0.1, I=39.9, method="rk4")
    assert len(crossings(below.V.isel(time=slice(5000, None)), 0.0)) == 0
    slow = period(model, 40.0, crossings, T=4000, dt=0.1)
    assert slow > 500
    # the period grows as the inverse root of the distance to the fold
    assert slow / period(
        model, 39.963153092745 + 4 * (40.0 - 39.963153092745), crossings, T=4000, dt=0.1
    ) == pytest.approx(2, rel=0.1)


def test_morris_lecar_homoclinic_set_fires_and_rests_at_one_current(crossings):
    model = bn.neurons.MorrisLecar.homoclinic()
    firing = bn.simulate(model, T=1000, dt=0.05, I=36, init={"V": 8.0, "w": 0.29})
    resting = bn.simulate(model, T=1000, dt=0.05, I=36, init={"V": -35.0, "w": 0.0})
    assert len(crossings(firing.V.isel(time=slice(10000, None)), 5.0)) > 10
    assert np.ptp(resting.V.values[-2000:]) < 0.1


def test_hindmarsh_rose_bursts_of_two(crossings):
    ds = bn.simulate(bn.neurons.HindmarshRose(), T=2500, dt=0.02, I=2, record=["x"])
    times = crossings(ds.x, 1.0)[-13:]
    if np.diff(times)[0] > 50:
        times = times[1:]
    gaps = np.diff(times[:12])
    np.testing.assert_allclose(gaps[0::2], gaps[0], atol=0.01)
    assert gaps[0] < 20
    np.testing.assert_allclose(gaps[0] + gaps[1], 128.504844594, atol=0.01)
    assert (gaps[1::2] > 100).all()


@pytest.mark.parametrize(("current", "T"), [(1.5, 149.526387345), (4.0, 20.1278684685)])
def test_hindmarsh_rose_single_spikes(current, T, crossings):
    found = period(bn.neurons.HindmarshRose(), current, crossings, T=3000, name="x", level=1.0)
    assert found == pytest.approx(T, abs=0.01)


def test_hindmarsh_rose_is_chaotic_at_3_25():
    """Two runs 1e-9 apart separate at the rate of the largest exponent, 0.0138."""
    model, options = bn.neurons.HindmarshRose(), dict(T=500, dt=0.02, I=3.25, every=50)
    settled = bn.simulate(model, **options)
    start = {n: float(settled[n][-1]) for n in "xyz"}
    gaps = []
    for shift in np.linspace(-1.0, 1.0, 8):
        begin = start | {"z": start["z"] + 0.2 * shift}
        a = bn.simulate(model, **(options | {"T": 1000}), init=begin)
        b = bn.simulate(model, **(options | {"T": 1000}), init=begin | {"x": begin["x"] + 1e-9})
        gaps.append(np.log(np.hypot(a.x - b.x, a.z - b.z) + 1e-300).values)
    mean = np.mean(gaps, axis=0)
    slope = np.polyfit(np.arange(100, 900), mean[100:900], 1)[0]
    assert slope == pytest.approx(0.0138, abs=0.006)
