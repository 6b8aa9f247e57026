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
    as any model; what its ``on_step`` reports beside the changed states is not recorded.

    Stimuli are made of stimuli, to any depth: ``a + b``, ``a - b``, ``2 * a``, ``a * b``, ``a.delayed(20)``,
    ``a.lasting(100)``, ``a.repeated(50)`` and :class:`Sequence`.  Every number stays a value with a path, so a
    slider or a sweep on any of them compiles nothing anew.

    Examples
    --------
    >>> from brainnb.inputs import Sine, Step
    >>> both = 2 * Step(amplitude=3, start=5) + Sine(mean=1, amplitude=0)
    >>> float(both(4.0)), float(both(5.0)), float(both.delayed(10)(14.0))
    (1.0, 7.0, 1.0)
    >>> [path for path in both.parameters() if path.startswith("step")]
    ['step.factor', 'step.of.amplitude', 'step.of.start', 'step.of.baseline']
    """

    __array_ufunc__ = None  # so that `array * stimulus` is ours and not NumPy's

    def value(self, t: Array, s: Record) -> Array:
        """The input at time ``t`` (ms), given the stimulus' own state."""
        raise ModelError(f"{type(self).__name__} defines no value(t, s).")

    def __call__(self, t: Any) -> Any:
        """The value at ``t`` of a stimulus without state; handy for a look."""
        if evolves(self):
            raise ModelError(
                f"{type(self).__name__} evolves: run it to see it, bn.run.sample(stimulus, T=...), or record it "
                f"with a model, bn.simulate(model, T=..., record=['I'])."
            )
        return self.value(t, self.init_state())

    def __add__(self, other: Any) -> "Stimulus":
        return algebra().added(self, other)

    def __radd__(self, other: Any) -> "Stimulus":
        return algebra().added(other, self)

    def __sub__(self, other: Any) -> "Stimulus":
        return algebra().added(self, algebra().negative(other))

    def __rsub__(self, other: Any) -> "Stimulus":
        return algebra().added(other, -self)

    def __mul__(self, other: Any) -> "Stimulus":
        return algebra().multiplied(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Stimulus":
        return algebra().divided(self, other)

    def __neg__(self) -> "Stimulus":
        return algebra().negative(self)

    def delayed(self, delay: Any) -> "Stimulus":
        """The same, ``delay`` ms later; see :class:`Delayed`."""
        from .timing import Delayed

        return Delayed(self, delay)

    def lasting(self, duration: Any) -> "Stimulus":
        """The same for ``duration`` ms, then 0; see :class:`Lasting`."""
        from .timing import Lasting

        return Lasting(self, duration)

    def repeated(self, period: Any) -> "Stimulus":
        """Its first ``period`` ms again and again; see :class:`Repeated`."""
        from .timing import Repeated

        return Repeated(self, period)


def algebra() -> Any:
    """The module of sums and products, which is built on this one."""
    from . import algebra

    return algebra


def evolves(model: Model) -> bool:
    """Whether a stimulus or one of its parts has a state."""
    return bool(type(model).states()) or any(map(evolves, model.parts().values()))


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
