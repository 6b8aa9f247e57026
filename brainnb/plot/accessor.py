"""``ds.bn``: measures and standard pictures of every result."""

import functools
from collections.abc import Callable
from typing import Any

import xarray as xr

from brainnb import measures

MANY_UNITS = 6


def _measure(function: Callable[..., Any]) -> Callable[..., Any]:
    """A measure as a method: its first argument is the Dataset."""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **how: Any) -> Any:
        return function(self._ds, *args, **how)

    del method.__wrapped__  # help() then shows self and not ds
    return method


@xr.register_dataset_accessor("bn")
class Accessor:
    """Measures and pictures of a Dataset.

    Measures take ``var`` (by default the recorded ``spike``, else ``V``), ``threshold`` (-20 in mV, 0 without
    unit) and ``start`` (leave out what is earlier, ms), and keep every swept dimension.  Pictures take ``ax``.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=100, dt=0.01, I=10)
    >>> int(ds.bn.spike_count()), round(float(ds.bn.period(start=40)), 2)
    (7, 14.64)
    """

    def __init__(self, ds: xr.Dataset):
        self._ds = ds

    def spike_times(self, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> xr.DataArray:
        """Spike times in ms; see :func:`brainnb.measures.spike_times`."""
        return measures.spike_times(self._ds, var, threshold, start)

    def spike_count(self, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> xr.DataArray:
        """Number of spikes."""
        return measures.spike_count(self._ds, var, threshold, start)

    def rate(self, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> xr.DataArray:
        """Mean firing rate in Hz."""
        return measures.rate(self._ds, var, threshold, start)

    def intervals(self, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> xr.DataArray:
        """Times from spike to spike in ms."""
        return measures.intervals(self._ds, var, threshold, start)

    def period(self, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> xr.DataArray:
        """Mean interval between spikes in ms."""
        return measures.period(self._ds, var, threshold, start)

    cv = _measure(measures.cv)
    cv2 = _measure(measures.cv2)
    lv = _measure(measures.lv)
    fano = _measure(measures.fano)
    spike_counts = _measure(measures.spike_counts)
    rate_over_time = _measure(measures.rate_over_time)
    population_rate = _measure(measures.population_rate)
    spike_train_distance = _measure(measures.spike_train_distance)
    sttc = _measure(measures.sttc)
    coincidence_factor = _measure(measures.coincidence_factor)
    explained_variance = _measure(measures.explained_variance)
    kappa = _measure(measures.kappa)
    chi = _measure(measures.chi)
    count_correlation = _measure(measures.count_correlation)
    branching_factor = _measure(measures.branching_factor)
    spectrum = _measure(measures.spectrum)
    spectrogram = _measure(measures.spectrogram)
    coherence = _measure(measures.coherence)
    phase_locking = _measure(measures.phase_locking)
    phase_amplitude_coupling = _measure(measures.phase_amplitude_coupling)
    cross_correlation = _measure(measures.cross_correlation)
    functional_connectivity = _measure(measures.functional_connectivity)
    functional_connectivity_dynamics = _measure(measures.functional_connectivity_dynamics)
    field_potential = _measure(measures.field_potential)

    def plot(self, **how: Any) -> Any:
        """The picture that suits what is here: what an analysis found, a curve of a sweep, a raster of many units, else traces."""
        from .analysed import picture
        from .curve import swept

        if draw := picture(self._ds):
            return draw(self._ds, **how)
        if "task" in self._ds.attrs and "trial" in self._ds.dims:
            return self.trial(**how)
        has_time = "time" in self._ds.dims
        names = [str(v) for v in self._ds.data_vars]
        if swept(self._ds):
            if not has_time:
                return self.curve(names[0], **how)
            if "V" in names or "spike" in names:
                return self.curve(**how)
        units = [n for d, n in self._ds.sizes.items() if d != "time" and d not in self._ds.coords]
        if any(n > MANY_UNITS for n in units) and "spike" in names:
            return self.raster(**how)
        return self.traces(**how)

    def traces(self, *variables: str, axes: Any = None) -> Any:
        """Variables over time, one row for each unit; see :func:`brainnb.plot.traces.traces`."""
        from .traces import traces

        return traces(self._ds, *variables, axes=axes)

    def trial(self, number: int = 0, axes: Any = None) -> Any:
        """One trial of a task; see :func:`brainnb.plot.trial.trial`."""
        from .trial import trial

        return trial(self._ds, number, axes)

    def plane(self, x: str = "V", y: str = "w", ax: Any = None) -> Any:
        """One variable against another; see :func:`brainnb.plot.plane.plane`."""
        from .plane import plane

        return plane(self._ds, x, y, ax)

    def phase_plane(self, ax: Any = None, **how: Any) -> Any:
        """Field, nullclines and resting points; see :func:`brainnb.plot.phase_plane.phase_plane`."""
        from .phase_plane import phase_plane

        return phase_plane(self._ds, ax, **how)

    def basins(self, ax: Any = None) -> Any:
        """Where each start ends; see :func:`brainnb.plot.phase_plane.basins`."""
        from .phase_plane import basins

        return basins(self._ds, ax)

    def bifurcation(self, var: str | None = None, ax: Any = None) -> Any:
        """Branches over a parameter, or curves over two; see :func:`brainnb.plot.bifurcation.bifurcation`."""
        from .bifurcation import bifurcation

        return bifurcation(self._ds, var, ax)

    def cycle(self, *variables: str, axes: Any = None) -> Any:
        """States over one turn of a limit cycle; see :func:`brainnb.plot.cycles.cycle`."""
        from .cycles import cycle

        return cycle(self._ds, *variables, axes=axes)

    def phase_response(self, *variables: str, axes: Any = None) -> Any:
        """Phase response curves; see :func:`brainnb.plot.cycles.phase_response`."""
        from .cycles import phase_response

        return phase_response(self._ds, *variables, axes=axes)

    def raster(self, var: str | None = None, threshold: float | None = None, ax: Any = None) -> Any:
        """Spikes as ticks; see :func:`brainnb.plot.raster.raster`."""
        from .raster import raster

        return raster(self._ds, var, threshold, ax)

    def curve(self, quantity: str = "rate", ax: Any = None, **how: Any) -> Any:
        """A measure over what was swept; see :func:`brainnb.plot.curve.curve`."""
        from .curve import curve

        return curve(self._ds, quantity, ax, **how)

    def plot_identifiability(self, ax: Any = None) -> Any:
        """What data tell of parameters; see :func:`brainnb.plot.identified.identifiability`."""
        from .identified import identifiability

        return identifiability(self._ds, ax)

    def plot_rate(self, ax: Any = None, **how: Any) -> Any:
        """Mean firing rate over time; see :func:`brainnb.plot.measured.rate`."""
        from .measured import rate

        return rate(self._ds, ax, **how)

    def plot_spectrum(self, var: Any = None, ax: Any = None, **how: Any) -> Any:
        """Power over frequency; see :func:`brainnb.plot.measured.spectrum`."""
        from .measured import spectrum

        return spectrum(self._ds, var, ax, **how)

    def plot_spectrogram(self, var: Any = None, ax: Any = None, **how: Any) -> Any:
        """Power over time and frequency; see :func:`brainnb.plot.measured.spectrogram`."""
        from .measured import spectrogram

        return spectrogram(self._ds, var, ax, **how)

    def plot_intervals(self, ax: Any = None, **how: Any) -> Any:
        """Histogram of intervals between spikes; see :func:`brainnb.plot.measured.intervals`."""
        from .measured import intervals

        return intervals(self._ds, ax, **how)
