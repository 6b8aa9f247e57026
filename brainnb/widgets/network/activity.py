"""What a network has done so far: its spikes as numbers, the potentials that were watched."""

from typing import Any, NamedTuple

import numpy as np

from ...measures.spectra import welch
from .layout import Band

RATE_POINTS = 400
WINDOW = 512.0
"""Of the spectrum, ms: frequencies are 2 Hz apart."""
HIGHEST = 250.0
"""Frequency that is shown, Hz."""
V_BINS = 60
V_SAMPLES = 60_000


class Spikes(NamedTuple):
    """Every spike of one population, in the order of time: its record and its neuron."""

    record: np.ndarray
    neuron: np.ndarray


class Curve(NamedTuple):
    """Values at equal distances."""

    start: float
    step: float
    y: np.ndarray


class Activity:
    """Pieces of a run, taken in one after the other.

    Parameters
    ----------
    bands : tuple of Band
    """

    def __init__(self, bands: tuple[Band, ...]):
        self.bands = bands
        self.parts: list[Any] = []
        self.records = 0
        self.found: list[list[Spikes]] = [[] for _ in bands]

    def add(self, ds: Any) -> None:
        """The next piece: a Dataset that goes on where the last ended."""
        self.parts.append(ds)
        for i, band in enumerate(self.bands):
            name = f"{band.path}.spike"
            if name in ds:
                self.found[i].append(spikes_of(ds[name].values, self.records))
        self.records += ds.sizes["time"]

    # --- time -----------------------------------------------------------------------------------------------------

    @property
    def spacing(self) -> float:
        """Time from record to record, ms."""
        time = self.parts[0]["time"].values
        return float(time[1] - time[0]) if len(time) > 1 else float(self.parts[0].attrs["dt"])

    @property
    def begin(self) -> float:
        """When it began, ms."""
        return float(self.parts[0]["time"].values[0]) - self.spacing if self.records else 0.0

    @property
    def end(self) -> float:
        """Time reached, ms."""
        times = [p["time"].values for p in self.parts if p.sizes["time"]]
        return float(times[-1][-1]) if times else 0.0

    # --- what is seen ---------------------------------------------------------------------------------------------

    def spikes(self, i: int) -> Spikes:
        """All spikes of the population ``i``."""
        pieces = self.found[i]
        if len(pieces) > 1:
            pieces[:] = [Spikes(*(np.concatenate(x) for x in zip(*pieces, strict=True)))]
        return pieces[0] if pieces else Spikes(np.zeros(0, np.int64), np.zeros(0, np.int64))

    def mean_rate(self, i: int) -> float:
        """Spikes per neuron and second."""
        length = self.records * self.spacing
        return 1000.0 * len(self.spikes(i).record) / self.bands[i].number / length if length else 0.0

    def rate(self, i: int, width: float) -> Curve:
        """Population rate in bins of about ``width`` ms, Hz."""
        each = max(1, round(width / self.spacing))
        bins = self.records // each
        counts = np.bincount(self.spikes(i).record // each, minlength=bins)[:bins]
        step = each * self.spacing
        return Curve(self.begin + step / 2, step, counts * (1000.0 / step / self.bands[i].number))

    def bin_width(self, whole: float) -> float:
        """The width of a bin for a run of ``whole`` ms: 1 ms, or what gives as many points as are seen."""
        return max(1.0, self.spacing, whole / RATE_POINTS)

    def spectrum(self, i: int) -> Curve | None:
        """Power of the rate in bins of 1 ms; None while there is too little of it."""
        fine = self.rate(i, 1.0)
        window = int(min(len(fine.y), WINDOW / fine.step))
        if window < 32:
            return None
        frequency, power = welch(fine.y, fine.step, window)
        kept = slice(1, int(np.searchsorted(frequency, HIGHEST, "right")))
        return Curve(float(frequency[1]), float(frequency[1]), power[kept])

    def watched(self, i: int) -> np.ndarray:
        """The neurons of a population whose potential was recorded."""
        name = f"{self.bands[i].path}.V"
        piece = next((p[name] for p in self.parts if name in p), None)
        if piece is None:
            return np.zeros(0, np.int64)
        axis, n = piece.dims[1], piece.shape[1]
        return piece[axis].values if axis in piece.coords else np.arange(n)

    def potentials(self, i: int) -> tuple[np.ndarray, np.ndarray] | None:
        """The watched neurons of a population, and their potentials, shape (records, neurons)."""
        name = f"{self.bands[i].path}.V"
        values = [p[name].values for p in self.parts if name in p]
        if not values:
            return None
        return self.watched(i), values[0] if len(values) == 1 else np.concatenate(values)

    def histogram(self, i: int) -> Curve | None:
        """How the potentials of the watched neurons are spread, per cent in each bin."""
        found = self.potentials(i)
        if found is None or not found[1].size:
            return None
        values = found[1].reshape(-1)
        values = values[:: max(1, values.size // V_SAMPLES)]
        values = values[np.isfinite(values)]
        if not len(values):
            return None
        low, high = np.percentile(values, [0.05, 99.95])
        if high - low < 1e-6:
            low, high = low - 1.0, high + 1.0
        counts, edges = np.histogram(np.clip(values, low, high), V_BINS, (low, high))
        return Curve(float(edges[0] + edges[1]) / 2, float(edges[1] - edges[0]), 100.0 * counts / len(values))

    def trace(self, i: int, neuron: int) -> np.ndarray | None:
        """The potential of one neuron, or None when it was not watched."""
        found = self.potentials(i)
        if found is None:
            return None
        at = np.flatnonzero(found[0] == neuron)
        return found[1][:, at[0]] if len(at) else None

    def nearest(self, i: int, neuron: float, time: float, reach: tuple[float, float]) -> int:
        """The neuron whose spike is nearest to a place in the raster; without one within ``reach`` the neuron itself.

        ``reach`` is in neurons and in ms.
        """
        spikes = self.spikes(i)
        across, along = (max(x, 1e-9) for x in reach)
        away = ((spikes.neuron - neuron) / across) ** 2
        away = away + ((self.begin + (spikes.record + 1) * self.spacing - time) / along) ** 2
        if len(away) and away.min() <= 1.0:
            return int(spikes.neuron[away.argmin()])
        return int(np.clip(round(neuron), 0, self.bands[i].number - 1))

    def sentence(self) -> str:
        """How fast every population fires."""
        rates = [f"{b.path} {self.mean_rate(i):.3g} Hz" for i, b in enumerate(self.bands) if b.fires]
        return ", ".join(rates[:6]) + (f" and {len(rates) - 6} more" if len(rates) > 6 else "")

    def table(self, time: np.ndarray) -> Any:
        """Every spike, one a row: its time, population and neuron."""
        import pandas as pd

        found = []
        for i, band in enumerate(self.bands):
            spikes = self.spikes(i)
            names = {"population": band.path, "neuron": spikes.neuron}
            found.append(pd.DataFrame(names, index=pd.Index(time[spikes.record], name="time (ms)")))
        return pd.concat(found).sort_index(kind="stable")

    def dataset(self) -> Any:
        """All pieces as one Dataset."""
        return joined(self.parts)


def spikes_of(x: np.ndarray, first: int) -> Spikes:
    """Where a recording of spikes (records, neurons) is not 0; ``first`` records came before it."""
    flat = np.flatnonzero(x)
    record, neuron = np.divmod(flat, max(1, x.shape[1]))
    return Spikes(record + first, neuron)


def joined(parts: list[Any]) -> Any:
    """Pieces of a run as one Dataset; what is said of the run is that of the last piece."""
    if len(parts) == 1:
        return parts[0]
    import xarray as xr

    variables = {
        name: xr.Variable(x.dims, np.concatenate([p[name].values for p in parts]), x.attrs)
        for name, x in parts[0].data_vars.items()
    }
    time = np.concatenate([p["time"].values for p in parts])
    coords = {name: c for name, c in parts[0].coords.items() if name != "time"}
    attrs = dict(parts[-1].attrs)
    attrs["wall_time"] = round(sum(p.attrs["wall_time"] for p in parts), 6)
    made = xr.Dataset(variables, coords, attrs)
    return made.assign_coords(time=("time", time, parts[0]["time"].attrs))
