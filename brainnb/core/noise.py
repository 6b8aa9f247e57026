"""Named sources of noise: what lets several states hear the same fluctuation."""

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp


class Common(str):
    """The name of a noise source that all units share.

    A source named by a plain string belongs to one unit: the states of the unit that name it hear the same
    fluctuation, another unit hears its own.  A common source is heard by the whole population.

    Examples
    --------
    >>> import brainnb as bn, numpy as np
    >>> class Leaky(bn.Model):
    ...     V = bn.state(0.0, "mV", "membrane potential")
    ...     def vector_field(self, t, s, u):
    ...         return dict(V=-s.V / 10)
    ...     def diffusion(self, t, s, u):
    ...         return dict(V={"own": 0.1, bn.Common("background"): 0.3})
    >>> ds = bn.simulate(Leaky(), T=200, size=2, seed=1)
    >>> bool(np.corrcoef(ds.V.values.T)[0, 1] > 0.7)
    True
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"bn.Common({str(self)!r})"


@jax.tree_util.register_pytree_node_class
class Sources:
    """What one state hears of each named source: amplitudes in the shape of the state, or increments.

    ``inner`` counts the axes that belong to the state itself and not to its units: a source has one increment for
    each unit, whatever the state holds for it.
    """

    __slots__ = ("inner", "names", "values")

    def __init__(self, names: Iterable[str], values: Iterable[Any], inner: int):
        self.names, self.values, self.inner = tuple(names), tuple(values), inner

    def units(self, name: str, value: Any) -> tuple[int, ...]:
        """Shape of the increments of a source."""
        shape = jnp.shape(value)
        return () if isinstance(name, Common) else shape[: len(shape) - self.inner]

    def renamed(self, prefix: str) -> "Sources":
        """The same with the names of another model: its sources are its own."""
        return Sources((type(n)(f"{prefix}{n}") for n in self.names), self.values, self.inner)

    def tree_flatten(self) -> tuple[tuple, tuple]:
        return self.values, (self.names, self.inner)

    @classmethod
    def tree_unflatten(cls, kept: tuple, values: Iterable[Any]) -> "Sources":
        return cls(kept[0], values, kept[1])


def is_sources(x: Any) -> bool:
    """Whether a leaf of a noise tree names its sources."""
    return isinstance(x, Sources)
