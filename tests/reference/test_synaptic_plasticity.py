"""Rules of plasticity against sums over spikes, written out in plain Python."""

import itertools

import numpy as np
import pytest

import brainnb as bn

S = bn.synapses
DT = 0.1


def weights(trains, rule, pre, post, T=None, start=0.5, record="AB.plasticity.weight", inputs=None):
    """Weights of synapses one to one, between trains of the two sides."""
    net = bn.Network(
        populations={"A": trains(pre), "B": trains(post)},
        projections={
            "AB": bn.Projection("A", "B", bn.connect.OneToOne(), S.Exponential(), weight=start, plasticity=rule)
        },
    )
    T = T or max(max(row, default=0) for row in (*pre, *post)) + 1
    return bn.simulate(net, T=T, dt=DT, record=record, inputs=inputs or {})[record]


def changes(trains, rule, pre, post, **more):
    return weights(trains, rule, pre, post, **more).values[-1] - more.get("start", 0.5)


# --- pairs --------------------------------------------------------------------------------------------------------

LAGS = (-60.0, -20.0, -5.0, -0.1, 0.1, 5.0, 10.0, 20.0, 60.0)


def test_the_window_of_pairs(trains):
    rule = S.STDP(A_plus=0.01, A_minus=0.012, tau_plus=17, tau_minus=34)
    found = changes(trains, rule, [[100.0]] * len(LAGS), [[100.0 + lag] for lag in LAGS])
    lags = np.array(LAGS)
    expected = np.where(lags > 0, 0.01 * np.exp(-lags / 17), -0.012 * np.exp(lags / 34))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_one_pair_of_the_textbook(trains):
    (found,) = changes(trains, S.STDP(A_plus=0.01), [[5.0]], [[15.0]])
    assert found == pytest.approx(6.065e-3, abs=1e-6)


def test_spikes_in_one_step_make_no_pair(trains):
    assert changes(trains, S.STDP(), [[5.0]], [[5.0]])[0] == 0.0


@pytest.mark.parametrize("all_pairs", [0.0, 1.0])
def test_which_pairs_count(trains, all_pairs):
    """Irregular trains, each synapse by its own sum."""
    draw = np.random.default_rng(3)
    pre, post = ([np.sort(draw.choice(2000, 12, False)) / 10 + 1 for _ in range(6)] for _ in range(2))
    found = changes(trains, S.STDP(A_plus=0.01, A_minus=0.008, all_pairs=all_pairs), pre, post)
    for i in range(6):
        expected = 0.0
        for side, A in ((0, 0.01), (1, -0.008)):
            first, last = ((pre, post), (post, pre))[side]
            for t in last[i]:
                before = first[i][first[i] < t - 1e-9]
                before = before if all_pairs else before[-1:]
                expected += A * np.exp((before - t) / 20).sum()
        assert found[i] == pytest.approx(expected, rel=1e-9)


def test_weight_dependence(trains):
    rule = S.STDP(A_plus=0.1, A_minus=0.1, mu_plus=1.0, mu_minus=0.5, w_min=1.0, w_max=5.0)
    up, down = changes(trains, rule, [[10.0]] * 2, [[20.0], [0.1]], start=2.0)
    assert up == pytest.approx(4.0 * 0.1 * (3 / 4) * np.exp(-0.5), rel=1e-9)
    assert down == pytest.approx(-4.0 * 0.1 * (1 / 4) ** 0.5 * np.exp(-9.9 / 20), rel=1e-9)


def test_weights_stay_in_their_bounds(trains):
    often = list(np.arange(1, 40) * 5.0)
    for shift, end in ((1.0, 2.0), (-1.0, -1.0)):
        rule = S.STDP(A_plus=0.2, A_minus=0.2, w_min=-1.0, w_max=2.0)
        found = weights(trains, rule, [often], [[t + shift for t in often]])
        assert found.min() >= -1.0
        assert found.max() <= 2.0
        assert float(found[-1, 0]) == pytest.approx(end, abs=1e-12)


# --- triplets -----------------------------------------------------------------------------------------------------


def by_the_paper(rule, pre, post, w=0.0):
    """Eqs. 1-4 of Pfister & Gerstner 2006, event by event, every trace as a sum over earlier spikes."""
    p = {name: float(v.value) for name, v in rule.parameters().items()}

    def trace(times, t, tau):
        before = np.array([x for x in times if x < t - 1e-9])
        before = before if p["all_pairs"] else before[-1:]
        return np.exp((before - t) / tau).sum()

    for t in pre:
        w -= trace(post, t, p["tau_minus"]) * (p["A2_minus"] + p["A3_minus"] * trace(pre, t, p["tau_x"]))
    for t in post:
        w += trace(pre, t, p["tau_plus"]) * (p["A2_plus"] + p["A3_plus"] * trace(post, t, p["tau_y"]))
    return w


@pytest.mark.parametrize("name", S.TripletSTDP.presets())
def test_triplets_follow_the_paper(trains, name):
    rule = S.TripletSTDP.presets()[name]().replace(w_min=-10, w_max=10)
    pre, post = [], []
    for rate, lag in itertools.product((1, 10, 20, 40, 50), (-10.0, 10.0)):
        times = 20.0 + np.arange(10) * (1000.0 / rate if rate > 1 else 200.0)
        pre.append(times)
        post.append(times + lag)
    pre += [[50.0, 60.0], [55.0], [50.0]]
    post += [[55.0], [50.0, 60.0], [45.0, 60.0]]
    found = changes(trains, rule, pre, post) / 20.0  # amplitudes are counted in w_max - w_min
    expected = [by_the_paper(rule, a, b) for a, b in zip(pre, post, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-12)
    assert np.abs(expected).min() > 1e-4


def test_high_rates_potentiate_whatever_the_order(trains):
    """What pairs cannot do: at 50 Hz post-before-pre potentiates too."""
    rule = S.TripletSTDP.visual_cortex_minimal_2006()
    found = []
    for rate in (1, 50):
        times = 20.0 + np.arange(20) * (1000.0 / rate)
        found.append(changes(trains, rule, [times], [times - 10.0])[0])
    assert found[0] < 0 < found[1]


# --- reward -------------------------------------------------------------------------------------------------------


def test_reward_comes_late(trains):
    """A pair leaves an eligibility; a release of dopamine at 200 ms makes a weight of it, in closed form."""
    rule = S.RewardSTDP(A_plus=0.1, tau_c=500, tau_d=100, d_0=0.0, eta=0.01)
    reward = bn.inputs.Pulse(amplitude=0.05, start=200, duration=10)
    found = weights(trains, rule, [[10.0], []], [[20.0], []], T=900, inputs={"AB.plasticity.reward": reward})
    rate = 1 / 500 + 1 / 100
    c = 0.1 * np.exp(-10 / 20) * np.exp(-180 / 500)  # when dopamine begins
    during = 0.05 * 100 * (500 * (1 - np.exp(-10 / 500)) - (1 - np.exp(-10 * rate)) / rate)
    after = 0.05 * 100 * (1 - np.exp(-10 / 100)) * np.exp(-10 / 500) / rate * (1 - np.exp(-690 * rate))
    assert float(found[-1, 0]) - 0.5 == pytest.approx(0.01 * c * (during + after), rel=1e-4)
    assert float(found[1999, 0]) == 0.5  # nothing before the reward
    assert float(found[-1, 1]) == 0.5  # nothing without a pair


def test_without_reward_nothing_is_learnt(trains):
    found = weights(trains, S.RewardSTDP(d_0=0.0), [[10.0]], [[20.0]], T=300)
    np.testing.assert_array_equal(found, 0.5)


# --- rates --------------------------------------------------------------------------------------------------------


def events(pre, post):
    """Times of all spikes with what fired, presynaptic first."""
    times = np.unique(np.round([*pre, *post], 6))
    return [(t, np.isclose(pre, t).any(), np.isclose(post, t).any()) for t in times]


PRE, POST = (
    np.round(5 + np.cumsum(np.tile([31.0, 17.0, 52.0], 12)), 1),
    np.round(np.cumsum(np.tile([22.0, 41.0], 15)), 1),
)


def test_inhibition_by_events(trains):
    rule = S.VogelsSprekeler(eta=0.01, rho_0=8, tau=25)
    w, x, y, last = 0.5, 0.0, 0.0, 0.0
    for t, a, b in events(PRE, POST):
        x, y = x * np.exp(-(t - last) / 25), y * np.exp(-(t - last) / 25)
        w += 0.01 * (a * (y - 2 * 8e-3 * 25) + b * x)
        x, y, last = x + a, y + b, t
    assert changes(trains, rule, [PRE], [POST])[0] == pytest.approx(w - 0.5, rel=1e-9)


def test_inhibition_rests_at_its_target(trains):
    """Independent trains: the drift has the sign of the rate less the target."""
    draw = np.random.default_rng(5)
    T, n = 20_000.0, 30
    found = []
    for rate in (2.0, 5.0, 10.0):
        pre, post = (
            [np.sort(np.round(draw.uniform(1, T, draw.poisson(r * T / 1000)), 1)) for _ in range(n)]
            for r in (10.0, rate)
        )
        pre, post = ([np.unique(row) for row in side] for side in (pre, post))
        found.append(changes(trains, S.VogelsSprekeler(eta=1e-5, rho_0=5), pre, post, T=T))
    drift = np.mean(found, 1) / 1e-5 / (T / 1000)
    error = np.std(found, 1) / 1e-5 / (T / 1000) / np.sqrt(n)
    expected = np.array([2 * 10 * r * 0.02 - 10 * 0.2 for r in (2.0, 5.0, 10.0)])  # per s
    assert (np.abs(drift - expected) < 4 * error).all(), (drift, expected, error)


def test_bcm_by_events(trains):
    rule = S.BCM(eta=0.005, y_0=20, tau=60, tau_theta=300)
    from scipy.integrate import solve_ivp

    w, y, theta, last = 0.5, 0.0, 0.0, 0.0
    for t, a, b in events(PRE, POST):
        slow = solve_ivp(
            lambda t, z: [-z[0] / 60, (z[0] ** 2 / 20 - z[1]) / 300], (last, t), [y, theta], rtol=1e-10, atol=1e-12
        )
        y, theta = slow.y[:, -1]
        w += a * 0.005 * y * (y - theta) / 20**2
        y, last = y + b * 1000 / 60, t
    assert changes(trains, rule, [PRE], [POST])[0] == pytest.approx(w - 0.5, rel=1e-4)


def test_oja_by_events(trains):
    rule = S.Oja(eta=0.02, y_0=10, tau=80, w_max=2)
    w, x, y, last = 0.5, 0.0, 0.0, 0.0
    for t, a, b in events(PRE, POST):
        x, y = x * np.exp(-(t - last) / 80), y * np.exp(-(t - last) / 80)
        w += b * 0.02 * (2 * x - w * y) / 10
        x, y, last = x + a * 1000 / 80, y + b * 1000 / 80, t
    assert changes(trains, rule, [PRE], [POST])[0] == pytest.approx(w - 0.5, rel=1e-9)


def test_oja_finds_the_ratio_of_the_rates(trains):
    """In the mean a weight rests where w / w_max is the ratio of the rates."""
    pre, post = np.arange(1, 500) * 20.0, np.arange(1, 1000) * 10.0 + 3.0
    found = weights(trains, S.Oja(eta=0.05, y_0=50, tau=500), [pre], [post], start=0.1)
    assert float(found[-1, 0]) == pytest.approx(0.5, rel=0.02)


def test_a_silent_neuron_is_scaled_up(trains):
    """All weights of a neuron by one factor; the rate is forgotten with its own time constant."""
    rule = S.SynapticScaling(tau_w=500, tau_y=200, y_0=5, w_max=100, period=0.1)
    net = bn.Network(
        populations={"A": trains([[], [], []]), "B": trains([[]])},
        projections={
            "AB": bn.Projection(
                "A", "B", bn.connect.AllToAll(), S.Exponential(), weight=np.array([0.1, 0.5, 2.0]), plasticity=rule
            )
        },
    )
    w = bn.simulate(net, T=600, dt=0.1, record="AB.plasticity.weight")["AB.plasticity.weight"].values
    growth = np.exp((600 - 200 * (1 - np.exp(-3))) / 500)
    np.testing.assert_allclose(w[-1] / [0.1, 0.5, 2.0], growth, rtol=1e-3)
    np.testing.assert_allclose(w[-1] / w[-1, 0], [1, 5, 20], rtol=1e-9)


def test_scaling_waits_for_its_period_and_loses_nothing(trains):
    coarse, fine = (
        weights(trains, S.SynapticScaling(tau_w=1e4, tau_y=500, period=period), [[]], [np.arange(1, 60) * 23.7], T=1500)
        for period in (50.0, 0.1)
    )
    assert len(np.unique(coarse)) == 30 + 1
    assert float(coarse[-1, 0]) == pytest.approx(float(fine[-1, 0]), rel=2e-2)
    assert float(coarse[-1, 0]) < 0.45  # 40 Hz is far above 5 Hz
