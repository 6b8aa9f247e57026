"""Slow points as named curves: points by their stability, the modes of one, and a trajectory on the principal axes."""

from typing import Any

import numpy as np

from ..curves.packed import ends, packed, padded, spread
from ..picture import Picture

KINDS = ("stable", "unstable", "saddle", "slow", "unfinished")
CURVES = ("cloud", "trajectory", "time", "start", "chosen", *KINDS, "border", "decays", "grows")
CLOUD, MOST = 500, 800
"""Dots of the cloud, points of a trajectory, at most."""
TEXTS = 6
"""So many points have their q written beside them, so many modes their time constant."""


def draw(ds: Any, cloud: np.ndarray, chosen: int | None) -> Picture:
    """The curves of a result of :class:`SlowPoints`; ``cloud`` (n, 2) is where the candidates were at the start."""
    places, way = ds.view_point.values.T, ds.view_trajectory.values.T
    kinds = kinds_of(ds)
    found = {name: places[:, kinds == name] for name in KINDS}
    found["cloud"] = cloud[spread(len(cloud), CLOUD)].T
    keep = spread(way.shape[1], MOST)
    found["trajectory"] = way[:, keep]
    found["time"] = np.stack([ds.time.values[keep]] * 2)
    found["start"] = found["trajectory"][:, :1]
    across, up = (padded(ends([cloud[:, i], places[i], way[i]])) for i in (0, 1))
    found["chosen"] = places[:, [] if chosen is None else [chosen]]
    modes, reach, notes = spectrum(ds, chosen)
    low = slow_words(ds, places, kinds)
    return packed(
        found | modes, CURVES, across=across, begin=0.0, end=float(ds.time[-1]) if ds.sizes["time"] else 1.0,
        reaches={"1": reach[0]}, spans=[up, reach[1], padded(ends([way]))], words=low, notes=notes,
    )  # fmt: skip


def kinds_of(ds: Any) -> np.ndarray:
    """Which mark each point gets."""
    names = {"slow point": "slow", "unfinished": "unfinished"}
    words = ds.stability.values.astype(str)
    found = [
        names.get(str(kind)) or next((k for k in ("saddle", "stable") if word.startswith(k)), "unstable")
        for kind, word in zip(ds.kind.values, words, strict=True)
    ]
    return np.array(found, dtype=object)


def slow_words(ds: Any, places: np.ndarray, kinds: np.ndarray) -> dict[str, list]:
    """The q of what does not stand still."""
    moving = np.flatnonzero(np.isin(kinds, ("slow", "unfinished")))[:TEXTS]
    texts = [f"q = {float(ds.q[i]):.1e}" for i in moving]
    return {"x": places[0, moving].tolist(), "y": places[1, moving].tolist(), "text": texts}


def spectrum(ds: Any, chosen: int | None) -> tuple[dict[str, np.ndarray], list, dict[str, list]]:
    """Eigenvalues of a point, what parts growth from decay, the ranges of both axes, and time constants as words."""
    nothing = {"x": [], "y": [], "text": []}
    map = bool(ds.attrs["map"])
    if chosen is None:
        return {}, [(-1.0, 1.0), (-1.0, 1.0)], nothing
    values = ds.eigenvalue.values[chosen]
    re, im = values.real, values.imag
    grows = np.abs(values) > 1 if map else re > 0
    border = np.exp(2j * np.pi * np.linspace(0, 1, 121)) if map else np.zeros(0)
    across = padded(ends([re, border.real, [0.0]]), 0.18)
    high = max(float(np.abs(im).max(initial=0.0)), float(np.abs(border.imag).max(initial=0.0)))
    high = 1.6 * high or 0.5 * (across[1] - across[0])
    if not map:
        border = np.array([complex(0, -high), complex(0, high)])
    told = np.flatnonzero(im >= 0)[:2]
    unit = "steps" if map else "ms"
    texts = [f"{abs(float(ds.time_constant[chosen, i])):.3g} {unit}" for i in told]
    curves = {
        "border": np.stack([border.real, border.imag]),
        "decays": np.stack([re, im])[:, ~grows],
        "grows": np.stack([re, im])[:, grows],
    }
    return curves, [across, (-high, high)], {"x": re[told].tolist(), "y": im[told].tolist(), "text": texts}
