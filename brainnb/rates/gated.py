"""Networks of gated units: what they forget and what they take in is itself learned."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.fields import Param, param, state, static
from brainnb.core.record import Record

from .channels import in_channels
from .read import Read
from .readout import Readout


class Gated(Read):
    """What gated networks share: weights with the gates first, a state for each unit, and a linear readout."""

    default_method: ClassVar[str] = "euler"
    gates: ClassVar[tuple[str, ...]]
    """What the first index of the weights stands for."""

    N: int = static(50)
    tau: Param = param(1.0, "ms", "length of an update", bounds=(0.1, 1000))
    weight: Param = param((((0.0,),),), "1", "weights between units, gate to from")
    weight_in: Param = param((((0.0,),),), "1", "weights of the inputs, gate to from")
    bias: Param = param(((0.0,),), "1", "offsets, gate to")

    h = state(0.0, "1", "what every unit sends", bounds=(-1, 1))

    def __init__(
        self,
        N: int = 50,
        inputs: int = 1,
        outputs: int = 1,
        *,
        seed: int = 0,
        tau: Any = 1.0,
        weight: Any = None,
        weight_in: Any = None,
        bias: Any = None,
        readout: Readout | None = None,
    ):
        rng, gates, edge = np.random.default_rng(seed), len(self.gates), 1 / np.sqrt(N)
        self.N, self.tau = N, tau
        self.weight = rng.uniform(-edge, edge, (gates, N, N)) if weight is None else weight
        self.weight_in = rng.uniform(-edge, edge, (gates, N, inputs)) if weight_in is None else weight_in
        self.bias = self.begun(gates, N) if bias is None else bias
        self.readout = Readout(np.zeros((outputs, N))) if readout is None else readout

    def begun(self, gates: int, N: int) -> np.ndarray:
        """The offsets before anything is learned."""
        return np.zeros((gates, N))

    def heard(self, I: Array, h: Array) -> Array:
        """What the inputs and the offsets give to every gate, (..., gate, unit)."""
        I = in_channels(I, h, self.weight_in.shape[-1])
        return jnp.einsum("gni,...i->...gn", self.weight_in, I) + self.bias

    def sent(self, h: Array) -> Array:
        """What the units give to every gate, (..., gate, unit)."""
        return jnp.einsum("gnm,...m->...gn", self.weight, h)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {}, dict(out=self.readout(s.h), features=s.h)


class GRU(Gated):
    r"""Gated recurrent units: every unit learns when to keep what it holds and when to hear the others.

    .. math::

        r &= \sigma(U_r h + W_r I + b_r), \qquad z = \sigma(U_z h + W_z I + b_z) \\
        n &= \tanh\big(r \odot (U_n h) + W_n I + b_n\big), \qquad \tau \dot h = (1 - z) \odot (n - h)

    It explains how a learned time constant holds a memory without fine tuning; gates have no counterpart in one cell.
    At ``dt = tau`` a step of Euler is the update that is trained elsewhere, :math:`h \leftarrow z \odot h + (1 - z) \odot n`,
    and its fixed points are those of the flow: slow points are found as for any model.

    Parameters
    ----------
    N, inputs, outputs : int
        Units, and channels in and out.
    tau : number
        Length of an update, ms: the step that the network is run at.
    weight, weight_in, bias : array, optional
        (3, N, N), (3, N, inputs) and (3, N): reset, update, candidate.  Drawn uniformly within
        :math:`\pm 1 / \sqrt N` by ``seed`` unless they are given.

    Inputs and observables
    ----------------------
    ``I`` : channels in, (inputs,).  ``out`` : the readout.  ``features`` : what it reads, :math:`h`.

    Notes
    -----
    The reset acts on what has come from the units, as in today's libraries; in the paper it acts on what they send.

    References
    ----------
    Cho et al. 2014, doi:10.3115/v1/D14-1179, eqs. 5-8; as a flow Jordan, Sokół & Park 2021,
    doi:10.3389/fncom.2021.678158.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(GRU(20, inputs=2, seed=1), T=30, dt=1, I=[1.0, -1.0])
    >>> ds.h.shape, bool(abs(ds.h).max() < 1)
    ((30, 20), True)
    """

    gates: ClassVar[tuple[str, ...]] = ("reset", "update", "candidate")
    __init__ = Gated.__init__

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        a, b = self.heard(u.I, s.h), self.sent(s.h)
        r, z = (jax.nn.sigmoid(a[..., k, :] + b[..., k, :]) for k in (0, 1))
        n = jnp.tanh(a[..., 2, :] + r * b[..., 2, :])
        return dict(h=(1.0 - z) * (n - s.h) / self.tau)


class LSTM(Gated):
    r"""Long short-term memory: a cell that keeps a sum, and gates that say what enters, stays and is shown.

    .. math::

        i, f, o &= \sigma(U h + W I + b), \qquad g = \tanh(U_g h + W_g I + b_g) \\
        c' &= f \odot c + i \odot g, \qquad \tau \dot c = c' - c, \qquad \tau \dot h = o \odot \tanh(c') - h

    It explains how a memory of unlimited length can be learned by gradients that do not fade.  At ``dt = tau`` a step of
    Euler is the update that is trained elsewhere.

    Parameters
    ----------
    N, inputs, outputs : int
        Units, and channels in and out.
    tau : number
        Length of an update, ms: the step that the network is run at.
    weight, weight_in, bias : array, optional
        (4, N, N), (4, N, inputs) and (4, N): in, forget, candidate, out.  Drawn uniformly within
        :math:`\pm 1 / \sqrt N` by ``seed`` unless they are given; the offset of forgetting begins at 1, which keeps.

    Inputs and observables
    ----------------------
    ``I`` : channels in, (inputs,).  ``out`` : the readout.  ``features`` : what it reads, :math:`h`.

    References
    ----------
    Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; forgetting: Gers, Schmidhuber & Cummins 2000,
    doi:10.1162/089976600300015015.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(LSTM(20, inputs=2, seed=1), T=30, dt=1, I=[1.0, -1.0])
    >>> sorted(ds.data_vars), ds.c.shape
    (['c', 'h'], (30, 20))
    """

    gates: ClassVar[tuple[str, ...]] = ("in", "forget", "candidate", "out")
    __init__ = Gated.__init__

    c = state(0.0, "1", "what every cell keeps", bounds=(-3, 3))

    def begun(self, gates: int, N: int) -> np.ndarray:
        return np.repeat([[0.0], [1.0], [0.0], [0.0]], N, axis=1)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        a = self.heard(u.I, s.h) + self.sent(s.h)
        i, f, o = (jax.nn.sigmoid(a[..., k, :]) for k in (0, 1, 3))
        c = f * s.c + i * jnp.tanh(a[..., 2, :])
        return dict(c=(c - s.c) / self.tau, h=(o * jnp.tanh(c) - s.h) / self.tau)
