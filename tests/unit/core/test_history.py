"""Lines: what they are, what they hold, and what is read between their rows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.core import history
from brainnb.core.delayed import Line, Moment, Past, watched


class Echo(bn.Model):
    delay: bn.Param = bn.param(1.0, "ms", "delay", bounds=(0, 7.9))
    x = bn.state(1.0, "mV", "value")
    k = bn.state(0, "1", "counter", discrete=True)
    x_ago = bn.history("x", "delay", "value, some time ago")
    x_line = bn.history("x", 3, read="linear")
    k_ago = bn.history("k", 2.0)
    spike_ago = bn.history("spike", 1.0)

    def vector_field(self, t, s, u):
        return dict(x=-s.x_ago(self.delay) / self.delay)

    def on_step(self, t, s, u, key):
        return {}, dict(spike=s.x > 2.0)


class Pair(bn.Model):
    left: Echo = bn.part(Echo)
    right: Echo = bn.part(Echo, delay=2.0)


def kinds(found):
    return {line.path: (line.kind, line.rows) for line in found}


def test_a_line_is_as_long_as_the_bound_of_its_delay_in_a_power_of_two():
    found = kinds(history.lines(Echo(), 0.1))
    assert found == {
        "x_ago": ("cubic", 128),
        "x_line": ("linear", 32 + 32),
        "k_ago": ("step", 32),
        "spike_ago": ("bits", 16),
    }
    assert kinds(history.lines(Echo(delay=7.0), 0.1)) == found
    for dt in (0.1, 0.03, 0.7):
        for line in history.lines(Echo(), dt):
            assert line.rows * dt > line.longest + 2 * dt


def test_noisy_and_jumping_states_are_read_along_straight_lines():
    assert kinds(history.lines(Echo(), 0.1, rough={"x"}))["x_ago"][0] == "linear"


def test_smooth_states_are_read_from_the_curve_of_the_method_unless_the_model_says_how():
    class Mine(Echo):
        x_cubic = bn.history("x", 3, read="cubic")
        x_septic = bn.history("x", 3, read="septic")

    found = kinds(history.lines(Mine(), 0.1, curve="quintic"))
    assert found.pop("x_ago") == ("quintic", 128)
    assert {path: kind for path, (kind, _) in found.items()} == dict(
        x_line="linear", x_cubic="cubic", x_septic="septic", k_ago="step", spike_ago="bits"
    )
    assert kinds(history.lines(Pair(), 0.1, curve="septic"))["left.x_ago"] == ("septic", 128)
    assert kinds(history.lines(Echo(), 0.1, rough={"x"}, curve="septic"))["x_ago"][0] == "linear"


def test_a_line_whose_slopes_are_read_keeps_both_sides():
    (line, *_) = history.lines(Echo(), 0.1, read={"x_ago.slope"})
    assert line.neutral
    assert set(history.blank(line, jnp.ones(3))) == {"value", "slope", "end"}


def test_lines_of_parts_have_the_paths_of_parts():
    found = history.lines(Pair(), 0.1, (4,))
    assert [line.path for line in found][:1] == ["left.x_ago"]
    assert {line.of for line in found} == {f"{part}.{of}" for part in ("left", "right") for of in ("x", "k", "spike")}
    assert {line.units for line in found if line.kind == "bits"} == {(4,)}


# --- reading -------------------------------------------------------------------------------------------------------


def ring(kind, function, step=100, dt=0.1, rows=64, neutral=False):
    """A line that was written from a function of time up to ``step``; before the begin it always had its first value."""
    line = Line("x_ago", "x", 5.0, rows, kind, neutral=neutral)

    def write(i, kept):
        kept = history.placed(line, kept, Moment(i, 0.0, dt), function(i * dt))
        if not line.points:
            return kept
        slope = jax.jacfwd(function)(i * dt)
        return history.sloped(line, kept, i, slope, slope)

    @jax.jit
    def written():
        return jax.lax.fori_loop(0, step + 1, write, history.blank(line, jnp.asarray(function(0.0))))

    return line, written()


def read(past, *asked):
    """What stands in a line, in one program: curves of many points are many operations, each of which would compile."""
    return jax.jit(lambda asked: [past(*delay) if isinstance(delay, tuple) else past(delay) for delay in asked])(asked)


def cubic(t):
    return jnp.asarray(1.0 + t - 0.5 * t**2 + 0.1 * t**3)


@pytest.fixture(scope="module")
def wavy():
    with jax.enable_x64(True):
        return ring("cubic", cubic)


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.137, 0.95, 1.0, 4.999, 5.0])
def test_a_cubic_is_read_exactly_with_its_slope(wavy, delay):
    line, kept = wavy
    past = Past(line, kept, cubic(10.0), Moment(100, 0.0, 0.1))
    assert float(past(delay)) == pytest.approx(float(cubic(10 - delay)), rel=1e-12)
    if delay:
        assert float(past.slope(delay)) == pytest.approx(float(jax.jacfwd(cubic)(10 - delay)), rel=1e-11)


def of_degree(n):
    """A polynomial of this degree about t = 10."""
    weights = np.random.default_rng(n).normal(size=n + 1)
    return lambda t: jnp.asarray(sum(w * (t - 10.0) ** j for j, w in enumerate(weights)))


@pytest.mark.parametrize("neutral", [False, True])
@pytest.mark.parametrize(("kind", "degree"), [("quintic", 5), ("septic", 7)])
def test_longer_curves_are_exact_for_more_at_any_distance(kind, degree, neutral):
    """One-sided where the newest row or the end of the line is near."""
    with jax.enable_x64(True):
        function = of_degree(degree)
        delays = jnp.asarray([0.06, 0.15, 0.1834, 0.211, 0.95, 1.05, 1.31, 1.37])
        line, kept = ring(kind, function, rows=16, neutral=neutral)
        past = Past(line, kept, function(10.05), Moment(100, 0.05, 0.1))
        values, slopes = jax.jit(lambda d: (past(d), past.slope(d)))(delays)
        exact = jax.jit(jax.vmap(lambda t: (function(t), jax.jacfwd(function)(t))))(10.05 - delays)
        np.testing.assert_allclose(values, exact[0], rtol=1e-11)
        np.testing.assert_allclose(slopes, exact[1], rtol=1e-9)
        np.testing.assert_array_equal(*read(past, (delays, jnp.zeros(8, int)), delays))


def test_longer_curves_of_many_units():
    """Each with a delay of its own, and a matrix in front; every one along its own rows."""
    line, kept = ring("quintic", lambda t: jnp.asarray([1.0, 2.0, 3.0]) * t, 60)
    past = Past(line, kept, jnp.asarray([6.0, 12.0, 18.0]), Moment(60, 0.0, 0.1))
    own, matrix = read(past, jnp.asarray([1.0, 2.05, 3.0]), jnp.asarray([[1.05], [2.0]]))
    np.testing.assert_allclose(own, [5, 7.9, 9], rtol=1e-5)
    np.testing.assert_allclose(matrix, [[4.95, 9.9, 14.85], [4, 8, 12]], rtol=1e-5)


@pytest.mark.parametrize("kind", ["quintic", "septic"])
def test_the_begin_of_the_run_is_not_crossed(kind):
    """Before, a constant; then a parabola that leaves it with a slope: both sides are exact, a curve across is not."""
    with jax.enable_x64(True):
        line, kept = ring(kind, lambda t: jnp.asarray(1.0 + t - 0.3 * t**2), step=12)
        past = Past(line, kept, 1.0, Moment(12, 0.0, 0.1))
        before = jnp.asarray([-0.93, -0.25, -0.15, -0.05, -0.001])
        values, slopes = jax.jit(lambda d: (past(d), past.slope(d)))(1.2 - before)
        np.testing.assert_allclose(values, np.ones(5), rtol=1e-13)
        np.testing.assert_allclose(slopes, np.zeros(5), atol=1e-11)
        after = -before
        values, slopes = jax.jit(lambda d: (past(d), past.slope(d)))(1.2 - after)
        np.testing.assert_allclose(values, 1 + after - 0.3 * after**2, rtol=1e-13)
        np.testing.assert_allclose(slopes, 1 - 0.6 * after, rtol=1e-11)


@pytest.mark.parametrize("kind", ["quintic", "septic"])
@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_nothing_is_read_from_rows_that_are_yet_to_come(kind, step):
    """What stands in the ring ahead of the newest row is as old as the line; here it is nonsense."""
    with jax.enable_x64(True):
        line, kept = ring(kind, cubic, step=step)
        ahead = jnp.arange(step + 1, step + 9)
        kept = bn.Record(
            value=kept.value.at[ahead].set(jnp.nan), slope=kept.slope.at[ahead].set(jnp.nan), begin=kept.begin
        )
        past = Past(line, kept, cubic(step * 0.1), Moment(step, 0.0, 0.1))
        then = (np.arange(step) + 0.3) * 0.1
        np.testing.assert_allclose(*read(past, step * 0.1 - then), np.asarray(cubic(then)), rtol=1e-12)


@pytest.mark.parametrize("ahead", [0.0, 0.05, 0.1])
def test_a_delay_counts_from_the_stage_that_asks(wavy, ahead):
    line, kept = wavy
    past = Past(line, kept, cubic(10.0 + ahead), Moment(100, ahead, 0.1))
    assert float(past(1.0)) == pytest.approx(float(cubic(9.0 + ahead)), rel=1e-12)
    parabola = float(past(ahead / 2))  # within the step: of second order
    assert parabola == pytest.approx(float(cubic(10.0 + ahead / 2)), abs=2e-5)


def test_the_value_has_the_gradient_by_the_delay(wavy):
    line, kept = wavy
    past = Past(line, kept, cubic(10.0), Moment(100, 0.0, 0.1))
    for delay in (0.55, 1.0, 3.2):
        assert float(jax.grad(past)(delay)) == pytest.approx(-float(jax.grad(cubic)(10.0 - delay)), rel=1e-9)


@pytest.mark.parametrize("delay", [-0.1, 5.01, jnp.nan])
def test_outside_of_the_line_is_nothing(wavy, delay):
    line, kept = wavy
    past = Past(line, kept, cubic(10.0), Moment(100, 0.0, 0.1))
    assert np.isnan(past(delay))
    assert np.isnan(past.slope(delay))


def test_a_straight_line_and_a_step_between_two_rows():
    line, kept = ring("linear", lambda t: jnp.asarray(t) ** 2, 30)
    past = Past(line, kept, 9.0, Moment(30, 0.0, 0.1))
    assert float(past(0.25)) == pytest.approx((2.7**2 + 2.8**2) / 2)
    line, kept = ring("step", lambda t: jnp.round(jnp.asarray(t) * 10), 30)
    past = Past(line, kept, 30, Moment(30, 0.0, 0.1))
    assert [int(past(d)) for d in (0.0, 0.05, 0.1, 0.3, 0.31)] == [30, 29, 29, 27, 26]


def test_a_step_that_ends_on_a_kink_looks_back_and_one_that_begins_looks_ahead():
    line = Line("x_ago", "x", 5.0, 64, "cubic", neutral=True)
    kept = history.blank(line, jnp.asarray(0.0))
    for i in range(31):  # |t - 1|: slope -1 up to step 10, then 1
        kept = history.placed(line, kept, Moment(i, 0.0, 0.1), abs(i * 0.1 - 1))
        kept = history.sloped(line, kept, i, jnp.where(i < 10, -1.0, 1.0), jnp.where(i <= 10, -1.0, 1.0))
    begins, ends = Past(line, kept, 0.0, Moment(30, 0.0, 0.1)), Past(line, kept, 0.0, Moment(29, 0.1, 0.1))
    assert float(begins.slope(2.0)) == pytest.approx(1.0)
    assert float(ends.slope(2.0)) == pytest.approx(-1.0)
    assert float(begins(2.05)) == pytest.approx(0.05)
    assert float(begins(1.95)) == pytest.approx(0.05)


def test_delays_are_laid_over_the_units():
    line, kept = ring("cubic", lambda t: jnp.asarray([1.0, 2.0, 3.0]) * t, 60)
    past = Past(line, kept, jnp.asarray([6.0, 12.0, 18.0]), Moment(60, 0.0, 0.1))
    expected = {
        (1.0,): [5, 10, 15],
        ((1.0, 2.0, 3.0),): [5, 8, 9],
        (((1.0,), (2.0,)),): [[5, 10, 15], [4, 8, 12]],
        ((1.0, 2.0, 0.5, 4.0), (2, 0, 0, 1)): [15, 4, 5.5, 4],
        (1.0, (2, 2)): [15, 15],
    }
    found = read(past, *(tuple(map(jnp.asarray, asked)) for asked in expected))
    for x, wanted in zip(found, expected.values(), strict=True):
        np.testing.assert_allclose(x, wanted)


@pytest.mark.parametrize("far", [1, 1000, 10**6, 2**30])
def test_delays_are_exact_at_any_age_of_the_run(far):
    """In 32 bits: the position is counted from the step and never from the begin."""
    with jax.enable_x64(False):
        line = Line("x_ago", "x", 5.0, 64, "linear")
        rows = jnp.arange(64)
        kept = bn.Record(value=jnp.where(rows <= far % 64, rows, rows - 64).astype(jnp.float32) - far % 64)
        past = Past(line, kept, jnp.float32(0), Moment(jnp.int32(far), jnp.float32(0), jnp.float32(0.1)))
        np.testing.assert_allclose(past(jnp.asarray([0.1, 1.0, 3.14, 5.0])), [-1, -10, -31.4, -50], rtol=1e-5)


# --- spikes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.1, 0.25, 0.0125])
def test_a_spike_arrives_after_the_nearest_number_of_steps_and_one_at_the_least(dt):
    """For all delays: what on_step reads at the end of step n is what was noted `steps` before."""
    line = Line("spike_ago", "spike", 300 * dt, 512, "bits", (1,))
    kept = history.blank(line)
    kept = history.placed(line, kept, Moment(600, 0.0, dt), jnp.asarray([True]))
    delays = np.array([0, 0.4, 1, 1.2, 1.8, 2, 3.4, 3.6, 17, 100, 299, 300])

    @jax.vmap
    def heard(n):
        return Past(line, kept, None, Moment(n - 1, dt, dt))(jnp.asarray(delays * dt), at=jnp.zeros(12, int))

    arrivals = [np.flatnonzero(x).tolist() for x in heard(jnp.arange(600, 920)).T]
    assert arrivals == [[max(1, round(d))] for d in delays]


def test_nothing_is_heard_from_beyond_the_line():
    line = Line("spike_ago", "spike", 1.0, 16, "bits", (2,))
    kept = bn.Record(value=jnp.full((16, 1), 3, jnp.uint32))
    past = Past(line, kept, None, Moment(100, 0.1, 0.1))
    assert past(1.0).all()
    assert not past(1.2).any()
    assert not past(-0.1).any()


# --- begins, rest, and what was asked ------------------------------------------------------------------------------


def test_a_function_of_time_fills_the_line_with_values_and_slopes():
    (line, *_) = history.lines(Echo(), 0.1)
    kept = history.filled(line, history.blank(line, jnp.asarray(1.0)), jnp.sin, 0.1)
    past = Past(line, kept, 0.0, Moment(0, 0.0, 0.1))
    for delay in (0.1, 0.55, 7.9):
        assert float(past(delay)) == pytest.approx(np.sin(-delay), abs=1e-5)


def test_at_rest_the_past_is_the_present():
    model = Echo()
    s = history.at_rest(model, bn.Record(x=jnp.asarray([1.0, 2.0]), k=0))
    assert s.x_ago(3.0).tolist() == [1.0, 2.0]
    assert s.x_ago(jnp.ones((3, 2))).shape == (3, 2)
    assert s.x_ago(jnp.ones(4), at=jnp.asarray([1, 1, 0, 1])).tolist() == [2.0, 2.0, 1.0, 2.0]
    assert s.x_ago.slope(jnp.ones((3, 2))).tolist() == [[0.0, 0.0]] * 3


def test_who_watches_learns_the_delays():
    line, kept = ring("linear", jnp.asarray, 10)
    past = Past(line, kept, 1.0, Moment(10, 0.0, 0.1))
    with watched() as found:
        past(jnp.asarray([0.5, 0.7]))
        past(0.2)
    assert [tuple(map(float, d)) for d in found["x_ago"]] == [(0.5, 0.7), (0.2, 0.2)]


def test_units_of_delayed_reads_are_checked():
    bn.check_units(Echo())

    class Wrong(Echo):
        def vector_field(self, t, s, u):
            return dict(x=-s.x_ago(s.x) / self.delay)

    with pytest.raises(bn.UnitError, match="mixes"):
        bn.check_units(Wrong())
