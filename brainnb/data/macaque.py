"""The macaque cortex as tracers show it: who projects to whom, how far, and who stands above whom."""

from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Macaque(NamedTuple):
    """29 cortical areas in the order of the hierarchy; matrices have targets as rows and sources as columns."""

    areas: tuple[str, ...]
    fln: Array
    """Of the neurons that project to an area, the share in another."""
    distance: Array
    """From area to area through the white matter, mm."""
    hierarchy: Array
    """Position, 0 for V1."""


@cache
def macaque() -> Macaque:
    """The tables of ``brainnb/data/macaque_29``, whose README names the sources.

    References
    ----------
    Markov et al. 2014, doi:10.1093/cercor/bhs270; Markov et al. 2013, doi:10.1126/science.1238406; Chaudhuri et al.
    2015, doi:10.1016/j.neuron.2015.09.008.

    Examples
    --------
    >>> cortex = macaque()
    >>> from_V1 = cortex.fln[:, cortex.areas.index("V1")]
    >>> cortex.areas[from_V1.argmax()], round(float(from_V1.max()), 4)
    ('V2', 0.7636)
    """
    areas, fln = _table("fln")
    found = Macaque(areas, fln, _table("distance")[1], _table("hierarchy")[1][:, 0])
    for x in found[1:]:
        x.flags.writeable = False
    return found


def _table(name: str) -> tuple[tuple[str, ...], Array]:
    """The names of the rows, and the numbers behind them."""
    text = resources.files(__package__).joinpath("macaque_29", f"{name}.csv").read_text(encoding="utf8")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    return tuple(row[0] for row in rows), np.array([row[1:] for row in rows], float)
