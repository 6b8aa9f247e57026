"""The compiled kernel: the same bits as the portable product, built once, and never needed."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import ops
from brainnb.ops import kernels, products
from brainnb.ops.kernels import build

ROOT = Path(__file__).parents[3]
ASK = "from brainnb.ops import kernels; print(kernels.state())"

LISTED = """
#include "step.h"
extern "C" void listed(const uint8_t* fired, int64_t count, int32_t* list, int64_t which, int64_t of) {
  Listed(fired, count, list, Part(which, of));
}
"""


def asked(cache, code=ASK, **env):
    """Start another Python process with a cache folder of its own."""
    env = {**os.environ, "BRAINNB_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT), **env}
    return subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True)


def answer(process):
    text, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return text.strip()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("storage", [ops.CSR, ops.FixedPostNumber])
def test_the_same_bits_as_the_portable_product(storage, shared, dtype, monkeypatch):
    """Spikes, as flags and as numbers: the same sums in the same order.  Graded events agree to rounding."""
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    assert kernels.ready(), kernels.state()
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 90, (203, 7))
    pre = np.repeat(np.arange(203), 7)
    with jax.enable_x64(dtype is np.float64):
        wiring = storage.from_edges(pre, targets.reshape(-1), 0.1 if shared else rng.normal(size=pre.size), (203, 90))
        onto = jnp.asarray(rng.normal(size=90), dtype)
        assert wiring.weight.dtype == onto.dtype == dtype
        by_kernel, by_loop = jax.jit(kernels.deliver), jax.jit(products.portable)
        for rate in (0.0, 0.02, 0.5, 1.0):
            fired = jnp.asarray(rng.random(203) < rate)
            assert kernels.serves(fired, wiring, onto)
            for events in (fired, fired.astype(dtype)):
                np.testing.assert_array_equal(by_kernel(events, wiring, onto), by_loop(events, wiring, onto))
            graded = fired * jnp.asarray(rng.normal(size=203), dtype)
            np.testing.assert_allclose(
                by_kernel(graded, wiring, onto), by_loop(graded, wiring, onto), rtol=50 * np.finfo(dtype).eps, atol=1e-6
            )


@pytest.mark.parametrize("native", [build.NATIVE, ((),)], ids=["this processor", "any of its kind"])
def test_who_fired_is_listed_in_their_order(native, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "NATIVE", native)
    build.build(tmp_path / "listed.so", LISTED, build.EXACT)
    listed = ctypes.CDLL(str(tmp_path / "listed.so")).listed
    listed.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]
    rng = np.random.default_rng(0)
    for count in (0, 1, 63, 64, 65, 128, 1000):
        for rate in (0.0, 0.01, 0.5, 1.0):
            fired = rng.random(count) < rate
            for of in (1, 2, 3, 4):
                found, begins = np.empty(count + 4, np.int32), [count * k // of // 64 * 64 for k in range(of)]
                for which in range(of):
                    listed(fired.ctypes.data, count, found.ctypes.data, which, of)
                lists = [found[begin : begin + number] for begin, number in zip(begins, found[count:], strict=False)]
                np.testing.assert_array_equal(np.concatenate(lists), np.flatnonzero(fired))


@pytest.mark.parametrize("deliver", [kernels.deliver, products.portable], ids=["kernel", "loop"])
def test_a_wrong_target_writes_nowhere(deliver, monkeypatch):
    """Indices are checked when a wiring is built; whoever changes them later writes into nobody else's memory."""
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    assert kernels.ready(), kernels.state()
    wiring = ops.CSR.from_edges([0, 0, 1], [0, 1, 1], [1.0, 2.0, 4.0], (2, 2))
    object.__setattr__(wiring, "indices", jnp.asarray([0, 10**9, -5], jnp.int32))
    fired, onto = jnp.array([True, True]), jnp.zeros(2)
    np.testing.assert_array_equal(jax.jit(deliver)(fired, wiring, onto), [1.0, 0.0])


def test_a_step_of_few_synapses_needs_no_kernel(monkeypatch):
    """What counts is the whole step: one small product among large ones does not leave the kernel."""
    few = ops.CSR.from_edges([0, 0, 1], [0, 1, 1], 1.0, (2, 2))
    assert not kernels.pays(few)
    with kernels.in_step_of(kernels.ENOUGH):
        assert kernels.pays(few)
    many = ops.FixedPostNumber(1.0, np.zeros((kernels.ENOUGH // 60, 60), np.int32), (kernels.ENOUGH // 60, 1))
    assert kernels.pays(many)
    with kernels.in_step_of(3):
        assert not kernels.pays(many)
        with kernels.in_step_of(kernels.ENOUGH), kernels.in_step_of(3):  # a small network in a large one
            assert kernels.pays(few)
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    assert kernels.pays(few)


def test_synapses_inside_a_network_of_the_network_count(monkeypatch):
    monkeypatch.setattr(kernels, "ENOUGH", 40)
    wired = bn.connect.FixedProbability(1.0), bn.synapses.Exponential()

    def area():
        return bn.Network(
            {"E": bn.Population(bn.neurons.LIF(), 4)}, {"EE": bn.Projection("E", "E", *wired, weight=1.0)}
        )

    net = bn.Network({"A": area(), "B": area()}, {"AB": bn.Projection("A.E", "B.E", *wired, weight=1.0)})
    assert bn.export.javascript(net).text.count("the synapses of every neuron that fired") == 3


def test_events_of_another_type_are_left_to_jax():
    wiring = ops.CSR.from_edges([0], [0], 1.0, (1, 1))
    assert not kernels.serves(jnp.zeros(1, jnp.float32), wiring, jnp.zeros(1))
    assert not kernels.serves(jnp.zeros(1, bool), ops.Dense([[1.0]]), jnp.zeros(1))
    assert (jnp.ones(1, jnp.float32) @ wiring).tolist() == [1.0]


@pytest.fixture
def hasty(tmp_path):
    """A compiler that is done in half the time because it does not optimise."""
    script = tmp_path / "c++"
    script.write_text(f'#!/bin/sh\nexec "{build.compiler()}" "$@" -O0\n')
    script.chmod(0o755)
    return {"CXX": str(script)}


def test_processes_that_build_at_once_do_not_disturb_each_other(tmp_path, hasty):
    started = [asked(tmp_path, **hasty) for _ in range(2)]
    assert [answer(p) for p in started] == ["compiled event products"] * 2
    files = list((tmp_path / "kernels").iterdir())
    assert len(files) == 1
    assert files[0].stat().st_mode & 0o077 == 0
    files[0].write_bytes(b"half a file")
    assert answer(asked(tmp_path, **hasty)) == "compiled event products"


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"BRAINNB_KERNELS": "off"}, "switched off by BRAINNB_KERNELS"),
        ({"CXX": "no-such-compiler"}, "no C++ compiler (no-such-compiler)"),
        ({"CXX": "false"}, "refused the source"),
    ],
)
def test_without_a_kernel_jax_computes_and_says_why(env, words, tmp_path):
    code = ASK + (
        "\nimport jax.numpy as jnp; from brainnb import ops"
        "\nprint((jnp.array([True]) @ ops.CSR.from_edges([0], [0], 2.0, (1, 1))).tolist())"
    )
    said = answer(asked(tmp_path, code, **env)).splitlines()
    assert said[0].startswith("event products by JAX:")
    assert words in said[0]
    assert said[1] == "[2.0]"


def test_a_cache_that_others_can_write_is_not_trusted(tmp_path, hasty):
    (tmp_path / "kernels").mkdir(mode=0o700)
    (tmp_path / "kernels").chmod(0o777)
    assert "can be written by other users" in answer(asked(tmp_path, **hasty))


def test_a_kernel_newer_than_jaxlib_is_not_registered():
    """It would disable the whole CPU backend."""
    major, minor = build.interface()
    build.check_interface((major, minor), (major, minor))
    build.check_interface((major, minor), (major, minor + 2))
    for newer in ((major, minor + 1), (major + 1, minor)):
        with pytest.raises(build.NoKernel, match="the kernel speaks FFI"):
            build.check_interface(newer, (major, minor))


def test_importing_builds_nothing(tmp_path):
    code = "import brainnb as bn; bn.ops.CSR; import os; print(os.listdir(os.environ['BRAINNB_CACHE_DIR']))"
    assert answer(asked(tmp_path, code)) == "[]"
