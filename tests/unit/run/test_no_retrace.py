"""A structure compiles once; a hundred moves compile nothing."""

import jax
import numpy as np
import pytest

import brainnb as bn

SPELLINGS = [int, float, np.float32, np.float64, np.int64, np.array, str, lambda x: f"{x}"]


@pytest.fixture
def traces():
    """Counts the traces of a function's calls."""

    def count(move):
        before = bn.run.cache.trace_count()
        move()
        return bn.run.cache.trace_count() - before

    return count


def test_a_hundred_moves_of_a_parameter_compile_nothing(decay, traces):
    bn.simulate(decay, T=10)
    assert traces(lambda: [bn.simulate(decay.replace(tau=1 + i % 90), T=10) for i in range(100)]) == 0


@pytest.mark.parametrize("spell", SPELLINGS)
def test_every_spelling_of_a_value_finds_the_compiled_run(decay, traces, spell):
    bn.simulate(decay, T=10, I=1.0)
    assert traces(lambda: bn.simulate(decay.replace(tau=spell(7)), T=10, I=spell(3))) == 0


def test_the_constructor_leads_to_the_same_structure(decay, traces):
    bn.simulate(decay, T=10)
    assert traces(lambda: bn.simulate(type(decay)(tau=3, gain="2"), T=10)) == 0


def test_inputs_and_numbers_of_a_stimulus_move_freely(hh, traces):
    bn.simulate(hh, T=10, I=bn.inputs.Step(amplitude=3.0, start=1.0))

    def move():
        for amplitude in range(20):
            bn.simulate(hh, T=10, I=bn.inputs.Step(amplitude=amplitude, start="2 ms", baseline=np.float32(1)))

    assert traces(move) == 0


def test_a_fresh_function_compiles_and_the_same_one_does_not(decay, traces):
    def drive(t):
        return 0.1 * t

    bn.simulate(decay, T=10, I=drive)
    assert traces(lambda: bn.simulate(decay.replace(tau=5), T=10, I=drive)) == 0
    assert traces(lambda: bn.simulate(decay, T=10, I=lambda t: 0.1 * t)) > 0


def test_another_duration_step_seed_and_stride_compile_nothing(noisy, traces):
    bn.simulate(noisy, T=10, dt=0.1)
    bn.simulate(noisy, T=10, dt=0.1, every=2)

    def move():
        for T in (0.1, 1, 50, 333.3):
            bn.simulate(noisy, T=T, dt=0.1)
        bn.simulate(noisy, T=10, dt=0.05)
        bn.simulate(noisy, T=10, seed=7)
        bn.simulate(noisy, T=30, every=5)
        bn.simulate(noisy, T=30, every=50)

    assert traces(move) == 0


def test_a_continued_run_compiles_nothing(decay, traces):
    ds = bn.simulate(decay, T=10)
    assert traces(lambda: bn.simulate(decay, T=10, init=ds)) == 0
    assert traces(lambda: bn.simulate(decay, T=10, init={"x": 3})) == 0


def test_a_sweep_of_other_values_compiles_nothing(decay, traces):
    bn.sweep(decay, {"tau": [1, 2, 3], "I": [0.0, 1.0]}, T=5)
    assert traces(lambda: bn.sweep(decay.replace(gain=2), {"tau": [4, 5, 6], "I": [2, 3]}, T=9)) == 0


def test_what_is_structure_does_compile(decay, traces):
    class Own(type(decay)):  # no other test has compiled it
        pass

    model = Own()
    bn.simulate(model, T=5)
    assert traces(lambda: bn.simulate(model, T=5, method="heun")) > 0
    assert traces(lambda: bn.simulate(model, T=5, size=17)) > 0
    assert traces(lambda: bn.simulate(model, T=5, record=["I"])) > 0


def test_checks_run_once_for_a_structure(monkeypatch, decay):
    """The hooks are called while a structure is checked and compiled, and never after."""
    calls = []

    class Counted(type(decay)):
        def vector_field(self, t, s, u):
            calls.append(1)
            return super().vector_field(t, s, u)

    model = Counted()
    bn.simulate(model, T=5)
    first = len(calls)
    assert first > 0
    for i in range(1, 50):
        bn.simulate(model.replace(tau=i), T=5 + i)
    assert len(calls) == first


def test_plans_are_kept_by_structure_and_forgotten_in_the_end():
    recent = bn.run.cache.Recent(size=3)
    for i in range(5):
        recent.set(i, str(i))
        recent.get(0)
    assert [recent.get(i) for i in range(5)] == ["0", None, None, "3", "4"]


def test_a_new_model_class_of_the_same_look_is_another_structure(traces):
    """Two classes with one name, as when a notebook cell is run again with a changed equation."""

    def make(sign):
        class Same(bn.Model):
            x = bn.state(1.0)

            def vector_field(self, t, s, u):
                return dict(x=sign * s.x)

        return Same()

    grown, shrunk = bn.simulate(make(+1.0), T=1), bn.simulate(make(-1.0), T=1)
    assert float(grown.x[-1]) == pytest.approx(np.e, rel=1e-4)
    assert float(shrunk.x[-1]) == pytest.approx(1 / np.e, rel=1e-4)


def test_memory_does_not_grow_with_moves(hh):
    import gc

    import psutil

    def moves(n):
        for i in range(n):
            bn.simulate(hh.replace(g_Na=100 + i % 50), T=100, dt=0.02, I=i % 20)
        gc.collect()
        return psutil.Process().memory_info().rss / 2**20

    before = moves(50)
    assert moves(200) - before < 30


def test_a_short_run_does_not_keep_the_buffer_of_a_long_one_alive(decay):
    ds = bn.simulate(decay, T=1, size=200)
    assert ds.x.values.base is None or ds.x.values.base.nbytes <= 2 * ds.x.values.nbytes
    ds.x.values[0, 0] = 99.0
    assert float(ds.x[0, 0]) == 99.0


def test_jit_sees_models_as_arguments(decay):
    seen = []

    @jax.jit
    def look(model):
        seen.append(1)
        return model.tau * 2

    assert [float(look(decay.replace(tau=t))) for t in (1, 2.0, np.float32(3))] == [2.0, 4.0, 6.0]
    assert len(seen) == 1
