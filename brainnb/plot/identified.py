"""Pictures of what data tell of parameters."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from . import page


def identifiability(ds: Any, ax: Any = None) -> Any:
    """Draw which errors go together, and how large each is: the report of :func:`brainnb.train.identifiability`.

    Returns
    -------
    matplotlib Axes
    """
    if "standard_error" not in ds or "component" not in ds:
        raise ModelError("A report of bn.train.identifiability(run) was expected; this Dataset holds something else.")
    ax = page.axes(ax)
    correlation = ds.correlation.values
    n = len(correlation)
    picture = ax.imshow(correlation, cmap="RdBu_r", vmin=-1, vmax=1)
    ax.figure.colorbar(picture, ax=ax, label="correlation of errors", shrink=0.8)
    if n <= 8:
        for i, j in np.ndindex(n, n):
            dark = abs(correlation[i, j]) > 0.6
            ax.text(j, i, f"{correlation[i, j]:.2f}", ha="center", va="center", color="white" if dark else "black")
    ax.set(
        xticks=range(n),
        yticks=range(n),
        xticklabels=[page.plain(name) for name in ds.parameter.values],
        yticklabels=[page.plain(f"{name} {_spread(ds, i)}") for i, name in enumerate(ds.parameter.values)],
        title=f"condition number {ds.attrs['condition_number']:.2g}",
    )
    return ax


def _spread(ds: Any, i: int) -> str:
    part, whole = float(ds.relative_error[i]), float(ds.standard_error[i])
    if np.isinf(whole):
        return "unknown"
    return f"± {100 * part:.2g} %" if np.isfinite(part) else f"± {whole:.2g} {page.unit_text(str(ds.unit[i].values))}"
