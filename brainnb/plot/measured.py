"""Pictures of measures: rates in time, spectra, spectrograms, intervals."""

from typing import Any

import numpy as np

from brainnb import measures
from brainnb.core.errors import ModelError

from . import page, palette


def rate(ds: Any, ax: Any = None, **how: Any) -> Any:
    """Draw the mean firing rate of a population over time; swept values become lines.

    Parameters
    ----------
    ds : Dataset
    **how
        For :func:`brainnb.measures.population_rate`: ``kernel=``, ``width=``, ``var=``, ``threshold=``, ``dim=``.

    Returns
    -------
    matplotlib Axes
    """
    return _lines(measures.population_rate(ds, **how), "time", page.axes(ax))


def spectrum(ds: Any, var: Any = None, ax: Any = None, most: float | None = None, **how: Any) -> Any:
    """Draw the power of a signal over frequency, on a logarithmic scale.

    Parameters
    ----------
    ds : Dataset or DataArray
    most : float, optional
        Highest frequency that is drawn (Hz).
    **how
        For :func:`brainnb.measures.spectrum`: ``method=``, ``window=``, ``bandwidth=``, ``start=``.

    Returns
    -------
    matplotlib Axes
    """
    power = measures.spectrum(ds, var, **how)
    power = power.isel(frequency=slice(1, None))  # the mean has been taken out
    ax = _lines(power.sel(frequency=slice(None, most)), "frequency", page.axes(ax))
    ax.set_yscale("log")
    return ax


def spectrogram(ds: Any, var: Any = None, ax: Any = None, most: float | None = None, **how: Any) -> Any:
    """Draw the power of one signal over time and frequency, in decibels below its maximum.

    Parameters
    ----------
    most : float, optional
        Highest frequency that is drawn (Hz).
    **how
        For :func:`brainnb.measures.spectrogram`: ``window=``, ``step=``, ``start=``.

    Returns
    -------
    matplotlib Axes
    """
    power = measures.spectrogram(ds, var, **how).sel(frequency=slice(None, most))
    if power.ndim > 2:
        extra = ", ".join(str(d) for d in power.dims[:-2])
        raise ModelError(
            f"spectrogram: one signal is drawn at a time; choose one of {extra}, for example ds.isel({power.dims[0]}=0)."
        )
    ax = page.axes(ax)
    decibel = 10 * np.log10(np.maximum(power / power.max(), 1e-6))
    image = ax.pcolormesh(power.time, power.frequency, decibel, cmap="cividis", shading="nearest", rasterized=True)
    ax.set(xlabel=page.label(power.time), ylabel=page.label(power.frequency))
    page.clean(ax)
    bar = ax.get_figure().colorbar(image, ax=ax, pad=0.02)
    bar.set_label("power (dB)")
    bar.ax.tick_params(colors=ax.yaxis.label.get_color())
    bar.ax.yaxis.label.set_color(ax.yaxis.label.get_color())
    return ax


def intervals(ds: Any, ax: Any = None, bins: int = 40, **how: Any) -> Any:
    """Draw how often each interval between spikes occurs, over all units; swept values become lines.

    Parameters
    ----------
    bins : int
    **how
        For :func:`brainnb.measures.intervals`: ``var=``, ``threshold=``, ``start=``.

    Returns
    -------
    matplotlib Axes
    """
    apart = measures.intervals(ds, **how)
    found = apart.values[np.isfinite(apart.values)]
    if not found.size:
        raise ModelError("intervals: no unit has two spikes, so there is no interval to draw.")
    edges = np.linspace(0.0, float(found.max()) * (1 + 1e-9), bins + 1)
    units = [d for d in apart.dims if d not in apart.coords]
    rows = apart.stack(all_units=units)
    ax = page.axes(ax)
    for i, (where, line) in enumerate(page.lines_of(rows, "all_units")):
        colour, dash = palette.style(i)
        ax.stairs(np.histogram(line.values, edges)[0], edges, color=colour, linestyle=dash, linewidth=1.8, label=where)
    ax.set(xlabel="interval between spikes (ms)", ylabel="intervals", xlim=(0, edges[-1]))
    page.clean(ax)
    page.legend(ax, page.left_out(rows, "all_units"))
    return ax


def _lines(y: Any, along: str, ax: Any) -> Any:
    for i, (where, line) in enumerate(page.lines_of(y, along)):
        colour, dash = palette.style(i)
        ax.plot(y[along], line, color=colour, linestyle=dash, linewidth=1.8, label=where)
    ax.set(xlabel=page.label(y[along]), ylabel=page.label(y, y.attrs.get("long_name")))
    page.clean(ax)
    page.legend(ax, page.left_out(y, along))
    return ax
