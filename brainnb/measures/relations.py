"""Measures of how signals go together on Datasets: correlations, synchrony, their common field.

``var``, ``x`` and ``y`` name a recorded variable; a DataArray with a time axis does as well, a population rate for example.
"""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from . import axes, lfp, synchrony
from .labelled import label


def cross_correlation(ds: Any, x: Any, y: Any, max_lag: float = 50.0, start: float = 0.0) -> Any:
    """Pearson correlation of ``x`` with ``y`` some time later; a peak at positive lags means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : str or DataArray
        For single neurons: ``counts = ds.bn.spike_counts(bin=1)``, then ``counts.isel(neuron=0)``.
    max_lag : float
        Greatest lag (ms).
    ds, start
        As in :func:`spectrum`.

    Returns
    -------
    DataArray
        Dimension ``lag`` in ms behind the others.
    """
    x, y = axes.both(ds, x, y, start)
    dt = axes.step(x)
    lags = axes.samples(max_lag, dt, "max_lag", 0, x.sizes[axes.TIME] - 1)
    dims, coords = axes.kept(x, axes.TIME)
    coords = coords | {"lag": axes.axis(np.round(np.arange(-lags, lags + 1) * dt, 9), "lag", "ms", "lag")}
    found = synchrony.cross_correlation(x.values, y.values, lags)
    return label(found, (*dims, "lag"), coords, "cross_correlation", "1", "correlation")


def chi(ds: Any, var: Any = None, dim: str | None = None, start: float = 0.0) -> Any:
    """Golomb's synchrony index: fluctuations of the mean voltage against those of single cells, 0 to 1.

    Parameters
    ----------
    dim : str, optional
        The dimension that counts cells.
    ds, var, start
        As in :func:`spectrum`.  Equation in :func:`brainnb.measures.synchrony.chi`.
    """
    x = axes.signal(ds, var, start)
    dim = axes.unit_dim(x, dim, "chi")
    dims, coords = axes.kept(x, dim, axes.TIME)
    return label(synchrony.chi(x.transpose(*dims, dim, axes.TIME).values), dims, coords, "chi", "1", "synchrony")


def functional_connectivity(ds: Any, var: Any = None, dim: str | None = None, start: float = 0.0) -> Any:
    """Pearson correlation over time of every two units, dimensions (others..., dim, dim_other).

    Parameters
    ----------
    dim : str, optional
        The dimension that counts units or regions.
    ds, var, start
        As in :func:`spectrum`.  NaN for a unit that never changes.
    """
    x = axes.signal(ds, var, start)
    dim = axes.unit_dim(x, dim, "functional_connectivity")
    dims, coords = axes.kept(x, dim, axes.TIME)
    found = synchrony.correlations(x.transpose(*dims, dim, axes.TIME).values)
    return label(found, (*dims, dim, f"{dim}_other"), coords, "functional_connectivity", "1", "correlation")


def functional_connectivity_dynamics(
    ds: Any,
    var: Any = None,
    window: float = 60_000.0,
    step: float = 2_000.0,
    dim: str | None = None,
    start: float = 0.0,
) -> Any:
    """How alike functional connectivity is at two moments: correlation of its matrices in sliding windows.

    Parameters
    ----------
    window, step : float
        Length of the windows and time from one to the next (ms).
    ds, var, dim, start
        As in :func:`functional_connectivity`.

    Returns
    -------
    DataArray
        Dimensions (others..., window, window_other), each with the middle of its window in ms.

    References
    ----------
    Hansen, Battaglia, Spiegler, Deco, Jirsa (2015) Functional connectivity dynamics: modeling the switching
    behavior of the resting state. NeuroImage 105, 525–535. doi:10.1016/j.neuroimage.2014.11.001
    """
    x = axes.signal(ds, var, start)
    dim = axes.unit_dim(x, dim, "functional_connectivity_dynamics")
    if x.sizes[dim] < 3:
        raise ModelError(
            f"functional_connectivity_dynamics compares matrices; `{dim}` has {x.sizes[dim]} units, at least 3 are needed."
        )
    dt, n = axes.step(x), x.sizes[axes.TIME]
    length, hop = axes.samples(window, dt, "window", 2, n), axes.samples(step, dt, "step", 1, n)
    dims, coords = axes.kept(x, dim, axes.TIME)
    pairs, first = synchrony.windowed_correlations(x.transpose(*dims, dim, axes.TIME).values, length, hop)
    middle = x.time.values[first] + (length - 1) / 2 * dt
    coords = coords | {w: axes.axis(middle, w, "ms", "middle of the window") for w in ("window", "window_other")}
    found = synchrony.correlations(pairs)
    return label(
        found, (*dims, "window", "window_other"), coords, "functional_connectivity_dynamics", "1", "correlation"
    )


def field_potential(
    ds: Any,
    ampa: Any,
    gaba: Any,
    delay: float = lfp.AMPA_DELAY,
    alpha: float = lfp.GABA_WEIGHT,
    start: float = 0.0,
) -> Any:
    """A stand-in for the local field potential: Mazzoni's weighted sum of synaptic currents, with mean 0 and variance 1.

    Parameters
    ----------
    ampa, gaba : str or DataArray
        Synaptic currents of excitatory cells; dimensions that count units are summed over.
    delay, alpha : float
        Delay of the excitatory currents (ms) and weight of the inhibitory ones.
    ds, start
        As in :func:`spectrum`.

    Returns
    -------
    DataArray
        From ``delay`` after the first sample on.  Equation and source in :func:`brainnb.measures.lfp.weighted_sum`.
    """
    currents = [abs(axes.signal(ds, name, start)) for name in (ampa, gaba)]
    ampa, gaba = (x.sum(axes.unit_dims(x)) for x in currents)
    found = lfp.weighted_sum(ampa.values, gaba.values, axes.step(ampa), delay, alpha)
    late = round(delay / axes.step(ampa))
    coords = dict(ampa.isel(time=slice(late, None)).coords)
    return label(
        lfp.normalised(found[..., late:]), ampa.dims, coords, "field_potential", "1", "field potential (normalised)"
    )
