"""Synapses against closed forms, and against solvers that know nothing of steps and splittings."""

import itertools

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import brainnb as bn

S = bn.synapses
DT = 0.02
FIRST = 2.0
TAU, R, REST = 20.0, 0.1, -60.0


def psp(trains, synapse, weight=10.0, T=60.0, times=((FIRST,),), output=None, post=None, **more):
    """A run of one cell that hears one source."""
    net = bn.Network(
        populations={"A": trains(times), "B": bn.Population(post or bn.neurons.LIF(V_th=40), 1)},
        projections={
            "AB": bn.Projection("A", "B", bn.connect.OneToOne(), synapse, weight=weight, output=output, **more)
        },
    )
    return bn.simulate(net, T=T, dt=DT, record=["B.V"] if isinstance(synapse, S.Delta) else ["B.V", "AB.*"])


def linear_response(A, begin, times):
    """State of a linear system at the given times after its begin."""
    return np.array([expm(A * t) @ begin for t in times])


LINEAR = {
    "exponential": (S.Exponential(tau=5), lambda: (np.array([[-1 / TAU, R / TAU], [0, -1 / 5]]), [0, 1.0])),
    "alpha": (
        S.Alpha(tau=3),
        lambda: (np.array([[-1 / TAU, R / TAU, 0], [0, -1 / 3, np.e / 3], [0, 0, -1 / 3]]), [0, 0, 1.0]),
    ),
    "dual exponential": (
        S.DualExponential(tau_rise=1, tau_decay=6),
        lambda: (
            np.array([[-1 / TAU, R / TAU, -R / TAU], [0, -1 / 6, 0], [0, 0, -1]]),
            np.array([0, 1.0, 1.0]) * 6 ** (6 / 5) / 5,
        ),
    ),
}


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("align", ["post", "pre", "edge"])
def test_psp_of_a_leaky_cell(trains, name, align):
    synapse, system = LINEAR[name]
    ds = psp(trains, synapse, align=align)
    since = ds.time.values - FIRST
    A, begin = system()
    expected = 10.0 * linear_response(A, np.asarray(begin, float), np.maximum(since, 0))[:, 0]
    expected[since < 0] = 0
    peak = expected.max()
    assert peak > 0.1
    np.testing.assert_allclose(ds["B.V"][:, 0] - REST, expected, atol=1e-4 * peak)


@pytest.mark.parametrize(("rise", "decay"), [(0.5, 5), (2, 10), (1, 100), (4, 4), (5, 2)])
def test_the_peak_is_the_weight(trains, rise, decay):
    ds = psp(trains, S.DualExponential(tau_rise=rise, tau_decay=decay), weight=3.0, T=40)
    g = (ds["AB.synapse.decay"] - ds["AB.synapse.rise"])[:, 0]
    assert float(g.max()) == pytest.approx(3.0, rel=2e-4)
    at = decay * rise * np.log(decay / rise) / (decay - rise) if rise != decay else rise
    assert float(ds.time[int(g.values.argmax())]) - FIRST == pytest.approx(at, abs=2 * DT)


def test_alpha_peaks_after_its_time_constant(trains):
    g = psp(trains, S.Alpha(tau=4), weight=3.0, T=30)["AB.synapse.g"][:, 0]
    assert float(g.max()) == pytest.approx(3.0, rel=1e-4)
    assert float(g.time[int(g.values.argmax())]) == pytest.approx(FIRST + 4, abs=2 * DT)


def test_delta_moves_the_potential_at_once(trains):
    V = psp(trains, S.Delta(), weight=2.0, T=30)["B.V"][:, 0]
    since = V.time.values - FIRST
    expected = np.where(since > -1e-9, 2.0 * np.exp(-since / TAU), 0)
    np.testing.assert_allclose(V - REST, expected, atol=1e-9)


# --- receptors ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("synapse", [S.AMPA(), S.GABAa(), S.AMPA(T_max=0.5, T_dur=0.3)])
def test_a_pulse_opens_receptors(trains, synapse):
    ds = psp(trains, synapse, T=15)
    t, g = ds.time.values - FIRST, ds["AB.synapse.g"][:, 0]
    a, b = float(synapse.alpha * synapse.T_max), float(synapse.beta)
    duration = float(synapse.T_dur)
    opening = a / (a + b) * (1 - np.exp(-(a + b) * np.clip(t, 0, duration)))
    expected = opening * np.exp(-b * np.maximum(t - duration, 0))
    np.testing.assert_allclose(g, expected, atol=1e-9)


def test_a_spike_within_a_pulse_begins_it_anew(trains):
    synapse = S.AMPA()
    g = psp(trains, synapse, T=10, times=((FIRST, FIRST + 0.6),))["AB.synapse.g"][:, 0]
    a, b = 1.1, 0.19
    expected = a / (a + b) * (1 - np.exp(-(a + b) * 1.6))
    assert float(g.max()) == pytest.approx(expected, rel=1e-9)


SLOW = {"GABAb": S.GABAb(), "NMDA": S.NMDA(), "NMDASecondOrder": S.NMDASecondOrder()}
TIMES = (FIRST, 12.0, 14.0, 16.0, 30.0)


def solved(synapse, times):
    """A gate from an adaptive solver, restarted at every edge."""
    p = {name: float(v.value) for name, v in synapse.parameters().items()}
    name = type(synapse).__name__

    def field(t, y, T):
        x, g = y
        if name == "GABAb":
            return [p["K1"] * T * (1 - x) - p["K2"] * x, p["K3"] * x - p["K4"] * g]
        if name == "NMDA":
            return [-x / p["tau_rise"], -g / p["tau_decay"] + p["a"] * x * (1 - g)]
        return [p["alpha_x"] * T * (1 - x) - p["beta_x"] * x, p["alpha_g"] * x * (1 - g) - p["beta_g"] * g]

    pulse = p.get("T_dur", 0.0)
    edges = sorted({0.0, *TIMES, *(t + pulse for t in TIMES), times[-1]})
    y, found = np.zeros(2), np.zeros(len(times))
    for a, b in itertools.pairwise(edges):
        if name == "NMDA" and a in TIMES:
            y = y + np.array([1, 0])
        on = p["T_max"] if pulse and any(t <= a + 1e-9 < t + pulse - 1e-9 for t in TIMES) else 0.0
        inside = (times > a + 1e-9) & (times <= b + 1e-9)
        run = solve_ivp(field, (a, b), y, args=(on,), dense_output=True, rtol=1e-11, atol=1e-13)
        if inside.any():
            found[inside] = run.sol(times[inside])[1]
        y = run.y[:, -1]
    return found**4 / (found**4 + p["K_d"]) if name == "GABAb" else found


@pytest.mark.parametrize("name", SLOW)
def test_slow_receptors_follow_their_equations(trains, name):
    synapse = SLOW[name]
    ds = psp(trains, synapse, T=200, times=(TIMES,))
    expected = solved(synapse, ds.time.values)
    if name == "GABAb":
        G = ds["AB.synapse.G"][:, 0].values
        g = G**4 / (G**4 + float(synapse.K_d))
    else:
        g = ds["AB.synapse.g"][:, 0].values
    assert expected.max() > (5e-5 if name == "GABAb" else 0.3)
    np.testing.assert_allclose(g, expected, atol=1e-4 * expected.max())


def test_receptors_saturate(trains):
    """Twice the spikes is not twice the gate; of a linear synapse it is."""
    for synapse, ratio in ((S.NMDA(), (1.0, 1.6)), (S.Exponential(), (1.99, 2.0))):
        one = psp(trains, synapse, T=12, align="pre", times=((FIRST,),))["AB.synapse.g"][:, 0].max()
        two = psp(trains, synapse, T=12, align="pre", times=((FIRST, FIRST + DT),))["AB.synapse.g"][:, 0].max()
        assert ratio[0] < float(two / one) < ratio[1]


def test_a_burst_is_what_opens_gaba_b(trains):
    def peak(times):
        G = psp(trains, S.GABAb(), T=400, times=(times,))["AB.synapse.G"][:, 0]
        return float((G**4 / (G**4 + 100)).max())

    assert peak((2.0, 5.0, 8.0, 11.0, 14.0)) > 100 * peak((2.0,))


def test_magnesium_blocks_half_at_20_mv_below_0():
    block = S.MagnesiumBlock()
    half = np.log(1 / 3.57) / 0.062
    assert half == pytest.approx(-20.5, abs=0.05)
    assert float(block.current(1.0, half)) == pytest.approx(0.5 * -half, rel=1e-12)
    V = np.linspace(-90, 20, 1101)
    slope = np.gradient(-np.asarray(block.current(1.0, V)), V)  # of the outward current
    assert (slope[(V > -60) & (V < -30)] < 0).all()  # the region of negative slope
    assert (slope[V > -15] > 0).all()


# --- short-term plasticity ----------------------------------------------------------------------------------------


def released(trains, stp, times):
    """What each spike of a train releases: the jumps of a synapse that hardly closes."""
    ds = psp(trains, S.Exponential(tau=500), weight=1.0, T=times[-1] + 1, times=(times,), stp=stp, align="post")
    g = ds["AB.synapse.g"][:, 0].values
    jumps = g[1:] - g[:-1] * np.exp(-DT / 500)
    return np.concatenate([g[:1], jumps])[np.rint(np.array(times) / DT).astype(int) - 1]


TRAIN = (10.0, 15.0, 40.0, 42.0, 44.0, 120.0, 400.0)


@pytest.mark.parametrize("name", S.TsodyksMarkram.presets())
def test_released_amounts_follow_the_recursion(trains, name):
    """Between spikes both variables relax exactly; u here decays to 0 and jumps before the release, as published."""
    stp = S.TsodyksMarkram.presets()[name]()
    U, tau_f, tau_d = (float(getattr(stp, n)) for n in ("U", "tau_f", "tau_d"))
    u, x, last, expected = 0.0, 1.0, None, []
    for t in TRAIN:
        if last is not None:
            u *= np.exp(-(t - last) / tau_f)
            x = 1 - (1 - x) * np.exp(-(t - last) / tau_d)
        u += U * (1 - u)
        expected.append(u * x)
        x -= u * x
        last = t
    np.testing.assert_allclose(released(trains, stp, TRAIN), expected, rtol=1e-8, atol=1e-10)


def test_a_regular_train_settles(trains):
    """U 0.5, tau_d 800 ms, 20 Hz, no facilitation."""
    E = np.exp(-50 / 800)
    expected = 0.5 * (1 - E) / (1 - 0.5 * E)
    found = released(trains, S.TsodyksMarkram.depressing_1997(), tuple(np.arange(1, 41) * 50.0))
    assert expected == pytest.approx(0.05713, abs=5e-6)
    assert found[-1] == pytest.approx(expected, rel=1e-6)
    assert (np.diff(found) < 1e-9).all()


def test_facilitation_grows(trains):
    found = released(trains, S.TsodyksMarkram.pure_facilitation(), tuple(np.arange(1, 9) * 50.0))
    assert (np.diff(found) > 0).all()
    assert found[0] == pytest.approx(0.03, rel=1e-6)
