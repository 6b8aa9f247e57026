"""What a training run makes small: losses over traces, spikes, rates, spectra and classes, which add up with weights."""

from typing import Any

from brainnb.core.errors import ModelError

from .base import Error, FromFunction, Loss, Scaled, Seen, Sum, Traced, over_time, terms
from .classes import CTC, NLL, Accuracy, BinaryCrossEntropy, CrossEntropy, MultiMargin
from .errors import MAE, MSE, MSLE, NRMSE, Huber, LogCosh
from .likelihoods import Gaussian, Likelihood, SpikeLikelihood
from .penalties import Activity, Mean, Silent, Sparse, Weights, Within
from .spectrum import Spectrum
from .spikes import AtThreshold, FirstSpike, Rates, SpikeCount, SpikeTimes, VanRossum, VanRossumTimes

NAMED: dict[str, type[Traced]] = {
    "mse": MSE,
    "mae": MAE,
    "huber": Huber,
    "nrmse": NRMSE,
    "cross_entropy": CrossEntropy,
    "accuracy": Accuracy,
    "msle": MSLE,
    "log_cosh": LogCosh,
    "nll": NLL,
    "multi_margin": MultiMargin,
    "binary_cross_entropy": BinaryCrossEntropy,
    "spike_count": SpikeCount,
    "van_rossum": VanRossum,
    "rates": Rates,
    "spectrum": Spectrum,
}
"""Losses by the name that ``loss=`` takes: one for each target."""


def loss(given: Any, targets: tuple[str, ...], what: str = "loss") -> Loss:
    """What ``loss=`` names: one of :data:`NAMED` for each target, or a loss as it is."""
    if isinstance(given, Loss):
        return given
    if isinstance(given, type) and issubclass(given, Loss):
        raise ModelError(f"{what}: got the class {given.__name__}; build it, {given.__name__}('path').")
    if given in NAMED:
        parts = tuple(NAMED[given](path) for path in targets)
        return parts[0] if len(parts) == 1 else Sum(parts)
    raise ModelError(
        f"{what}={given!r}: one of {', '.join(map(repr, NAMED))}, or a loss of bn.train such as MSE('V'), was expected."
        + (" A function reads what it names: bn.train.FromFunction(function, ('V',))." if callable(given) else "")
    )


__all__ = [
    "CTC",
    "MAE",
    "MSE",
    "MSLE",
    "NAMED",
    "NLL",
    "NRMSE",
    "Accuracy",
    "Activity",
    "AtThreshold",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Error",
    "FirstSpike",
    "FromFunction",
    "Gaussian",
    "Huber",
    "Likelihood",
    "LogCosh",
    "Loss",
    "Mean",
    "MultiMargin",
    "Rates",
    "Scaled",
    "Seen",
    "Silent",
    "Sparse",
    "Spectrum",
    "SpikeCount",
    "SpikeLikelihood",
    "SpikeTimes",
    "Sum",
    "Traced",
    "VanRossum",
    "VanRossumTimes",
    "Weights",
    "Within",
    "loss",
    "over_time",
    "terms",
]
