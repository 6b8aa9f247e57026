"""Every mistake is written as a newcomer types it, and the answer is read as a newcomer reads it."""

import math
import textwrap

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn

NOT_OURS = ("Tracer", "jaxpr", "Pjit", "equinox", "object at 0x", "XLA")
"""Words of the machinery below, which no message may hold."""


class Fhn(bn.Model):
    """A model as a newcomer has written it, and then breaks."""

    a: bn.Param = bn.param(0.7, "1", "recovery offset", bounds=(0, 2))
    tau: bn.Param = bn.param(12.5, "ms", "recovery time constant", bounds=(1, 50))
    V = bn.state(-1.0, "1", "fast variable")
    w = bn.state(-0.5, "1", "recovery variable")
    I = bn.input(0.0, "1", "injected current")

    def vector_field(self, t, s, u):
        return dict(V=s.V - s.V**3 / 3 - s.w + u.I, w=(s.V + self.a - 0.8 * s.w) / self.tau)


class Counter(Fhn):
    """The same with a count that is no continuous state."""

    k = bn.state(0, "1", "steps done", discrete=True)

    def on_step(self, t, s, u, key):
        return dict(k=s.k + 1), {}


@pytest.fixture
def answers():
    """Run typed text; the error must be of the given kind, hold all the words and none of the machinery's."""

    def check(typed, error, words, more=None):
        names = dict(bn=bn, np=np, jnp=jnp, jax=jax, math=math, Fhn=Fhn, Counter=Counter, __name__="newcomer")
        names |= more or {}
        names |= dict(fhn=Fhn(), hh=bn.neurons.HodgkinHuxley(), cell=_cell())
        with pytest.raises(error) as caught:
            exec(textwrap.dedent(typed), names)
        message = str(caught.value)
        missing = [word for word in words if word not in message]
        assert not missing, f"{missing} not in: {message}"
        assert type(caught.value) is error, f"{type(caught.value).__name__}: {message}"
        assert not [word for word in NOT_OURS if word in message], message
        assert len(message) < 400, message
        return caught.value

    return check


def _cell():
    return bn.neurons.Cell({"K": bn.channels.PotassiumHH1952(), "leak": bn.channels.Leak()})
