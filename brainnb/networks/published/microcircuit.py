"""The cortical microcircuit of Potjans and Diesmann: a square millimetre of early sensory cortex, neuron for neuron."""

from typing import Any, ClassVar

import numpy as np

from brainnb import neurons, ops
from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.core.fields import static
from brainnb.synapses import Current, Exponential

from .. import connect
from ..network import Network
from ..population import Population
from ..projection import Projection
from ..sources import PoissonDrive

LAYERS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
NEURONS = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
BACKGROUND = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
"""Synapses from outside onto each neuron."""
START = np.array([-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43])
SPREAD = np.array([5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48])
"""Mean and standard deviation of the first potentials, mV: near where the circuit settles."""
RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])
"""Mean rates at full size, Hz: what a smaller circuit replaces the missing input by."""
PROBABILITY = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
    ]
)
"""That two neurons are connected at least once; row = target, column = source."""

TAU_M, TAU_SYN, C = 10.0, 0.5, 250.0  # ms, ms, pF
RATE = 8.0  # Hz, of each background synapse
PSP = 0.15  # mV


class Microcircuit(Network):
    r"""Four cortical layers of excitatory and inhibitory cells: 77 169 neurons and 299 million synapses at full size.

    Layers fire at their own low rates (1 to 9 Hz), irregularly and without synchrony, because of the wiring alone: all
    cells are alike.  It is the field's standard benchmark of simulators.

    .. math:: \tau_m \dot V = E_L - V + R I, \qquad \tau_{syn} \dot I = -I, \qquad
        K_{pq} = \frac{\ln(1 - C_{pq})}{\ln\left(1 - 1 / (N_p N_q)\right)}

    Parameters
    ----------
    scale : float
        Size of the circuit: neurons and synapses onto each are multiplied by it, weights divided by its square root, and
        a constant current replaces the mean of the missing input.
    drive : {"poisson", "dc"}
        Input from outside: Poisson spikes of 8 Hz through each background synapse, or their mean as a constant current.
    seed : int
        Draws synapses, weights, delays and first potentials.

    Notes
    -----
    All neurons are one population, ``cortex``, layer after layer; :attr:`layers` says where each is and :meth:`rates`
    takes them apart.  Every synapse has a weight (87.8 pA +- 10 %, -4 times that from inhibitory cells, doubled from
    L4E to L23E) and a delay (1.5 +- 0.75 ms, inhibitory half of that) of its own.  Smaller circuits fire a little less,
    in other simulators too; compare with the published rates at full size only.

    Raises
    ------
    OutOfBounds
        A scale that is not above 0 and at most 1.

    References
    ----------
    Potjans & Diesmann 2014, doi:10.1093/cercor/bhs358; reference data of the rates: Senk et al. 2025, arXiv 2505.21185;
    downscaling: van Albada et al. 2015, doi:10.1371/journal.pcbi.1004490.

    Examples
    --------
    >>> import brainnb as bn
    >>> circuit = Microcircuit(scale=0.02)
    >>> circuit.number("cortex"), list(circuit.layers)[:2]
    (1544, ['L23E', 'L23I'])
    """

    of_each: tuple[int, ...] = static()

    default_record: ClassVar[str | None] = "cortex.spike"

    def __init__(self, scale: float = 1.0, drive: str = "poisson", seed: int = 12):
        if not 0 < float(scale) <= 1:
            raise OutOfBounds(f"Microcircuit: scale = {scale:g}; above 0 and at most 1 was expected.")
        if drive not in ("poisson", "dc"):
            raise ModelError(f"Microcircuit: drive={drive!r}; 'poisson' or 'dc' was expected.")
        sizes = np.maximum(1, np.rint(NEURONS * scale)).astype(int)
        each = np.repeat(np.arange(8), sizes)
        noisy = drive == "poisson"
        unit = PSP * pA_per_mV()
        mean = np.where(np.arange(8) % 2 == 0, unit, -4 * unit) * np.ones((8, 1))
        mean[0, 2] *= 2  # from L4E to L23E
        weights = mean / np.sqrt(scale)
        wiring = ops.draw_blocks(
            sizes,
            np.rint(synapses() * scale**2).astype(int),
            weights,
            0.1 * np.abs(weights),
            delay_mean=[1.5, 0.75] * 4,
            delay_sd=[0.75, 0.375] * 4,
            resolution=0.1,
            seed=seed,
        )
        missing = (mean * (synapses() / NEURONS[:, None]) * RATES).sum(axis=1) + unit * BACKGROUND * RATE
        current = TAU_SYN * 1e-3 * (1 - np.sqrt(scale)) * missing
        if not noisy:
            current = current + TAU_SYN * 1e-3 * RATE * BACKGROUND * scale * unit / np.sqrt(scale)
        # a constant current moves the potential at which a cell rests
        cell = neurons.LIF(tau=TAU_M, R=TAU_M / C, V_rest=-65.0, V_th=-50.0, V_reset=-65.0, t_ref=2.0)
        rest = (-65.0 + TAU_M / C * current)[each]
        start = START[each] + SPREAD[each] * np.random.default_rng(seed).standard_normal(len(each))
        populations: dict[str, Any] = {
            "cortex": Population(cell, len(each), parameters={"V_rest": rest}, init={"V": start})
        }
        projections: dict[str, Any] = {
            "synapses": Projection("cortex", "cortex", wiring, Exponential(tau=TAU_SYN), weight=None, output=Current())
        }
        if noisy:
            sources = Population(PoissonDrive(rate=RATE), len(each), parameters={"number": (BACKGROUND * scale)[each]})
            populations["outside"] = sources
            projections["drive"] = Projection(
                "outside",
                "cortex",
                connect.OneToOne(),
                Exponential(tau=TAU_SYN),
                weight=float(unit / np.sqrt(scale)),
                output=Current(),
            )
        self.of_each = tuple(int(n) for n in sizes)
        super().__init__(populations, projections, seed)

    @property
    def layers(self) -> dict[str, slice]:
        """Where the cells of each layer are."""
        ends = np.cumsum(self.of_each)
        return {
            name: slice(int(end - size), int(end)) for name, end, size in zip(LAYERS, ends, self.of_each, strict=True)
        }

    def rates(self, ds: Any, start: float = 0.0) -> dict[str, float]:
        """Mean rate of every layer in Hz, from ``start`` ms on."""
        spikes = ds["cortex.spike"].sel(time=slice(start + 1e-6, None))
        seconds = spikes.sizes["time"] * float(ds.attrs["dt"]) * int(ds.attrs["every"]) * 1e-3
        counts = spikes.sum("time").values
        return {name: float(counts[place].mean() / seconds) for name, place in self.layers.items()}


def synapses() -> np.ndarray:
    """Synapses between any two layers at full size, ``[target, source]``."""
    pairs = np.outer(NEURONS, NEURONS)
    return np.rint(np.log(1 - PROBABILITY) / np.log(1 - 1 / pairs)).astype(np.int64)


def pA_per_mV() -> float:
    """Current whose response peaks at one millivolt."""
    a, b = TAU_M, TAU_SYN
    sub = 1 / (b - a)
    ratio = (a / b) ** sub
    return 1 / (a * b / C * sub * (ratio**a - ratio**b))
