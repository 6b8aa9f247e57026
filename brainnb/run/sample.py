"""``sample``: what a stimulus does over time, noise and spike trains included."""

from typing import Any

from jax import Array

from brainnb.core.fields import input
from brainnb.core.model import Model
from brainnb.core.quantities import parse

from .simulate import simulate


class Listener(Model):
    """Nothing but an input."""

    stimulus = input(0.0, "1", "stimulus")

    def vector_field(self, t: Array, s: Any, u: Any) -> dict:
        return {}


def sample(stimulus: Any, T: Any, dt: Any = 0.1, *, seed: int = 0, unit: str = "1", **options: Any) -> Any:
    """What a model would receive from a stimulus.

    Parameters
    ----------
    stimulus : Stimulus, number or function of time
    T, dt, seed
        As in :func:`brainnb.simulate`.
    unit : str
        Unit of the levels, for the label.
    **options
        Further keywords of :func:`brainnb.simulate`: ``every``, ``method``, ``precision``.

    Returns
    -------
    xarray.Dataset
        ``stimulus`` over ``time`` (and units); ``ds.bn.plot()`` draws it.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = sample(bn.inputs.Step(amplitude=10, start=5) + 1, T=10, dt=0.5, unit="pA")
    >>> ds.stimulus.dims, ds.stimulus.attrs["units"], float(ds.stimulus[-1])
    (('time',), 'pA', 11.0)
    """
    parse(unit)
    ds = simulate(Listener(), T, dt, stimulus=stimulus, record=["stimulus"], seed=seed, **options)
    ds["stimulus"].attrs["units"] = unit
    own = ds["stimulus"].dims[1:]
    return ds.rename({d: "unit" if len(own) == 1 else f"unit_{i}" for i, d in enumerate(own)})
