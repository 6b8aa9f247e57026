"""``explore``: one line that puts any model under sliders."""

from pathlib import Path
from typing import Any

from .controls import Control
from .place import headless, served
from .simulator import Simulator


def explore(model: Any, T: float = 200.0, dt: float = 0.1, **options: Any) -> "Explorer":
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
    made = Explorer(_simulator(model, T, dt, **options))
    if served() and not headless():
        made.panel().servable(title=made.simulator.title)
    return made


def _simulator(model: Any, T: float, dt: float, **options: Any) -> Simulator:
    """What suits the model: networks that fire are seen as networks."""
    from ..networks import Network

    if isinstance(model, Network):
        from .network.layout import fires
        from .network.viewer import NetworkViewer

        if fires(model):
            return NetworkViewer(model, T, dt, **options)
    return Simulator(model, T, dt, **options)


class Explorer:
    """What :func:`explore` returns: a simulator that knows how to show itself.

    Attributes
    ----------
    simulator : Simulator
        Values, results, presets, kept traces, code and links.
    """

    def __init__(self, simulator: Simulator):
        self.simulator = simulator

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
        """Write the result (``.nc``, ``.csv``), the values (``.json``), or a page with the figure (``.html``)."""
        return self.simulator.save(path)

    def panel(self) -> Any:
        """The Panel component."""
        return self.simulator.panel()

    def ipywidget(self) -> Any:
        """The Jupyter widget."""
        return self.simulator.ipywidget()

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
