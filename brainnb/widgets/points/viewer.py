"""``SlowPoints``: where a system with many states stands still or nearly so, under sliders; without any widget."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from ...analysis.cases import Case
from ...analysis.maps import cloud_of, read
from ...analysis.states.slow_points import principal_axes, slow_points, visited
from ...core.errors import ModelError
from ...core.model import Model
from ...run.simulate import simulate
from ..code import begun, given
from ..controls import Control, make_controls, nice
from ..curves.packed import ends
from ..curves.view import CurveView, checked
from ..panels import Panel
from ..settings import Settings
from ..shown import Shown
from ..started import Started
from ..worker import Job
from . import drawing

AXES = ("axis1", "axis2")


class SlowPoints(CurveView):
    """Fixed and slow points on the principal axes of the states a system visits, and the modes of one of them.

    A click starts a trajectory there, and shows the eigenvalues and time constants of the point that is nearest.  The
    axes are those of the start, so that the picture stands still while a slider moves the points.

    Parameters
    ----------
    model : Model
        A rate network, a continuous attractor, a trained network; with ``map`` one whose ``on_step`` does the work.
    candidates : Dataset or array, optional
        Where the search begins, as in :func:`brainnb.slow_points`; by default states on orbits from random places.
    count : int, optional
        From so many of them.
    map : bool
        Read the model as a map.
    start : pair, optional
        Where the trajectory begins on the two axes; by default where a run begins.
    T, dt : float
        Duration and step of the trajectory, ms.
    inputs, sliders, title, **given
        As of :class:`brainnb.widgets.Simulator`.

    Examples
    --------
    >>> import brainnb as bn
    >>> view = bn.widgets.SlowPoints(bn.rates.WongWang(), mu=30.0)
    >>> sorted(view.result.stability.values.tolist())
    ['saddle', 'stable node', 'stable node']
    """

    curves = drawing.CURVES
    lines = (("trajectory", 0), ("trajectory", 1))
    tapped = tuple(f"start.{axis}" for axis in AXES)

    def __init__(
        self,
        model: Model,
        candidates: Any = None,
        *,
        count: int | None = None,
        map: bool = False,
        start: tuple[float, float] | None = None,
        T: float = 200.0,
        dt: float = 0.1,
        inputs: Mapping[str, Any] | None = None,
        sliders: Any = None,
        title: str | None = None,
        **given: Any,
    ):
        checked(model, "bn.rates.WongWang()")
        found = read(model, inputs, map=map, **given)
        if found.flow.n < 2:
            raise ModelError(f"SlowPoints: {type(model).__name__} has one state; see its phase line by bn.phase_plane.")
        self._candidates, self._count, self.map = candidates, count, map
        cloud = visited(found, map, np.random.default_rng(0)) if candidates is None else cloud_of(found, candidates)
        self._center, self._axes, shares = principal_axes(cloud[np.isfinite(cloud).all(axis=1)], 2)
        self.shares = tuple(numbers(shares))
        self._cloud = self._projected(cloud)
        self._begin = tuple(numbers(self._projected(found.x) if start is None else start))
        if len(self._begin) != 2:
            raise ModelError(f"start={start!r}: one number for each of the two axes was expected.")
        self.panels = (Panel("plane", "axis 2", "1", ()), Panel("spectrum", "", "1", ()), Panel("trace", "", "1", ()))
        self._found: tuple[Any, Any] = (None, None)
        super().__init__(model, T, dt, inputs=inputs, sliders=sliders, title=title, **given)

    def _first(self, model: Model, drives: Mapping[str, Any], T: float, dt: float, every: int) -> Settings:
        return Started(model, drives, T, dt, axes=AXES, start=self._begin)

    def _controls(self) -> dict[str, Control]:
        made = dict(make_controls(self._settings, self))
        for i, (name, begin) in enumerate(zip(self.tapped, self._begin, strict=True)):
            low, high = ends([self._cloud[:, i], [begin]])
            made[name] = Control(
                name, name, f"start of the trajectory on axis {i + 1}", "1", (None, None), low, high,
                nice((high - low) / 200) or 0.01, "Trajectory", begin, self,
            )  # fmt: skip
        return made

    def _projected(self, x: np.ndarray) -> np.ndarray:
        return (x - self._center) @ self._axes.T

    # --- running --------------------------------------------------------------------------------------------------

    def _simulate(self, job: Job) -> Any:
        settings: Started = job.request
        inputs = dict(settings.inputs)
        key = tuple((p, v) for p, v in settings.values().items() if p not in {*self.tapped, "T", "dt", "seed"})
        found = read(settings.model, inputs, map=self.map)
        known, ds = self._found
        if known != key:
            ds = slow_points(settings.model, self._candidates, count=self._count, map=self.map, inputs=inputs)
            self._found = key, ds
        points = cloud_of(found, ds) if ds.sizes["point"] else np.zeros((0, found.flow.n))
        near, begin = self._nearest(found, points, np.array(settings.start))
        initial = split(found, begin)
        run = simulate(
            settings.model, settings.T, settings.dt, inputs=inputs, record=list(found.flow.moving), init=initial,
            seed=settings.seed, progress=lambda fraction: job.go_on(), on_nan="keep",
        )  # fmt: skip
        way = np.concatenate([begin[None], cloud_of(found, run)])
        ds = ds.assign_coords(time=("time", np.concatenate([[0.0], run.time.values]), run.time.attrs))
        said = {"units": ds.projection.attrs["units"], "long_name": "on the principal axes of the picture"}
        ds = ds.assign(
            view_point=(("point", "view"), self._projected(points), said),
            view_trajectory=(("time", "view"), self._projected(way), said),
        )
        status = str(run.attrs["status"])
        return ds.assign_attrs(
            nearest=near, trajectory_status=status, **({"status": status} if status != "finished" else {})
        )

    def _nearest(self, found: Case, points: np.ndarray, start: np.ndarray) -> tuple[int, np.ndarray]:
        """The point whose projection is nearest (-1: none), and the state to start from: its own, moved in the plane."""
        near, base = -1, self._center
        if len(points):
            width = np.maximum(np.ptp(self._cloud, axis=0), 1e-12)
            near = int(np.linalg.norm((self._projected(points) - start) / width, axis=1).argmin())
            base = points[near]
        begin = base + (start - self._projected(base)) @ self._axes
        low, high = (
            np.array([end if axis.bounds[i] is None else axis.bounds[i] for axis in found.states], float)
            for i, end in enumerate((-np.inf, np.inf))
        )
        return near, np.clip(begin, low, high)

    def _look(self, generation: int, settings: Settings, result: Any) -> Shown:
        near = int(result.attrs["nearest"])
        picture = drawing.draw(result, self._cloud, near if near >= 0 else None)
        stopped = str(result.attrs["trajectory_status"]).startswith("stopped")
        return Shown(generation, settings, result, self.panels, picture, sentence(result), stopped)

    # --- taking away ----------------------------------------------------------------------------------------------

    def to_code(self) -> str:
        """The cell that finds the same points and runs the same trajectory."""
        shown = self.shown
        settings: Started = shown.settings if shown else self._settings
        found = read(settings.model, dict(settings.inputs), map=self.map)
        ds = self.result
        points = cloud_of(found, ds) if ds.sizes["point"] else np.zeros((0, found.flow.n))
        _, begin = self._nearest(found, points, np.array(settings.start))
        initial = {path: value.tolist() for path, value in split(found, begin).items()}
        how = "" if self._candidates is None else ", candidates"
        how += "" if self._count is None else f", count={self._count}"
        how += ", map=True" if self.map else ""
        lines = begun(settings.model, "picture")
        if self._candidates is not None:
            lines.insert(2, "# `candidates` are the states that were given to the picture")
        lines += [
            f"ds = bn.slow_points(model{how}{given(settings.inputs)})",
            "ds.bn.plot()",
            f"run = bn.simulate(model, T={settings.T!r}, dt={settings.dt!r}, init={initial!r}{given(settings.inputs)})",
            "run.bn.plot()",
        ]
        return "\n".join(lines) + "\n"

    def table(self, result: Any) -> Any:
        """The points as a table: kind, stability, speed, and how many candidates led there."""
        return result[["kind", "stability", "q", "speed", "found_from"]].to_dataframe()

    def copy(self) -> Self:
        """Another picture with the same values, that shares nothing with this one."""
        now: Started = self._settings
        return type(self)(
            now.model, self._candidates, count=self._count, map=self.map, start=now.start, T=now.T, dt=now.dt,
            inputs=now.inputs, sliders=self.sliders, title=self.title,
        )  # fmt: skip

    def figures(self) -> Any:
        from .figures import build

        return build(self)


def numbers(x: Any) -> list[float]:
    """An array as plain numbers."""
    return [float(v) for v in np.ravel(np.asarray(x, float))]


def split(found: Case, x: np.ndarray) -> dict[str, np.ndarray]:
    """A vector of all numbers as the states it is made of."""
    parts, at = {}, 0
    for path, shape in zip(found.flow.moving, found.flow.sizes, strict=True):
        size = int(np.prod(shape, dtype=int))
        parts[path] = x[at : at + size].reshape(shape)
        at += size
    return parts


def sentence(ds: Any) -> str:
    """What was found, and the point that is nearest to the start, in words."""
    words, fixed = ds.stability.values.astype(str), ds.kind.values == "fixed point"
    kinds = Counter(words[fixed])
    told = []
    if fixed.any():
        parts = ", ".join(
            f"{n} {word}{'s' if n > 1 and word != 'degenerate' else ''}" for word, n in kinds.most_common(4)
        )
        told.append(f"{int(fixed.sum())} fixed point{'s' if fixed.sum() > 1 else ''} ({parts})")
    others = Counter(ds.kind.values[~fixed])
    told += [f"{n} {kind}{'s' if n > 1 and kind != 'unfinished' else ''}" for kind, n in others.items()]
    text = ", ".join(told) or "no point was found"
    near = int(ds.attrs["nearest"])
    if near >= 0:
        unit = "steps" if ds.attrs["map"] else "ms"
        constants = ds.time_constant.values[near]
        own = constants[ds.eigenvalue.values[near].imag >= 0][:3]
        listed = ", ".join(f"{abs(c):.3g} {unit}{' (grows)' if c < 0 else ''}" for c in own)
        text += f". Nearest to the start: {words[near]}, q = {float(ds.q[near]):.1e}, time constants {listed}"
    status = str(ds.attrs["trajectory_status"])
    return text if status == "finished" else f"{text} ({status})"
