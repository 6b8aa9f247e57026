"""A trial of a task: what comes in, what is asked for, and when it counts."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from . import page, palette

MANY_CHANNELS = 8
"""More channels than this are a picture and no lines."""


def trial(ds: Any, number: int = 0, axes: Any = None) -> np.ndarray:
    """Draw one trial of ``task.dataset(...)``: a row for what comes in, a row for each target; what counts is shaded.

    Parameters
    ----------
    ds : Dataset
    number : int
        Which trial.
    axes : sequence of Axes, optional
        One for each row; new ones by default.

    Returns
    -------
    array of matplotlib Axes
    """
    if "trial" not in ds.dims or not 0 <= number < ds.sizes["trial"]:
        held = ds.sizes.get("trial", 0)
        raise ModelError(f"trial: number {number} of {held} was asked for; task.dataset(8) makes 8, numbered from 0.")
    one = ds.isel(trial=number)
    inputs = [n for n in ds.attrs.get("inputs", "I").split() if n in ds.data_vars]
    targets = [str(n) for n in ds.data_vars if n not in inputs and n != "weight"]
    drawn = np.atleast_1d(page.axes(axes, rows=len(inputs) + len(targets)))
    for ax, name in zip(drawn, (*inputs, *targets), strict=True):
        course(ax, one, name, 1.25 if name in inputs else 0.0)
        if name in targets:
            counted(ax, one)
        page.clean(ax)
        page.legend(ax)
    drawn[-1].set_xlabel(page.label(ds.time))
    return drawn


def course(ax: Any, one: Any, name: str, apart: float) -> None:
    """A variable over time: lines, each ``apart`` from the last, a picture of many channels, or the answer of the whole trial."""
    x, time = one[name], one.time.values
    meanings = x.attrs.get("flag_meanings", "").split()
    ax.set_ylabel(page.plain("what comes in" if apart else name))
    if "time" not in x.dims:
        said = meanings[int(x)] if meanings else f"{float(x):g}"
        ax.set_yticks([])
        ax.text(0.02, 0.5, page.plain(said), transform=ax.transAxes, va="center", color=palette.CYCLE[0])
        return
    rows = np.atleast_2d(x.transpose(..., "time").values.astype(float))
    if len(rows) > MANY_CHANNELS:
        ax.pcolormesh(time, np.arange(len(rows)), rows, shading="nearest", cmap="Greys", rasterized=True)
        return
    inner = [d for d in x.dims if d != "time"]
    names = [str(v) for v in x[inner[0]].values] if inner and inner[0] in x.coords else [None] * len(rows)
    for i, (row, told) in enumerate(zip(rows, names, strict=True)):
        colour, dash = palette.style(i)
        ax.step(time, row - apart * i, where="post", color=colour, linestyle=dash, linewidth=1.6, label=told)
    if apart:
        ax.set_yticks([])
    elif meanings:
        ax.set_yticks(range(len(meanings)), meanings)
        ax.set_ylim(-0.3, len(meanings) - 0.7)


def counted(ax: Any, one: Any) -> None:
    """Shade the moments that count in the loss, unless all do."""
    if "weight" not in one or float(one.weight.min()) > 0:
        return
    time, dark = one.time.values, palette.GREY["dark"]
    ends = np.append(time[1:], 2 * time[-1] - time[-2])
    turns = np.flatnonzero(np.diff(np.concatenate([[0], one.weight.values > 0, [0]])))
    for first, last in turns.reshape(-1, 2):
        ax.axvspan(time[first], ends[last - 1], color=dark, alpha=0.25, linewidth=0)
