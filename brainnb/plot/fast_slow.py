"""The anatomy of a burst: the diagram of the fast variables, and the way of the whole model over it."""

from typing import Any

from brainnb.core.errors import ModelError

from . import page, palette
from .bifurcation import bifurcation


def fast_slow(ds: Any, var: str | None = None, ax: Any = None) -> Any:
    """Draw a result of :func:`brainnb.fast_slow`.

    Below lies the diagram of the fast variables (:func:`brainnb.plot.bifurcation.bifurcation`); the trajectory is a thin
    dark line, the slow nullcline a dotted one.

    Parameters
    ----------
    ds : Dataset
    var : str, optional
        The state on the vertical axis; the first fast one when left out.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    if "slow" not in ds.attrs:
        raise ModelError("fast_slow: this result has no slow variable; draw one of bn.fast_slow(model, 'z').")
    slow = ds.attrs["slow"]
    ax = bifurcation(ds, var, ax)
    var = var or _first(ds)
    across, up = ds[f"trajectory_{slow}"], ds[f"trajectory_{var}"]
    ax.plot(across, up, color=palette.DARK, linewidth=0.7, alpha=0.75, label="trajectory", zorder=3)
    nullcline = f"slow_nullcline_{var}"
    if nullcline in ds and ds.sizes["vertex"]:
        ax.plot(
            ds[f"slow_nullcline_{slow}"], ds[nullcline], color=palette.CYCLE[2], linestyle="dotted", linewidth=1.6,
            label=f"{slow} stands still", zorder=2,
        )  # fmt: skip
    lo, hi = float(across.min()), float(across.max())
    wide = max(hi - lo, 1e-9)
    ax.set_xlim(lo - 0.6 * wide, hi + 0.6 * wide)
    low, high = float(up.min()), float(up.max())
    ax.set_ylim(low - 0.25 * (high - low), high + 0.2 * (high - low))
    said = ds.attrs["burst_class"] or ds.attrs["rhythm"]
    ax.set_title(said, loc="left", fontsize=10)
    page.legend(ax)
    return ax


def _first(ds: Any) -> str:
    return next(
        str(name).removeprefix("trajectory_")
        for name in ds.data_vars
        if str(name).startswith("trajectory_")
        and str(name) != f"trajectory_{ds.attrs['slow']}"
        and str(name).replace("trajectory_", "held_", 1) not in ds
    )
