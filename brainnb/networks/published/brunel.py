"""The sparse network of Brunel 2000, whose four states can be computed, and the inhibitory one of Brunel & Hakim 1999."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb import neurons
from brainnb.core.errors import OutOfBounds
from brainnb.core.fields import Param, param
from brainnb.core.model import Parameter, preset
from brainnb.core.record import Record
from brainnb.synapses import Delta

from .. import connect, init
from ..network import Network
from ..population import Population
from ..projection import Projection
from ..sources import PoissonDrive

CONNECTED = 0.1
"""Of all possible synapses, those that exist."""


class Brunel(Network):
    r"""Sparsely connected excitatory and inhibitory neurons, driven by noise: synchrony and irregularity on a map.

    .. math::

        \tau \dot V = -V, \qquad V \to V + J \text{ or } V - g J \text{ with each spike}, \qquad
        \nu_{ext} = \eta\, \nu_{thr} = \eta\, \frac{\theta}{J C_E \tau}

    It explains how strong inhibition (``g`` above 4, where it wins over the four times as many excitatory
    synapses) makes neurons fire irregularly at low rates, and when the activity of all together still oscillates.

    Parameters
    ----------
    n : int
        Neurons, four fifths of them excitatory (populations ``E`` and ``I``).
    inputs : int, optional
        Synapses of each neuron from excitatory ones, :math:`C_E`; by default a tenth of the excitatory neurons.  Each has
        as many from outside, and a quarter as many from inhibitory neurons.
    delay : float
        Of all synapses, ms.
    J, g, eta : float
        The size of an excitatory jump (mV), of an inhibitory one relative to it, and the drive from outside relative to
        what just reaches the threshold without fluctuations.
    seed : int
        Draws synapses and first potentials.

    Notes
    -----
    ``J``, ``g`` and ``eta`` set all weights and the drive, which are no parameters of their own here: three sliders are
    the model.  The published states are class methods.  A smaller network with the same ``J`` and ``inputs`` has the same
    means and more correlation.  Theory takes all input for white noise; at ``g`` = 5 and ``eta`` = 2 the neurons fire
    more regularly than it says (CV 0.4 instead of 0.7), because the input from their like is more regular than noise.

    References
    ----------
    Brunel 2000, doi:10.1023/A:1008925309027, model A.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = Brunel(1000, inputs=100, J=0.5, g=5, eta=2)
    >>> ds = bn.simulate(net, T=300)
    >>> 50 < float(ds["E.spike"].sum() / 800 / 0.3) < 90
    True
    """

    default_record: ClassVar[str | None] = "[EI].spike"

    J: Param = param(0.1, "mV", "jump by an excitatory spike", bounds=(0.001, 5))
    g: Param = param(5.0, "1", "an inhibitory jump relative to an excitatory one", bounds=(0, 12))
    eta: Param = param(2.0, "1", "drive from outside, relative to the threshold", bounds=(0, 6))

    def __init__(
        self,
        n: int = 12_500,
        inputs: int | None = None,
        delay: float = 1.5,
        J: float = 0.1,
        g: float = 5.0,
        eta: float = 2.0,
        seed: int = 0,
    ):
        sizes = {"E": n * 4 // 5, "I": n - n * 4 // 5}
        C_E = round(CONNECTED * sizes["E"]) if inputs is None else int(inputs)
        if not 4 <= C_E <= sizes["E"]:
            raise OutOfBounds(f"Brunel: inputs = {C_E}; a number from 4 to {sizes['E']}, the excitatory neurons.")
        cell = neurons.LIF(tau=20.0, V_rest=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
        super().__init__(
            populations={name: Population(cell, k, init={"V": init.Uniform(0.0, 20.0)}) for name, k in sizes.items()}
            | {f"to_{name}": Population(PoissonDrive(number=C_E), k) for name, k in sizes.items()},
            projections={
                pre + post: Projection(pre, post, connect.FixedInDegree(fan_in), Delta(), weight=1.0, delay=delay)
                for pre, fan_in in (("E", C_E), ("I", C_E // 4))
                for post in sizes
            }
            | {f"x{name}": Projection(f"to_{name}", name, connect.OneToOne(), Delta(), weight=1.0) for name in sizes},
            seed=seed,
        )
        self.J, self.g, self.eta = J, g, eta

    @preset
    def synchronous_regular(cls, n: int = 12_500, seed: int = 0) -> Self:
        """SR: excitation wins, all fire together at the highest rate they can (Brunel 2000, fig. 8A)."""
        return cls(n, g=3.0, eta=2.0, seed=seed)

    @preset
    def synchronous_irregular_fast(cls, n: int = 12_500, seed: int = 0) -> Self:
        """SI fast: irregular neurons, and a rhythm of the population faster than any of them (Brunel 2000, fig. 8B)."""
        return cls(n, g=6.0, eta=4.0, seed=seed)

    @preset
    def asynchronous_irregular(cls, n: int = 12_500, seed: int = 0) -> Self:
        """AI: irregular neurons, constant activity of the population (Brunel 2000, fig. 8C)."""
        return cls(n, g=5.0, eta=2.0, seed=seed)

    @preset
    def synchronous_irregular_slow(cls, n: int = 12_500, seed: int = 0) -> Self:
        """SI slow: rare spikes, and a slow rhythm of the population (Brunel 2000, fig. 8D)."""
        return cls(n, g=4.5, eta=0.9, seed=seed)

    # --- three numbers instead of six weights and two rates ---------------------------------------------------------

    def parameters(self, prefix: str = "") -> dict[str, Parameter]:
        set_here = {prefix + path for path in self._set()}
        return {path: p for path, p in super().parameters(prefix).items() if path not in set_here}

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return super(Brunel, self._with(self._set())).on_step(t, s, u, key)

    def _set(self) -> dict[str, Array]:
        """What follows from ``J``, ``g`` and ``eta``."""
        C_E, cell = self.cells["to_E"].number, self.cells["E"]
        rate = 1e3 * self.eta * (cell.V_th - cell.V_rest) / (self.J * C_E * cell.tau)
        excite, inhibit = self.J, -self.g * self.J
        weights = {"EE": excite, "EI": excite, "IE": inhibit, "II": inhibit, "xE": excite, "xI": excite}
        return {f"{name}.weight": w for name, w in weights.items()} | {"to_E.rate": rate, "to_I.rate": rate}


class BrunelHakim(Network):
    r"""Inhibitory neurons that together oscillate ten times faster than any of them fires.

    .. math::

        \tau \dot V = -V + \mu_{ext} + \sigma_{ext} \sqrt{\tau}\, \xi(t), \qquad V \to V - J \text{ with each spike}

    It explains fast rhythms of the population in which every neuron takes part rarely and at random: the delay of the
    inhibition sets the period, about four delays.

    Parameters
    ----------
    n, inputs : int
        Neurons (population ``I``), and synapses onto each of them.
    delay : float
        Of the synapses, ms.
    J : float
        Size of a jump, mV.
    mu_ext, sigma_ext : float
        Mean and fluctuation of what comes from outside, mV.
    seed : int
        Draws synapses and first potentials.

    Notes
    -----
    What comes from outside are many small Poisson jumps of the same mean and variance, instead of white noise.

    References
    ----------
    Brunel & Hakim 1999, doi:10.1162/089976699300016179.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(BrunelHakim(500, inputs=100, J=1.0), T=200)
    >>> ds["I.spike"].dims
    ('time', 'I_neuron')
    """

    default_record: ClassVar[str | None] = "I.spike"

    def __init__(
        self,
        n: int = 5000,
        inputs: int = 1000,
        delay: float = 2.0,
        J: float = 0.1,
        mu_ext: float = 25.0,
        sigma_ext: float = 1.0,
        seed: int = 0,
    ):
        cell = neurons.LIF(tau=20.0, V_rest=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
        jump = sigma_ext**2 / mu_ext
        many = 1000
        super().__init__(
            populations={
                "I": Population(cell, n, init={"V": init.Uniform(0.0, 20.0)}),
                "to_I": Population(PoissonDrive(rate=1e3 * mu_ext / (jump * 20.0 * many), number=many), n),
            },
            projections={
                "II": Projection("I", "I", connect.FixedInDegree(inputs), Delta(), weight=-J, delay=delay),
                "xI": Projection("to_I", "I", connect.OneToOne(), Delta(), weight=jump),
            },
            seed=seed,
        )
