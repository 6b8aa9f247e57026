"""``Projection``: who reaches whom, through which synapse."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.synapses import Coupling, Exponential, Kinetics, Output, Plasticity, Release

ALIGN = ("auto", "post", "pre", "edge")
PARTS = {
    "synapse": ((Kinetics, Coupling), "a synapse such as bn.synapses.Exponential(tau=5)"),
    "output": (Output, "an output such as bn.synapses.Conductance(E=0)"),
    "stp": (Release, "short-term plasticity such as bn.synapses.TsodyksMarkram()"),
    "plasticity": (Plasticity, "a rule such as bn.synapses.STDP()"),
}
"""What each argument takes, and how one is written."""


@dataclasses.dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population to another.

    Parameters
    ----------
    pre, post : str
        Names of the populations; ``"V1.E"`` for one inside a network of the network.
    connect : connector, function, matrix, pair of index arrays or wiring
        Who reaches whom: one of ``bn.connect``, or a wiring of ``bn.ops`` that was made before.
    synapse : Kinetics or Coupling
        How it opens after a spike (``bn.synapses.Exponential(tau=5)``), or what the cells exchange without spikes.
    weight : number, array or initialiser
        None takes those of a wiring; where a wiring draws its weights anew each time, the number multiplies them.  One for all synapses, or one for each, in the order of ``net.links[name].wiring``.  In nS or mS/cm2 with an output
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
    stp: Release | None = None
    plasticity: Plasticity | None = None
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
        for name, (kinds, example) in PARTS.items():
            part = getattr(self, name)
            if not isinstance(part, kinds) and (part is not None or name == "synapse"):
                raise ModelError(f"{self}: {name}={_told(part)}; {example} was expected{_belongs(part)}.")
        if self.align not in ALIGN:
            raise ModelError(f"{self}: align={self.align!r}; one of {', '.join(map(repr, ALIGN))} was expected.")
        self._check_together()

    def _check_together(self) -> None:
        """Refuse what would have no meaning together."""
        name = type(self.synapse).__name__
        if isinstance(self.synapse, Coupling):
            for part in ("output", "stp", "plasticity", "delay"):
                if getattr(self, part) is not None:
                    raise ModelError(
                        f"{self}: {part}= belongs to synapses that spikes open; {name} couples cells without spikes."
                    )
            if self.align in ("pre", "edge"):
                raise ModelError(f"{self}: align={self.align!r} says whose states are; {name} has none.")
        elif self.synapse.jumps and self.output is not None:
            raise ModelError(
                f"{self}: {name} moves the potential itself, so output={type(self.output).__name__} would do nothing; "
                f"leave it out, or use bn.synapses.Exponential."
            )

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
        return f"Projection({self.pre} -> {self.post}, {connect}, {_told(self.synapse)})"


def _told(part: Any) -> str:
    """What was given, shortly."""
    if isinstance(part, type):
        return f"the class {part.__name__}"
    return type(part).__name__ if isinstance(part, Model) else repr(part)


def _belongs(part: Any) -> str:
    """Where a part that was given to the wrong argument belongs."""
    kind = part if isinstance(part, type) else type(part)
    right = next((name for name, (kinds, _) in PARTS.items() if issubclass(kind, kinds)), None)
    if isinstance(part, type) and right:
        return f": build it, {part.__name__}()"
    return f"; {kind.__name__} is given as {right}=" if right else ""
