"""The optimisers of Nevergrad, by name."""

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.model import Model

from ..batches import Batch
from ..problem import Problem
from ..rules import Report, Rule
from ..select import norm
from .population import coordinates, judged


class Tape(eqx.Module):
    """What was answered so far, from which an optimiser can be made again, and the best place."""

    answers: Array
    told: Array
    at: Array
    loss: Array


class Nevergrad(Rule):
    """An optimiser of Nevergrad: ``bn.fit(..., method=bn.train.Nevergrad("TwoPointsDE", budget=2000))``.

    It asks on the host; a population is judged in one compiled program.  Its state is not kept but made again from the
    seed and the losses it was told, so that a run is taken up equal to the last bit; ``pip install nevergrad``.

    Parameters
    ----------
    optimizer : str
        A name of ``nevergrad.optimizers.registry``: ``"NGOpt"``, ``"CMA"``, ``"TwoPointsDE"``, ``"OnePlusOne"``, ...
    budget : int
        Trials of the model in all; the steps of a run are ``budget / size``.
    size : int
        Members that are judged at once, in one update.
    seed : int

    Raises
    ------
    UnknownName
        For a name that Nevergrad does not have.
    ModelError
        When Nevergrad is not installed, or a run asks for more than the budget.

    References
    ----------
    Bennet et al. 2021, doi:10.1145/3460310.3460312.
    """

    optimizer: str = eqx.field(static=True, default="NGOpt")
    budget: int = eqx.field(static=True, default=1000)
    size: int = eqx.field(static=True, default=20)
    seed: int = eqx.field(static=True, default=0)
    live: dict[str, Any] = eqx.field(static=True, init=False, repr=False, default_factory=dict)

    on_host: ClassVar[bool] = True

    def __check_init__(self) -> None:
        known = package().optimizers.registry
        if self.optimizer not in known:
            raise UnknownName(unknown_message("optimizer", self.optimizer, known, where="Nevergrad"))
        if not 0 < self.size <= self.budget:
            raise ModelError(
                f"Nevergrad: size={self.size}, budget={self.budget}; members from 1 to the budget are asked."
            )

    def steps(self, problem: Problem) -> int:
        return self.budget // self.size

    def begin(self, problem: Problem) -> Tape:
        x = ravel_pytree(problem.selection.start())[0]
        answers = jnp.zeros((self.steps(problem), self.size))
        return Tape(answers, jnp.int32(0), jnp.zeros_like(x), jnp.asarray(jnp.inf, x.dtype))

    def update(self, problem: Problem, carry: Tape, batch: Batch, key: Array) -> tuple[Tape, Report]:
        told = int(carry.told)
        if told >= len(carry.answers):
            raise ModelError(
                f"Nevergrad: the budget of {self.budget} trials is used up after {told} steps of {self.size}."
            )
        asking = self.asking(np.asarray(carry.answers[:told]), carry.at.size)
        asked = [asking.ask() for _ in range(self.size)]
        population = jnp.asarray(np.stack([candidate.value for candidate in asked]), carry.at.dtype)
        places = coordinates(problem.selection)
        losses, metrics = judged(problem, places, population, batch, jax.random.key(0))
        for candidate, loss in zip(asked, np.asarray(losses, float), strict=True):
            asking.tell(candidate, finite(loss))
        self.live["told"] = told + 1
        best = int(jnp.argmin(losses))
        better = losses[best] < carry.loss
        after = Tape(
            carry.answers.at[told].set(losses.astype(carry.answers.dtype)),
            carry.told + 1,
            jnp.where(better, population[best], carry.at),
            jnp.minimum(losses[best], carry.loss),
        )
        moved, old = places.free(after.at), places.free(carry.at)
        change = {p: norm(moved[p] - old[p]) for p in problem.selection.paths}
        return after, Report(losses[best], {n: m[best] for n, m in metrics.items()}, {}, change)

    def asking(self, answers: np.ndarray, n: int) -> Any:
        """The optimiser after it was told these losses: the one that is there, or one that is told them all again."""
        if self.live.get("told") == len(answers) > 0:
            return self.live["optimizer"]
        ng = package()
        made = ng.optimizers.registry[self.optimizer](ng.p.Array(init=np.zeros(n)), budget=self.budget)
        made.parametrization.random_state.seed(self.seed)
        for row in answers:
            asked = [made.ask() for _ in row]
            for candidate, loss in zip(asked, row, strict=True):
                made.tell(candidate, finite(loss))
        self.live.update(optimizer=made, told=len(answers))
        return made

    def model(self, problem: Problem, carry: Tape) -> Model:
        return problem.selection.with_values(coordinates(problem.selection).free(carry.at))


def finite(loss: float) -> float:
    """Nevergrad takes no infinite losses."""
    return float(min(loss, 1e300))


def package() -> Any:
    """The optional package."""
    try:
        import nevergrad
    except ImportError:
        raise ModelError(
            "bn.train.Nevergrad needs nevergrad: pip install nevergrad. method='cma' is always there."
        ) from None
    return nevergrad
