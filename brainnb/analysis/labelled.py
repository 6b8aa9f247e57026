"""Arrays of this room as Datasets: states by their paths, units, and where the numbers come from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.model import Model
from brainnb.run.dataset import inner_dims, provenance

from .cases import Case


def states(found: Case, x: np.ndarray, dims: tuple[str, ...], prefix: str = "", said: str = "") -> dict[str, tuple]:
    """One variable for every state: ``x`` is (..., n) over ``dims``; array states have a dimension of their own."""
    variables, at = {}, 0
    x = np.asarray(x)
    for path, shape in zip(found.flow.moving, found.flow.sizes, strict=True):
        count = int(np.prod(shape, dtype=int))
        values = x[..., at : at + count].reshape((*x.shape[:-1], *shape))
        unit, doc = found.states[at].unit, found.states[at].doc
        variables[prefix + path] = (
            (*dims, *inner(found, path, shape)),
            values,
            {"units": unit, "long_name": said + doc or path},
        )
        at += count
    return variables


def inner(found: Case, path: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """The dimensions of one state."""
    if not shape:
        return ()
    if isinstance(found.model, Model):
        return tuple(inner_dims(found.model, path, shape, (), False))
    return tuple(f"{path}_neuron" if i == 0 else f"{path}_{i}" for i in range(len(shape)))


def attributes(found: Case, **more: Any) -> dict[str, Any]:
    """Provenance of a result."""
    if isinstance(found.model, Model):
        return provenance(found.model, found.drives, **more)
    from brainnb import __version__

    return {
        "model": getattr(found.model, "__name__", type(found.model).__name__),
        **more,
        "brainnb_version": __version__,
    }


def dataset(variables: Mapping[str, tuple], attrs: Mapping[str, Any], coords: Mapping[str, Any] | None = None) -> Any:
    """A Dataset of variables given as (dims, values, attrs)."""
    import xarray as xr

    return xr.Dataset(dict(variables), dict(coords or {}), dict(attrs))


def slope_unit(found: Case, by: tuple[str, ...] | None = None, per: str = "ms") -> str:
    """Unit of a derivative of the flow; where states differ in unit, it says so."""
    up = {axis.unit for axis in found.states}
    down = up if by is None else set(by)
    if up == down and len(up) == 1:
        return f"1/{per}" if per else "1"
    over = f" / {per}" if per else ""
    return f"unit of state_to / unit of {'state_from' if by is None else 'input'}{over}"
