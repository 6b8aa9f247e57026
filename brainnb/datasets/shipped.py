"""Data that come with other packages; they are asked for when they are used."""

import importlib
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError


def digits(steps: int = 25, *, test: int = 360, seed: int = 0) -> tuple[Any, Any]:
    """Handwritten digits, 8 by 8 pixels, as constant input over ``steps`` of a millisecond: training and test trials.

    The 1797 images of scikit-learn, pixels from 0 to 1, shuffled by ``seed``; the input is ``I`` (trial, time, pixel) and
    the target ``out`` (trial), the digit.

    Returns
    -------
    train, test : xarray.Dataset

    References
    ----------
    Alpaydin & Kaynak 1998, doi:10.24432/C50P49 (UCI, CC BY 4.0).

    Examples
    --------
    >>> train, test = digits(5)
    >>> train.sizes["trial"], test.sizes["trial"], train.I.sizes["pixel"]
    (1437, 360, 64)
    """
    found = needed("sklearn.datasets", "scikit-learn").load_digits()
    order = np.random.default_rng(seed).permutation(len(found.data))
    kept, left = order[: len(order) - test], order[len(order) - test :]
    return tuple(_held(found.data[rows] / 16.0, found.target[rows], steps) for rows in (kept, left))  # type: ignore[return-value]


def _held(x: np.ndarray, label: np.ndarray, steps: int) -> Any:
    import xarray as xr

    I = np.broadcast_to(x[:, None], (len(x), steps, x.shape[1]))
    time = ("time", np.arange(steps) * 1.0, {"units": "ms", "long_name": "time"})
    variables = {
        "I": (("trial", "time", "pixel"), I, {"units": "1", "long_name": "brightness"}),
        "out": ("trial", label, {"units": "1", "long_name": "digit"}),
    }
    return xr.Dataset(variables, {"time": time}, {"source": "scikit-learn: load_digits"})


def santa_fe() -> Any:
    """The intensity of an infrared laser in chaos, 10 093 values: series A of the Santa Fe competition.

    Comes with reservoirpy (``pip install reservoirpy``); one sample counts as a millisecond.

    References
    ----------
    Hübner, Abraham & Weiss 1989, doi:10.1103/PhysRevA.40.6354; Weigend & Gershenfeld 1993,
    doi:10.1109/ICNN.1993.298828.
    """
    from .series import labelled

    x = np.asarray(needed("reservoirpy.datasets", "reservoirpy").santafe_laser(), float).ravel()
    return labelled({"x": x}, 1.0, "Santa Fe laser")


def needed(module: str, package: str) -> Any:
    """A module of another package."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ModelError(f"These data come with {package}: pip install {package}.") from None
