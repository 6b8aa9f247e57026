"""``Manipulated``: a network under an experimenter's hands, neurons driven or held for some time."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError, OutOfBounds, UnknownName, unknown_message
from brainnb.core.fields import Input, label
from brainnb.core.history import at_path
from brainnb.core.record import Inputs, Record
from brainnb.inputs.steps import Pulse

from .network import Network, laid, overlaid

FOREVER = 1e9
"""Duration of what does not end, ms."""

HOOKS = ("vector_field", "diffusion", "on_step", "init_state")


@dataclasses.dataclass(frozen=True)
class Manipulation:
    """What is done to some neurons of a population for some time: a current into them, or their potential held.

    Parameters
    ----------
    population : str
        ``"E"``, or ``"V1.E"`` inside a network of the network.
    neurons : pair of int, optional
        The first, and the one after the last; None for all.
    current : float, optional
        Added to their input ``I``, in its unit: light on channels that excite (or inhibit, when negative).
    hold : float, optional
        The potential at which they are held, in that of ``V``: a voltage clamp.  Below threshold they are silent.
    start, stop : float
        From when to when, ms; ``stop=None`` does not end.

    Examples
    --------
    >>> Manipulation("E", (0, 800), hold=-60.0, start=50.0, stop=100.0).in_words(unit="mV")
    'E 0 to 799 held at -60 mV, 50 to 100 ms'
    """

    population: str
    neurons: tuple[int, int] | None = None
    current: float | None = None
    hold: float | None = None
    start: float = 0.0
    stop: float | None = None

    def __post_init__(self) -> None:
        if (self.current is None) == (self.hold is None):
            raise ModelError(f'Manipulation of "{self.population}": give either current= or hold=.')
        for name in ("current", "hold", "start", "stop"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not np.isfinite(value)):
                raise ModelError(
                    f'Manipulation of "{self.population}": {name} = {value}; a finite number was expected.'
                )
        if self.start < 0 or (self.stop is not None and self.stop <= self.start):
            raise OutOfBounds(
                f'Manipulation of "{self.population}": from start = {self.start:g} to stop = {self.stop} ms; a start of 0 '
                f"or later, and a stop after it were expected."
            )

    def in_words(self, unit: str = "1") -> str:
        """As a phrase; ``unit`` is that of the current or of the potential."""
        who = self.population if self.neurons is None else f"{self.population} {_range(self.neurons)}"
        what = f"driven by {self.current:g}" if self.hold is None else f"held at {self.hold:g}"
        what += label(unit)
        when = f"from {self.start:g} ms on" if self.stop is None else f"{self.start:g} to {self.stop:g} ms"
        return f"{who} {what}, {when}"


class Manipulated(Network):
    r"""The same network, whose cells can be driven and held from outside, as with optogenetics or electrodes.

    .. math:: I_i \to I_i + current_i(t), \qquad V_i \to hold_i \;\text{ at the end of every step in which } held_i(t) = 1

    Parameters
    ----------
    network : Network

    Notes
    -----
    Every population with a potential ``V`` and an input ``I`` gets three inputs more: ``"E.current"`` (in the unit of
    ``I``), ``"E.held"`` (0 or 1) and ``"E.hold"`` (in the unit of ``V``), each one number or one for each neuron, constant
    or a stimulus.  :meth:`given` makes them from a list of :class:`Manipulation`; whatever is in it, nothing compiles
    anew.  A cell that is held above its threshold fires as its model says.

    Where manipulations overlap, the later in the list counts.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network({"E": bn.Population(bn.neurons.LIF(), 10, inputs={"I": 200})})
    >>> hands = Manipulated(net)
    >>> silent = hands.given([Manipulation("E", (0, 5), hold=-60.0, start=20)])
    >>> ds = bn.simulate(hands, T=100, inputs=silent)
    >>> ds["E.spike"].sum("time").values.tolist()
    [1, 1, 1, 1, 1, 5, 5, 5, 5, 5]
    """

    def __init__(self, network: Network):
        if not isinstance(network, Network):
            raise ModelError(f"Manipulated takes a network; got {type(network).__name__}.")
        own = [name for name in HOOKS if getattr(type(network), name) is not getattr(Network, name)]
        if own and not isinstance(network, Manipulated):
            raise ModelError(f"Manipulated: {type(network).__name__} has a {own[0]} of its own, which would be lost.")
        for field in dataclasses.fields(Network):
            setattr(self, field.name, getattr(network, field.name))

    def handles(self) -> list[str]:
        """The populations that can be driven and held."""
        return [p for p in self.populations() if can_be_held(self.population(p))]

    def inputs(self) -> dict[str, Input]:
        found = super().inputs()
        for path in self.handles():
            cell, owner = self.population(path), type(self).__name__
            unit, potential = cell.inputs()["I"].unit, type(cell).states()["V"]
            more = {
                "current": Input(0.0, unit, "current of the experimenter"),
                "held": Input(0.0, "1", "1 while the potential is held", (0, 1)),
                "hold": Input(potential.default, potential.unit, "potential at which cells are held"),
            }
            found |= {f"{path}.{n}": dataclasses.replace(d, name=f"{path}.{n}", owner=owner) for n, d in more.items()}
        return found

    def given(self, manipulations: Iterable[Manipulation]) -> dict[str, Pulse]:
        """The inputs that do what the manipulations say, arrays over the neurons.

        Raises
        ------
        UnknownName
            For a population that is not there.
        ModelError, OutOfBounds
            For one that has no potential or input, or for neurons that are not there.
        """
        found: dict[str, dict[str, np.ndarray]] = {}
        for path in self.handles():
            n = self.number(path)
            for name in ("current", "held"):
                found[f"{path}.{name}"] = dict(amplitude=np.zeros(n), start=np.zeros(n), duration=np.full(n, FOREVER))
            found[f"{path}.hold"] = dict(
                amplitude=np.full(n, type(self.population(path)).states()["V"].default),
                start=np.zeros(n),
                duration=np.full(n, FOREVER),
            )
        for m in manipulations:
            those = slice(*self.neurons_of(m))
            stop = FOREVER if m.stop is None else m.stop
            for name, level in (("current", m.current),) if m.hold is None else (("held", 1.0), ("hold", m.hold)):
                pulse = found[f"{m.population}.{name}"]
                pulse["amplitude"][those] = level
                if name != "hold":
                    pulse["start"][those], pulse["duration"][those] = m.start, stop - m.start
        return {path: Pulse(**numbers) for path, numbers in found.items()}

    def neurons_of(self, m: Manipulation) -> tuple[int, int]:
        """First and behind the last of the neurons that are meant."""
        known = list(self.populations())
        if m.population not in known:
            raise UnknownName(unknown_message("population", m.population, known, where="the network"))
        if m.population not in self.handles():
            raise ModelError(
                f'"{m.population}" cannot be driven or held: {type(self.population(m.population)).__name__} has no '
                f"potential `V` and input `I`."
            )
        n = self.number(m.population)
        first, last = (0, n) if m.neurons is None else m.neurons
        if not 0 <= first < last <= n:
            raise OutOfBounds(
                f'Manipulation of "{m.population}": neurons {_range((first, last))}; the population has {n}, 0 to {n - 1}.'
            )
        return int(first), int(last)

    # --- the hooks ------------------------------------------------------------------------------------------------

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        new, seen = super().on_step(t, s, u, key)
        s = overlaid(s, new)
        for path in self.handles():
            V = at_path(s, path).V
            new = laid(new, f"{path}.V", jnp.where(u[f"{path}.held"] > 0.5, u[f"{path}.hold"], V).astype(V.dtype))
        return new, seen

    def _given(self, t: Array, s: Record, u: Record) -> Inputs:
        given = dict(super()._given(t, s, u))
        for path in self.handles():
            given[f"{path}.I"] = given[f"{path}.I"] + u[f"{path}.current"]
        return Inputs(given)


def can_be_held(cell: Any) -> bool:
    """Whether cells have a potential and an input for a current."""
    return "V" in type(cell).states() and "I" in cell.inputs()


def _range(neurons: tuple[int, int]) -> str:
    first, last = neurons
    return str(first) if last == first + 1 else f"{first} to {last - 1}"
