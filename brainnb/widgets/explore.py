"""``explore``: one line that puts any model under sliders."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.errors import UnknownName, unknown_message
from ..core.model import Model
from . import browser
from .controls import Control
from .place import headless, served
from .save import save
from .simulator import Simulator
from .started import begins
from .tabs import Tabs
from .views import MOST_STARTS, TEXTS, made, offered


def explore(
    model: Any, T: float = 200.0, dt: float = 0.1, *, views: Any = None, in_browser: bool = False, **options: Any
) -> "Explorer":
    """Put a model under sliders.

    As the last line of a cell it shows itself in JupyterLab, Voila and Colab; in a file run by ``panel serve``
    it puts itself on the page.

    Parameters
    ----------
    model : Model
        Any model, your own classes too; a network of cells that fire opens in a
        :class:`brainnb.widgets.NetworkViewer`.
    T, dt : float
        Duration and step in ms.
    views : names, or mapping of names to options, optional
        What the page offers beside the time course: ``phase_plane``, ``bifurcation``, ``fi_curve``, ``fast_slow``,
        ``slow_points``; ``views={"bifurcation": {"param": "b", "span": (0, 2)}}`` says more of one.  By default what the
        model's declarations allow; ``views=()`` none.  They open when they are looked at, and share all values.
    in_browser : bool
        Let the page compute while a slider is held, as a saved page does, and run here once when it is let go; a switch
        of the page says the same.  Runs here are then of 64 bits, so both are equal.  A model that cannot be exported
        stays in the kernel, and the page says why.
    **options
        Inputs by name (numbers, or stimuli of ``bn.inputs``) and the options of
        :class:`brainnb.widgets.Simulator`: ``sliders=["I", "g_Na"]`` says which controls stand open.

    Returns
    -------
    Explorer

    Examples
    --------
    >>> import brainnb as bn
    >>> view = bn.explore(bn.neurons.HodgkinHuxley(), T=100, dt=0.05, I=10.0)
    >>> view.controls["I"].value = 7.5
    >>> view.result.V.dims
    ('time',)
    """
    simulator = _simulator(model, T, dt, **options)
    simulator.in_browser = in_browser and not browser.refusal(simulator)
    chosen = offered(simulator) if views is None else views
    view = Explorer(simulator, chosen if isinstance(chosen, Mapping) else {name: {} for name in chosen})
    if served() and not headless():
        view.panel().servable(title=view.simulator.title)
    return view


def _simulator(model: Any, T: float, dt: float, **options: Any) -> Simulator:
    """What suits the model: networks that fire are seen as networks."""
    from ..networks import Network

    if isinstance(model, Network):
        from .network.layout import fires
        from .network.viewer import NetworkViewer

        if fires(model):
            return NetworkViewer(model, T, dt, **options)
    if "init" not in options and isinstance(model, Model):
        options.setdefault("start", list(begins(model))[:MOST_STARTS])
    return Simulator(model, T, dt, **options)


class Explorer:
    """What :func:`explore` returns: a simulator that knows how to show itself, and other views of its model.

    Attributes
    ----------
    simulator : Simulator
        Values, results, presets, kept traces, code and links.
    tabs : dict
        The views that a page offers: name -> words.
    """

    def __init__(self, simulator: Simulator, views: Mapping[str, Mapping[str, Any]] | None = None):
        self.simulator = simulator
        self._offered = dict(views or {})
        for name in self._offered:
            if name not in TEXTS:
                raise UnknownName(unknown_message("view", str(name), TEXTS, where="explore"))
        self.tabs = {"time": "Time course", **{name: TEXTS[name] for name in self._offered}}
        self._opened: dict[str, Simulator] = {"time": simulator}
        self._opening = threading.Lock()

    def open(self, name: str, **options: Any) -> Simulator:
        """Another view of the model with its present values, which are shared from then on.

        Parameters
        ----------
        name : str
            ``phase_plane``, ``bifurcation``, ``fi_curve``, ``fast_slow`` or ``slow_points``.
        **options
            Of the view's class: ``open("bifurcation", param="b", span=(0, 2))``, ``open("phase_plane", V=(-90, 60),
            n=(0, 1))``, ``open("fast_slow", slow="z")``.

        Returns
        -------
        PhasePlane, Bifurcation, FICurve, FastSlow or SlowPoints
            A point chosen there moves the sliders here, and the other way round.
        """
        view = made(self.simulator, name, **options)
        self.simulator.join(view)
        return view

    def view(self, tab: str) -> Simulator:
        """What a tab shows; opened when it is first asked for."""
        if not isinstance(tab, str) or tab not in self.tabs:
            raise UnknownName(unknown_message("view", str(tab), self.tabs, where="this explorer"))
        with self._opening:
            if tab not in self._opened:
                self._opened[tab] = self.open(tab, **self._offered[tab])
            return self._opened[tab]

    def talk(self, send: Any) -> Any:
        """A conversation with a page; what it is told goes to ``send``."""
        return Tabs(self, send) if self._offered else self.simulator.talk(send)

    def copy(self) -> "Explorer":
        """Another explorer with the same values, that shares nothing with this one."""
        return Explorer(self.simulator.copy(), self._offered)

    @property
    def controls(self) -> dict[str, Control]:
        """Control by path; assign to ``.value``."""
        return self.simulator.controls

    @property
    def result(self) -> Any:
        """The Dataset of the present values."""
        return self.simulator.result

    @property
    def model(self) -> Any:
        """The model with the values of this moment."""
        return self.simulator.model

    def to_code(self) -> str:
        """The cell that reproduces what is seen."""
        return self.simulator.to_code()

    def save(self, path: str | Path) -> Path:
        """Write the result (``.nc``, ``.csv``), the values (``.json``), or a page that runs the model (``.html``)."""
        return save(self.simulator, Path(path), self._offered)

    def panel(self) -> Any:
        """The Panel component."""
        from .skins.panel_skin import component

        return component(self)

    def ipywidget(self) -> Any:
        """The Jupyter widget."""
        from .skins.jupyter_skin import widget

        return widget(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        if headless() or served():
            return {"text/plain": repr(self)}
        return self.ipywidget()._repr_mimebundle_(include=include, exclude=exclude)

    def __repr__(self) -> str:
        names = ", ".join(list(self.controls)[:8])
        more = f", and {len(self.controls) - 8} more" if len(self.controls) > 8 else ""
        return (
            f"Explorer of {self.simulator.title} (controls: {names}{more}); open it in JupyterLab to move the sliders."
        )
