"""A recorded time course as a stimulus."""

from collections.abc import Mapping
from typing import Any, Self

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, param, static
from brainnb.core.record import Record

from .base import SAME, Stimulus
from .edges import rounding

INTERPOLATIONS = ("linear", "previous")


class FromData(Stimulus):
    r"""A measured or computed time course, read between its samples.

    .. math:: I(t) = offset + gain \cdot data(t - delay)

    Parameters
    ----------
    times : array or xarray.DataArray
        Times of the samples in ms, increasing.  A DataArray with one time dimension brings both times and values;
        its coordinate's ``units`` (``"s"``, ``"us"``, ...) are converted to ms.
    values : array
        The samples, in the unit of the input that is driven: shape (times,), or (times, units) for one course per unit.
    interpolation : {"linear", "previous"}
        Straight lines between samples, or each sample held until the next.
    gain, offset, delay : number
        Numbers to change the course by.

    Notes
    -----
    The first and the last sample hold before and after the data.  With ``"previous"`` a sample holds from its own time
    on (edges are sharp).  Samples are leaves: other data of the same length run without compiling anew.

    Examples
    --------
    >>> course = FromData([0, 10, 20], [0, 1, 5])
    >>> [float(course(t)) for t in (-5.0, 5.0, 15.0, 99.0)]
    [0.0, 0.5, 3.0, 5.0]
    """

    times: Param = param(None, "ms", "times of the samples")
    values: Param = param(None, SAME, "samples")
    gain: Param = param(1.0, "1", "factor on the samples")
    offset: Param = param(0.0, SAME, "added to the samples")
    delay: Param = param(0.0, "ms", "shift to later times")
    interpolation: str = static("linear")

    def __init__(
        self,
        times: Any,
        values: Any = None,
        interpolation: str = "linear",
        gain: Any = 1.0,
        offset: Any = 0.0,
        delay: Any = 0.0,
    ):
        if values is None:
            times, values = unpacked(times)
        check_finite(times, "times")
        check_finite(values, "values")
        self.times, self.values = times, values
        self.gain, self.offset, self.delay = gain, offset, delay
        self.interpolation = interpolation

    def __check_init__(self) -> None:
        if self.interpolation not in INTERPOLATIONS:
            raise ModelError(f"FromData: interpolation={self.interpolation!r}; 'linear' or 'previous' was expected.")
        check_samples(self.times, self.values)

    def replace(self, changes: Mapping[str, Any] | None = None, /, **kwargs: Any) -> Self:
        new = super().replace(changes, **kwargs)
        if new.times is not self.times or new.values is not self.values:
            check_samples(new.times, new.values)
        return new

    def value(self, t: Array, s: Record) -> Array:
        t = t - self.delay
        slack = rounding(t, self.times[-1])
        before = jnp.clip(jnp.searchsorted(self.times, t + slack, side="right") - 1, 0, self.times.size - 1)
        sample = self.values[before]
        if self.interpolation == "linear":
            after = jnp.minimum(before + 1, self.times.size - 1)
            span = self.times[after] - self.times[before]
            part = (t - self.times[before]) / jnp.where(span > 0, span, 1.0)
            sample = sample + jnp.clip(part, 0.0, 1.0) * (self.values[after] - sample)
        return self.offset + self.gain * sample


def unpacked(data: Any) -> tuple[Any, Any]:
    """Times in ms and values of a DataArray, time first."""
    if not (hasattr(data, "dims") and hasattr(data, "coords")):
        raise ModelError(
            f"FromData takes times and values, FromData([0, 10], [0, 5]), or one xarray.DataArray; "
            f"got {type(data).__name__} alone."
        )
    timed = [d for d in data.dims if d in ("time", "t")] or list(data.dims[:1])
    if not timed or timed[0] not in data.coords:
        raise ModelError(
            f"FromData: the DataArray has the dimensions {tuple(data.dims)}; "
            f"a dimension `time` with a coordinate was expected."
        )
    data = data.transpose(timed[0], ...)
    return milliseconds(data.coords[timed[0]], "FromData.times"), data.values


def milliseconds(coordinate: Any, where: str) -> np.ndarray:
    """A time coordinate in ms, whatever its unit; dates count from the first."""
    times = coordinate.values
    if times.dtype.kind == "M":
        times = times - times[0]
    if times.dtype.kind == "m":
        return times / np.timedelta64(1, "ns") * 1e-6
    unit = coordinate.attrs.get("units", "ms")
    if unit == "ms":
        return times
    from brainnb.core.quantities import registry, to_magnitude

    return to_magnitude(registry().Quantity(np.asarray(times, float), unit), "ms", where)


def check_samples(times: Any, values: Any) -> None:
    """Refuse data that do not describe a course in time; traced data pass."""
    shape, expected = np.shape(values), np.shape(times)
    if len(expected) != 1:
        raise ModelError(f"FromData: times has shape {expected}; a list of times was expected.")
    if expected == (0,):
        raise ModelError("FromData.times = [] is empty; at least one time and its value were expected.")
    if not shape or shape[0] != expected[0]:
        raise ModelError(
            f"FromData: {expected[0]} times but values of shape {shape}; one value (or row) per time was expected."
        )
    if is_traced(times) or is_traced(values):
        return
    gaps = np.diff(np.asarray(times))
    if (gaps <= 0).any():
        i = int((gaps <= 0).argmax())
        raise ModelError(
            f"FromData: times must increase, but times[{i + 1}] = {float(times[i + 1]):g} ms follows "
            f"times[{i}] = {float(times[i]):g} ms; sort them and drop repeats (in float32, {float(times[i]):g} ms "
            f"resolves steps of {float(np.spacing(np.asarray(times)[i])):g} ms)."
        )


def check_finite(x: Any, name: str) -> None:
    """Refuse gaps in the data, with their place."""
    if is_traced(x) or isinstance(x, str) or hasattr(x, "magnitude"):
        return
    host = np.asarray(x)
    if host.size and host.ndim and host.dtype.kind == "f":
        bad = ~np.isfinite(host).reshape(len(host), -1).all(axis=1)
        if bad.any():
            raise ModelError(
                f"FromData: {name}[{int(bad.argmax())}] is NaN or infinite ({int(bad.sum())} such samples); "
                f"drop or fill them first, for example with DataArray.dropna('time')."
            )
