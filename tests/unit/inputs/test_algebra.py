"""Stimuli made of stimuli: values, paths, states, and that no number inside compiles anew."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.inputs import (
    Constant,
    Delayed,
    FromData,
    FromFunction,
    FrozenNoise,
    Lasting,
    Noise,
    PoissonSpikes,
    Product,
    Pulse,
    Ramp,
    Repeated,
    Scaled,
    Sequence,
    Sine,
    Step,
    Sum,
)
from brainnb.io import from_json, to_json

T = np.linspace(0, 60, 241)


class Probe(bn.Model):
    """Adds up its input."""

    x = bn.state(0.0, "1", "integral", bounds=(0, 1))
    I = bn.input(0.0, "1", "drive", bounds=(0, 1))

    def vector_field(self, t, s, u):
        return dict(x=u.I + 0.0 * s.x)


def course(stimulus):
    return np.asarray(jax.vmap(stimulus)(jnp.asarray(T)), float)


def run(stimulus, **options):
    given = dict(T=60, dt=0.5, method="euler", record=["I"]) | options
    return bn.simulate(Probe(), I=stimulus, **given).I


STEP, SINE, RAMP = Step(amplitude=3, start=7), Sine(amplitude=2, frequency=30), Ramp(end_value=4, duration=40)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (STEP + SINE, lambda a, b: a + b),
        (STEP - SINE, lambda a, b: a - b),
        (STEP * SINE, lambda a, b: a * b),
        (2 * STEP + SINE / 4, lambda a, b: 2 * a + b / 4),
        (-STEP + 5, lambda a, b: 5 - a),
        (5 - STEP, lambda a, b: 5 - a),
        (1.5 + SINE * 3 - 1, lambda a, b: 0.5 + 3 * b),
        (sum([STEP, SINE, SINE]), lambda a, b: a + 2 * b),
        ((STEP + SINE) * (STEP - SINE), lambda a, b: a**2 - b**2),
        (np.float64(2) * STEP, lambda a, b: 2 * a),
        (jnp.asarray(2.0) * STEP + jnp.asarray(1.0), lambda a, b: 2 * a + 1),
        (STEP + (lambda t: 0.1 * t), lambda a, b: a + 0.1 * T),
    ],
)
def test_operators_do_what_they_do_to_numbers(made, expected):
    np.testing.assert_allclose(course(made), expected(course(STEP), course(SINE)), atol=1e-12)


def test_arrays_give_one_value_per_unit():
    for made in (np.array([1.0, 2.0]) * STEP, STEP * [1.0, 2.0], STEP / np.array([1, 0.5])):
        np.testing.assert_allclose(made(8.0), [3.0, 6.0])
    np.testing.assert_allclose((STEP + np.array([1.0, 2.0]))(0.0), [1.0, 2.0])


def test_delay_moves_the_whole_course():
    late = (STEP + SINE).delayed(12.5)
    np.testing.assert_allclose(course(late), [float((STEP + SINE)(t - 12.5)) for t in T], atol=1e-9)
    assert float(STEP.delayed(3).delayed(4)(13.9)) == 0.0
    assert float(STEP.delayed(3).delayed(4)(14.0)) == 3.0


def test_a_window():
    window = (SINE + 5).lasting(10).delayed(20)
    inside = (T >= 20) & (T < 30)
    np.testing.assert_allclose(course(window), np.where(inside, 5 + course(SINE.delayed(20)), 0.0), atol=1e-9)


def test_rounds():
    again = (RAMP + 1).repeated(15)
    np.testing.assert_allclose(course(again), 1 + (T % 15) / 10, atol=1e-9)


def test_a_sequence_gives_every_piece_its_own_time():
    protocol = Sequence([(2, 10), (Ramp(end_value=5, duration=10), 20), (STEP, 15)], after=-1)
    expected = np.select([T < 10, T < 20, T < 30, T < 37, T < 45], [2, 5 * (T - 10) / 10, 5, 0, 3], default=-1.0)
    np.testing.assert_allclose(course(protocol), expected, atol=1e-9)


def test_a_sequence_of_levels_is_a_section_input():
    """BrainPy's name for it: values, and how long each lasts."""
    found = Sequence([(0, 10), (1, 20), (0.5, 30)])
    np.testing.assert_array_equal(course(found), np.select([T < 10, T < 30, T < 60], [0, 1, 0.5], 0))


@pytest.mark.parametrize("x64", [True, False])
@pytest.mark.parametrize("start", [0.3, 7.7, 100.1])
def test_edges_inside_are_not_lost_to_rounding(start, x64):
    """A pulse of 1 ms lasts ten steps, wherever and however deep it stands."""
    with jax.enable_x64(x64):
        pulse = Pulse(amplitude=1, start=0.7, duration=1)
        for made in (
            pulse.delayed(start),
            Sequence([(0, start), (pulse, 5)]),
            pulse.repeated(9.3).delayed(start).lasting(start + 9),
            (pulse.delayed(0.4) * 1).delayed(start - 0.1).lasting(start + 6),
        ):
            ds = bn.simulate(Probe(), T=120, dt=0.1, I=made, method="euler")
            on = np.diff(np.concatenate([[0.0], ds.x])) > 0.05
            assert on.sum() == 10, made


def test_paths_read_well():
    made = 2 * Step() + Sequence({"rest": (0, 100), "test": (Sine() * Ramp(), 50)}).delayed(20)
    assert list(made.parameters()) == [
        "step.factor", "step.of.amplitude", "step.of.start", "step.of.baseline",
        "sequence.delay",
        "sequence.of.rest.duration", "sequence.of.rest.of.level",
        "sequence.of.test.duration",
        "sequence.of.test.of.sine.mean", "sequence.of.test.of.sine.amplitude",
        "sequence.of.test.of.sine.frequency", "sequence.of.test.of.sine.phase",
        "sequence.of.test.of.ramp.start_value", "sequence.of.test.of.ramp.end_value",
        "sequence.of.test.of.ramp.start", "sequence.of.test.of.ramp.duration",
        "sequence.of.after.level",
    ]  # fmt: skip


def test_sums_stay_flat_and_names_stay_apart():
    a = Step() + Sine() + Step() + (Step() + 2)
    assert list(a.terms) == ["step", "sine", "step_2", "step_3", "constant"]
    kept = Sum({"tone": Sine(), "step": Step()}) + Step()
    assert list(kept.terms) == ["tone", "step", "step_2"]
    assert type(kept.tone) is Sine


NESTED = (
    (2 * Step(start=5) + Noise() - Sequence({"a": (Sine() * Ramp(), 10), "b": (FrozenNoise(), 5)}).repeated(20))
    .delayed(3)
    .lasting(50)
)


def test_no_number_inside_compiles_anew():
    for _ in range(2):
        run(NESTED)
    before = bn.run.cache.trace_count()
    for path, p in NESTED.parameters().items():
        low, high = p.bounds
        value = float(p.value) * 1.1 + 0.01
        run(NESTED.replace({path: np.clip(value, low, high)}))
    run(NESTED.replace({"*.amplitude": 7, "duration": 40, "of.delay": 1}))
    assert bn.run.cache.trace_count() == before


def test_another_number_inside_is_another_course():
    base = run(NESTED).values
    for path in ("duration", "of.delay", "of.of.step.factor", "of.of.noise.sigma", "of.of.sequence.factor"):
        old = float(NESTED.parameters()[path].value)
        assert np.abs(run(NESTED.replace({path: 0.5 * old})).values - base).max() > 1e-3, path


def test_sweeps_reach_inside():
    made = 2 * Constant(level=1) + Constant(level=3)
    ds = bn.sweep(
        Probe(), {"I.constant.factor": [0.0, 1.0], "I.constant_2.level": [3.0, 5.0]}, T=1, I=made, record=["I"]
    )
    np.testing.assert_allclose(ds.I.isel(time=-1), [[3, 5], [4, 6]])


def test_noise_in_a_sum_is_the_noise():
    noise = Noise(mean=1, sigma=2, tau=4)
    alone, summed = run(noise, seed=3), run(noise + 5, seed=3)
    assert summed.std() == pytest.approx(float(alone.std()), rel=0.5)
    scaled = run((10 * noise), seed=3)
    assert float(scaled.std()) > 5 * float(summed.std())


def test_two_noises_are_independent_and_each_is_what_it_was():
    both = Sum({"a": Noise(sigma=3, tau=2), "b": Noise(sigma=4, tau=2)})
    product = Product({"a": Noise(sigma=3, tau=2), "b": Noise(sigma=4, tau=2)})
    added, multiplied = (run(x, T=20_000, dt=0.1, every=10).values for x in (both, product))
    assert added.std() == pytest.approx(5.0, rel=0.05)
    assert multiplied.mean() == pytest.approx(0.0, abs=0.6)
    assert multiplied.std() == pytest.approx(12.0, rel=0.1)


def test_what_has_not_begun_waits():
    """A delayed noise stands still until its time, then moves; in a sequence until its turn."""
    for made in (Noise(mean=1, sigma=2).delayed(20), Sequence([(-9, 20), (Noise(mean=1, sigma=2), 40)])):
        found = run(made, seed=1).values
        assert np.ptp(found[:38]) == 0.0
        assert np.ptp(found[40:]) > 1.0


def test_delayed_noise_is_in_its_stationary_state():
    made = (np.ones(4000) * Noise(mean=1, sigma=np.full(4000, 2.0), tau=5)).delayed(10)
    late = run(made, T=40, size=4000).values[-1]
    assert (late.mean(), late.std()) == (pytest.approx(1, abs=0.15), pytest.approx(2, rel=0.1))


def test_jumps_are_forwarded():
    """Poisson spikes inside a composition: counts come through, before their time none."""
    spikes = PoissonSpikes(rate=1000)
    found = run(2 * spikes.delayed(30) + 1, dt=0.1).values
    assert set(np.unique(found[:295])) == {1.0}
    assert 10 < (found[300:] - 1).sum() / 2 < 60
    again = run(spikes.repeated(10), T=2000, dt=0.1).values
    assert again.sum() == pytest.approx(2000, rel=0.1)


def test_runs_with_composed_noise_are_continued():
    options = dict(T=10, dt=0.1, method="euler", I=NESTED, record=["I", "x"])
    whole = bn.simulate(Probe(), **(options | dict(T=20)))
    second = bn.simulate(Probe(), init=bn.simulate(Probe(), **options), **options)
    np.testing.assert_allclose(second.I, whole.I[100:], atol=1e-9)


def test_files_results_and_units():
    text = to_json(NESTED)
    back = from_json(text)
    assert to_json(back) == text
    assert jax.tree.structure(back) == jax.tree.structure(NESTED)
    ds = bn.simulate(Probe(), T=1, I=2 * Step() + FromData([0, 1], [0, 1], "previous"))
    assert json.loads(ds.attrs["inputs"])["I"] == {
        "stimulus": "Sum",
        "step": {
            "stimulus": "Scaled",
            "factor": 2.0,
            "of": {"stimulus": "Step", "amplitude": 10.0, "start": 10.0, "baseline": 0.0},
        },
        "from_data": {
            "stimulus": "FromData", "interpolation": "previous", "times": [0.0, 1.0], "values": [0.0, 1.0],
            "gain": 1.0, "offset": 0.0, "delay": 0.0,
        },
    }  # fmt: skip
    assert STEP.delayed("0.02 s").parameters()["delay"].value == 20.0
    assert Sequence([(0, "0.1 s"), (1, 5)]).parameters()["constant.duration"].value == 100.0
    bn.check_units(NESTED)


def test_only_the_first_factor_has_the_unit_of_the_input():
    made = Product({"tone": Sine(), "envelope": Ramp()}) * Step()
    controls = bn.widgets.Simulator(bn.neurons.HodgkinHuxley(), T=5, dt=0.05, I=made).controls
    inner = "I.product" if "I.product.tone.amplitude" in controls else "I"
    assert controls[f"{inner}.tone.amplitude"].unit == "uA/cm2"
    assert controls[f"{inner}.envelope.end_value"].unit == "1"
    assert controls["I.step.amplitude"].unit == "1"
    assert controls["I.step.start"].unit == "ms"


def test_composed_noise_cannot_be_looked_at_without_a_run():
    with pytest.raises(bn.ModelError, match=r"Sum evolves: run it to see it, bn\.run\.sample"):
        (Noise() + 1)(3.0)


def test_parts_are_converted_and_kept():
    assert type(Scaled(3, 2).of) is Constant
    assert type(Lasting(lambda t: t, 3).of) is FromFunction
    assert Delayed(STEP, 5).of is STEP
    assert Repeated(STEP, 5).of is STEP


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: STEP + "5 pA", r"A sum got '5 pA'; a level has the unit of the input that is driven"),
        (lambda: STEP + Step, r"A sum got the class Step; build it, Step\(\.\.\.\)"),
        (lambda: STEP + bn.neurons.LIF(), r"A sum got LIF; a stimulus of bn.inputs or a number was expected"),
        (lambda: STEP * None, r"A product got NoneType"),
        (lambda: STEP / SINE, r"A stimulus is divided by a number; got Sine"),
        (lambda: STEP / 0, r"divided by 0; a number other than 0"),
        (lambda: Sum([]), r"Sum of nothing: at least one part was expected"),
        (lambda: Sum({"a b": STEP}), r"Sum: 'a b' is no name; use a word such as 'tone'"),
        (lambda: Sum(STEP), r"Sum takes a list or a mapping of names; got Step"),
        (lambda: Sum({"t": STEP}), r"a part cannot be called `t`"),
        (lambda: Sequence([STEP]), r"Sequence got Step; a pair \(stimulus or number, duration in ms\) was expected"),
        (lambda: Sequence({"a": 5}), r"Sequence: `a` got 5; a pair"),
        (lambda: Sequence([(0, -5)]), r"Lasting\.duration = -5 ms is outside \[0, inf\] ms"),
        (lambda: Sequence([("1 mV", 5)]), r"Sequence got '1 mV'; a level has the unit"),
        (lambda: Sequence([(0, "5 mV")]), r"Lasting\.duration = '5 mV' is in mV; a value in ms was expected"),
        (lambda: STEP.repeated(0), r"Repeated\.period = 0 ms is outside"),
        (lambda: STEP.delayed(-1), r"Delayed\.delay = -1 ms is outside"),
        (lambda: (STEP + SINE).replace({"step.amplitute": 3}), r"Did you mean `step\.amplitude`\?"),
    ],
)  # fmt: skip
def test_mistakes_are_answered(make, message):
    with pytest.raises((bn.ModelError, bn.UnitError, bn.OutOfBounds, bn.UnknownName), match=message):
        make()
