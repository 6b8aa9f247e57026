"""What XLA is asked for: never against the user, never with words it does not know."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from brainnb.core import xla

ROOT = Path(__file__).parents[3]

RUN = """
import json, os, numpy as np, brainnb as bn
hh = bn.neurons.HodgkinHuxley()
one = bn.simulate(hh, T=10, dt=0.02, I=10).V.values
many = bn.sweep(hh, {"I": np.linspace(0, 20, 9)}, T=10, dt=0.02).V.values
from brainnb.core import xla
print(json.dumps(dict(flags=os.environ.get("XLA_FLAGS", ""), wide=xla.wide(), V=[one.tolist(), many.tolist()])))
"""


def start(**settings):
    own = {k: v for k, v in os.environ.items() if k not in ("XLA_FLAGS", "BRAINNB_XLA")}
    environment = own | {"PYTHONPATH": str(ROOT), "JAX_ENABLE_X64": "1"} | settings
    return subprocess.Popen(
        [sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


def test_the_settings_change_no_result():
    processes = [start(), start(BRAINNB_XLA="off"), start(BRAINNB_XLA="fused")]
    on, off, fused = map(said, processes)
    assert "small_while_loop" in on["flags"]
    assert "multi_output" not in on["flags"]
    assert "multi_output" in fused["flags"]
    assert (off["flags"], off["wide"]) == ("", {})
    for other in (off, fused):
        for a, b in zip(on["V"], other["V"], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@pytest.fixture
def user(monkeypatch, tmp_path):
    """A user's environment, and a memory of what was tried."""
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    monkeypatch.delenv("BRAINNB_XLA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for asked in (xla.wide, xla.alone, xla.brief):
        asked.cache_clear()
    yield monkeypatch
    for asked in (xla.wide, xla.alone, xla.brief):
        asked.cache_clear()


@pytest.mark.parametrize("word", ["off", "0", "OFF"])
def test_off_is_off(user, word):
    user.setenv("BRAINNB_XLA", word)
    xla.keep_loops_whole()
    assert "XLA_FLAGS" not in os.environ
    assert xla.wide() == xla.brief() == {}


def test_what_the_user_set_stays(user):
    user.setenv("XLA_FLAGS", "--xla_backend_extra_options=mine=1")
    xla.keep_loops_whole()
    assert os.environ["XLA_FLAGS"] == "--xla_backend_extra_options=mine=1"
    user.setenv("XLA_FLAGS", "--xla_cpu_prefer_vector_width=128")
    assert xla.wide() == {}
    xla.keep_loops_whole()
    assert os.environ["XLA_FLAGS"].startswith("--xla_cpu_prefer_vector_width=128 --xla_backend_extra_options=")


def test_an_unknown_word_is_told(user):
    user.setenv("BRAINNB_XLA", "fast")
    with pytest.warns(UserWarning, match="BRAINNB_XLA=fast: 'on', 'off' or 'fused'"):
        xla.keep_loops_whole()
    assert "small_while_loop" in os.environ["XLA_FLAGS"]


@pytest.mark.parametrize("understands", [True, False])
def test_another_version_is_asked_once(user, understands, tmp_path):
    """As with a jaxlib that nobody has tried: one process finds out, and its answer is remembered."""
    asked = []
    user.setattr(xla, "KNOWN", ("9.",))
    user.setattr(xla, "tried", lambda flag: asked.append(flag) or understands)
    for _ in range(2):
        user.delenv("XLA_FLAGS", raising=False)
        xla.keep_loops_whole()
        assert ("XLA_FLAGS" in os.environ) is understands
    assert len(asked) == 1
    (tmp_path / "brainnb").rename(tmp_path / "gone")
    (tmp_path / "brainnb").touch()  # no folder can be made: asked each time, and nothing else happens
    xla.understood("--xla_backend_extra_options=a=1")
    assert len(asked) == 2


def test_an_unknown_flag_ends_only_the_process_that_tries_it(user):
    user.setattr(xla, "KNOWN", ())
    user.setattr(xla, "EXTRA", "xla_there_is_no_such_list")
    xla.keep_loops_whole()
    assert "XLA_FLAGS" not in os.environ


def test_an_unknown_option_of_one_program_is_left_out(user):
    user.setattr(xla, "KNOWN", ())
    assert xla.wide() == xla.WIDE
    xla.wide.cache_clear()
    user.setattr(xla, "WIDE", {"xla_cpu_there_is_no_such_width": 512})
    assert xla.wide() == {}


def test_what_small_programs_ask_for_is_known_here(user):
    user.setattr(xla, "KNOWN", ())
    assert xla.brief() == xla.BRIEF
    xla.brief.cache_clear()
    user.setenv("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=true")
    assert xla.brief() == {}


def test_kernels_are_tried_with_versions_that_nobody_tried(user):
    user.setattr(xla, "TRIED", ())
    assert xla.alone() == {**xla.wide(), **xla.ALONE}
    xla.alone.cache_clear()
    user.setattr(xla, "ALONE", {"xla_disable_hlo_passes": "a-pass-that-is-not-there"})
    assert xla.alone() == {}


def test_passes_that_the_user_chose_stay(user):
    user.setenv("XLA_FLAGS", "--xla_disable_hlo_passes=cse")
    assert xla.alone() == {}


def test_kernels_can_be_switched_off(user):
    user.setenv("BRAINNB_XLA", "off")
    assert xla.alone() == {}


def test_what_is_done_in_turn_is_a_call_of_its_own(monkeypatch):
    """XLA does not write it out; where settings are switched off it is a part of the program like any other."""
    half = xla.in_turn(lambda x, y: (jnp.sin(x) @ y, x + y))

    def text():
        return jax.jit(lambda x, y: half(*half(x, y))[0]).lower(jnp.ones((3, 3)), jnp.eye(3)).compile().as_text()

    np.testing.assert_allclose(half(jnp.ones((3, 3)), jnp.eye(3))[0], np.full((3, 3), np.sin(1.0)), rtol=1e-6)
    assert text().count(" call(") == 2
    monkeypatch.setenv(xla.SWITCH, "off")
    assert " call(" not in text()
