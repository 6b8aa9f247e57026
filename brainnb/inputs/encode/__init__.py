"""Encoders: numbers as spikes.

Values go in as arrays or labelled arrays; spikes come out as an ``xarray.DataArray`` named ``spike``, time (ms) first,
with the dimensions and coordinates of the values behind it.  ``.values`` is the bare array,
``.to_dataset().bn.raster()`` the picture, and ``bn.inputs.FromData(spikes, interpolation="previous")`` the stimulus.
The time of a spike is the beginning of its bin.
"""

from .changes import decoded, difference, step_forward
from .phase import weighted_phase
from .population import population
from .rates import bernoulli, held, poisson, regular
from .sequence import temporal
from .timing import latency, rank_order

__all__ = [
    "bernoulli",
    "decoded",
    "difference",
    "held",
    "latency",
    "poisson",
    "population",
    "rank_order",
    "regular",
    "step_forward",
    "temporal",
    "weighted_phase",
]
