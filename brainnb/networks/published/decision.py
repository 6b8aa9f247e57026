"""The decision network of Wang 2002: two groups of cells compete, noise and evidence decide."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb import neurons
from brainnb.core.errors import OutOfBounds
from brainnb.core.fields import Param, param, state, static
from brainnb.core.model import Model, Parameter
from brainnb.core.record import Record
from brainnb.ops.counts import counted
from brainnb.synapses import NMDA, Conductance, Exponential

from .. import connect, init
from ..network import Network
from ..population import Population
from ..projection import Projection
from ..sources import PoissonDrive
from .groups import BetweenGroups

SIZES = {"A": 240, "B": 240, "N": 1120, "I": 400}
FRACTION = 0.15
WEIGHTS = {"AMPA": (0.05, 0.04), "NMDA": (0.165, 0.13), "GABA": (1.3, 1.0), "outside": (2.1, 1.62)}
"""Conductance of one synapse onto a pyramidal cell and onto an interneuron, nS."""
BACKGROUND = 2400.0  # Hz, of all synapses of one cell
CURRENTS = {"AMPA": Conductance(E=0.0), "GABA": Conductance(E=-70.0)}


class Evidence(Model):
    r"""Motion seen: spikes at a rate that is drawn anew every 50 ms, the same for all cells of a group.

    .. math:: rate \sim \mathcal N\big(mean\,(1 + coherence / 100),\ spread\big) \text{ from } start \text{ on}

    Inputs and observables
    ----------------------
    ``spike`` : spikes of the pool of each cell in this step.

    References
    ----------
    Wang 2002, doi:10.1016/S0896-6273(02)01092-9.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network({"seen": bn.Population(Evidence(start=0, duration=1000), 100)})
    >>> ds = bn.simulate(net, T=1000)
    >>> 30 < float(ds["seen.spike"].sum() / 100) < 50
    True
    """

    counts: ClassVar[bool] = True
    """What it reports is a number of spikes."""

    mean: Param = param(40.0, "Hz", "rate without coherence", bounds=(0, 200))
    spread: Param = param(10.0, "Hz", "standard deviation of the rate", bounds=(0, 50))
    coherence: Param = param(0.0, "percent", "evidence for this group; negative for the other one", bounds=(-100, 100))
    lasts: Param = param(50.0, "ms", "how long a rate lasts", bounds=(1, 1000))
    start: Param = param(500.0, "ms", "begin", bounds=(0, 5000))
    duration: Param = param(1000.0, "ms", "how long it is seen", bounds=(0, 10_000))
    rate = state(0.0, "Hz", "rate of this moment", discrete=True)
    drawn = state(-1e9, "ms", "when the rate was drawn", discrete=True)
    last = state(-1.0, "ms", "time of the step before; negative before the first", discrete=True)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        one, two = jax.random.split(key)
        seen = (t >= self.start) & (t < self.start + self.duration)
        anew = seen & (t - s.drawn >= self.lasts)
        mean = self.mean * (1.0 + self.coherence / 100.0)
        rate = jnp.where(anew, mean + self.spread * jax.random.normal(one, (), s.rate.dtype), s.rate)
        elapsed = jnp.where(s.last < 0.0, 0.0, t - s.last)
        expected = jnp.where(seen, jnp.maximum(rate, 0.0), 0.0) * 1e-3 * elapsed
        changed = dict(rate=rate, drawn=jnp.where(anew, t, s.drawn), last=jnp.broadcast_to(t, s.last.shape))
        return changed, dict(spike=counted(two, expected).astype(s.rate.dtype))


class Wang2002(Network):
    r"""Two groups of pyramidal cells that excite themselves and, through shared interneurons, silence each other.

    It explains how a circuit gathers noisy evidence for hundreds of milliseconds, decides even without any, and
    remembers: slow NMDA receptors reverberate, GABA lets only one group win, and the winner goes on firing.

    Parameters
    ----------
    coherence : float
        Evidence for group ``A``, percent; negative for ``B``.
    scale : float
        Size of the network; the conductances within it are divided by it.
    w_plus : float
        How much stronger the synapses within a group are.
    start, duration : float
        When the motion is seen, ms.
    seed : int
        Draws the first potentials.

    Notes
    -----
    The pyramidal cells ``E`` are group A, group B (15 % each) and others, in this order: ``net.group("A")`` is a slice.
    Synapses within A and B are ``w_plus`` times as strong; those between the groups, and onto them from the others, are
    weaker, so that the sum stays.  One NMDA state for each presynaptic cell.  ``coherence`` sets the evidence of both
    groups, which is no parameter of its own here.

    References
    ----------
    Wang 2002, doi:10.1016/S0896-6273(02)01092-9; Brunel & Wang 2001, doi:10.1023/A:1011204814320.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = Wang2002(coherence=100, scale=0.5, start=50, duration=800)
    >>> rates = bn.simulate(net, T=800).bn.rate("E.spike", start=600)
    >>> bool(rates[net.group("A")].mean() > 2 * rates[net.group("B")].mean())
    True
    """

    default_record: ClassVar[str | None] = "[EI].spike"

    groups: tuple[int, ...] = static((240, 240, 1120))
    coherence: Param = param(0.0, "percent", "evidence for A; negative for B", bounds=(-100, 100))

    def __init__(
        self,
        coherence: float = 0.0,
        scale: float = 1.0,
        w_plus: float = 1.7,
        start: float = 500.0,
        duration: float = 1000.0,
        seed: int = 0,
    ):
        if not 0.02 <= scale <= 10:
            raise OutOfBounds(f"Wang2002: scale = {scale:g}; a number from 0.02 to 10 was expected.")
        sizes = {name: round(scale * k) for name, k in SIZES.items()}
        groups = tuple(sizes[name] for name in "ABN")
        w_minus = 1.0 - FRACTION * (w_plus - 1.0) / (1.0 - FRACTION)
        relative = np.array([[w_plus, w_minus, 1.0], [w_minus, w_plus, 1.0], [w_minus, w_minus, 1.0]])
        potentials = {"V": init.Uniform(-60.0, -50.0)}

        def recurrent(pre: str, post: str, kind: str) -> Projection:
            synapse = NMDA.wang_2002() if kind == "NMDA" else Exponential(tau=2.0 if kind == "AMPA" else 5.0)
            weight = WEIGHTS[kind][post == "I"] / scale
            if pre == post == "E":
                wiring, weight = BetweenGroups(weight * relative, groups, groups), None
            else:
                wiring = connect.AllToAll()
            return Projection(pre, post, wiring, synapse, weight=weight, delay=0.5, output=CURRENTS.get(kind))

        def outside(source: str, post: str, connector: Any) -> Projection:
            weight = WEIGHTS["outside"][post == "I"]
            return Projection(source, post, connector, Exponential(tau=2.0), weight=weight, output=CURRENTS["AMPA"])

        background = PoissonDrive(rate=BACKGROUND / 1000.0, number=1000.0)
        evidence = Evidence(start=start, duration=duration)
        first = np.arange(sizes["A"])
        super().__init__(
            populations={
                "E": Population(neurons.LIF.wang_2002_pyramidal(), sum(groups), init=potentials),
                "I": Population(neurons.LIF.wang_2002_interneuron(), sizes["I"], init=potentials),
                "to_E": Population(background, sum(groups)),
                "to_I": Population(background, sizes["I"]),
                "see_A": Population(evidence, sizes["A"]),
                "see_B": Population(evidence, sizes["B"]),
            },
            projections={
                f"{pre}{post}_{kind}": recurrent(pre, post, kind)
                for pre, kinds in (("E", ("AMPA", "NMDA")), ("I", ("GABA",)))
                for post in "EI"
                for kind in kinds
            }
            | {f"x{name}": outside(f"to_{name}", name, connect.OneToOne()) for name in "EI"}
            | {
                "seen_A": outside("see_A", "E", (first, first)),
                "seen_B": outside("see_B", "E", (first, first + sizes["A"])),
            },
            seed=seed,
        )
        self.groups, self.coherence = groups, coherence

    def group(self, name: str) -> slice:
        """Where the cells of a group (``"A"``, ``"B"``, or ``"N"``, which prefer neither) are among ``E``."""
        i = "ABN".index(name)
        return slice(sum(self.groups[:i]), sum(self.groups[: i + 1]))

    # --- one number for the evidence of both groups ------------------------------------------------------------------

    def parameters(self, prefix: str = "") -> dict[str, Parameter]:
        set_here = {prefix + path for path in self._set()}
        return {path: p for path, p in super().parameters(prefix).items() if path not in set_here}

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return super(Wang2002, self._with(self._set())).on_step(t, s, u, key)

    def _set(self) -> dict[str, Array]:
        """What follows from ``coherence``."""
        return {"see_A.coherence": self.coherence, "see_B.coherence": -self.coherence}
