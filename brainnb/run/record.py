"""What a run keeps: paths of states, inputs and observables, and of which neurons."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from typing import NamedTuple

import numpy as np

from brainnb.core.errors import ModelError, UnknownName
from brainnb.core.model import Model
from brainnb.core.paths import expand
from brainnb.core.record import Record, flat


def continuous_states(model: Model, s: Record, prefix: str = "") -> list[str]:
    """Paths of every declared state that is not discrete."""
    found = [prefix + n for n, d in type(model).states().items() if not d.discrete and n in s]
    for name, part in model.parts().items():
        if name in s:
            found += continuous_states(part, s[name], f"{prefix}{name}.")
    return found


def asked(record: str | Iterable[str] | None) -> tuple[str, ...] | None:
    """``record=`` as a tuple of patterns, None for the default."""
    if record is None:
        return None
    try:
        return (record,) if isinstance(record, str) else tuple(record)
    except TypeError:
        raise ModelError(f"record={record!r}: a path or a list of paths was expected, record=['V', 'Na.m'].") from None


class Part(NamedTuple):
    """Some neurons of what a pattern names: ``"E.V[:10]"`` is the pattern ``"E.V"`` with the text ``":10"``."""

    pattern: str
    text: str | None

    def __str__(self) -> str:
        return self.pattern if self.text is None else f"{self.pattern}[{self.text}]"


BRACKETS = re.compile(r"(?P<pattern>.+)\[(?P<text>[^\[\]]*)\]$")
NUMBERS = re.compile(r"-?\d+|(-?\d+)?:(-?\d+)?(:(-?\d+)?)?")


def part(pattern: str, known: Iterable[str]) -> Part:
    """A pattern of ``record=`` as path and neurons; brackets may also belong to a glob, ``"g_[NK]*"``."""
    found = BRACKETS.match(pattern) if isinstance(pattern, str) else None
    if found is None:
        return Part(pattern, None)
    named, text = found["pattern"], found["text"]
    is_slice = NUMBERS.fullmatch(text) and any(fnmatch(path, named) for path in known)
    return Part(named, text) if is_slice or named in known else Part(pattern, None)


def numbers(wanted: Part, path: str, shape: tuple[int, ...]) -> np.ndarray:
    """The neurons that a part names, of a path that has ``shape``."""
    where = f"record: `{wanted}`"
    if not NUMBERS.fullmatch(wanted.text):
        raise ModelError(
            f"{where}: brackets hold a neuron or a slice, '{path}[3]', '{path}[:10]' or '{path}[::100]', not '{wanted.text}'."
        )
    if not shape:
        raise ModelError(f"{where}: `{path}` is one number, not one for each neuron; record '{path}'.")
    n = shape[0]
    if ":" not in wanted.text:
        at = int(wanted.text)
        if not -n <= at < n:
            raise ModelError(f"{where}: `{path}` has {n} neurons, 0 to {n - 1}.")
        return np.array([at % n], np.int32)
    limits = [int(x) if x else None for x in wanted.text.split(":")]
    if len(limits) == 3 and limits[2] == 0:
        raise ModelError(f"{where}: a step of 0 leads nowhere; '{path}[::10]' takes every tenth neuron.")
    found = np.arange(n, dtype=np.int32)[slice(*limits)]
    if not len(found):
        raise ModelError(f"{where} names no neuron; `{path}` has {n}, 0 to {n - 1}.")
    return found


def picked(record: tuple[str, ...] | None, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """The neurons kept of each recorded path that is not kept whole, each once, in the order they were asked for.

    Parameters
    ----------
    record : tuple of str or None
    shapes : mapping of path to shape
        Of one record of everything that ``record`` names.

    Raises
    ------
    ModelError
        For a neuron that is not there, an empty slice, brackets behind a single number.
    """
    found: dict[str, list[np.ndarray]] = {}
    whole: set[str] = set()
    for wanted in (part(pattern, shapes) for pattern in record or ()):
        for path in expand(wanted.pattern, shapes):
            if wanted.text is None:
                whole.add(path)
            else:
                found.setdefault(path, []).append(numbers(wanted, path, shapes[path]))
    return {
        path: np.array(list(dict.fromkeys(np.concatenate(parts).tolist())), np.int32)
        for path, parts in found.items()
        if path not in whole
    }


def selection(
    record: tuple[str, ...] | None, model: Model, s: Record, given: Iterable[str], seen: Record
) -> tuple[str, ...]:
    """The recorded paths that ``record`` names, whole or in part; globs are expanded, order is kept.

    Raises
    ------
    UnknownName
        Listing every recordable path.
    """
    if record is None and model.default_record is None:
        return tuple(continuous_states(model, s))
    known = [*flat(s), *flat(seen), *given]
    if record is None:
        record = tuple(p for p in known if fnmatch(p, model.default_record)) or tuple(continuous_states(model, s))
    found: dict[str, None] = {}
    for pattern in (part(pattern, known).pattern for pattern in record):
        if isinstance(pattern, str) and pattern not in known and pattern in model.parameters():
            raise UnknownName(
                f"record: `{pattern}` is a parameter of {type(model).__name__}, constant over a run; "
                f"its value is in ds.attrs['parameters']."
            )
        found |= dict.fromkeys(expand(pattern, known, kind="recordable variable", where=type(model).__name__))
    return tuple(found)
