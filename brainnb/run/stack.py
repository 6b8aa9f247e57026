"""Ensembles: models of one structure side by side, run as one."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from .grid import Axis
from .options import check_model


@dataclasses.dataclass(frozen=True)
class Stack:
    """Models of one structure; made by :func:`stack`, run by ``bn.sweep``."""

    models: tuple[Model, ...]
    names: np.ndarray

    def __len__(self) -> int:
        return len(self.models)

    def __getitem__(self, name: Any) -> Model:
        return dict(zip(self.names.tolist(), self.models, strict=True))[name]

    def __repr__(self) -> str:
        differing = ", ".join(differences(self.models)) or "nothing"
        return f"<{len(self)} models {type(self.models[0]).__name__} that differ in {differing}>"


def stack(models: Iterable[Model] | Mapping[str, Model]) -> Stack:
    """Put models of one structure side by side; ``bn.sweep`` then runs them as one.

    Parameters
    ----------
    models : list, or mapping of name to model
        The same class with the same structure; parameters may differ, in values and not in shape.

    Returns
    -------
    Stack
        Give it to :func:`sweep` in place of a model: the result has the dimension ``model``, before what is swept,
        labelled by the names; numbers that differ between the models are coordinates on it.

    Raises
    ------
    ModelError
        When the models are not alike, with the first difference.

    Examples
    --------
    >>> import brainnb as bn
    >>> cells = {name: make() for name, make in bn.neurons.AdEx.presets().items()}
    >>> ds = bn.sweep(bn.stack(cells), {"I": [300, 500]}, T=20, record=["V"])
    >>> ds.V.dims, ds.model.values[:2].tolist()
    (('model', 'I', 'time'), ['tonic', 'adapting'])
    """
    if isinstance(models, Mapping):
        names, found = np.array([str(name) for name in models]), tuple(models.values())
    else:
        if isinstance(models, Model) or not isinstance(models, Iterable):
            raise ModelError(f"bn.stack takes several models, bn.stack([a, b]); got {type(models).__name__}.")
        found = tuple(models)
        names = np.arange(len(found))
    if not found:
        raise ModelError("bn.stack got no models; bn.stack([a, b]) or bn.stack({'young': a, 'old': b}) was expected.")
    for model in found:
        check_model(model)
    for name, model in zip(names[1:], found[1:], strict=True):
        check_alike(found[0], model, f"bn.stack: model {names[0]!s}", f"model {name!s}")
    return Stack(found, names)


def check_alike(a: Model, b: Model, first: str, second: str, prefix: str = "") -> None:
    """Refuse models that cannot share one program, with the first difference."""
    where = f"`{prefix[:-1]}` of " if prefix else ""
    if type(a) is not type(b) and type(a).__name__ == type(b).__name__:
        raise ModelError(
            f"{first} and {second} are not alike: {where or 'they are '}of two classes that are both called "
            f"{type(a).__name__} (its cell was run again in between?). Build all models anew."
        )
    if type(a) is not type(b):
        raise ModelError(
            f"{first} and {second} are not alike: {where}the first is {type(a).__name__}, of the second "
            f"{type(b).__name__}. One stack holds one kind of model; sweep them one by one."
        )
    ours, theirs = a.parts(), b.parts()
    if list(ours) != list(theirs):
        raise ModelError(
            f"{first} and {second} are not alike: {where}the first has the parts {', '.join(ours) or 'none'}, "
            f"the second {', '.join(theirs) or 'none'}."
        )
    for field in dataclasses.fields(a):
        x, y = getattr(a, field.name), getattr(b, field.name)
        path = prefix + field.name
        if field.metadata.get("static") and x != y:
            raise ModelError(
                f"{first} and {second} are not alike: `{path}` is structure (bn.static), {x!r} in the first and {y!r} "
                f"in the second. Only parameters may differ."
            )
        if isinstance(x, jax.Array) and (x.shape, x.dtype) != (np.shape(y), getattr(y, "dtype", None)):
            raise ModelError(
                f"{first} and {second} are not alike: `{path}` has shape {x.shape} ({x.dtype}) in the first, "
                f"{np.shape(y)} ({getattr(y, 'dtype', type(y).__name__)}) in the second."
            )
    for name in ours:
        check_alike(ours[name], theirs[name], first, second, f"{prefix}{name}.")
    if not prefix and jax.tree.structure(a) != jax.tree.structure(b):
        raise ModelError(f"{first} and {second} are not alike: they hold different things beside their parameters.")


def differences(models: tuple[Model, ...]) -> dict[str, np.ndarray]:
    """Parameters that are not the same in all models, by path: one value each, models first."""
    tables = [model.parameters() for model in models]
    together = {path: np.stack([np.asarray(table[path].value) for table in tables]) for path in tables[0]}
    return {path: x for path, x in together.items() if (x != x[:1]).any()}


def model_axis(stacked: Stack) -> Axis:
    """The dimension ``model`` of a sweep."""
    apart = differences(stacked.models)
    return Axis("model", stacked.names, tuple(apart), (), {"long_name": "model of the stack"}, apart)
