"""An associative memory: binary neurons whose weights hold patterns (Hopfield 1982)."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.core.fields import Param, param, state, static
from brainnb.core.model import Model
from brainnb.core.record import Record


class Hopfield(Model):
    r"""Neurons that are up or down, and weights that make given patterns stable.

    .. math::

        x_i \leftarrow \mathrm{sign}\Big(\sum_j W_{ij} x_j\Big), \qquad
        W_{ij} = \frac{1}{N} \sum_\mu \xi_i^\mu \xi_j^\mu, \quad W_{ii} = 0

    From a part of a pattern the network finds the whole.  With more than :math:`0.138\,N` random patterns recall does
    not fade, it breaks down.

    Parameters
    ----------
    patterns : (patterns, neurons) array
        What is remembered, every entry 1 or -1.
    synchronous : bool
        All neurons at once; by default one after the other, in an order drawn anew for every sweep.
    held : number
        How many of the patterns the weights hold, from the first on; by default all.  A slider or a sweep over the load.
    flipped : number
        The fraction of neurons that are turned over at the begin, drawn from the run's seed.

    Inputs and observables
    ----------------------
    ``overlap`` : :math:`m^\mu = \frac{1}{N} \sum_i \xi_i^\mu x_i` with each pattern, 1 for perfect recall.
    ``energy`` : :math:`-\frac{1}{2 N} \sum_{i \ne j} x_i W_{ij} x_j`, which never rises when neurons follow each other.

    Notes
    -----
    A step of a run is one sweep over all neurons, whatever ``dt`` is; take ``dt=1``.  The matrix is not stored: the
    field is the patterns times their overlaps, so a sweep costs patterns times neurons.  A field of 0 changes nothing.
    Synchronous updates may end in a cycle of two states.  It begins at the first pattern, or so near to it as ``flipped``
    says; ``init={"x": model.cue(3)}`` begins elsewhere.  Overlaps are with all patterns, held or not.

    Raises
    ------
    ModelError
        Patterns that are no table, or have entries other than 1 and -1.
    OutOfBounds
        A fraction of flipped neurons outside 0 to 1, or a pattern that is not there.

    References
    ----------
    Hopfield 1982, doi:10.1073/pnas.79.8.2554; capacity and overlaps: Amit, Gutfreund & Sompolinsky 1985,
    doi:10.1103/PhysRevLett.55.1530.

    Examples
    --------
    >>> import brainnb as bn
    >>> memory = Hopfield.random(neurons=500, patterns=20)
    >>> ds = bn.simulate(memory, T=5, dt=1.0, record=["overlap"], init={"x": memory.cue(3, flipped=0.2)})
    >>> float(ds["overlap"][-1, 3])
    1.0
    """

    default_method: ClassVar[str] = "euler"

    patterns: Param = param(None, "1", "what is remembered, one row for each pattern")
    held: Param = param(None, "1", "patterns that the weights hold", bounds=(0, None))
    flipped: Param = param(0.0, "1", "fraction of neurons turned over at the begin", bounds=(0, 0.5))
    synchronous: bool = static(False)
    x = state(1.0, "1", "up (1) or down (-1)", bounds=(-1, 1), discrete=True)

    def __init__(self, patterns: Any, synchronous: bool = False, held: float | None = None, flipped: float = 0.0):
        host = np.asarray(patterns, float)
        if host.ndim != 2 or not host.size or not (np.abs(host) == 1).all():
            raise ModelError(
                f"Hopfield: patterns has shape {host.shape}; a table of 1 and -1 with a row for each pattern was expected."
            )
        self.patterns = host
        self.synchronous = bool(synchronous)
        self.held = len(host) if held is None else held
        self.flipped = flipped

    @classmethod
    def random(cls, neurons: int = 1000, patterns: int = 100, seed: int = 0, **options: Any) -> "Hopfield":
        """A memory of random patterns, each entry 1 or -1 with equal chance."""
        return cls(np.random.default_rng(seed).choice([-1.0, 1.0], (patterns, neurons)), **options)

    def cue(self, pattern: int = 0, flipped: float = 0.1, seed: int = 0) -> Array:
        """A pattern with a fraction of its neurons turned over."""
        count, n = self.patterns.shape
        if not 0 <= pattern < count:
            raise OutOfBounds(f"cue: pattern {pattern} is not there; 0 to {count - 1} was expected.")
        if not 0 <= flipped <= 1:
            raise OutOfBounds(f"cue: flipped = {flipped}; a fraction from 0 to 1 was expected.")
        turned = np.random.default_rng(seed).permutation(n)[: round(flipped * n)]
        return self.patterns[pattern].at[turned].multiply(-1.0)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        if size:
            raise ModelError("A Hopfield network has the size of its patterns; size= is for single neurons.")
        n = self.patterns.shape[1]
        order = jnp.arange(n) if key is None else jax.random.permutation(key, n)
        return Record(x=jnp.where(order < jnp.round(self.flipped * n), -1.0, 1.0) * self.patterns[0])

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        x = self._at_once(s.x) if self.synchronous else self._in_turn(s.x, key)
        m = self.overlaps(x)
        return dict(x=x), dict(overlap=m, energy=self.energy(m))

    def overlaps(self, x: Array) -> Array:
        """Overlap of a state with every pattern."""
        return self.patterns @ x / x.shape[-1]

    def energy(self, m: Array) -> Array:
        """Energy per neuron of a state with these overlaps."""
        rows, load = self._held()
        return -0.5 * (jnp.sum(rows * m**2) - load)

    def _held(self) -> tuple[Array, Array]:
        """Which rows the weights hold, as 1 and 0, and how many for each neuron."""
        rows = jnp.where(jnp.arange(self.patterns.shape[0]) < jnp.round(self.held), 1.0, 0.0)
        return rows, jnp.sum(rows) / self.patterns.shape[1]

    def _at_once(self, x: Array) -> Array:
        rows, load = self._held()
        return _decided((rows * self.overlaps(x)) @ self.patterns - load * x, x)

    def _in_turn(self, x: Array, key: Array) -> Array:
        n = self.patterns.shape[1]
        rows, load = self._held()
        order = jax.random.permutation(key, n)

        def one(k: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
            x, m = state
            i = order[k]
            column = self.patterns[:, i]
            new = _decided((rows * column) @ m - load * x[i], x[i])
            return x.at[i].set(new), m + column * (new - x[i]) / n

        return lax.fori_loop(0, n, one, (x, self.overlaps(x)))[0]


def _decided(field: Array, x: Array) -> Array:
    """Up or down by the sign of the field; rounding of one that is 0 changes nothing."""
    return jnp.where(jnp.abs(field) < 1e-6, x, jnp.sign(field))
