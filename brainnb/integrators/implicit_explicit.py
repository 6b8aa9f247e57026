"""Implicit for the stiff states, explicit for the others."""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.errors import ModelError
from brainnb.core.paths import expand
from brainnb.core.record import Record, flat

from .base import Field, Integrator, advance, as_record, moving, shape_of
from .wiener import Wiener, kick

MOST = 2000
"""Values that one implicit solve may hold: its matrix has the square of them."""


@dataclasses.dataclass(frozen=True)
class ImplicitExplicit(Integrator):
    r"""What the methods for stiff states share.

    The equations of the states named in ``stiff`` are solved for the end of a stage, the others are stepped
    explicitly; both see each other at every stage.  The solve is Newton's, with derivatives taken from the
    equations: exact after the first iteration where the stiff equations are linear in the stiff states, as
    diffusion and relaxation are.  By default every state is stiff.

    Parameters
    ----------
    stiff : str or list of str
        Paths of states, globs allowed: ``"V"``, ``["Na.*", "ca"]``.
    newton : int
        Iterations of a solve.

    Notes
    -----
    All stiff values are solved together, so that units may act on each other; a run is refused when they are
    more than 2000.  Large populations of cells are better off with ``method="strang"``.
    """

    stiff: tuple[str, ...] = ("*",)
    newton: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        stiff = (self.stiff,) if isinstance(self.stiff, str) else self.stiff
        known = isinstance(stiff, tuple | list) and stiff and all(isinstance(p, str) and p for p in stiff)
        if not known:
            raise ValueError(
                f"{type(self).__name__}(stiff={self.stiff!r}): names of states were expected, stiff='V' or ['V', 'Na.*']."
            )
        object.__setattr__(self, "stiff", tuple(stiff))
        if isinstance(self.newton, bool) or not isinstance(self.newton, int) or self.newton < 1:
            raise ValueError(
                f"{type(self).__name__}(newton={self.newton!r}): a whole number of at least 1 was expected."
            )

    def check(self, like: Record, name: str) -> None:
        if not like:
            return
        marks = self._marks(like, name)
        held = sum(x.size for x, stiff in zip(jax.tree.leaves(like), marks, strict=True) if stiff)
        if held > MOST:
            raise ModelError(
                f"method={self.name!r}: the stiff states of {name} are {held:,} values, solved together in every step; "
                f"at most {MOST:,} are. Name fewer, {type(self).__name__}(stiff=['V']), or use method='strang'."
            )

    def _marks(self, like: Record, name: str = "") -> list[bool]:
        """Which leaves are stiff."""
        paths = [path.removeprefix("model.") for path in flat(like)]
        where = f"{name}, named as stiff" if name else ""
        stiff = {path for pattern in self.stiff for path in expand(pattern, paths, kind="state", where=where)}
        return [path in stiff for path in paths]

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        parts = self.parts(field, t, s)
        return s if parts is None else s.merge(self.advance(parts, t, parts.q, dt))

    def parts(self, field: Field, t: Array, s: Record) -> "Parts | None":
        """The field in its two parts; None when it moves nothing."""
        like = shape_of(field, t, s)
        return Parts(field, s, moving(s, like), self._marks(like), self.newton) if like else None

    def advance(self, parts: "Parts", t: Array, q: Record, h: Array) -> Record:
        """The moving state after ``h``."""
        raise ModelError(f"The method {type(self).__name__} must define advance(self, parts, t, q, h).")


class ImexEuler(ImplicitExplicit):
    r"""Euler backward for the stiff states $z$, forward for the others $y$; order 1.

    .. math::

        y' = y + h f(t, y, z), \qquad z' = z + h g(t + h, y', z')

    With every state stiff this is the backward Euler method, stable at any step on linear equations.  On the upstroke
    of a spike Newton's iterations may overshoot at long steps (0.2 ms on a squid axon).  Noise is added before
    the solve, $z' = z + b\,\Delta W + h g(t + h, y', z')$, which is drift-implicit Euler–Maruyama: strong order 1/2, weak
    order 1, Itô.

    Reference: Ascher, Ruuth & Wetton 1995, doi:10.1137/0732037.

    Examples
    --------
    >>> import brainnb as bn
    >>> method = ImexEuler(stiff=["m", "h", "n"])
    >>> bn.simulate(bn.neurons.HodgkinHuxley(), T=5, dt=0.02, method=method).attrs["method"]
    "imex_euler(stiff=('m', 'h', 'n'))"
    """

    name, order, strong_order, weak_order = "imex_euler", 1, 0.5, 1.0

    def evaluations(self, states: int) -> int:
        return 1 + self.newton * (1 + states)

    def advance(self, parts: "Parts", t: Array, q: Record, h: Array) -> Record:
        moved = parts.explicit(q, parts.slopes(t, q), h)
        return parts.implicit(t + h, moved, q, h)

    def step_noise(self, field: Field, diffusion: Field, t: Array, s: Record, dt: Array, w: Wiener) -> Record:
        return self.step(field, t, advance(s, kick(diffusion(t, s), w.dW), 1.0), dt)


class ARS222(ImplicitExplicit):
    r"""Two implicit and three explicit stages, order 2, L-stable for the stiff states.

    .. math:: \gamma = 1 - 1/\sqrt 2, \qquad \delta = 1 - 1/(2\gamma)

    The default among the methods of this family: with every state stiff it is Alexander's diagonally implicit
    method of order 2.

    Reference: Ascher, Ruuth & Spiteri 1997, doi:10.1016/S0168-9274(97)00056-1, 2.6.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=50, dt=0.02, I=10, method="ars222")
    >>> ds.bn.spike_count().item()
    4
    """

    name, order = "ars222", 2

    def evaluations(self, states: int) -> int:
        return 2 + 2 * self.newton * (1 + states)

    def advance(self, parts: "Parts", t: Array, q: Record, h: Array) -> Record:
        gamma = 1 - 1 / math.sqrt(2)
        delta = 1 - 1 / (2 * gamma)
        first = parts.slopes(t, q)
        middle = parts.implicit(t + gamma * h, parts.explicit(q, first, gamma * h), q, gamma * h)
        second = parts.slopes(t + gamma * h, middle)
        moved = parts.explicit(parts.explicit(q, first, delta * h), second, (1 - delta) * h)
        begun = jax.tree.map(lambda x, z: x + (1 - gamma) / gamma * (z - x), q, middle)
        return parts.implicit(t + h, moved, begun, gamma * h)


class CrankNicolson(ImplicitExplicit):
    r"""Crank–Nicolson for the stiff states, the midpoint rule for the others; order 2.

    .. math::

        y' = y + h f(t + \tfrac h2, y_{1/2}, z_{1/2}), \qquad
        z' = z + \tfrac h2 \big[g(t, y, z) + g(t + h, y', z')\big]

    Half a step of :class:`ImexEuler` finds the slope in the middle, so nothing is remembered: a step after a jump is as
    accurate as any.  :class:`CrankNicolsonAdamsBashforth` takes that slope from the step before, at half the cost.
    Not L-stable: what is very stiff rings from step to step; see :class:`ARS222`.

    Reference: Ascher, Ruuth & Wetton 1995, doi:10.1137/0732037.
    """

    name, order = "imex_cn", 2

    def evaluations(self, states: int) -> int:
        return 3 + 2 * self.newton * (1 + states)

    def advance(self, parts: "Parts", t: Array, q: Record, h: Array) -> Record:
        first = parts.slopes(t, q)
        return self.across(parts, t, q, h, first, self.middle(parts, t, q, h, first))

    def middle(self, parts: "Parts", t: Array, q: Record, h: Array, first: Record) -> Record:
        """The slopes half a step ahead."""
        return parts.slopes(t + h / 2, parts.implicit(t + h / 2, parts.explicit(q, first, h / 2), q, h / 2))

    def across(self, parts: "Parts", t: Array, q: Record, h: Array, first: Record, middle: Record) -> Record:
        """The moving state after ``h``, from the slopes now and half a step ahead."""
        begun = jax.tree.map(lambda x, k: x + h / 2 * k, q, first)
        return parts.implicit(t + h, parts.explicit(q, middle, h), begun, h / 2)


@dataclasses.dataclass(frozen=True)
class Parts:
    """A field in two parts, the stiff leaves and the others, and the moving state ``q`` from which a step begins."""

    field: Field
    s: Record
    q: Record
    stiff: list[bool]
    newton: int

    @property
    def tree(self) -> Any:
        return jax.tree.structure(self.q)

    def slopes(self, t: Array, q: Record) -> Record:
        return as_record(self.field(t, self.s.merge(q)))

    def explicit(self, q: Record, slopes: Record, h: Any) -> Record:
        """``q`` with the states that are not stiff moved by ``h`` along ``slopes``."""
        pairs = zip(jax.tree.leaves(q), jax.tree.leaves(slopes), self.stiff, strict=True)
        return jax.tree.unflatten(self.tree, [x if stiff else x + (h * k).astype(x.dtype) for x, k, stiff in pairs])

    def implicit(self, t: Array, q: Record, begun: Record, h: Any) -> Record:
        """``q`` with the stiff states solved from ``z = begun + h g(t, y, z)``."""
        leaves = jax.tree.leaves(q)
        base, back = ravel_pytree(self._of_stiff(jax.tree.leaves(begun)))
        start, _ = ravel_pytree(self._of_stiff(leaves))

        def joined(z: Array) -> Record:
            found = iter(back(z))
            return jax.tree.unflatten(
                self.tree, [next(found) if stiff else x for x, stiff in zip(leaves, self.stiff, strict=True)]
            )

        def residual(z: Array) -> Array:
            slope, _ = ravel_pytree(self._of_stiff(jax.tree.leaves(self.slopes(t, joined(z)))))
            return z - base - h * slope

        def better(_: Array, z: Array) -> Array:
            return z - jnp.linalg.solve(jax.jacfwd(residual)(z), residual(z))

        return joined(jax.lax.fori_loop(0, self.newton, better, start))

    def _of_stiff(self, leaves: list[Array]) -> list[Array]:
        return [x for x, stiff in zip(leaves, self.stiff, strict=True) if stiff]
