"""A network of rate units with a readout: reservoirs, trained networks, excitation and inhibition apart."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, observable, param, state, static
from brainnb.core.model import preset
from brainnb.core.record import Record

from .channels import in_channels, through
from .read import Read
from .readout import Readout

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "softplus": jax.nn.softplus,
    "sigmoid": jax.nn.sigmoid,
    "linear": lambda x: x,
}
"""Rates as functions of currents."""


class RateNetwork(Read):
    r"""A recurrent network of rate units with a linear readout.

    .. math::

        \tau \dot x &= -x + W r + W_{in} I + W_{fb} z + b, \qquad r = f(x)
            && \text{form "current"} \\
        \tau \dot x &= -x + f(W x + W_{in} I + W_{fb} z + b), \qquad r = x
            && \text{form "rate"} \\
        z &= W_{out}\, [r, I] + b_{out}

    It explains what recurrence computes: fading memory, chaos, line and point attractors, decisions.  It is the echo
    state network, the network of FORCE learning, and the network that is trained on tasks; spikes are outside.

    Parameters
    ----------
    N, inputs, outputs : int
        Units, and channels in and out.
    activation : {"tanh", "relu", "softplus", "sigmoid", "linear"}
    form : {"current", "rate"}
    excitatory : int, optional
        Dale's law: the first so many units excite and the others inhibit, whatever an optimiser does to the numbers,
        :math:`W_{ij} = |w_{ij}|\, s_j`; only the excitatory ones are read.
    autapses : bool
        Whether units reach themselves.
    direct : bool
        Whether the readout also sees the inputs.
    cut : bool
        Whether gradients leave out what travels between units, and what is fed back.
    g, density, scale, seed : number
        Random weights: standard deviation :math:`g / \sqrt{pN}` at density :math:`p`, input weights of standard
        deviation ``scale``.  With Dale's law inhibition is scaled to balance excitation.  ``weight`` and ``weight_in`` may be
        given instead.

    Inputs and observables
    ----------------------
    ``I`` : the channels in (inputs,).  ``out`` : the readout :math:`z`.  ``rate`` : :math:`r`.  ``features`` : what the
    readout reads.

    References
    ----------
    Sompolinsky, Crisanti & Sommers 1988, doi:10.1103/PhysRevLett.61.259; Jaeger 2001 (GMD report 148); Song, Yang &
    Wang 2016, doi:10.1371/journal.pcbi.1004792, eqs. 1-5.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(RateNetwork(N=50, g=1.8, tau=10), T=500, init={"x": np.linspace(-1, 1, 50)})
    >>> bool(ds.x[-1].std() > 0.3)  # g > 1: it goes on by itself
    True
    """

    default_method: ClassVar[str] = "euler"
    local: ClassVar[tuple[str, ...]] = ("x",)
    """States that belong to one unit; with ``cut`` none reaches another unit."""
    held: ClassVar[tuple[str, ...]] = ("I",)
    """Inputs that ``on_step`` sees as they were in the step that ends: a direct readout hears what the units have heard."""

    N: int = static(50)
    activation: str = static("tanh")
    form: str = static("current")
    excitatory: int | None = static(None)
    autapses: bool = static(True)
    direct: bool = static(False)
    cut: bool = static(False)
    tau: Param = param(10.0, "ms", "time constant", bounds=(0.1, 1000))
    weight: Param = param(((0.0,),), "1", "weights between units, to from")
    weight_in: Param = param(((0.0,),), "1", "weights of the inputs")
    weight_back: Param = param(((0.0,),), "1", "weights of the output that is fed back")
    bias: Param = param((0.0,), "1", "offset of each unit")

    x = state(0.0, "1", "current or rate of every unit", bounds=(-3, 3))
    rate = observable("1", "rate of every unit")

    def __init__(
        self,
        N: int = 50,
        inputs: int = 1,
        outputs: int = 1,
        *,
        activation: str = "tanh",
        form: str = "current",
        excitatory: int | None = None,
        autapses: bool = True,
        direct: bool = False,
        cut: bool = False,
        g: float = 1.0,
        density: float = 1.0,
        scale: float = 1.0,
        seed: int = 0,
        tau: Any = 10.0,
        weight: Any = None,
        weight_in: Any = None,
        weight_back: Any = None,
        bias: Any = None,
        readout: Readout | None = None,
    ):
        self.N, self.activation, self.form = N, activation, form
        self.excitatory, self.autapses, self.direct, self.cut = excitatory, autapses, direct, cut
        self.tau = tau
        check(self)
        rng = np.random.default_rng(seed)
        if weight is None:
            weight = rng.normal(0.0, g / np.sqrt(density * N), (N, N))
            weight = weight * (rng.random((N, N)) < density) if density < 1 else weight
            if excitatory is not None and 0 < excitatory < N:  # or the many of one kind outweigh the few of the other
                weight[:, excitatory:] *= excitatory / (N - excitatory)
        self.weight = weight
        self.weight_in = rng.normal(0.0, scale, (N, inputs)) if weight_in is None else weight_in
        self.weight_back = np.zeros((N, outputs)) if weight_back is None else weight_back
        self.bias = np.zeros(N) if bias is None else bias
        read = N + (np.shape(self.weight_in)[1] if direct else 0)
        self.readout = Readout(np.zeros((outputs, read))) if readout is None else readout

    @preset
    def chaotic(cls) -> Self:
        """g = 1.5: chaos by itself, the start of FORCE learning (Sussillo & Abbott 2009)."""
        return cls(g=1.5)

    def connectivity(self) -> Array:
        """The weights that act: with Dale's law every column has one sign, and without autapses the diagonal is zero."""
        W = self.weight
        if self.excitatory is not None:
            W = jnp.abs(W) * jnp.where(jnp.arange(self.N) < self.excitatory, 1.0, -1.0)
        return W if self.autapses else W * (1.0 - jnp.eye(self.N))

    def rates(self, x: Array) -> Array:
        """What units send."""
        return ACTIVATIONS[self.activation](x) if self.form == "current" else x

    def heard(self, r: Array) -> Array:
        """What reaches every unit from all."""
        W = self.connectivity()
        if not self.cut:
            return through(W, r)
        sent = jax.lax.stop_gradient(r)
        return through(W, sent) + (r - sent) * jnp.diagonal(W)

    def read(self, r: Array, u: Array) -> Array:
        """What the readout reads: rates, and the inputs where they go there directly."""
        if self.excitatory is not None:
            r = jnp.where(jnp.arange(self.N) < self.excitatory, r, 0.0)
        return jnp.concatenate([r, self.channels(u, r)], -1) if self.direct else r

    def channels(self, u: Array, like: Array) -> Array:
        """The inputs, one number for each channel."""
        return in_channels(u, like, self.weight_in.shape[1])

    def carried(self, s: Record, u: Record) -> dict[str, Array]:
        """What the weights of a unit carry to it, by path."""
        r = self.rates(s.x)
        return {"weight": r, "weight_in": self.channels(u.I, r), "weight_back": self.readout(self.read(r, u.I))}

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        r = self.rates(s.x)
        z = self.readout(self.read(r, u.I))
        z = jax.lax.stop_gradient(z) if self.cut else z
        drive = (
            self.heard(r) + through(self.weight_in, self.channels(u.I, r)) + through(self.weight_back, z) + self.bias
        )
        if self.form == "rate":
            drive = ACTIVATIONS[self.activation](drive)
        return dict(x=(drive - s.x) / self.tau)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        r = self.rates(s.x)
        read = self.read(r, u.I)
        return {}, dict(out=self.readout(read), rate=r, features=read)


class NoisyRateNetwork(RateNetwork):
    r"""A :class:`RateNetwork` whose units are noisy.

    .. math:: \tau\, dx = (\dots)\, dt + \sigma \sqrt{2 \tau}\, dW

    It explains how a trained network decides on noise, and noise keeps a trained one from leaning on digits.  Without
    input and recurrence each unit has the standard deviation :math:`\sigma`.

    Parameters
    ----------
    sigma : number
        Standard deviation of an isolated unit; all others as for :class:`RateNetwork`.

    Inputs and observables
    ----------------------
    As for :class:`RateNetwork`.

    References
    ----------
    Song, Yang & Wang 2016, doi:10.1371/journal.pcbi.1004792, eqs. 1 and 9.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(NoisyRateNetwork(N=200, g=0, sigma=0.2, tau=10), T=500, dt=0.5, seed=1)
    >>> 0.18 < float(ds.x[200:].std()) < 0.22
    True
    """

    sigma: Param = param(0.1, "1", "standard deviation of an isolated unit", bounds=(0, 5))

    def __init__(self, *args: Any, sigma: Any = 0.1, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.sigma = sigma

    @classmethod
    def song_2016(cls) -> Self:
        """40 excitatory and 10 inhibitory units, two channels of evidence and fixation (Song, Yang & Wang 2016)."""
        return cls(50, 3, 3, activation="relu", excitatory=40, autapses=False, tau=100.0, g=1.5, sigma=0.15)

    def diffusion(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=self.sigma * jnp.sqrt(2.0 / self.tau) * jnp.ones_like(s.x))


def check(net: RateNetwork) -> None:
    """Structure that makes no sense."""
    if net.activation not in ACTIVATIONS:
        raise ModelError(f"RateNetwork: activation={net.activation!r}; one of {', '.join(ACTIVATIONS)} was expected.")
    if net.form not in ("current", "rate"):
        raise ModelError(f"RateNetwork: form={net.form!r}; 'current' or 'rate' was expected.")
    if net.excitatory is not None and not 0 <= net.excitatory <= net.N:
        raise ModelError(
            f"RateNetwork: excitatory={net.excitatory}; a number of units from 0 to N = {net.N} was expected."
        )
