"""What is learned: the values at some paths of a model, and what must hold for them."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import float_dtype
from brainnb.core.model import Model
from brainnb.core.paths import expand

from . import transforms
from .transforms import Transform

Free = dict[str, Array]
"""What an optimiser moves: one array for every trained path, without bounds."""


class Selection(eqx.Module):
    """The trained paths of a model; turns free numbers into a model.

    ``masks`` are 1 where a value is learned, and what is not keeps its start exactly.  ``tied`` paths take the value of
    another one.
    """

    model: Model
    masks: dict[str, Array]
    ways: dict[str, Transform]
    tied: tuple[tuple[str, str], ...] = eqx.field(static=True, default=())

    @property
    def paths(self) -> tuple[str, ...]:
        """The trained paths."""
        return tuple(self.ways)

    def start(self) -> Free:
        """The free numbers of the model as it is."""
        known = self.model.parameters()
        return {path: way.free(known[path].value) for path, way in self.ways.items()}

    def values(self, free: Free) -> dict[str, Array]:
        """The values of trained paths."""
        known = self.model.parameters()
        found = {}
        for path, way in self.ways.items():
            old = known[path].value
            new = way.bounded(free[path]).astype(old.dtype)
            found[path] = new if path not in self.masks else jnp.where(self.masks[path], new, old)
        return found

    def followers(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """The values of tied paths."""
        known = self.model.parameters()
        return {p: values[of] if of in values else known[of].value for p, of in self.tied}

    def with_values(self, free: Free) -> Model:
        """The model with these numbers."""
        values = self.values(free)
        return self.model._with(values | self.followers(values))


def select(
    model: Model,
    train: Any,
    *,
    frozen: Any = (),
    masks: Mapping[str, Any] | None = None,
    signs: Any = (),
    tied: Mapping[str, str] | None = None,
    ways: Mapping[str, Any] | None = None,
) -> Selection:
    """The selection that the arguments of ``fit`` name.

    Raises
    ------
    UnknownName, ModelError
        For paths that are no parameter, masks of another shape, values that a transform cannot hold.
    """
    known, name = model.parameters(), type(model).__name__
    paths = _expanded(train, known, "train", name)
    out = set(_expanded(frozen, known, "frozen", name))
    tied = _tied(tied or {}, known, name)
    paths = [p for p in paths if p not in out and p not in tied]
    if not paths:
        raise ModelError(f"train={train!r}: nothing of {name} is left to learn. Its parameters: {', '.join(known)}.")
    for path in paths:
        if known[path].value.dtype.kind != "f":
            raise ModelError(
                f"train: `{path}` of {name} holds {known[path].value.dtype}; only real numbers are learned."
            )
    kept = set(_expanded(signs, known, "signs", name))
    asked = {
        p: transforms.named(way, known[p].bounds, p)
        for pattern, way in (ways or {}).items()
        for p in _expanded(pattern, known, "transforms", name)
    }
    chosen = {}
    for path in paths:
        value, bounds = known[path].value, known[path].bounds
        if path in kept:
            chosen[path] = transforms.Signed(jnp.sign(value))
        else:
            chosen[path] = asked.get(path) or transforms.of(bounds)
        if said := transforms.moved(path, np.asarray(value), chosen[path]):
            warnings.warn(said, stacklevel=4)
    fitted = {
        p: _mask(p, m, known) for pattern, m in (masks or {}).items() for p in _expanded(pattern, known, "masks", name)
    }
    return Selection(model, fitted, chosen, tuple(tied.items()))


def _expanded(patterns: Any, known: Mapping[str, Any], what: str, where: str) -> list[str]:
    patterns = [patterns] if isinstance(patterns, str) else patterns
    if not isinstance(patterns, Iterable):
        raise ModelError(f"{what}={patterns!r}: a list of paths was expected, {what}=['tau', 'Na.*'].")
    return list(dict.fromkeys(p for pattern in patterns for p in expand(pattern, known, kind="parameter", where=where)))


def _tied(tied: Mapping[str, str], known: Mapping[str, Any], where: str) -> dict[str, str]:
    found = {}
    for pattern, of in tied.items():
        (leader,) = expand(of, known, where=where)
        for path in expand(pattern, known, where=where):
            if path != leader:
                if known[path].value.shape != known[leader].value.shape:
                    raise ModelError(
                        f"tied: `{path}` has shape {known[path].value.shape} and `{leader}` {known[leader].value.shape}; "
                        "only values of the same shape are tied."
                    )
                found[path] = leader
    return found


def _mask(path: str, mask: Any, known: Mapping[str, Any]) -> Array:
    host = np.asarray(mask, bool)
    shape = known[path].value.shape
    if host.shape != shape:
        raise ModelError(
            f"masks[{path!r}] has shape {host.shape}; `{path}` has {shape}, one truth value for each of its values."
        )
    return jnp.asarray(host)


def sizes(free: Free) -> dict[str, int]:
    """How many numbers are learned at each path."""
    return {path: int(np.prod(x.shape, dtype=int)) for path, x in free.items()}


def norm(tree: Any) -> Array:
    """The Euclidean length of all numbers of a tree."""
    total = sum((jnp.sum(jnp.square(x.astype(float_dtype()))) for x in jax.tree.leaves(tree)), jnp.zeros(()))
    return jnp.sqrt(total)
