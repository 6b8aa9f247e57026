"""Numbers from results: spike times, rates, irregularity, synchrony, spectra, correlations.

The functions here take a Dataset and keep its swept dimensions, names and units; ``ds.bn`` has them all.  Beneath them
lie functions of plain arrays, in the modules `spikes`, `variability`, `smoothing`, `distances`, `coincidence`,
`explained`, `synchrony`, `spectra`, `phases`, `lfp` and `branching`.  No JAX here.
"""

from .groups import branching_factor, count_correlation, kappa, spike_train_distance, sttc
from .labelled import intervals, period, rate, spike_count, spike_times
from .predictions import coincidence_factor, explained_variance
from .relations import (
    chi,
    cross_correlation,
    field_potential,
    functional_connectivity,
    functional_connectivity_dynamics,
)
from .rhythms import coherence, phase_amplitude_coupling, phase_locking, spectrogram, spectrum
from .trains import cv, cv2, fano, lv, population_rate, rate_over_time, spike_counts

__all__ = [
    "branching_factor",
    "chi",
    "coherence",
    "coincidence_factor",
    "count_correlation",
    "cross_correlation",
    "cv",
    "cv2",
    "explained_variance",
    "fano",
    "field_potential",
    "functional_connectivity",
    "functional_connectivity_dynamics",
    "intervals",
    "kappa",
    "lv",
    "period",
    "phase_amplitude_coupling",
    "phase_locking",
    "population_rate",
    "rate",
    "rate_over_time",
    "spectrogram",
    "spectrum",
    "spike_count",
    "spike_counts",
    "spike_times",
    "spike_train_distance",
    "sttc",
]
