"""Who stands where: populations stacked in the raster, and their wiring as a small picture."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...core.errors import UnknownName
from ...networks import Network
from ...networks.manipulated import can_be_held
from ...run.simulate import prepare

LEAST_SHARE = 0.08
"""Of the height of the raster, for the smallest population."""

CELLS = 64
"""Rows and columns of the picture of the wiring, about."""

MOST_SYNAPSES = 20_000_000
"""More are not looked at one by one."""

PLUS, MINUS = (44, 140, 203), (222, 110, 20)
"""Excitation and inhibition in the picture of the wiring: blue and vermilion, on dark and on light."""


class Band(NamedTuple):
    """A population and the part of the height that it takes, from 0 at the bottom to 1 at the top.

    ``unit`` is that of its potential, ``drive`` of its input ``I``; both are None where there is none.  ``fires`` says
    whether it reports spikes.
    """

    path: str
    number: int
    low: float
    high: float
    kind: str
    unit: str | None
    drive: str | None
    rest: float
    fires: bool

    def row(self, neurons: Any) -> Any:
        """Heights of neurons."""
        return self.low + (np.asarray(neurons) + 0.5) / self.number * (self.high - self.low)


def fires(net: Network) -> set[str]:
    """Paths of the populations that report spikes."""
    try:
        found = prepare(net, 1.0, 1.0, {}, record=["*.spike"]).run.plan.paths
    except UnknownName:
        return set()
    return {path.removesuffix(".spike") for path in found}


def bands(net: Network, firing: set[str]) -> tuple[Band, ...]:
    """The populations from bottom to top, each as high as it is large, none too low to be seen."""
    paths = list(net.populations())
    sizes = np.array([net.number(p) for p in paths], float)
    shares = np.maximum(sizes / sizes.sum(), min(LEAST_SHARE, 0.5 / len(paths)))
    edges = np.concatenate([[0.0], np.cumsum(shares / shares.sum())])
    found = []
    for i, path in enumerate(paths):
        cell = net.population(path)
        potential = type(cell).states().get("V")
        held = can_be_held(cell)
        found.append(
            Band(
                path, net.number(path), float(edges[i]), float(edges[i + 1]), type(cell).__name__,
                None if potential is None else potential.unit, cell.inputs()["I"].unit if held else None,
                float(np.mean(cell.V_rest)) if "V_rest" in cell.parameters() else float(getattr(potential, "default", 0.0)),
                path in firing,
            )
        )  # fmt: skip
    return tuple(found)


def links(net: Network, prefix: str = "") -> Iterator[tuple[str, Any, str, str]]:
    """Every projection, those inside networks too: its path, itself, and the paths of its two populations."""
    for name, link in net.links.items():
        yield prefix + name, link, prefix + link.pre, prefix + link.post
    for name, cell in net.cells.items():
        if isinstance(cell, Network):
            yield from links(cell, f"{prefix}{name}.")


def excites(net: Network, link: Any, post: str) -> bool:
    """Whether spikes of a projection push the potential up from rest."""
    weight = float(np.mean(link.weight)) if np.size(link.weight) else 0.0
    cell = net.population(post)
    if link.jumps or not hasattr(link.output, "current") or "V" not in type(cell).states():
        return weight >= 0
    rest = cell.V_rest if "V_rest" in cell.parameters() else type(cell).states()["V"].default
    return weight * float(np.mean(link.output.current(1.0, np.mean(rest)))) >= 0


def matrix(net: Network, where: tuple[Band, ...]) -> np.ndarray:
    """The wiring as an image, shape (rows, columns) of RGBA as one number: rows send, columns receive.

    Colour says whether it excites, opacity how many synapses a pair has, on average.
    """
    by_path = {b.path: b for b in where}
    net_matrix = {True: np.zeros((CELLS, CELLS)), False: np.zeros((CELLS, CELLS))}
    pairs = np.outer(*[_neurons(where)] * 2)
    for _, link, pre, post in links(net):
        if link.wiring.size > MOST_SYNAPSES:
            rows, columns = _cells(by_path[pre]), _cells(by_path[post])
            there = np.outer(np.bincount(rows, minlength=CELLS), np.bincount(columns, minlength=CELLS))
            synapses = there * link.wiring.size / (by_path[pre].number * by_path[post].number)
        else:
            begin, end, _ = link.wiring.to_edges()
            flat = _cells(by_path[pre])[begin] * CELLS + _cells(by_path[post])[end]
            synapses = np.bincount(flat, minlength=CELLS**2).reshape(CELLS, CELLS)
        net_matrix[excites(net, link, post)] += synapses
    density = {sign: m / np.maximum(pairs, 1e-9) for sign, m in net_matrix.items()}
    most = max(1e-12, *(float(d.max()) for d in density.values()))
    plus = density[True] >= density[False]
    shown = np.where(plus, density[True], density[False]) / most
    image = np.zeros((CELLS, CELLS, 4), np.uint8)
    image[..., :3] = np.where(plus[..., None], PLUS, MINUS)
    image[..., 3] = np.where(shown > 0, 40 + 215 * shown, 0)
    return image.view(np.uint32).reshape(CELLS, CELLS)


def _cells(band: Band) -> np.ndarray:
    """The row or column of every neuron."""
    return np.minimum((band.row(np.arange(band.number)) * CELLS).astype(np.int64), CELLS - 1)


def _neurons(where: tuple[Band, ...]) -> np.ndarray:
    """How many neurons each row stands for."""
    return sum(np.bincount(_cells(b), minlength=CELLS) for b in where)
