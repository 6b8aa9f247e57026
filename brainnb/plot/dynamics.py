"""Pictures of what analysis finds: modes, slow points, exponents, sections, maps, rates, densities, roots."""

from typing import Any

import numpy as np

from brainnb.core.errors import UnknownName, unknown_message

from . import page, palette

BLUE, RED, GREEN = (palette.OKABE_ITO[name] for name in ("blue", "vermilion", "green"))
MARKS = {"fixed point": "o", "slow point": "D", "unfinished": "x"}


def linearize(ds: Any, ax: Any = None) -> Any:
    """Eigenvalues in the complex plane, with what parts growth from decay."""
    return _plane_of_roots(ds.eigenvalue, bool(ds.attrs.get("map")), ax)


def delay_roots(ds: Any, ax: Any = None) -> Any:
    """Characteristic roots of every resting point."""
    return _plane_of_roots(ds.root, False, ax)


def delay_hopf(ds: Any, ax: Any = None) -> Any:
    """Growth of the rightmost root over the parameter; Hopf points ringed."""
    ax = page.axes(ax)
    name = ds.attrs["variable"]
    along = ds[f"{name}_value"]
    ax.plot(along, ds.leading_root.real, color=BLUE, linewidth=1.8)
    ax.axhline(0.0, color=palette.GREY["light"], linewidth=0.8)
    ax.plot(ds[name], np.zeros(ds.sizes["special"]), "o", color=RED, markerfacecolor="none", markersize=9)
    ax.set(xlabel=page.label(along, name), ylabel="growth of the rightmost root (1/ms)")
    return page.clean(ax)


def _plane_of_roots(x: Any, circle: bool, ax: Any) -> Any:
    ax = page.axes(ax, width=4.8, height=4.2)
    grey = palette.GREY["light"]
    if circle:
        turn = np.linspace(0, 2 * np.pi, 200)
        ax.plot(np.cos(turn), np.sin(turn), color=grey, linewidth=0.8)
    else:
        ax.axvline(0.0, color=grey, linewidth=0.8)
    for i, (where, row) in enumerate(page.lines_of(x, "mode")):
        colour, _ = palette.style(i)
        ax.plot(row.real, row.imag, "os^Dv<"[i % 6], color=colour, markersize=5, label=where)
    unit = page.unit_text(x.attrs.get("units", "1"))
    tail = f" ({unit})" if unit else ""
    ax.set(xlabel=f"real part{tail}", ylabel=f"imaginary part{tail}")
    page.clean(ax)
    page.legend(ax, page.left_out(x, "mode"))
    return ax


def slow_points(ds: Any, ax: Any = None, axes: tuple[int, int] = (0, 1)) -> Any:
    """Points on two principal axes over the cloud of candidates; filled where stable, the mark says the kind."""
    ax = page.axes(ax, width=5.4, height=4.4)
    flat = ds.sizes["pc"] < 2
    i, j = (0, 0) if flat else axes
    cloud, points = ds.candidate_projection.values, ds.projection.values
    heights = np.zeros(len(cloud)) if flat else cloud[:, j]
    ax.plot(cloud[:, i], heights, ".", color=palette.GREY["light"], markersize=2, zorder=0)
    for kind, mark in MARKS.items():
        for stable in (True, False):
            word = np.char.startswith(ds.stability.values.astype(str), "stable")
            chosen = (ds.kind.values == kind) & (word == stable)
            if not chosen.any():
                continue
            face = BLUE if stable else "none"
            up = np.zeros(chosen.sum()) if flat else points[chosen, j]
            name = f"{'stable' if stable else 'unstable'} {kind}" if kind == "fixed point" else kind
            ax.plot(points[chosen, i], up, mark, color=BLUE if stable else RED, markerfacecolor=face, label=name)
    share = ds.share.values
    ax.set(
        xlabel=f"axis {i + 1} ({share[i]:.0%} of the variance)", ylabel="" if flat else f"axis {j + 1} ({share[j]:.0%})"
    )
    page.clean(ax)
    page.legend(ax)
    return ax


def lyapunov(ds: Any, ax: Any = None) -> Any:
    """How the exponents settle, with two standard errors at the end."""
    ax = page.axes(ax)
    for i in range(min(ds.sizes["mode"], page.MOST_LINES)):
        colour, dash = palette.style(i)
        value, error = float(ds.exponent[i]), float(ds.standard_error[i])
        ax.plot(ds.elapsed, ds.running[:, i], color=colour, linestyle=dash, label=f"{value:.4g} ± {error:.1g}")
        ax.errorbar(float(ds.elapsed[-1]), value, 2 * error, color=colour, capsize=4)
    ax.axhline(0.0, color=palette.GREY["light"], linewidth=0.8)
    ax.set(xlabel=page.label(ds.elapsed, "time"), ylabel=page.label(ds.exponent, "exponent"))
    page.clean(ax)
    page.legend(ax)
    return ax


def poincare(ds: Any, ax: Any = None, variable: str | None = None) -> Any:
    """The return map of one state: the next pass over this one."""
    known = [str(v)[:-5] for v in ds.data_vars if str(v).endswith("_next")]
    spread = {name: float(ds[name].std()) for name in known if ds[name].ndim == 1}
    name = variable or max(spread, key=spread.__getitem__)
    if name not in known:
        raise UnknownName(unknown_message("state", name, known, where="this section"))
    ax = page.axes(ax, width=4.6, height=4.4)
    ax.plot(ds[name], ds[f"{name}_next"], ".", color=BLUE, markersize=4)
    return _diagonal(ax, ds[name], f"next {name}")


def reset_map(ds: Any, ax: Any = None) -> Any:
    """The adaptation map with the diagonal, its fixed points, and the orbit that is reached."""
    name = ds.attrs["variable"]
    ax = page.axes(ax, width=4.6, height=4.4)
    x, y = ds[name].values, ds[f"{name}_next"].values.copy()
    jump = np.abs(np.diff(y)) > 5 * np.abs(np.diff(x)) * np.nanmax(np.append(np.abs(ds["slope"].values), 1.0))
    y[1:][jump] = np.nan  # a step of the map is no line
    ax.plot(x, y, color=BLUE, linewidth=1.8, label="map")
    if f"orbit_{name}" in ds:
        orbit = ds[f"orbit_{name}"].values
        web = np.repeat(np.append(orbit, orbit[:1]), 2)
        ax.plot(web[:-1], web[1:], color=GREEN, linewidth=1.0, label=ds.attrs["pattern"])
    for w, word in zip(ds[f"fixed_{name}"].values, ds.stability.values, strict=True):
        ax.plot(w, w, "o", color=RED, markerfacecolor=RED if word == "stable" else "none")
    _diagonal(ax, ds[name], f"{name} after the next spike")
    page.legend(ax)
    return ax


def spike_adding(ds: Any, ax: Any = None) -> Any:
    """The adaptation after each spike, over the parameter."""
    name = ds.attrs["variable"]
    ax = page.axes(ax)
    values = np.repeat(ds[name].values, ds.sizes["spike"])
    ax.plot(values, ds.orbit.values.ravel(), ".", color=BLUE, markersize=2)
    ax.set(xlabel=page.label(ds[name]), ylabel=page.label(ds.orbit, "adaptation after a spike"))
    return page.clean(ax)


def fi_curve(ds: Any, ax: Any = None) -> Any:
    """Rate over input, with rheobase and the word for how firing begins."""
    name = ds.attrs["variable"]
    ax = page.axes(ax)
    ax.plot(ds[name], ds.rate, color=BLUE, linewidth=1.8, marker="o", markersize=3)
    if np.isfinite(ds.rheobase):
        ax.axvline(float(ds.rheobase), color=RED, linestyle="dashed", linewidth=1.0)
    ax.set(xlabel=page.label(ds[name]), ylabel=page.label(ds.rate), title=str(ds.excitability.values))
    return page.clean(ax)


def siegert(ds: Any, ax: Any = None) -> Any:
    """Rate over the mean input, a line for each noise."""
    ax = page.axes(ax)
    along = "mu" if "mu" in ds.rate.dims else "sigma"
    if along not in ds.rate.dims:
        ax.plot(float(ds.mu), float(ds.rate), "o", color=BLUE)
    else:
        for i, (where, row) in enumerate(page.lines_of(ds.rate, along)):
            colour, dash = palette.style(i)
            ax.plot(ds[along], row, color=colour, linestyle=dash, linewidth=1.8, label=where)
    ax.set(xlabel=page.label(ds[along if along in ds.rate.dims else "mu"]), ylabel=page.label(ds.rate))
    page.clean(ax)
    page.legend(ax, page.left_out(ds.rate, along) if along in ds.rate.dims else "")
    return ax


def fokker_planck(ds: Any, ax: Any = None) -> Any:
    """The stationary density, with threshold and reset where there are any."""
    name = ds.attrs["variable"]
    ax = page.axes(ax)
    ax.fill_between(ds[name], ds.density, color=BLUE, alpha=0.25, linewidth=0)
    ax.plot(ds[name], ds.density, color=BLUE, linewidth=1.8)
    for key in ("threshold", "reset"):
        if key in ds.attrs:
            ax.axvline(ds.attrs[key], color=RED, linestyle="dashed" if key == "reset" else "solid", linewidth=1.0)
    title = f"{float(ds.rate):.3g} Hz, CV {float(ds.cv):.2f}" if "rate" in ds else ""
    ax.set(xlabel=page.label(ds[name]), ylabel=page.label(ds.density), title=title)
    return page.clean(ax)


def _diagonal(ax: Any, x: Any, up: str) -> Any:
    ends = [float(x.min()), float(x.max())]
    ax.plot(ends, ends, color=palette.GREY["light"], linewidth=0.8)
    ax.set(xlabel=page.label(x), ylabel=up)
    return page.clean(ax)
