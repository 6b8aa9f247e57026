"""Named values that evolve (``s``) or are given (``u``): immutable mappings that read as attributes."""

from collections.abc import Iterator, Mapping
from typing import Any

import jax

from .errors import ModelError, UnknownName, unknown_message


@jax.tree_util.register_pytree_with_keys_class
class Record(dict):
    """State of a model: ``s.V``, and ``s.Na.m`` for a part.  A pytree that keeps its order.

    A Record never changes.  Hooks return the values that differ and the integrator builds the next one;
    :meth:`merge` does the same by hand.

    Examples
    --------
    >>> s = Record(V=-65.0, Na=Record(m=0.05))
    >>> s.Na.m
    0.05
    >>> s.merge(dict(V=-60.0)).V
    -60.0
    """

    kind = "state variable"

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            if name.startswith("__"):
                raise AttributeError(name) from None
            error = UnknownName(unknown_message(self.kind, name, self))
            error.name, error.obj = name, None
            raise error from None

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise ModelError(
            f"A Record of {self.kind}s does not change. In a hook, return the new values: `return dict(V=...)`; "
            "outside, write `s = s.merge(dict(V=...))`."
        )

    __setitem__ = __delitem__ = __setattr__ = __delattr__ = _refuse
    update = pop = popitem = clear = setdefault = __ior__ = _refuse

    def merge(self, changes: Mapping[str, Any]) -> "Record":
        """A new Record with ``changes`` laid over this one, part by part; unknown names are refused."""
        for name in changes:
            if name not in self:
                raise UnknownName(unknown_message(self.kind, name, self))
        return type(self)(
            (k, v.merge(changes[k]) if isinstance(v, Record) else changes[k]) if k in changes else (k, v)
            for k, v in self.items()
        )

    def flat(self) -> dict[str, Any]:
        """Every value by its dotted path."""
        return dict(_flatten(self, ""))

    def __reduce__(self) -> tuple:
        return type(self), (dict(self),)

    def tree_flatten(self) -> tuple[tuple, tuple]:  # the quick way, where nobody asks for keys: thirty times in a run
        return tuple(self.values()), tuple(self)

    def tree_flatten_with_keys(self) -> tuple[list, tuple]:
        return [(jax.tree_util.DictKey(k), v) for k, v in self.items()], tuple(self)

    @classmethod
    def tree_unflatten(cls, names: tuple, values: Any) -> "Record":
        return cls(zip(names, values, strict=True))


@jax.tree_util.register_pytree_with_keys_class
class Inputs(Record):
    """What a model is given: ``u.I``."""

    kind = "input"


def given_to(part: str, u: Inputs) -> Inputs:
    """What a part of a model is given, under the names that the part knows."""
    return Inputs({key.removeprefix(f"{part}."): x for key, x in u.items() if key.startswith(f"{part}.")})


def _flatten(tree: Mapping, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def flat(tree: Mapping) -> dict[str, Any]:
    """Every value of a nested mapping by its dotted path."""
    return dict(_flatten(tree, ""))
