"""Every model and every published network becomes a program for a graphics card, on a machine without one.

It is traced and lowered, not compiled: that no operation is missing there and none of the CPU's own is in it.
"""

import dataclasses
import re
from functools import partial

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.networks import published
from brainnb.run.loop import chunk
from brainnb.run.simulate import prepare
from brainnb.run.step import begin

SMALL = {
    "COBA": dict(n=160),
    "COBAHH": dict(n=160),
    "CUBA": dict(n=160),
    "ING": dict(n=10),
    "PING": dict(n=20),
    "Brunel": dict(n=50, inputs=10),
    "BrunelHakim": dict(n=50, inputs=10),
    "Hopfield": dict(patterns=[[1, -1, 1, -1], [1, 1, -1, -1]]),
    "Joglekar2018": {},
    "Mi2017": {},
    "Microcircuit": dict(scale=0.002),
    "Song2000": dict(n=20),
    "Synfire": dict(spikes=5, groups=2, size=5),
    "VentralStream": dict(n=80),
    "VreeswijkSompolinsky": dict(n=40, inputs=10),
    "Wang2002": dict(scale=0.02),
}


@pytest.fixture(autouse=True)
def nothing_is_compiled(monkeypatch):
    """The first state of a run is known by its shapes."""
    monkeypatch.setitem(prepare.__globals__, "begin", partial(jax.eval_shape, begin))


def program(model, given, platform="cuda"):
    """The text of the loop that ``bn.simulate`` compiles, as it is on a card: not cut into kernels.

    The export refuses what has no form on the platform, and calls that are not XLA's own, such as the CPU's kernels.
    """
    ready = prepare(model, 1.0, 0.1, given)
    run, plan = ready.run, dataclasses.replace(ready.run.plan, staged=False)
    given = ready.system, run.state, plan.buffer(), np.int32(0), *run.scalars(), np.int32(1), run.key
    return jax.export.export(jax.jit(partial(chunk, plan)), platforms=[platform])(*given).mlir_module()


def wide(text):
    """Lines with numbers in double precision, which nobody asked for."""
    return [line for line in text.splitlines() if re.search(r"\bf64\b|xf64\b", line)]


def test_every_model_becomes_a_program_for_a_card(specimen):
    model = specimen.build()
    assert not wide(program(specimen.carrier(model), specimen.given(model)))


@pytest.mark.parametrize("name", published.__all__)
def test_every_published_network_becomes_a_program_for_a_card(name, monkeypatch):
    """Also where the compiled kernels of the CPU are used for the smallest network."""
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    assert not wide(program(getattr(bn.networks, name)(**SMALL[name]), {}))


def test_what_does_not_belong_there_would_be_found(monkeypatch):
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    net = bn.networks.CUBA(**SMALL["CUBA"])
    with pytest.raises(ValueError, match="brainnb_events"):
        program(net, {}, platform="cpu")
    with jax.enable_x64(True):
        assert wide(program(bn.neurons.LIF(), {}))
