"""What an integrator is: one step of a field that covers the moving part of a state."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import jax
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.randoms import check_generator
from brainnb.core.record import Record

from .wiener import Wiener, kick

Field = Callable[[Array, Record], Mapping[str, Any]]

INTEGRALS = {
    **dict.fromkeys(("ito", "itô"), "ito"),
    **dict.fromkeys(("stratonovich", "strat"), "stratonovich"),
}
INTEGRAL_WORDS = {"ito": "Itô", "stratonovich": "Stratonovich"}
INSTEAD = {
    "ito": "'euler' (Euler–Maruyama), 'milstein' or 'srk1w1'",
    "stratonovich": "'euler_heun', 'stochastic_heun' or Milstein(integral='stratonovich')",
}


@dataclasses.dataclass(frozen=True)
class Integrator:
    """One step of a fixed-step method.

    A method is its coefficients and its claims: ``order`` (deterministic), ``strong_order`` and ``weak_order``
    (with noise, None when it takes none), the ``integrals`` in which it reads noise and the ``noise`` it needs for
    these orders.  Integrators touch only the names that the field returned; clocks and buffers pass through.

    Parameters
    ----------
    integral : {"ito", "stratonovich"}, optional
        The sense in which noise is read; by default the first that the method knows.
    generator : {"threefry", "fast"}
        Where random numbers come from: JAX's own generator, or the cheap one of :mod:`brainnb.core.randoms`.
    """

    order: ClassVar[int]
    strong_order: ClassVar[float | None] = None
    weak_order: ClassVar[float | None] = None
    integrals: ClassVar[tuple[str, ...]] = ("ito",)
    """The senses in which the method can read noise; the first is the default."""
    noise: ClassVar[str] = "any"
    """What noise the claimed order needs: "any", "commutative", or "separate" (sources that do not meet)."""
    area: ClassVar[bool] = False
    """Whether the integral of the Wiener process over the step is needed besides its increment."""
    elementwise: ClassVar[bool] = False
    """True when the units of one array state must not act on each other."""

    remembers: ClassVar[bool] = False
    """True when a step looks back on steps before it: what it needs of them travels in the state, ``s.past.memory``."""

    name: ClassVar[str] = "own"

    integral: str | None = dataclasses.field(default=None, kw_only=True)
    generator: str = dataclasses.field(default="threefry", kw_only=True)

    def __post_init__(self) -> None:
        check_generator(self.generator)
        if self.strong_order is None:
            if self.integral is None and self.generator == "threefry":
                return
            chosen = "generator" if self.integral is None else "integral"
            raise ValueError(
                f"{type(self).__name__} takes no noise, so there is no {chosen} to choose. With noise use {INSTEAD['ito']} "
                f"(Itô), or {INSTEAD['stratonovich']} (Stratonovich)."
            )
        sense = INTEGRALS.get(str(self.integrals[0] if self.integral is None else self.integral).lower())
        if sense is None:
            raise ValueError(
                f"{type(self).__name__}(integral={self.integral!r}): the two are integral='ito' and 'stratonovich'."
            )
        if sense not in self.integrals:
            wanted, can = INTEGRAL_WORDS[sense], INTEGRAL_WORDS[self.integrals[0]]
            raise ValueError(
                f"{type(self).__name__} reads noise in the {can} sense only; for {wanted} use {INSTEAD[sense]}."
            )
        object.__setattr__(self, "integral", sense)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in vars(cls):
            cls.name = cls.__name__

    @property
    def label(self) -> str:
        """The name, with the settings that are not the default: what a result says it was made with."""
        given = [
            f"{f.name}={getattr(self, f.name)!r}"
            for f in dataclasses.fields(self)
            if f.name != "integral" and getattr(self, f.name) != f.default
        ]
        label = f"{self.name}({', '.join(given)})" if given else self.name
        return label if self.integral in (None, self.integrals[0]) else f"{label} ({self.integral})"

    def evaluations(self, states: int) -> int:
        """Cost of a step on so many states, in evaluations of the field; a derivative along one direction is one more.

        Unless a method says otherwise, as many as its order: the fewest that a Runge–Kutta method needs up to 4.
        """
        return self.order

    def check(self, like: Record, name: str) -> None:
        """Refuse, before the first step, a model that this method cannot step.

        Parameters
        ----------
        like : Record
            Shapes of the moving states; those of the model stand under ``model``.
        name : str
            Name of the model, for the message.
        """

    def rows(self, steps: int, dt: float) -> int:
        """Steps that the memory of a method that remembers holds, for a run of so many."""
        return 1

    def begun(self, s: Record, like: Record, rows: int) -> Record:
        """The memory of a method that remembers, before the first step from ``s``; ``like`` are its moving states."""
        raise ModelError(f"The method {type(self).__name__} remembers; it must define begun(self, s, like, rows).")

    def noted(self, before: Record, after: Record) -> Record:
        """``after``, the state that ``on_step`` made of ``before``, where a method that remembers may note what jumped."""
        return after

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        """The state at ``t + dt``.

        Parameters
        ----------
        field : callable
            ``field(t, s)`` gives the derivative per ms of the moving states.
        """
        raise ModelError(f"The method {type(self).__name__} must define step(self, field, t, s, dt).")

    def step_noise(self, field: Field, diffusion: Field, t: Array, s: Record, dt: Array, w: Wiener) -> Record:
        """The state at ``t + dt`` with noise; by default the amplitudes at ``t`` times the increments are added.

        Parameters
        ----------
        field, diffusion : callable
            Derivative per ms, and noise amplitude per sqrt(ms), as functions of ``(t, s)``.
        w : Wiener
            The increments of this step.
        """
        return advance(self.step(field, t, s, dt), kick(diffusion(t, s), w.dW), 1.0)


def advance(s: Record, slope: Mapping[str, Any], h: Any) -> Record:
    """``s + h * slope``, where ``slope`` may cover only part of ``s``."""
    return type(s)(
        (
            k,
            v
            if k not in slope
            else advance(v, slope[k], h)
            if isinstance(v, Record)
            else v + (h * slope[k]).astype(v.dtype),
        )
        for k, v in s.items()
    )


def moving(s: Record, like: Mapping[str, Any]) -> Record:
    """The part of ``s`` that has a derivative, in the structure of ``like``."""
    return Record((k, moving(s[k], v) if isinstance(v, Mapping) else s[k]) for k, v in like.items())


def combine(weights: tuple[float, ...], slopes: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Weighted sum of slopes; zero weights cost nothing."""
    used = [(w, k) for w, k in zip(weights, slopes, strict=True) if w != 0.0]
    return jax.tree.map(lambda *ks: sum(w * k for (w, _), k in zip(used, ks, strict=True)), *(k for _, k in used))


def as_record(tree: Mapping[str, Any]) -> Record:
    """A nested mapping with one structure, whatever mappings the hooks returned."""
    return Record((k, as_record(v) if isinstance(v, Mapping) else v) for k, v in tree.items())


def shape_of(field: Field, t: Array, s: Record) -> Record:
    """The structure of the field, in the order in which it was returned: plain dicts would come back sorted."""
    return jax.eval_shape(lambda t, s: as_record(field(t, s)), t, s)
