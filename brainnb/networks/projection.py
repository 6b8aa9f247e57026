"""``Projection``: who reaches whom, through which synapse."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.synapses import Exponential, Kinetics, Output

ALIGN = ("auto", "post", "pre", "edge")


@dataclasses.dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population to another.

    Parameters
    ----------
    pre, post : str
        Names of the populations; ``"V1.E"`` for one inside a network of the network.
    connect : connector, function, matrix or pair of index arrays
        Who reaches whom: one of ``bn.connect``.
    synapse : Kinetics or Coupling
        How it opens after a spike (``bn.synapses.Exponential(tau=5)``), or what the cells exchange without spikes.
    weight : number, array or initialiser
        One for all synapses, or one for each, in the order of ``net.links[name].wiring``.  In nS or mS/cm2 with an output
        that is a conductance, else in the unit of the input it goes to; in mV with ``Delta``.
    delay : number, array or initialiser, optional
        Time until a spike arrives, ms.  None: at the end of the step in which it falls.  One number is a parameter with a
        slider up to ``longest``; one for each synapse is rounded to ``resolution``.
    output : Output, optional
        What it does to the cell: ``bn.synapses.Conductance(E=-80)``.  By default what the synapse is known for.
    stp : Release, optional
        Short-term depression and facilitation.
    plasticity : Plasticity, optional
        A rule that changes the weight of every synapse.
    init : mapping of state to initialiser, optional
        First values of the states of the synapse, ``{"g": bn.init.Normal(40, 15)}``; by default closed.
    to : str
        The input of the postsynaptic cell that takes the current.
    align : {"auto", "post", "pre", "edge"}
        Whose the states are: one for each postsynaptic neuron, each presynaptic one, or each synapse.  "auto" takes the
        cheapest that is exact.
    resolution : float
        The step between two delays that differ, ms: the ``dt`` of the runs.
    longest : float, optional
        The longest delay a slider may ask for, ms; by default 20, or the delay itself if it is longer.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.Projection("E", "E", bn.connect.FixedProbability(0.02), bn.synapses.Exponential(tau=5.0), weight=0.6, delay=1.5)
    Projection(E -> E, FixedProbability, Exponential)
    """

    pre: str
    post: str
    connect: Any
    synapse: Model = dataclasses.field(default_factory=Exponential)
    weight: Any = 1.0
    delay: Any = None
    _: dataclasses.KW_ONLY
    output: Output | None = None
    stp: Any = None
    plasticity: Any = None
    init: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    to: str = "I"
    align: str = "auto"
    resolution: float = 0.1
    longest: float | None = None

    def __post_init__(self) -> None:
        for name in ("pre", "post"):
            if not isinstance(getattr(self, name), str):
                raise ModelError(
                    f"Projection: {name}={getattr(self, name)!r}; the name of a population was expected, "
                    f"bn.Projection('E', 'I', bn.connect.FixedProbability(0.1), ...)."
                )
        if isinstance(self.synapse, type) or not isinstance(self.synapse, Model):
            raise ModelError(
                f"{self}: synapse={self.synapse!r}; a synapse was expected, such as bn.synapses.Exponential(tau=5)."
            )
        if self.output is not None and not isinstance(self.output, Output):
            raise ModelError(f"{self}: output={self.output!r}; one of bn.synapses was expected, Conductance(E=0).")
        if self.align not in ALIGN:
            raise ModelError(f"{self}: align={self.align!r}; one of {', '.join(map(repr, ALIGN))} was expected.")

    @property
    def alignment(self) -> str:
        """Whose the states of the synapse are."""
        linear = not isinstance(self.synapse, Kinetics) or self.synapse.linear
        if self.align == "post" and not linear:
            raise ModelError(
                f"{self}: align='post' needs a synapse that is linear in the spikes; {type(self.synapse).__name__} "
                f"saturates: use 'pre' or 'edge'."
            )
        if self.align != "auto":
            return self.align
        return "post" if linear else "pre"

    @property
    def delay_is_one(self) -> bool:
        """Whether all synapses share one delay, or have none."""
        return self.delay is None or isinstance(self.delay, int | float | str)

    def __repr__(self) -> str:
        connect = getattr(self.connect, "__name__", type(self.connect).__name__)
        return f"Projection({self.pre} -> {self.post}, {connect}, {type(self.synapse).__name__})"
