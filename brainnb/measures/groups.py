"""Measures that compare spike trains, on Datasets: distances, synchrony, branching."""

from collections.abc import Callable
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds, unknown_message

from . import axes, branching, distances, synchrony
from .labelled import begin, end, label, spike_source, times_of
from .trains import spike_counts

Array = np.ndarray
DISTANCES = ("spike", "isi", "victor_purpura", "van_rossum")


def spike_train_distance(
    ds: Any,
    kind: str = "spike",
    *,
    cost: float = 0.1,
    tau: float = 10.0,
    dim: str | None = None,
    var: str | None = None,
    threshold: float | None = None,
    start: float = 0.0,
) -> Any:
    """How different the spike trains of every two units are.

    Parameters
    ----------
    kind : {"spike", "isi", "victor_purpura", "van_rossum"}
        See :mod:`brainnb.measures.distances`.  The first two have no parameter and lie between 0 and 1.
    cost : float
        Of moving a spike by 1 ms, for ``"victor_purpura"``.
    tau : float
        Time constant for ``"van_rossum"`` (ms).
    dim : str, optional
        The dimension that counts the trains; a swept one may be named.
    var, threshold, start
        As in :func:`brainnb.measures.spike_times`.

    Returns
    -------
    DataArray
        Dimensions (swept..., dim, dim_other).
    """
    span = max(start, begin(ds)), end(ds)
    functions: dict[str, Callable[[Array, Array], float]] = {
        "spike": lambda a, b: distances.spike_distance(a, b, *span),
        "isi": lambda a, b: distances.isi_distance(a, b, *span),
        "victor_purpura": lambda a, b: distances.victor_purpura(a, b, cost),
        "van_rossum": lambda a, b: distances.van_rossum(a, b, tau),
    }
    if kind not in functions:
        raise ModelError(unknown_message("kind of distance", kind, DISTANCES))
    return _of_pairs(functions[kind], ds, (var, threshold, start), dim, f"{kind}_distance", "distance of spike trains")


def sttc(
    ds: Any,
    window: float = 10.0,
    dim: str | None = None,
    var: str | None = None,
    threshold: float | None = None,
    start: float = 0.0,
) -> Any:
    """Spike time tiling coefficient of every two units: correlation whatever their rates, from -1 to 1.

    Parameters
    ----------
    window : float
        Spikes closer than this belong together (ms).
    dim, var, threshold, start
        As in :func:`spike_train_distance`.  NaN where a unit has no spike.
    """
    span = max(start, begin(ds)), end(ds)
    return _of_pairs(
        lambda a, b: distances.sttc(a, b, *span, window), ds, (var, threshold, start), dim, "sttc", "spike time tiling"
    )


def kappa(
    ds: Any,
    bin: float = 1.0,
    dim: str | None = None,
    var: str | None = None,
    threshold: float | None = None,
    start: float = 0.0,
) -> Any:
    """Wang and Buzsáki's coherence: share of spikes that two units have in the same bin, mean over all pairs.

    Equation and source in :func:`brainnb.measures.synchrony.kappa`; parameters as in :func:`spike_counts` and
    :func:`spike_train_distance`.
    """
    counts = spike_counts(ds, bin, var, threshold, start)
    return _over_units(synchrony.kappa, counts, dim, "kappa", "coherence of spikes")


def count_correlation(
    ds: Any,
    bin: float = 5.0,
    dim: str | None = None,
    var: str | None = None,
    threshold: float | None = None,
    start: float = 0.0,
) -> Any:
    """Pearson correlation of the spike counts of two units, mean over all pairs; silent units are left out.

    Parameters as in :func:`kappa`.
    """

    def mean(counts: Array) -> Array:
        return synchrony.mean_of_pairs(synchrony.correlations(counts))

    counts = spike_counts(ds, bin, var, threshold, start)
    return _over_units(mean, counts, dim, "count_correlation", "correlation of spike counts")


def branching_factor(
    ds: Any,
    bin: float = 4.0,
    lags: int = 40,
    dim: str | None = None,
    var: str | None = None,
    threshold: float | None = None,
    start: float = 0.0,
) -> Any:
    """How many spikes one spike causes in the next bin, unbiased when few neurons are recorded; 1 is critical.

    Parameters
    ----------
    bin : float
        Width of a step (ms).
    lags : int
        Regression slopes are taken over 1 to ``lags`` bins; they should have decayed by then.
    dim, var, threshold, start
        As in :func:`kappa`.

    Returns
    -------
    DataArray
        NaN where activity never changes.  Method and source in :func:`brainnb.measures.branching.branching_factor`.
    """
    counts = spike_counts(ds, bin, var, threshold, start)
    if not 2 <= lags < counts.sizes[axes.TIME] // 2:
        raise OutOfBounds(
            f"lags = {lags}; between 2 and {counts.sizes[axes.TIME] // 2 - 1} was expected for these bins."
        )

    def estimate(counts: Array) -> Array:
        activity = counts.sum(axis=-2)
        return np.apply_along_axis(lambda a: branching.branching_factor(a, lags)[0], -1, activity)

    return _over_units(estimate, counts, dim, "branching_factor", "branching factor")


def _over_units(function: Callable[[Array], Array], counts: Any, dim: str | None, name: str, meaning: str) -> Any:
    dim = axes.unit_dim(counts, dim, name)
    dims, coords = axes.kept(counts, dim, axes.TIME)
    return label(function(counts.transpose(*dims, dim, axes.TIME).values), dims, coords, name, "1", meaning)


def _of_pairs(
    function: Callable[[Array, Array], float], ds: Any, which: tuple, dim: str | None, name: str, meaning: str
) -> Any:
    times, dims, coords = times_of(ds, *which)
    times = label(times, (*dims, "spikes"), coords, spike_source(ds, which[0]), "ms", "spike time")
    dim = axes.unit_dim(times, dim, name)
    dims, coords = axes.kept(times, dim, "spikes")
    rows = times.transpose(*dims, dim, "spikes").values
    found = np.empty((*rows.shape[:-2], rows.shape[-2], rows.shape[-2]))
    for at in np.ndindex(rows.shape[:-2]):
        found[at] = distances.pairwise(function, rows[at])
    if dim in times.coords:
        along = times[dim]
        coords = coords | {dim: along, f"{dim}_other": axes.axis(along.values, f"{dim}_other", **_meaning(along))}
    return label(found, (*dims, dim, f"{dim}_other"), coords, name, "1", meaning)


def _meaning(coordinate: Any) -> dict[str, str]:
    name = str(coordinate.name)
    return {"unit": coordinate.attrs.get("units", "1"), "meaning": coordinate.attrs.get("long_name", name)}
