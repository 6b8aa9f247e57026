"""A stimulus is a model that is read as an input: its numbers are leaves, so a slider on them never retraces."""

from collections.abc import Callable
from typing import Any

from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import static
from brainnb.core.model import Model
from brainnb.core.record import Record


class _SameUnit(str):
    """A unit that depends on what is driven; dimensionless while it drives nothing."""


SAME = _SameUnit("1")
"""Declared unit of a stimulus' levels: that of the input it drives."""


def unit_in(declared: str, driven: str) -> str:
    """The unit of a stimulus' number when the stimulus drives an input in ``driven``."""
    return driven if isinstance(declared, _SameUnit) else declared


class Stimulus(Model):
    """Base of all stimuli: what an input receives at each moment.

    Override :meth:`value`.  A stimulus that evolves (filtered noise) declares states and writes the same hooks
    as any model.
    """

    def value(self, t: Array, s: Record) -> Array:
        """The input at time ``t`` (ms), given the stimulus' own state."""
        raise ModelError(f"{type(self).__name__} defines no value(t, s).")

    def __call__(self, t: Any) -> Any:
        """The value at ``t`` of a stimulus without state; handy for a look."""
        if type(self).states():
            raise ModelError(
                f"{type(self).__name__} evolves: run it to see it, bn.simulate(model, T=..., record=['I'])."
            )
        return self.value(t, Record())


class FromFunction(Stimulus):
    """Any function of time.  Each new function compiles anew, so sliders need one of the declared stimuli.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> float(FromFunction(lambda t: 2.0 * t)(3.0))
    6.0
    """

    function: Callable[[Any], Any] = static()

    def value(self, t: Array, s: Record) -> Array:
        return self.function(t)
