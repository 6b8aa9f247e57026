"""A recurrent network of integrate-and-fire units with a readout: the spiking network that is trained."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.fields import Param, param, state, static
from brainnb.core.record import Record
from brainnb.core.spikes import spike, triangle
from brainnb.rates import Readout
from brainnb.rates.channels import in_channels, through
from brainnb.rates.read import Read


def damped_triangle(x: Array) -> Array:
    r"""$0.3 \max(0, 1 - |x|)$ (Bellec et al. 2018, arXiv:1803.09574)."""
    return 0.3 * triangle(x)


class SpikingNetwork(Read):
    r"""Integrate-and-fire units with adapting thresholds, weights among them, and a leaky linear readout.

    .. math::

        \tau \dot V &= -V + W z + W_{in} I + b, \qquad \tau_a \dot a = -a + z, \qquad
        \tau_{out} \dot f = -f + z \\
        z &= \Theta\big(V - V_{th} - \beta a\big), \qquad V \to V - V_{th} z \text{ one step later}, \qquad
        y = W_{out} f + b_{out}

    It explains how far spikes alone can compute, and why slow adaptation is a memory; conductances and refractory times
    are outside.  ``z`` is 0 or 1 in every step, and what is sent in a step arrives in the next: the step is part of the
    model, 1 ms by habit.

    Parameters
    ----------
    N, inputs, outputs : int
    slope : function
        Surrogate slope of the spike, of the distance to threshold in units of ``V_th``.
    detach_reset : bool
        Whether gradients leave out the reset.
    cut : bool
        Whether gradients also leave out what travels between units: those of e-prop.
    autapses : bool
        Whether units reach themselves.
    g, scale, seed : number
        Random weights of standard deviation :math:`g / \sqrt N`, and ``scale`` :math:`/ \sqrt{inputs}` from the inputs;
        ``weight`` and ``weight_in`` may be given instead.

    Inputs and observables
    ----------------------
    ``I`` : channels in, (inputs,).  ``spike`` : :math:`z`.  ``out`` : the readout.  ``features`` : what it reads.

    References
    ----------
    Bellec et al. 2020, doi:10.1038/s41467-020-17236-y, eqs. 6-13 (there the adaptation is not scaled by its time).

    Examples
    --------
    >>> import brainnb as bn
    >>> net = SpikingNetwork(20, 3, 1, seed=1)
    >>> ds = bn.simulate(net, T=200, dt=1, I=[2.0, 2.0, 2.0], record=["spike", "out"])
    >>> int(ds.spike.sum()) > 20
    True
    """

    default_method: ClassVar[str] = "exponential_euler"
    eligible: ClassVar[dict[str, str]] = {"weight": "z", "weight_in": "I"}
    """Weights that e-prop learns, and what they carry: a state or an input."""
    local: ClassVar[tuple[str, ...]] = ("V", "a", "z", "f")
    """States that belong to one unit; with ``cut`` none reaches another unit."""

    N: int = static(50)
    slope: Callable[[Array], Array] = static(damped_triangle)
    detach_reset: bool = static(True)
    cut: bool = static(False)
    autapses: bool = static(False)
    tau: Param = param(20.0, "ms", "membrane time constant", bounds=(0.1, 200))
    tau_a: Param = param(200.0, "ms", "time constant of the adaptation", bounds=(1, 5000))
    tau_out: Param = param(20.0, "ms", "time constant of the readout", bounds=(0.1, 500))
    V_th: Param = param(1.0, "1", "threshold", bounds=(1e-4, 100))
    beta: Param = param(0.0, "1", "rise of the threshold with the adaptation")
    weight: Param = param(((0.0,),), "1", "weights between units, to from")
    weight_in: Param = param(((0.0,),), "1", "weights of the inputs")
    bias: Param = param((0.0,), "1", "offset of each unit")

    V = state(0.0, "1", "potential", bounds=(-2, 2))
    a = state(0.0, "1", "adaptation", bounds=(0, 1))
    z = state(0.0, "1", "spikes of the last step", bounds=(0, 1), discrete=True)
    f = state(0.0, "1", "filtered spikes", bounds=(0, 1))

    def __init__(
        self,
        N: int = 50,
        inputs: int = 1,
        outputs: int = 1,
        *,
        slope: Callable[[Array], Array] = damped_triangle,
        detach_reset: bool = True,
        cut: bool = False,
        autapses: bool = False,
        g: float = 1.0,
        scale: float = 1.0,
        seed: int = 0,
        tau: Any = 20.0,
        tau_a: Any = 200.0,
        tau_out: Any = 20.0,
        V_th: Any = 1.0,
        beta: Any = 0.0,
        weight: Any = None,
        weight_in: Any = None,
        bias: Any = None,
        readout: Readout | None = None,
    ):
        rng = np.random.default_rng(seed)
        self.N, self.slope, self.detach_reset, self.cut, self.autapses = N, slope, detach_reset, cut, autapses
        self.tau, self.tau_a, self.tau_out, self.V_th, self.beta = tau, tau_a, tau_out, V_th, beta
        self.weight = rng.normal(0.0, g / np.sqrt(N), (N, N)) if weight is None else weight
        self.weight_in = rng.normal(0.0, scale / np.sqrt(inputs), (N, inputs)) if weight_in is None else weight_in
        self.bias = np.zeros(N) if bias is None else bias
        read = rng.normal(0.0, 1 / np.sqrt(N), (outputs, N))
        self.readout = Readout(read) if readout is None else readout

    def connectivity(self) -> Array:
        """The weights that act."""
        return self.weight if self.autapses else self.weight * (1.0 - jnp.eye(self.N))

    def carried(self, s: Record, u: Record) -> dict[str, Array]:
        """What the weights of a unit carry to it, by path."""
        return {"weight": s.z, "weight_in": jnp.broadcast_to(u.I, self.weight_in.shape[1:])}

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        sent = jax.lax.stop_gradient(s.z) if self.cut else s.z
        I = in_channels(u.I, s.V, self.weight_in.shape[1])
        current = through(self.connectivity(), sent) + through(self.weight_in, I) + self.bias
        fast, slow, out = 1.0 / self.tau, 1.0 / self.tau_a, 1.0 / self.tau_out  # one division for all units
        return dict(V=(current - s.V) * fast, a=(s.z - s.a) * slow, f=(s.z - s.f) * out)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        V = s.V - self.V_th * (jax.lax.stop_gradient(s.z) if self.detach_reset or self.cut else s.z)
        z = spike((V - self.V_th - self.beta * s.a) * (1.0 / self.V_th), self.slope)
        return dict(V=V, z=z), dict(spike=z, out=self.readout(s.f), features=s.f)
