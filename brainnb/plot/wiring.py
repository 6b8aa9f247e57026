"""The picture of a connection: its matrix, and how many synapses neurons send and receive."""

from typing import Any

import numpy as np

from . import page, palette

MOST_CELLS = 200
"""A matrix with more rows or columns is drawn in blocks."""
MOST_BINS = 30


def connectivity(edges: Any, axes: Any = None) -> np.ndarray:
    """Draw the synapses that a connector gave.

    Parameters
    ----------
    edges : Edges
        From ``connector.connect(pre_size, post_size)``.
    axes : sequence of three Axes, optional
        For the matrix, the synapses that neurons send, and those they receive; new ones by default.

    Returns
    -------
    array of matplotlib Axes

    Notes
    -----
    Large populations are drawn in blocks of neighbouring neurons; the colour is then the mean number of synapses of a
    pair.
    """
    axes = np.ravel(_new_axes() if axes is None else axes)
    _matrix(axes[0], edges)
    _degrees(axes[1], edges.out_degree, "synapses sent", "presynaptic neurons")
    _degrees(axes[2], edges.in_degree, "synapses received", "postsynaptic neurons")
    return axes


def _new_axes() -> list[Any]:
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(8.0, 4.2), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[1.5, 1])
    return [figure.add_subplot(grid[:, 0]), figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])]


def _matrix(ax: Any, edges: Any) -> None:
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    n_pre, n_post = edges.n_pre, edges.n_post
    rows, columns = min(n_pre, MOST_CELLS), min(n_post, MOST_CELLS)
    row = edges.pre.astype(np.int64) * rows // n_pre
    column = edges.post.astype(np.int64) * columns // n_post
    synapses = np.bincount(row * columns + column, minlength=rows * columns).reshape(rows, columns)
    height, width = (np.bincount(np.arange(n) * cells // n) for n, cells in ((n_pre, rows), (n_post, columns)))
    mean = synapses / (height[:, None] * width)
    page_colour = to_hex(ax.get_figure(root=True).get_facecolor())
    strong = palette.OKABE_ITO["blue" if palette.theme(page_colour) == "light" else "sky"]
    shades = LinearSegmentedColormap.from_list("synapses", [page_colour, strong])
    image = ax.imshow(mean, shades, aspect="auto", interpolation="nearest", vmin=0, extent=(0, n_post, n_pre, 0))
    ax.set(xlabel="postsynaptic neuron", ylabel="presynaptic neuron")
    page.clean(ax)
    bar = ax.get_figure().colorbar(image, ax=ax, pad=0.02)
    bar.set_label("synapses of a pair" + ("" if (rows, columns) == (n_pre, n_post) else " (mean)"))
    bar.ax.tick_params(colors=ax.yaxis.label.get_color())
    bar.ax.yaxis.label.set_color(ax.yaxis.label.get_color())


def _degrees(ax: Any, degrees: np.ndarray, what: str, who: str) -> None:
    low, high = int(degrees.min()), int(degrees.max())
    width = max(1, -(-(high - low + 1) // MOST_BINS))  # whole numbers of synapses in every bar
    edges = np.arange(low, high + width + 1, width) - 0.5
    ax.hist(degrees, edges, color=palette.CYCLE[0])
    if low == high:
        ax.set_xlim(low - 5, high + 5)
    ax.set(xlabel=what, ylabel=who, title=f"mean {degrees.mean():.4g}, sd {degrees.std():.3g}")
    ax.title.set_size("medium")
    page.clean(ax)
