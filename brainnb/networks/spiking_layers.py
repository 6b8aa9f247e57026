"""Spiking units in layers, each driven by the one before."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, input, observable, param, state, static
from brainnb.core.model import Model
from brainnb.core.record import Inputs, Record
from brainnb.core.spikes import spike
from brainnb.rates import Readout
from brainnb.rates.channels import in_channels, through
from brainnb.rates.read import Read

from .spiking_network import damped_triangle


class SpikingLayer(Model):
    r"""Integrate-and-fire units that hear what comes in and not each other: a part of :class:`SpikingLayers`.

    .. math:: \tau \dot V = -V + W I + b, \qquad z = \Theta(V - V_{th}), \qquad V \to V - V_{th} z \text{ one step later}

    Examples
    --------
    >>> SpikingLayer(np.ones((3, 2))).replace(tau=5).tau.item()
    5.0
    """

    default_method: ClassVar[str] = "exponential_euler"

    slope: Callable[[Array], Array] = static(damped_triangle)
    detach_reset: bool = static(True)
    tau: Param = param(20.0, "ms", "membrane time constant", bounds=(0.1, 200))
    V_th: Param = param(1.0, "1", "threshold", bounds=(1e-4, 100))
    weight: Param = param(((0.0,),), "1", "weights, to from")
    bias: Param = param((0.0,), "1", "offset of each unit")

    V = state(0.0, "1", "potential", bounds=(-2, 2))
    z = state(0.0, "1", "spikes of the last step", bounds=(0, 1), discrete=True)
    I = input(0.0, "1", "what comes in", bounds=(-1, 1))
    spike = observable("1", "spikes of this step")

    def __init__(
        self,
        weight: Any,
        bias: Any = None,
        *,
        slope: Callable[[Array], Array] = damped_triangle,
        detach_reset: bool = True,
        tau: Any = 20.0,
        V_th: Any = 1.0,
    ):
        self.weight, self.bias = weight, np.zeros(np.shape(weight)[0]) if bias is None else bias
        self.slope, self.detach_reset, self.tau, self.V_th = slope, detach_reset, tau, V_th

    @property
    def N(self) -> int:
        """How many units."""
        return self.weight.shape[0]

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return jax.tree.map(lambda x: jnp.broadcast_to(x[..., None], (*size, self.N)), s)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        I = in_channels(u.I, s.V, self.weight.shape[1])
        return dict(V=(through(self.weight, I) + self.bias - s.V) * (1.0 / self.tau))  # one division for all units

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        V = s.V - self.V_th * (jax.lax.stop_gradient(s.z) if self.detach_reset else s.z)
        z = spike((V - self.V_th) * (1.0 / self.V_th), self.slope)
        return dict(V=V, z=z), dict(spike=z)


class SpikingLayers(Read):
    r"""A feed-forward network of spiking layers with a leaky linear readout of the last one.

    .. math::

        \tau \dot V^{l} = -V^{l} + W^{l} z^{l-1} + b^{l}, \qquad z^{0} = I, \qquad
        \tau_{out} \dot f = -f + z^{L}, \qquad y = W_{out} f + b_{out}

    It explains how far layers of spikes carry a picture or a sound, and what depth costs: every layer takes a step.  There
    is no recurrence; :class:`SpikingNetwork` has it.

    Parameters
    ----------
    sizes : list of int
        Channels in, units of every layer, channels out: ``[64, 100, 50, 10]`` has two layers.
    slope, detach_reset, tau, V_th : as for :class:`SpikingNetwork`, in every layer
    tau_out : number
        Time constant of the readout, ms.
    scale, seed : number
        Random weights of standard deviation ``scale`` over the root of how many there are to a unit.

    Inputs and observables
    ----------------------
    ``I`` : channels in.  ``layer1.spike`` ... : spikes of a layer.  ``out`` : the readout.  ``features`` : what it reads.

    References
    ----------
    Neftci, Mostafa & Zenke 2019, doi:10.1109/MSP.2019.2931595.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = SpikingLayers([3, 20, 10, 2], scale=20.0, seed=1)
    >>> ds = bn.simulate(net, T=100, dt=1, I=[1.0, 1.0, 1.0], record=["layer*.spike", "out"])
    >>> ds["layer2.spike"].shape, ds.out.shape, int(ds["layer2.spike"].sum()) > 0
    ((100, 10), (100, 2), True)
    """

    default_method: ClassVar[str] = "exponential_euler"

    layers: Record = eqx.field(converter=Record)
    tau_out: Param = param(20.0, "ms", "time constant of the readout", bounds=(0.1, 500))

    f = state(0.0, "1", "filtered spikes of the last layer", bounds=(0, 1))

    def __init__(
        self,
        sizes: Any = (1, 20, 1),
        *,
        slope: Callable[[Array], Array] = damped_triangle,
        detach_reset: bool = True,
        tau: Any = 20.0,
        V_th: Any = 1.0,
        tau_out: Any = 20.0,
        scale: float = 10.0,
        seed: int = 0,
        layers: Any = None,
        readout: Readout | None = None,
    ):
        sizes, rng = list(sizes), np.random.default_rng(seed)
        if len(sizes) < 3 or any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1 for n in sizes):
            raise ModelError(
                f"SpikingLayers: sizes={sizes}; channels in, units of at least one layer, channels out were expected, "
                "[64, 100, 10]."
            )

        def drawn(before: int, units: int) -> SpikingLayer:
            W = rng.normal(0.0, scale / np.sqrt(before), (units, before))
            return SpikingLayer(W, slope=slope, detach_reset=detach_reset, tau=tau, V_th=V_th)

        pairs = itertools.pairwise(sizes[:-1])
        self.layers = {f"layer{i}": drawn(*ns) for i, ns in enumerate(pairs, 1)} if layers is None else layers
        self.tau_out = tau_out
        read = rng.normal(0.0, 1 / np.sqrt(sizes[-2]), (sizes[-1], sizes[-2]))
        self.readout = Readout(read) if readout is None else readout

    @property
    def last(self) -> str:
        """The layer that is read."""
        return list(self.layers)[-1]

    @property
    def _units(self) -> int:
        return self.layers[self.last].N

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        found, heard = {}, u.I
        for name, layer in self.layers.items():
            found[name] = layer.vector_field(t, s[name], Inputs(I=heard))
            heard = s[name].z
        return dict(f=(heard - s.f) * (1.0 / self.tau_out)) | found

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        changed, seen = {}, {}
        for name, layer in self.layers.items():
            changed[name], seen[name] = layer.on_step(t, s[name], Inputs(), key)
        return changed, seen | dict(out=self.readout(s.f), features=s.f)
