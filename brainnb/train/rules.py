"""Ways to learn, by name; a user's own rule is one more entry."""

import abc
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
from jax import Array

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.model import Model

from .batches import Batch
from .problem import Problem

Carry = Any
"""What a rule keeps between updates: a pytree of arrays, saved and loaded as a whole."""


class Report(NamedTuple):
    """What one update tells: the loss before it, metrics, and the length of the gradient and of the step by path.

    ``values`` are the trained values that this loss belongs to, where they are not those of the model before the update:
    a search judges many.  ``starts`` are the losses of several starts.
    """

    loss: Array
    metrics: dict[str, Array]
    gradient: dict[str, Array]
    change: dict[str, Array]
    values: dict[str, Array] | None = None
    starts: Array | None = None


class Rule(eqx.Module):
    """A way to learn, as three functions of a :class:`~brainnb.train.problem.Problem`.

    All of them are plain array code and run in a compiled loop, unless ``on_host`` says that an update is ordinary
    Python.
    """

    on_host: ClassVar[bool] = False
    in_order: ClassVar[bool] = False
    """Whether an update sees all trials and goes through them by itself."""

    def steps(self, problem: Problem) -> int:
        """How many updates are made when nobody says."""
        return 1000

    def adapted(self, model: Model, paths: tuple[str, ...]) -> Model:
        """The model that is learned, where it must be built otherwise than the one that was given."""
        return model

    def record(self, model: Model, paths: tuple[str, ...]) -> tuple[str, ...]:
        """What must be recorded beside what the loss reads."""
        return ()

    def large(self, problem: Problem) -> bool:
        """Whether an update is a loop over products so large that each of them is worth all cores."""
        return False

    @abc.abstractmethod
    def begin(self, problem: Problem) -> Carry:
        """What is kept before the first update."""

    @abc.abstractmethod
    def update(self, problem: Problem, carry: Carry, batch: Batch, key: Array) -> tuple[Carry, Report]:
        """One update from one batch."""

    @abc.abstractmethod
    def model(self, problem: Problem, carry: Carry) -> Model:
        """The model as it is now."""

    def ended(self, problem: Problem, carry: Carry) -> str | None:
        """Why another update would change nothing, None as long as one may."""
        return None


_rules: dict[str, Callable[..., Rule]] = {}


def register(name: str) -> Callable[[Callable[..., Rule]], Callable[..., Rule]]:
    """Make a rule known to ``bn.fit(..., method=name)``: a decorator of a class of rules, or of a function that makes one.

    Examples
    --------
    >>> import brainnb as bn
    >>> @bn.train.register("stand_still")
    ... class StandStill(bn.train.Gradient):
    ...     def moves(self, gradient, carry, free):
    ...         return {path: 0 * g for path, g in gradient.items()}, carry
    >>> "stand_still" in bn.train.rules()
    True
    """

    def keep(make: Callable[..., Rule]) -> Callable[..., Rule]:
        _rules[name] = make
        return make

    return keep


def rules() -> tuple[str, ...]:
    """Names of the known ways to learn."""
    return tuple(_rules)


def rule(given: Any, **options: Any) -> Rule:
    """The rule that ``method=`` names, made from the options that it takes.

    Raises
    ------
    UnknownName
        For a name that nobody registered.
    """
    if isinstance(given, Rule):
        if options:
            raise ModelError(
                f"{', '.join(options)}: method={type(given).__name__}(...) is a rule that is built already; give it to the rule, "
                f"or name the rule, method='...'."
            )
        return given
    if isinstance(given, type) and issubclass(given, Rule):
        raise ModelError(f"method: got the class {given.__name__}; build it, {given.__name__}().")
    if not isinstance(given, str):
        raise ModelError(f"method={given!r}: one of {', '.join(map(repr, _rules))}, or a bn.train.Rule, was expected.")
    if given not in _rules:
        raise UnknownName(unknown_message("method", given, _rules, where="bn.fit"))
    takes = inspect.signature(_rules[given]).parameters
    if refused := [name for name in options if name not in takes and "more" not in takes]:
        raise ModelError(
            f"{', '.join(refused)}: method={given!r} has no such setting; it takes {', '.join(takes) or 'none'}."
        )
    return _rules[given](**options)
