"""How well a model predicts the spikes of a recording, on Datasets."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, unknown_message

from . import axes, coincidence, explained
from .labelled import begin, end, label, times_of
from .trains import rate_over_time

Array = np.ndarray


def coincidence_factor(
    model: Any,
    data: Any,
    precision: float = 4.0,
    *,
    repetitions: str | None = None,
    var: str | None = None,
    of_data: str | None = None,
    threshold: float | None = None,
    start: float = 0.0,
) -> Any:
    r"""How many spikes of a model coincide with those of a recording: 1 for all and no other, 0 for chance.

    Parameters
    ----------
    model, data : Dataset
        A run or a sweep, and the recording; a dimension that both have is gone through together.
    precision : float
        $\Delta$: half the window in which spikes coincide (ms).
    repetitions : str, optional
        The dimension of ``data`` that counts repetitions of the same stimulus.  The mean over them is then divided by how well the
        neuron repeats itself: $\Gamma_A$, which is 1 for a model as good as the neuron's own repetition.
    var, of_data : str, optional
        The variables of the spikes, as ``var`` of :func:`brainnb.measures.spike_times`.
    threshold, start
        As in :func:`brainnb.measures.spike_times`.

    Returns
    -------
    DataArray
        Over the dimensions of both.  Equation and sources in :func:`brainnb.measures.coincidence.coincidence_factor`.
    """
    import xarray as xr

    duration = end(data) - max(start, begin(data))
    own, asked = (
        label(times, (*dims, "spikes"), coords, "times", "ms", "spike time").rename(spikes=name)
        for name, (times, dims, coords) in (
            ("own", times_of(model, var, threshold, start)),
            ("asked", times_of(data, of_data, threshold, start)),
        )
    )
    of_one = _of_one_number(asked, repetitions, "asked")

    def judged(own: Array, asked: Array) -> float:
        if repetitions is None:
            return coincidence.coincidence_factor(asked, own, duration, precision)
        mean = np.mean([coincidence.coincidence_factor(x, own, duration, precision) for x in asked])
        return float(mean / coincidence.reliability(asked, duration, precision))

    found = xr.apply_ufunc(judged, own, asked, vectorize=True, input_core_dims=[["own"], of_one])
    return found.rename("coincidence_factor").assign_attrs(units="1", long_name="coincidence factor")


def explained_variance(
    model: Any,
    data: Any,
    width: float = 10.0,
    *,
    repetitions: str | None = None,
    var: str | None = None,
    of_data: str | None = None,
    threshold: float | None = None,
    start: float = 0.0,
) -> Any:
    """How much of the rate of a recording a model explains: 1 for the same spikes, 0 for a rate that has nothing to do with it.

    Spikes become rates by a Gaussian, so that ``width`` says how exact a time has to be.

    Parameters
    ----------
    model, data : Dataset
        A run or a sweep, and the recording, sampled at the same times.
    width : float
        Standard deviation of the Gaussian (ms); 10 in the source's tables.
    repetitions : str, optional
        The dimension of ``data`` that counts repetitions of the same stimulus.  The mean over them is then divided by how much
        of each their mean rate explains.
    var, of_data, threshold, start
        As in :func:`coincidence_factor`.

    Returns
    -------
    DataArray
        Over the dimensions of both.  Equation and source in :func:`brainnb.measures.explained.explained_variance`.

    Raises
    ------
    ModelError
        Where the two are not sampled at the same times, or ``repetitions`` is no dimension of the data.
    """
    import xarray as xr

    rates = (rate_over_time(ds, "gaussian", width, of, threshold) for ds, of in ((model, var), (data, of_data)))
    own, asked = (rate.isel({axes.TIME: rate[axes.TIME].values > start}) for rate in rates)
    if own.sizes[axes.TIME] != asked.sizes[axes.TIME] or not np.allclose(own[axes.TIME], asked[axes.TIME]):
        raise ModelError(
            f"The model has {_sampling(model)} and the data {_sampling(data)}: rates are compared moment by moment. "
            "Simulate with the T and dt of the recording."
        )
    judged = explained.explained_variance if repetitions is None else explained.of_repetitions
    # equal but for rounding, which would leave no moment in common
    asked = asked.assign_coords({axes.TIME: own[axes.TIME]})
    of_one = _of_one_number(asked, repetitions, axes.TIME)
    found = xr.apply_ufunc(judged, own, asked, vectorize=True, input_core_dims=[[axes.TIME], of_one])
    return found.rename("explained_variance").assign_attrs(units="1", long_name="explained variance of spike times")


def _of_one_number(asked: Any, repetitions: str | None, last: str) -> list[str]:
    """The dimensions of the data that one number is made of."""
    if repetitions is not None and repetitions not in asked.dims:
        raise ModelError(unknown_message("dimension", repetitions, map(str, asked.dims), where="the data"))
    return [last] if repetitions is None else [repetitions, last]


def _sampling(ds: Any) -> str:
    return f"{ds.sizes[axes.TIME]} samples {axes.step(ds):g} ms apart up to {end(ds):g} ms"
