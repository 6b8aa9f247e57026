"""Gamma rhythms: by interneurons alone (ING), and by pyramidal cells and interneurons in turn (PING)."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb import neurons
from brainnb.core.errors import OutOfBounds
from brainnb.core.fields import Param, param, state
from brainnb.core.model import preset
from brainnb.core.record import Record
from brainnb.synapses import Conductance, DualExponential, Kinetics

from .. import connect, init
from ..network import Network
from ..population import Population
from ..projection import Projection

GABA, AMPA = -75.0, 0.0
"""Reversal potentials, mV."""


class Saturating(Kinetics):
    r"""Opens wholly with each spike and closes exponentially: a second spike adds only what has closed since.

    .. math:: \tau \dot g = -g, \qquad g \to 1

    The fast limit of a receptor that opens within a millisecond, such as that of Wang & Buzsáki 1996.

    References
    ----------
    Wang & Buzsáki 1996, doi:10.1523/JNEUROSCI.16-20-06402.1996, eq. 2 with opening much faster than closing.

    Examples
    --------
    >>> s = Record(g=0.25)
    >>> float(Saturating().arrive(0.0, s, 1.0)["g"])
    1.0
    """

    linear: ClassVar[bool] = False

    tau: Param = param(10.0, "ms", "time constant of closing", bounds=(0.1, 500))
    g = state(0.0, "1", "fraction of open receptors", bounds=(0, 1))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(g=-s.g / self.tau)

    def arrive(self, t: Array, s: Record, x: Array) -> Mapping[str, Any]:
        return dict(g=s.g + x * (1.0 - s.g))

    def gate(self, t: Array, s: Record) -> Array:
        return s.g


class ING(Network):
    r"""Interneuron gamma: driven interneurons that inhibit each other fire together, at the pace of their inhibition.

    .. math:: C \dot V = \sum_k I_k(V) + \frac{g_{syn}}{N} \sum_j s_j\,(E_{GABA} - V) + I

    It explains a rhythm that needs no excitatory cells.  All fire when the inhibition of the last volley has worn off:
    the decay of GABA sets the period, together with the drive.

    Parameters
    ----------
    n : int
        Interneurons (population ``I``), all connected with all.
    g_syn : float
        Sum of the synapses onto one neuron, mS/cm2.
    tau : float
        Decay of the inhibition, ms.
    drive : float
        Current into each neuron, uA/cm2.
    spread : float
        Standard deviation of the leak potential from neuron to neuron, mV: 0.3 is one of 3 % of the drive; with much
        more the neurons fall out of step.
    seed : int
        Draws the first potentials and the differences.

    Notes
    -----
    A synapse opens wholly with each spike (:class:`Saturating`); those of the paper take less than a millisecond.

    References
    ----------
    Wang & Buzsáki 1996, doi:10.1523/JNEUROSCI.16-20-06402.1996.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(ING(50), T=500, dt=0.05)
    >>> 30 < float(ds.bn.rate("I.spike", start=200).mean()) < 45
    True
    """

    default_record: ClassVar[str | None] = "I.spike"

    def __init__(
        self,
        n: int = 100,
        g_syn: float = 0.1,
        tau: float = 10.0,
        drive: float = 1.0,
        spread: float = 0.0,
        seed: int = 0,
    ):
        if spread < 0:
            raise OutOfBounds(f"ING: spread = {spread:g} mV; a number that is not negative was expected.")
        cell = neurons.WangBuzsaki()
        differ = {"E_L": init.TruncatedNormal(-65.0, spread, -80.0, -50.0)} if spread else {}
        super().__init__(
            populations={
                "I": Population(cell, n, parameters=differ, init={"V": init.Uniform(-70.0, -55.0)}, inputs={"I": drive})
            },
            projections={
                "II": Projection(
                    "I", "I", connect.AllToAll(), Saturating(tau=tau), weight=g_syn / n, output=Conductance(E=GABA)
                )
            },
            seed=seed,
        )  # fmt: skip

    @preset
    def wang_buzsaki_1996(cls) -> Self:
        """100 interneurons with a GABA decay of 10 ms (Wang & Buzsáki 1996, doi:10.1523/JNEUROSCI.16-20-06402.1996)."""
        return cls()


class PING(Network):
    r"""Pyramidal-interneuron gamma: pyramidal cells excite interneurons, which silence all, and so on.

    It explains the commonest gamma rhythm of models of cortex: pyramidal cells fire first, interneurons some
    milliseconds later; without the synapses from ``E`` to ``I`` the rhythm is gone.  The decay of the inhibition sets
    the period.

    Parameters
    ----------
    n : int
        Neurons, four fifths of them pyramidal (``E``), one fifth interneurons (``I``).
    p : float
        Probability of a synapse.
    drive_E, drive_I : float
        Current into each neuron, uA/cm2.
    g_EI, g_IE, g_II : float
        Sum of the synapses of one kind onto one neuron, on average, mS/cm2 (``g_EI``: from ``E`` to ``I``).
    tau_E, tau_I : float
        Decay of excitation and inhibition, ms.
    spread : float
        Standard deviation of the leak potential of pyramidal cells, mV: 0.7 is one of 5 % of their drive.
    seed : int
        Draws synapses, differences and first potentials.

    Notes
    -----
    Cells are :meth:`~brainnb.neurons.TraubMiles.rtm` and :class:`~brainnb.neurons.WangBuzsaki`.  Synapses rise within 0.5 ms
    and decay exponentially, and add up; those of the book saturate.

    References
    ----------
    Börgers & Kopell 2003, doi:10.1162/089976603321192059; Börgers 2017, *An Introduction to Modeling Neuronal
    Dynamics*, doi:10.1007/978-3-319-51171-9, chapter 30.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(PING(100), T=300, dt=0.05)
    >>> 30 < float(ds.bn.rate("I.spike", start=100).mean()) < 80
    True
    """

    def __init__(
        self,
        n: int = 250,
        p: float = 0.5,
        drive_E: float = 1.4,
        drive_I: float = 0.0,
        g_EI: float = 0.25,
        g_IE: float = 0.25,
        g_II: float = 0.25,
        tau_E: float = 3.0,
        tau_I: float = 9.0,
        spread: float = 0.7,
        seed: int = 0,
    ):
        sizes = {"E": n * 4 // 5, "I": n - n * 4 // 5}
        if not 0 < p <= 1 or p * sizes["I"] < 1:
            raise OutOfBounds(f"PING: p = {p:g} gives {p * sizes['I']:g} synapses from interneurons; at least 1.")
        if spread < 0:
            raise OutOfBounds(f"PING: spread = {spread:g} mV; a number that is not negative was expected.")
        start = {"V": init.Uniform(-75.0, -55.0)}
        differ = {"leak.E": init.TruncatedNormal(-67.0, spread, -80.0, -55.0)} if spread else {}

        def synapses(pre: str, post: str, g: float) -> Projection:
            kinetics = DualExponential(tau_rise=0.5, tau_decay=tau_E if pre == "E" else tau_I)
            chance = connect.FixedProbability(p)
            return Projection(
                pre,
                post,
                chance,
                kinetics,
                weight=g / (p * sizes[pre]),
                output=Conductance(E=AMPA if pre == "E" else GABA),
            )

        super().__init__(
            populations={
                "E": Population(
                    neurons.TraubMiles.rtm(), sizes["E"], parameters=differ, init=start, inputs={"I": drive_E}
                ),
                "I": Population(neurons.WangBuzsaki(), sizes["I"], init=start, inputs={"I": drive_I}),
            },
            projections={
                "EI": synapses("E", "I", g_EI),
                "IE": synapses("I", "E", g_IE),
                "II": synapses("I", "I", g_II),
            },
            seed=seed,
        )

    @preset
    def borgers_2017(cls) -> Self:
        """200 pyramidal cells and 50 interneurons (Börgers 2017, doi:10.1007/978-3-319-51171-9, chapter 30)."""
        return cls()
