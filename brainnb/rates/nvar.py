"""Reservoir computing without a reservoir: a linear readout of products of delayed inputs."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, input, observable, param, part, state, static
from brainnb.core.model import Model
from brainnb.core.record import Record

from .channels import in_channels
from .products import count, products
from .readout import Readout


class NVAR(Model):
    r"""Nonlinear vector autoregression, the next-generation reservoir: a readout of products of what was heard.

    .. math::

        L_t = \big[I_t, I_{t-s}, \dots, I_{t-(k-1)s}\big], \qquad
        F_t = \big[1, L_t, L_t \otimes L_t, \dots\big], \qquad
        \hat I_{t+1} = W F_t \quad\text{or}\quad I_t + W F_t

    with every product of ``order`` entries of :math:`L_t` once.  It explains what a good reservoir amounts to, a fading
    memory and products, and learns a chaotic system from a few hundred samples; it is no model of neurons.

    Parameters
    ----------
    inputs, outputs : int
        Channels in and out.
    delay : int
        How many past inputs are held (k), the present one among them.
    stride : int
        Samples from one to the next (s).
    order : int or list of int
        How many factors a product has; ``[2, 3]`` takes both.
    constant : bool
        Whether 1 is a feature; the readout has a bias of its own beside it.
    increment : bool
        Whether the readout gives the step from this sample to the next instead of the next.
    scale : array (inputs,), optional
        Factors on the channels: products of numbers near 1 keep a ridge regression well conditioned.

    Inputs and observables
    ----------------------
    ``I`` : channels in, (inputs,), a sample in every step of the run.  ``free`` : at 1 it hears its own prediction
    instead of ``I``, so ``free=bn.inputs.Step(1, start=...)`` lets it run free after a warm-up.  ``out`` : the readout.
    ``prediction`` : the next sample.  ``features`` : what the readout reads.

    Notes
    -----
    The step of a run is the sampling step, whatever it is; what is recorded at a time has heard the input of that time.  Before ``(delay - 1) * stride`` samples were heard the past is
    zero: give those moments weight 0.  Only a network with as many outputs as inputs can hear itself; another one becomes
    NaN when it is let free.

    Raises
    ------
    ModelError
        Delays, strides or orders below 1.

    References
    ----------
    Gauthier, Bollt, Griffith & Barbosa 2021, doi:10.1038/s41467-021-25801-2, eqs. 5-9.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = NVAR(inputs=3, outputs=3, delay=2, order=2)
    >>> net.readout.weight.shape  # 1 + 6 + 21 features
    (3, 28)
    """

    default_method: ClassVar[str] = "euler"
    default_record: ClassVar[str | None] = "prediction"
    readouts: ClassVar[dict[str, tuple[str, str]]] = {"readout": ("features", "out")}

    delay: int = static(2)
    stride: int = static(1)
    order: tuple[int, ...] = static((2,))
    constant: bool = static(True)
    increment: bool = static(False)
    scale: Param = param((1.0,), "1", "factor on every channel in the features")
    readout: Readout = part(Readout, weight=((0.0,),))

    past = state(0.0, "1", "what was heard, the newest first", bounds=(-1, 1), discrete=True)
    I = input(0.0, "1", "what comes in", bounds=(-1, 1))
    free = input(0.0, "1", "1: hears its own prediction instead of what comes in", bounds=(0, 1))
    out = observable("1", "what is read")
    prediction = observable("1", "the next sample")
    features = observable("1", "what the readout reads")

    def __init__(
        self,
        inputs: int = 1,
        outputs: int = 1,
        *,
        delay: int = 2,
        order: int | Sequence[int] = 2,
        stride: int = 1,
        constant: bool = True,
        increment: bool = False,
        scale: Any = None,
        readout: Readout | None = None,
    ):
        orders = (order,) if isinstance(order, int) else tuple(order)
        for name, x, least in (("delay", delay, 1), ("stride", stride, 1), *(("order", n, 2) for n in orders)):
            whole(name, x, least)
        self.delay, self.stride, self.order = delay, stride, orders
        self.constant, self.increment = constant, increment
        self.scale = np.ones(inputs) if scale is None else scale
        n = delay * self.channels
        read = int(constant) + n + count(n, orders)
        self.readout = Readout(np.zeros((outputs, read))) if readout is None else readout

    @classmethod
    def gauthier_2021(cls) -> "NVAR":
        """The forecast of the Lorenz system: two samples, products of two, steps from sample to sample (Gauthier et al. 2021)."""
        return cls(3, 3, delay=2, order=2, increment=True)

    @property
    def channels(self) -> int:
        """How many numbers come in at a time."""
        return self.scale.shape[0]

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        rows = (self.delay - 1) * self.stride + 1
        return s.merge(dict(past=jnp.broadcast_to(s.past[..., None, None], (*size, rows, self.channels))))

    def products(self, past: Array) -> Array:
        """The features of what was heard (..., sample, channel)."""
        held = past[..., :: self.stride, :] * self.scale
        x = held.reshape(*held.shape[:-2], -1)
        ones = [jnp.ones((*x.shape[:-1], 1), x.dtype)] if self.constant else []
        return jnp.concatenate([*ones, x, products(x, self.order)], -1)

    def expected(self, past: Array) -> Array:
        """The next sample, by the readout."""
        out = self.readout(self.products(past))
        return past[..., 0, :] + out if self.increment and self.hears_itself else out

    @property
    def hears_itself(self) -> bool:
        """Whether what it gives can be what it hears."""
        return self.readout.weight.shape[0] == self.channels

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        own = self.expected(s.past) if self.hears_itself else jnp.nan
        heard = jnp.where(u.free[..., None] > 0.5, own, in_channels(u.I, s.past[..., 0, :], self.channels))
        past = jnp.concatenate([heard[..., None, :], s.past[..., :-1, :]], -2)
        read = self.products(past)
        return dict(past=past), dict(out=self.readout(read), prediction=self.expected(past), features=read)


def whole(name: str, x: Any, least: int) -> None:
    """Refuse what is no whole number of at least so much."""
    if isinstance(x, bool) or not isinstance(x, int | np.integer) or x < least:
        raise ModelError(f"NVAR: {name}={x!r}; a whole number from {least} was expected.")
