"""The picture of a stimulus, before any model receives it."""

from typing import Any

from . import page, traces


def stimulus(
    stimulus: Any, T: Any, dt: Any = 0.1, *, seed: int = 0, unit: str = "1", name: str = "stimulus", ax: Any = None
) -> Any:
    """Draw a stimulus over time; noise as the run with this ``seed`` would bring it.

    Parameters
    ----------
    stimulus : Stimulus
        Also a sum, a sequence or a number; with one value per unit, some of the units are drawn.
    T, dt : float
        Duration and spacing of the samples in ms.
    seed : int
        Of the noise and the spike trains.
    unit, name : str
        For the label of the axis.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import matplotlib, brainnb as bn
    >>> matplotlib.use("Agg")
    >>> ax = stimulus(bn.inputs.Ramp(end_value=5) + bn.inputs.Noise(), T=200, unit="pA", name="I")
    >>> ax.get_ylabel(), ax.get_xlabel()
    ('I (pA)', 'time (ms)')
    """
    from brainnb.run import sample

    ds = sample(stimulus, T, dt, seed=seed, unit=unit).rename(stimulus=name)
    ax = page.axes(ax)
    traces.row(ax, ds, [name], unit)
    ax.set_xlabel(page.label(ds.time))
    return ax
