"""Whether a model can be written as JavaScript, and why not."""

from typing import Any

from brainnb.core.model import Model

from .errors import ExportError
from .module import javascript


def why_not(model: Model, **options: Any) -> str | None:
    """The reason for which a model cannot be exported: the operation, and the line of the model that asks for it.

    Parameters
    ----------
    model : Model
    options
        As for :func:`javascript`.

    Returns
    -------
    str or None
        None when the model can be exported.

    Examples
    --------
    >>> import jax.numpy as jnp, brainnb as bn
    >>> bn.export.why_not(bn.neurons.LIF()) is None
    True
    >>> class Spectral(bn.Model):
    ...     x = bn.state([3.0, 1.0], "1", "two numbers")
    ...     def vector_field(self, t, s, u):
    ...         return dict(x=jnp.fft.rfft(s.x).real)
    >>> bn.export.why_not(Spectral()).split(" at ")[0]
    '`fft`'
    """
    try:
        javascript(model, **options)
    except ExportError as reason:
        return str(reason)
    return None


def can_export(model: Model, **options: Any) -> bool:
    """Whether :func:`javascript` can write a model.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.export.can_export(bn.neurons.HodgkinHuxley())
    True
    """
    return why_not(model, **options) is None
