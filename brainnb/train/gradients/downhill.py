"""What rules share that go downhill from one point: the point as one row of numbers, and an end where no step leads lower."""

from typing import Any, ClassVar

from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from ..batches import Stored
from ..problem import Problem
from ..rules import Rule
from ..select import Free, Selection


class Downhill(Rule):
    """A rule whose carry holds where it is, ``at``, and how many ways down were given up one after another, ``stuck``."""

    ways: ClassVar[int] = 1
    """Ways down that are tried before it ends."""

    def model(self, problem: Problem, carry: Any) -> Model:
        return problem.selection.with_values(free(problem.selection, carry.at))

    def ended(self, problem: Problem, carry: Any) -> str | None:
        return "no step makes the loss smaller" if int(carry.stuck) >= self.ways else None


def row(selection: Selection) -> Array:
    """The free numbers of the model as it is, in one row."""
    return ravel_pytree(selection.start())[0]


def free(selection: Selection, x: Array) -> Free:
    """The free numbers that stand in a row."""
    return ravel_pytree(selection.start())[1](x)


def refuse_batches(rule: str, problem: Problem) -> None:
    """Rules that compare losses need the same trials in every update."""
    source = problem.source
    if not (isinstance(source, Stored) and source.size >= source.count):
        raise ModelError(
            f"{rule} compares the losses of its updates, so it needs the same trials in all of them: a Dataset and no batch=. "
            "method='bptt' learns from batches and tasks."
        )
