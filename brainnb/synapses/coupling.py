"""Couplings: what cells exchange at every moment, without spikes."""

from typing import Any, ClassVar

import jax.numpy as jnp
from jax import Array, lax

from brainnb import ops
from brainnb.core.errors import ModelError
from brainnb.core.fields import static
from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.ops import Wiring


class Coupling(Model):
    """A current that depends on states of both cells; the ``synapse=`` of a projection may be one.

    Subclasses name the state with ``of`` and write :meth:`current`.  A coupling has no states, no delay, and nothing
    that spikes could change.
    """

    of: str = static("V")

    both: ClassVar[bool] = True
    """Whether the postsynaptic cells must have the state too."""

    def __check_init__(self) -> None:
        if not isinstance(self.of, str) or not self.of:
            raise ModelError(f"{type(self).__name__}: of={self.of!r}; the name of a state was expected, of='r'.")

    def current(self, wiring: Wiring, pre: Record, post: Record) -> Array:
        """Current into every postsynaptic cell; ``wiring`` holds the weights."""
        raise NotImplementedError(f"{type(self).__name__} defines `current(self, wiring, pre, post)`.")


class Diffusive(Coupling):
    r"""What flows from cell to cell down the difference of a state.

    .. math:: I_j = \sum_i w_{ij} (x_i - x_j)

    Cells that are alike do not feel it: coupled oscillators are drawn together.

    Parameters
    ----------
    of : str
        The state :math:`x` of both populations.

    Notes
    -----
    Within one population its cells act on each other through a state, which methods that take slopes unit by unit do not
    see: networks with couplings are stepped by ``"rk4"`` unless their cells need another method.

    References
    ----------
    Pikovsky, Rosenblum & Kurths 2001, doi:10.1017/CBO9780511755743.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import Record, ops
    >>> x = Record(r=jnp.array([1.0, 3.0]))
    >>> Diffusive(of="r").current(ops.AllToAll(0.5, (2, 2)), x, x).tolist()
    [1.0, -1.0]
    """

    def current(self, wiring: Wiring, pre: Record, post: Record) -> Array:
        x, y = pre[self.of], post[self.of]
        middle = lax.stop_gradient(jnp.mean(x))  # differences of large numbers lose digits; of small ones they do not
        return ops.product(x - middle, wiring) - (y - middle) * ops.product(jnp.ones_like(x), wiring)


class GapJunction(Diffusive):
    r"""An electrical synapse: a conductance between two membranes.

    .. math:: I_j = \sum_i w_{ij} (V_i - V_j)

    It explains synchrony without delay, and why an inhibitory network may need no inhibition for it.  The weight is a
    conductance.  A junction that conducts both ways stands in the projection as two entries, from ``i`` to ``j`` and
    from ``j`` to ``i``.

    Notes
    -----
    See :class:`Diffusive` for how such networks are stepped.

    References
    ----------
    Galarreta & Hestrin 2001, doi:10.1038/35077566; Lewis & Rinzel 2003, doi:10.1023/A:1023265027714.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import Record, ops
    >>> s = Record(V=jnp.array([-60.0, -50.0]))
    >>> GapJunction().current(ops.CSR.from_edges([0, 1], [1, 0], [2.0, 2.0], (2, 2)), s, s).tolist()
    [20.0, -20.0]
    """

    def __init__(self, of: Any = "V"):
        if of != "V":
            raise ModelError(f"GapJunction couples potentials, of='V'; for `{of}` use Diffusive(of={of!r}).")
        self.of = of


class Additive(Coupling):
    r"""What cells receive is a weighted sum of a state of others.

    .. math:: I_j = \sum_i w_{ij} x_i

    The coupling of rate models and of whole-brain networks.

    Parameters
    ----------
    of : str
        The state :math:`x` of the presynaptic population.

    References
    ----------
    Wilson & Cowan 1972, doi:10.1016/S0006-3495(72)86068-5.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import Record, ops
    >>> x = Record(r=jnp.array([1.0, 3.0]))
    >>> Additive(of="r").current(ops.AllToAll(0.5, (2, 2)), x, x).tolist()
    [2.0, 2.0]
    """

    of: str = static("r")

    both: ClassVar[bool] = False

    def current(self, wiring: Wiring, pre: Record, post: Record) -> Array:
        return ops.product(pre[self.of], wiring)
