"""Inputs that compete for one cell by the timing of their spikes (Song, Miller & Abbott 2000)."""

from brainnb import neurons
from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.synapses import STDP, Conductance, Exponential

from .. import connect, init
from ..network import Network
from ..population import Population
from ..projection import Projection
from ..sources import CorrelatedPoisson, Poisson

LARGEST = 0.1
"""Largest weight of 1000 inputs, nS: with fewer they are stronger, so that their sum stays."""


class Song2000(Network):
    r"""One integrate-and-fire cell, Poisson inputs, and weights that learn from pairs of spikes.

    .. math:: \tau \dot V = (V_{rest} - V) + R \sum_i g_i\, (0 - V), \qquad \tau_s \dot g_i = -g_i

    Depression is a little stronger than potentiation, so an input that is not related to the output loses.  Inputs that
    make the cell fire win; as they all do so together, the cell keeps itself where it fires irregularly at a low rate,
    and the weights end at the two bounds: *bimodal*.  Inputs that share spikes win against those that do not.

    Parameters
    ----------
    n : int
        Inputs.
    correlated : int
        How many of them share spikes, see :class:`~brainnb.networks.CorrelatedPoisson`; 0 for none.
    seed : int
        Draws the first weights, uniformly between 0 and the largest.

    Notes
    -----
    Populations ``independent``, ``correlated`` and ``cell``; the weights are ``"from_independent.plasticity.weight"`` and
    ``"from_correlated.plasticity.weight"``.  The numbers are those in which simulators demonstrate the model: inputs of
    15 Hz, :math:`A_+` = 0.01, a membrane of 10 ms; the paper has 0.005, 20 ms, inhibitory inputs, and correlations of a
    finite time.  The weights need about 100 s.  A step of 0.5 ms is enough.

    References
    ----------
    Song, Miller & Abbott 2000, doi:10.1038/78829, figs. 2 and 5.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = Song2000(n=200, correlated=100)
    >>> ds = bn.simulate(net, T=20_000, dt=0.5, record=["from_*.plasticity.weight"], every=1000)
    >>> first, last = ds.isel(time=0).mean(), ds.isel(time=-1).mean()
    >>> bool(last["from_correlated.plasticity.weight"] > first["from_correlated.plasticity.weight"])
    True
    """

    def __init__(self, n: int = 1000, correlated: int = 0, seed: int = 0):
        for name, value in (("n", n), ("correlated", correlated)):
            if isinstance(value, bool) or not isinstance(value, int):
                raise ModelError(f"Song2000: {name} = {value!r}; a whole number was expected.")
        if n < 1 or not 0 <= correlated <= n:
            raise OutOfBounds(
                f"Song2000: correlated = {correlated} of n = {n}; 0 to n of at least 1 input was expected."
            )
        sources = {
            "independent": (Poisson(rate=15.0), n - correlated),
            "correlated": (CorrelatedPoisson(rate=15.0, c=0.1), correlated),
        }
        inputs = {name: Population(source, k) for name, (source, k) in sources.items() if k}
        largest = LARGEST * 1000 / n
        cell = neurons.LIF(tau=10.0, R=0.1, V_rest=-74.0, V_th=-54.0, V_reset=-60.0, t_ref=0.0)
        super().__init__(
            populations={**inputs, "cell": Population(cell, 1, init={"V": -60.0})},
            projections={
                f"from_{name}": Projection(
                    name,
                    "cell",
                    connect.AllToAll(),
                    Exponential(tau=5.0),
                    weight=init.Uniform(0.0, largest),
                    output=Conductance(E=0.0),
                    plasticity=STDP(A_plus=0.01, A_minus=0.0105, tau_plus=20.0, tau_minus=20.0, w_max=largest),
                )
                for name in inputs
            },
            seed=seed,
        )
