"""The network benchmarks of Brette et al. 2007: the same wiring with three kinds of cells and synapses."""

from collections.abc import Mapping
from typing import Any

from brainnb import neurons
from brainnb.core.errors import OutOfBounds
from brainnb.core.model import Model
from brainnb.synapses import Conductance, Current, Exponential, Output

from .. import connect, init
from ..network import Network
from ..population import Population
from ..projection import Projection

FAN_IN = 80
"""Synapses onto each neuron, at any size."""


class _Benchmark(Network):
    """Four fifths excitatory cells, one fifth inhibitory ones, everybody connected with everybody at random."""

    def _wired(
        self,
        n: int,
        seed: int,
        cell: Model,
        start: Mapping[str, Any],
        outputs: Mapping[str, Output],
        weights: Mapping[str, float],
        inputs: Mapping[str, float] | None = None,
        synapses: Mapping[str, Any] | None = None,
    ) -> None:
        if n < 2 * FAN_IN:
            raise OutOfBounds(f"{type(self).__name__}: n = {n}; at least {2 * FAN_IN} neurons were expected.")
        sizes = {"E": n * 4 // 5, "I": n - n * 4 // 5}
        tau = {"E": 5.0, "I": 10.0}
        super().__init__(
            populations={name: Population(cell, k, init=start, inputs=inputs or {}) for name, k in sizes.items()},
            projections={
                pre + post: Projection(
                    pre,
                    post,
                    connect.FixedProbability(FAN_IN / n),
                    Exponential(tau=tau[pre]),
                    weight=weights[pre],
                    output=outputs[pre],
                    init={} if synapses is None else {"g": synapses[pre]},
                )
                for pre in sizes
                for post in sizes
            },
            seed=seed,
        )


class COBA(_Benchmark):
    r"""The self-sustained irregular network: integrate-and-fire cells with conductance synapses.

    .. math:: \tau \dot V = (V_{rest} - V) + g_E (0 - V) + g_I (-80 - V) + 20\ \mathrm{mV}

    Excitation and inhibition balance, and single cells fire irregularly at 20 to 25 Hz.

    Parameters
    ----------
    n : int
        Neurons, four fifths of them excitatory; each has 80 synapses on average, whatever ``n``.
    seed : int
        Draws synapses and first potentials.

    Notes
    -----
    The form with a constant drive of 200 pA (20 mV), as simulators are compared with it.  Without a delay, spikes are
    felt in the next step.

    References
    ----------
    Vogels & Abbott 2005, doi:10.1523/JNEUROSCI.3508-05.2005; Brette et al. 2007, doi:10.1007/s10827-007-0038-6,
    benchmark 1.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(COBA(1000), T=300)
    >>> 15 < float(ds["E.spike"].sum() / 800 / 0.3) < 35
    True
    """

    def __init__(self, n: int = 4000, seed: int = 0):
        self._wired(
            n,
            seed,
            neurons.LIF(tau=20.0, R=0.1, V_rest=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0),
            {"V": init.Normal(-55.0, 2.0)},
            {"E": Conductance(E=0.0), "I": Conductance(E=-80.0)},
            {"E": 6.0, "I": 67.0},
            inputs={"I": 200.0},
        )


class CUBA(_Benchmark):
    r"""Integrate-and-fire cells with current synapses: the linear benchmark.

    .. math:: \tau \dot V = (-49\ \mathrm{mV} - V) + R\,(I_E + I_I)

    Rates are low, 5 to 6 Hz.

    Parameters
    ----------
    n, seed
        As of :class:`COBA`.

    Notes
    -----
    Weights of 1.62 and -9 mV are currents of 16.2 and -90 pA into 0.1 Gohm.

    References
    ----------
    Vogels & Abbott 2005, doi:10.1523/JNEUROSCI.3508-05.2005; Brette et al. 2007, doi:10.1007/s10827-007-0038-6,
    benchmark 2.
    """

    def __init__(self, n: int = 4000, seed: int = 0):
        self._wired(
            n,
            seed,
            neurons.LIF(tau=20.0, R=0.1, V_rest=-49.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0),
            {"V": init.Uniform(-60.0, -50.0)},
            {"E": Current(), "I": Current()},
            {"E": 16.2, "I": -90.0},
        )


class COBAHH(_Benchmark):
    r"""Hodgkin–Huxley type cells with conductance synapses.

    The cell is :class:`~brainnb.neurons.TraubMilesPoint`; cells fire at 30 to 40 Hz, kept going by each other: the
    synapses begin half open.

    Parameters
    ----------
    n, seed
        As of :class:`COBA`.

    References
    ----------
    Brette et al. 2007, doi:10.1007/s10827-007-0038-6, benchmark 3.
    """

    def __init__(self, n: int = 4000, seed: int = 0):
        self._wired(
            n,
            seed,
            neurons.TraubMilesPoint(),
            {"V": init.Normal(-65.0, 5.0)},
            {"E": Conductance(E=0.0), "I": Conductance(E=-80.0)},
            {"E": 6.0, "I": 67.0},
            synapses={"E": init.Normal(40.0, 15.0), "I": init.Normal(200.0, 120.0)},
        )
