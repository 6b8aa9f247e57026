"""A step as C++ does what XLA does: element by element, event by event, in a loop, and only where it can."""

import ctypes
import dataclasses
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb import ops
from brainnb.channels.base import exprel
from brainnb.core import bits
from brainnb.integrators.phi import phi
from brainnb.ops import kernels
from brainnb.ops.counts import counted
from brainnb.run import loop
from brainnb.run.native import native, source
from brainnb.run.native.firing import changes
from brainnb.run.simulate import prepare

N = 1500
X, Y = np.linspace(-3.0, 5.0, N), np.cos(np.arange(N))


@pytest.fixture(autouse=True)
def _there_is_a_compiler():
    assert kernels.ready(), kernels.state()


def both(step, *states, exact=False):
    """What a step gives by C++ and by JAX; the C++ of it."""
    states = tuple(map(jnp.asarray, states))
    made = native(step, jnp.int32(3), states)
    assert made is not None
    by_jax = jax.jit(step)(jnp.int32(3), states)
    by_cpp = jax.jit(made)(jnp.int32(3), states)
    for a, b in zip(jax.tree.leaves(by_cpp), jax.tree.leaves(by_jax), strict=True):
        assert a.dtype == b.dtype
        far = 0.0 if exact or a.dtype.kind not in "f" else 40 * np.finfo(a.dtype).eps
        np.testing.assert_allclose(np.asarray(a, np.float64), np.asarray(b, np.float64), rtol=far, atol=far)
    return made


# --- operations --------------------------------------------------------------------------------------------------------

SMOOTH = [jnp.exp, jnp.expm1, jnp.tanh, jax.nn.sigmoid, phi, exprel, jnp.sqrt, lambda x: jnp.log(x * x), lambda x: jnp.log1p(x * x), lambda x: x**3, lambda x: 1.0 / (2.0 + x * x), lambda x: (2.0 + x * x) ** -2, lambda x: jax.lax.rsqrt(1.0 + x * x)]  # fmt: skip


@pytest.mark.parametrize("wide", [False, True], ids=["single", "double"])
@pytest.mark.parametrize("function", SMOOTH)
def test_functions(function, wide):
    with jax.enable_x64(wide):
        dtype = jnp.float64 if wide else jnp.float32
        x = jnp.concatenate([jnp.linspace(-30.0, 30.0, N), jnp.linspace(-1e-3, 1e-3, N), jnp.zeros(1)]).astype(dtype)
        both(lambda i, s: ((function(s[0]),), {}), jnp.abs(x) if function is jnp.sqrt else x)


@pytest.mark.parametrize("wide", [False, True], ids=["single", "double"])
def test_where_numbers_end(wide):
    """Overflow, what is too small, and what is no number."""
    with jax.enable_x64(wide):
        dtype = jnp.float64 if wide else jnp.float32
        ends = [
            0.0,
            -0.0,
            np.inf,
            -np.inf,
            np.nan,
            88.5,
            89.5,
            -86.0,
            -150.0,
            709.0,
            710.5,
            -800.0,
            1e-30,
            -1e-30,
            60.5,
        ]
        x = jnp.resize(jnp.asarray(ends, dtype), N)
        for function in (jnp.exp, jnp.expm1, jnp.tanh, jax.nn.sigmoid, jnp.log1p, jnp.log, phi):
            both(lambda i, s, f=function: ((f(s[0]),), {}), x)


def test_comparisons_flags_and_whole_numbers():
    def step(i, s):
        x, y, n, b = s
        bounds = jnp.maximum(x, y) + jnp.minimum(x, 2.0) + jnp.clip(y, -0.5, 0.5)
        rounded = jnp.floor(x) + jnp.ceil(y) + jnp.round(x * 2.0) + jnp.sign(y) + jnp.abs(x)
        flag = (x > y) ^ b | ~(x <= 0.5) & (n == 4)
        n = jnp.where(flag, n * 3 - i, ~n & 7)
        return (bounds, rounded, n, flag), {
            "seen": flag.astype(jnp.float32) != 0,
            "finite": jnp.isfinite(1.0 / jnp.floor(x)),
        }

    both(step, X, Y, jnp.arange(N, dtype=jnp.int32) % 9, Y > 0.3, exact=True)


@pytest.mark.parametrize("wide", [False, True], ids=["single", "double"])
def test_numbers_are_cut_off_to_whole_ones(wide):
    """What is beyond the ends becomes the last one there, and what is no number 0."""
    with jax.enable_x64(wide):
        ends = [0.0, -0.9, 0.9, -7.6, np.nan, np.inf, -np.inf, 2147483520.0, 2147483648.0, -2147483648.0, -2147483904.0]
        x = jnp.resize(jnp.asarray(ends, float), N)
        made = native(lambda i, s: ((s[0],), {"n": s[0].astype(jnp.int32)}), jnp.int32(0), (x,))
        _, seen = jax.jit(made)(jnp.int32(0), (x,))
        np.testing.assert_array_equal(seen["n"], x.astype(jnp.int32))


def test_no_number_stays_none():
    x = np.where(np.arange(N) % 7, X, np.nan)
    both(lambda i, s: ((jnp.maximum(s[0], s[1]), jnp.minimum(s[1], s[0])), {"a": jnp.maximum(s[0], 1.0), "b": jnp.clip(s[0], 0, 1)}), x, Y)  # fmt: skip


def test_what_has_no_words_is_done_between():
    """Sums over all cells, sorting, and a function that C++ is not told."""

    def step(i, s):
        x, total = s
        total = total + jnp.sum(jnp.exp(x))
        y = jnp.sort(jnp.sin(x) * 2.0)
        return (y + total, total), {"mean": jnp.mean(y), "y": y * x}

    made = both(step, X, jnp.float32(1.0))
    assert made.loop is None


# --- states in their place -----------------------------------------------------------------------------------------------


def repeated(step, *states, n=7):
    """Rows and states after ``n`` steps by the C++ loop, which are those of steps by JAX."""
    states = tuple(map(jnp.asarray, states))
    made = both(step, *states)
    assert made.loop is not None
    rows = {name: jnp.zeros((n + 2, *x.shape), x.dtype) for name, x in step(jnp.int32(0), states)[1].items()}
    s, found = jax.jit(made.repeated)(jnp.int32(5), states, rows, jnp.int32(n))
    for k in range(n):
        states, seen = jax.jit(step)(jnp.int32(5 + k), states)
        for name, x in seen.items():
            np.testing.assert_allclose(np.asarray(found[name][k], float), np.asarray(x, float), rtol=1e-5, atol=1e-5)
    for a, b in zip(s, states, strict=True):
        np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-5, atol=1e-5)
    for x in found.values():
        assert not np.any(x[n:])


def test_a_loop_writes_states_and_rows():
    def step(i, s):
        x, t, kept = s
        x = 0.9 * x + 0.1 * jnp.tanh(x) + 0.01 * i
        return (x, t + 0.5, kept), {"x": x, "t": t, "above": x > 0.5, "before": s[0]}

    repeated(step, X, jnp.float32(0.0), Y)


def test_states_that_change_places():
    """Where one state becomes what another was, none may be overwritten before it is read."""
    repeated(lambda i, s: ((s[1] + 1.0, s[0] * 0.5), {"sum": s[0] + s[1]}), X, Y)
    made = native(lambda i, s: ((s[1], s[0]), {"sum": s[0] * 2.0}), jnp.int32(0), (jnp.asarray(X), jnp.asarray(Y)))
    assert made.loop is None  # nothing is made of them that could be written


def test_arrays_of_several_sizes_and_equal_work():
    def step(i, s):
        x, y, z = s
        return (x * 0.5 + 1.0, y * 0.5 + 1.0, z + jnp.float32(i)), {"z": z * 2.0}

    repeated(step, X, jnp.linspace(0.0, 1.0, 1203), jnp.linspace(0.0, 1.0, 5))


def wired(storage, weight):
    rng = np.random.default_rng(1)
    return storage.from_edges(np.repeat(np.arange(N), 6), rng.integers(0, 1100, 6 * N), weight, (N, 1100))


WEIGHTS = [0.25, np.linspace(0.1, 2.0, 6 * N)]


@pytest.mark.parametrize("weight", WEIGHTS, ids=["one", "each"])
@pytest.mark.parametrize("storage", [ops.CSR, ops.FixedPostNumber])
def test_events_reach_their_targets(storage, weight):
    wiring = wired(storage, weight)

    def step(i, s):
        x, g = s
        x = x * 0.8 + jnp.sin(jnp.float32(i)) * 0.1
        return (x, ops.event_product(x > 0.6, wiring, onto=g * 0.9)), {"fired": x > 0.6}

    repeated(step, X, jnp.zeros(1100))


def test_graded_events_and_sums_of_several():
    """One synapse after the other onto the same cells; release is a number."""
    one, other = wired(ops.CSR, WEIGHTS[0]), wired(ops.CSR, WEIGHTS[1])

    def step(i, s):
        x, g, h = s
        release = jnp.where(x > 0.2, x * 0.5, 0.0)
        g = ops.event_product(x > 0.4, other, onto=ops.event_product(x > 0.2, one, onto=g * 0.7))
        return (x * 0.95, g, ops.event_product(release, other, onto=h)), {"g": g, "old": s[2]}

    repeated(step, X, jnp.zeros(1100), jnp.ones(1100))


def fired(x, u, was):
    """Cells that begin anew, each state in another way; ``was`` is written over while it is still wanted."""
    spike = x > 0.3
    return spike, (
        jnp.where(spike, -u, x * 1.1),  # of a state that is changed too
        jnp.where(spike, u + 0.25, u),  # only there another value than before
        jnp.where(spike, jnp.exp(was) * 0.5, x - u),  # of what is gone when the loop is done
    )


def fired_in_turn(x, u, was):
    """A second choice by the same flags, which reads the first."""
    spike = (x > 0.3) | (was > 1.0)
    first = jnp.where(spike, 0.1, x * 1.1)
    return spike, (first, jnp.where(spike, first + u, u * 0.9), jnp.where(~spike, was * 0.9, -was))


def fired_and_counted(x, u, was):
    """Flags that the loop itself reads for something else than a choice; an array of one number."""
    spike = x > 0.3
    return spike, (jnp.where(spike, 0.0, x + 0.2), u + spike.astype(x.dtype), jnp.where(spike, 1.0, 0.0) + 0.0 * was)


@pytest.mark.parametrize("seen", [True, False], ids=["recorded", "unseen"])
@pytest.mark.parametrize("cells", [1500, 4096, 9001])
@pytest.mark.parametrize(("change", "afterwards"), [(fired, 2), (fired_in_turn, 0), (fired_and_counted, 1)])
def test_what_changes_where_a_cell_fired(change, afterwards, cells, seen, monkeypatch):
    """In blocks of cells, of which the last is full or not; so many states are changed when their loop is done."""
    found = []
    monkeypatch.setattr(source, "changes", lambda *given: found.append(changes(*given)) or found[-1])
    rng = np.random.default_rng(cells)
    wiring = ops.CSR.from_edges(*rng.integers(0, cells, (2, 4 * cells)), 0.01, (cells, cells))

    def step(i, s):
        spike, states = change(*s[:3])
        return (*states, ops.event_product(spike, wiring, onto=s[3] * 0.5)), {"spike": spike} if seen else {"u": s[1]}

    repeated(step, *rng.normal(size=(4, cells)))
    assert {len(each) for each in found} == {afterwards}


# --- runs ---------------------------------------------------------------------------------------------------------


def both_runs(model, steps=60, **given):
    """Records of a chunk by C++ and by one program of XLA."""
    prepared = prepare(model, 8.0, 0.1, {}, **given)
    run = prepared.run
    assert run.plan.staged
    found = []
    for plan in (run.plan, dataclasses.replace(run.plan, staged=False)):
        arguments = (run.state, plan.buffer(), np.int32(0), *run.scalars(), np.int32(steps), run.key)
        state, rows = loop.run_chunk(plan, prepared.system, *arguments)
        found.append((state, {p: np.asarray(x)[:steps] for p, x in rows.items()}))
    return found


def made_by(monkeypatch):
    """The native steps that are made from now on."""
    found = []

    def noted(*given):
        found.append(native(*given))
        return found[-1]

    monkeypatch.setattr(loop, "native", noted)
    return found


@pytest.mark.parametrize("network", [bn.networks.COBA, bn.networks.CUBA, bn.networks.COBAHH])
def test_networks_fire_the_same_spikes(network, monkeypatch):
    found = made_by(monkeypatch)
    with jax.enable_x64(True):
        one, other = both_runs(network(1600))
    assert found[0].loop is not None
    assert one[1]["E.spike"].any()
    for path, x in one[1].items():
        np.testing.assert_array_equal(x, other[1][path])
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8), one[0], other[0])


# --- random keys, rings and Poisson numbers: only in a step that is said as a whole ------------------------------------


def drawn(key, mean, neurons, rising=True):
    """A step in which some fire at random, are kept in a ring, and arrive later, by rows in order or in none."""
    rng = np.random.default_rng(2)
    pre, post = rng.integers(0, neurons, 30 * neurons), rng.integers(0, neurons, 30 * neurons)
    delay = rng.choice([0.1, 0.3, 0.8], 30 * neurons)
    wiring = ops.DelayedCSR.from_edges(pre, post, rng.random(30 * neurons), delay, (neurons, neurons))
    if not rising:
        row = np.repeat(np.arange(len(wiring.indptr) - 1), np.diff(wiring.indptr))
        mixed = wiring.indices[np.argsort(row + rng.random(wiring.size))]
        wiring = ops.DelayedCSR(wiring.weight, mixed, wiring.indptr, wiring.delay, wiring.shape)
    assert wiring.rising == rising

    def step(i, s):
        ring, y = s
        one, two = jax.random.split(jax.random.fold_in(key, i))
        count = counted(jax.random.fold_in(two, 7), mean) + counted(one, mean)
        ring = ring.at[i & 15].set(bits.ring_row(count > 1))
        return (ring, ops.event_product_delayed(ring, i, 0.1, wiring, 0.5 * y)), {"n": count, "y": y}

    return step, (bits.blank(16, (neurons,)), jnp.zeros(neurons))


def in_turn(step, state, n):
    """States and rows of ``n`` steps by JAX, and of a loop in C++."""
    with kernels.in_step_of(10**6):
        made = native(step, jnp.int32(0), state)
        assert made.loop is not None
        like = jax.eval_shape(step, jnp.int32(0), state)[1]
        rows = {name: jnp.zeros((n, *x.shape), x.dtype) for name, x in like.items()}
        by_cpp, after = jax.jit(made.repeated)(jnp.int32(3), state, rows, jnp.int32(n)), []
        for k in range(n):
            state, seen = jax.jit(step)(jnp.int32(3 + k), state)
            after.append(seen)
    return by_cpp, (state, {name: jnp.stack([seen[name] for seen in after]) for name in like})


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("neurons", [4000, 4096, 9001])
def test_a_loop_draws_and_remembers(neurons, threads, in_team, monkeypatch):
    """To the last bit; with marks in the rows of the ring and without."""
    monkeypatch.setenv("BRAINNB_KERNELS", "on")  # for few numbers too
    in_team(threads)
    assert jax.config.jax_threefry_partitionable
    step, state = drawn(jax.random.key(5), jnp.linspace(0.0, 4.0, neurons), neurons)
    jax.tree.map(np.testing.assert_array_equal, *in_turn(step, state, 40))


def test_keys_of_another_kind_are_left_to_jax():
    step, state = drawn(jax.random.key(5, impl="rbg"), jnp.full(5000, 1.5), 5000)
    with kernels.in_step_of(10**6):
        assert native(step, jnp.int32(0), state).loop is None


def three_times_the_words(key, y):
    return jax.random.key_data(key) * 3


def sorted_and_noisy(key, y):
    """Half of y is made in C++, before the key is used by another."""
    return jnp.sort(0.5 * y) + jax.random.normal(key, y.shape)


@pytest.mark.parametrize("use", [three_times_the_words, sorted_and_noisy])
def test_keys_that_others_want_too_are_made_by_jax(use):
    """As in Brunel's network: noise of JAX's beside a ring that has words."""
    key = jax.random.key(3)
    drawing, state = drawn(key, jnp.full(5000, 1.5), 5000)

    def step(i, s):
        s, seen = drawing(i, s)
        return s, seen | {"used": use(jax.random.fold_in(key, i), s[1])}

    with kernels.in_step_of(10**6):
        made = native(step, jnp.int32(0), state)
        assert made is not None
        assert made.loop is None
        by_cpp, by_jax = (jax.jit(f)(jnp.int32(3), state) for f in (made, step))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), by_cpp, by_jax)


def test_the_microcircuit_is_one_loop(monkeypatch):
    found = made_by(monkeypatch)
    net = bn.networks.Microcircuit(scale=0.06)
    ds = bn.simulate(net, T=30, dt=0.1, precision="float64")
    assert found[0].loop is not None
    monkeypatch.setattr(loop, "native", lambda *given: None)
    jax.clear_caches()
    np.testing.assert_array_equal(
        bn.simulate(net, T=30, dt=0.1, precision="float64")["cortex.spike"], ds["cortex.spike"]
    )
    assert ds["cortex.spike"].values.any()


# --- threads that share a loop -----------------------------------------------------------------------------------------


@pytest.fixture
def in_team():
    """``in_team(threads)``: from now on so many share every loop, however long it takes."""
    library = kernels.library()

    def form(threads, always=1):
        library.brainnb_form_team(ctypes.c_int64(threads), ctypes.c_int64(always))

    yield form
    form(kernels._threads(), always=0)


def shared_steps():
    count = kernels.library().brainnb_shared_steps
    count.restype = ctypes.c_int64
    return count()


@pytest.mark.parametrize("record", [["*.spike"], ["*.spike", "E.V", "I.V"], []])
@pytest.mark.parametrize("network", [bn.networks.COBA, bn.networks.CUBA, bn.networks.COBAHH])
def test_a_team_does_what_one_does(network, record, in_team, in_chunks_of):
    """To the last bit, however many they are."""
    in_chunks_of(300)
    net = network(2500)  # no number of cells fills the registers
    runs, before = [], shared_steps()
    for threads in (1, 2, 3, 4):
        in_team(threads)
        runs.append(bn.simulate(net, T=30, dt=0.1, record=record))
    assert shared_steps() - before == 3 * 300
    for ds in runs[1:]:
        xr.testing.assert_equal(ds.drop_attrs(), runs[0].drop_attrs())
        assert ds.attrs["final_state"] == runs[0].attrs["final_state"]


@pytest.mark.parametrize("threads", [2, 3, 4])
@pytest.mark.parametrize("weight", ["shared", "own"])
@pytest.mark.parametrize("kind", ["flags", "graded"])
def test_rows_in_no_order_are_shared_too(kind, weight, threads, in_team):
    rng = np.random.default_rng(1)
    pre, post = rng.integers(0, N, 40 * N), rng.integers(0, 2 * N, 40 * N)  # some pairs come twice
    strength = rng.random(40 * N) if weight == "own" else 0.3
    wiring = ops.CSR.from_edges(pre, post, strength, (N, 2 * N))

    def step(i, s):
        x, y = s
        x = x * 1.01 + 0.01
        x = jnp.where(x > 1.0, x - 1.0, x)
        fired = x < 0.05
        y = ops.event_product(fired if kind == "flags" else jnp.where(fired, x, 0.0), wiring, 0.9 * y)
        return (x, y), {"y": y}

    start = (jnp.asarray(rng.random(N)), jnp.zeros(2 * N))
    made = native(step, jnp.int32(0), start)
    assert made.loop is not None
    found = []
    for many in (1, threads):
        in_team(many)
        rows = {"y": jnp.zeros((150, 2 * N))}
        found.append(jax.jit(made.repeated)(jnp.int32(0), start, rows, jnp.int32(150)))
    jax.tree.map(np.testing.assert_array_equal, *found)
    assert np.asarray(found[0][1]["y"]).any()


@pytest.mark.parametrize("rising", [True, False])
def test_rows_with_delays_are_shared_too(rising, in_team):
    step, state = drawn(jax.random.key(1), jnp.full(4500, 1.2), 4500, rising)
    in_team(1)
    alone, by_jax = in_turn(step, state, 30)
    in_team(4)
    shared, _ = in_turn(step, state, 30)
    jax.tree.map(np.testing.assert_array_equal, alone, shared)
    jax.tree.map(np.testing.assert_array_equal, alone, by_jax)


def test_teams_are_given_up_where_they_are_slow(in_team):
    """Four threads on fewer cores wait for each other more than they work; what comes out is the same."""
    net = bn.networks.CUBA(2000)
    in_team(1)
    alone = bn.simulate(net, T=100, dt=0.1)
    in_team(4, always=0)
    xr.testing.assert_equal(bn.simulate(net, T=100, dt=0.1).drop_attrs(), alone.drop_attrs())


def test_two_runs_at_once_do_not_wait_for_one_team(in_team):
    in_team(2)
    net = bn.networks.COBA(2000)
    whole = bn.simulate(net, T=50, dt=0.1)
    with ThreadPoolExecutor(2) as pool:
        for ds in pool.map(lambda _: bn.simulate(net, T=50, dt=0.1), range(4)):
            xr.testing.assert_equal(ds.drop_attrs(), whole.drop_attrs())


def test_spikes_that_take_their_time(monkeypatch):
    """Delays, noise from random numbers and a stride: between what C++ does, XLA does the rest."""
    found = made_by(monkeypatch)
    with jax.enable_x64(True):
        for given in ({}, {"every": 4}):
            one, other = both_runs(bn.networks.Brunel(n=2000), steps=40, **given)
            for path, x in one[1].items():
                np.testing.assert_array_equal(x, other[1][path])
    assert found[0] is not None
    assert found[0].loop is None


def test_without_a_compiler_xla_does_it(monkeypatch):
    monkeypatch.setenv("BRAINNB_KERNELS", "off")
    assert native(lambda i, s: ((s[0] * 2.0,), {}), jnp.int32(0), (jnp.asarray(X),)) is None


def test_a_compiler_that_fails_is_done_without(monkeypatch):
    from brainnb.ops.kernels import build

    monkeypatch.setattr(build, "compiler", lambda: "false")
    kernels._announced.cache_clear()
    assert native(lambda i, s: ((s[0] * 2.0 + 0.123,), {}), jnp.int32(0), (jnp.asarray(X),)) is None


def test_few_cells_and_long_programs_are_left_to_xla():
    assert native(lambda i, s: ((s[0] * 2.0,), {}), jnp.int32(0), (jnp.ones(999),)) is None

    def long(i, s):
        x = s[0]
        for k in range(1500):
            x = jnp.where(x > k, x * 0.5 + k, x + 0.25)
        return (x,), {}

    assert native(long, jnp.int32(0), (jnp.asarray(X),)) is None


def test_numbers_are_no_part_of_the_source(monkeypatch):
    """Another weight, another time constant: nothing is compiled again."""
    seen = []
    real = kernels.announced
    monkeypatch.setattr(kernels, "announced", lambda source, pieces: seen.append(source) or real(source, pieces))
    net = bn.networks.COBA(1600)
    for tau in (20.0, 21.0):
        prepared = prepare(net.replace(**{"E.tau": tau}), 8.0, 0.1, {})
        run = prepared.run
        jax.make_jaxpr(lambda *a, p=run.plan, s=prepared.system: loop.chunk(p, s, *a))(
            run.state, run.plan.buffer(), np.int32(0), *run.scalars(), np.int32(3), run.key
        )
    assert len(seen) == 2
    assert seen[0] == seen[1]


def chunk_by_chunk(model, monkeypatch, most=70, **given):
    """A run in several chunks, and how often rows were copied."""
    copied = []
    home = loop.Run._home

    def noted(self, path, *rest):
        copied.append(path)
        return home(self, path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(loop.Run, "_affordable", lambda self, speed: most)
        patch.setattr(loop.Run, "_home", noted)
        return bn.simulate(model, T=30.0, dt=0.1, **given), copied


@pytest.mark.parametrize("given", [{}, {"every": 2}, {"record": ["E.V", "E.spike", "I.spike"]}], ids=str)
def test_rows_are_written_where_they_belong(given, monkeypatch):
    net = bn.networks.COBA(4000)
    found, copied = chunk_by_chunk(net, monkeypatch, **given)
    with monkeypatch.context() as patch:
        patch.setattr(kernels, "send_home", lambda rows, home: None)
        expected, all_copied = chunk_by_chunk(net, monkeypatch, **given)
    assert found.equals(expected)
    assert found["E.spike"].sum() > 0
    assert len(all_copied) > len(found.data_vars)
    assert (copied == []) == ("every" not in given)  # what is counted over steps is counted by XLA


@pytest.mark.parametrize("writing", [True, False], ids=["while it writes", "before it writes"])
def test_a_run_that_is_cut_off_never_shares_its_memory(writing, monkeypatch):
    """The loop may still be writing when a second Ctrl-C is raised; what it writes into is given to nobody."""
    run = prepare(bn.networks.COBA(4000), 30.0, 0.1, {}).run
    run.room = run.plan.recording(run.records)
    chunk, send, sent = run.chunk, kernels.send_home, []

    def noted(rows, home):
        sent.append(send(rows, home))
        return sent[-1]

    def cut_off(*arguments):
        if writing:
            jax.block_until_ready(chunk(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(kernels, "send_home", noted)
    monkeypatch.setattr(loop, "ABANDONED", kept := [])
    run.chunk = cut_off
    with pytest.raises(KeyboardInterrupt):
        next(run.pieces())
    assert [x is run.room for x in kept] == [True] * writing
    assert len(sent) == 2
    assert all(came() for came in sent)  # nothing waits for rows any more
