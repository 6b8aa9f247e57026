"""What a run keeps: paths of states, inputs and observables."""

from collections.abc import Iterable
from fnmatch import fnmatch

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


def selection(
    record: tuple[str, ...] | None, model: Model, s: Record, given: Iterable[str], seen: Record
) -> tuple[str, ...]:
    """The recorded paths that ``record`` names; globs are expanded, order is kept.

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
    for pattern in record:
        if isinstance(pattern, str) and pattern not in known and pattern in model.parameters():
            raise UnknownName(
                f"record: `{pattern}` is a parameter of {type(model).__name__}, constant over a run; "
                f"its value is in ds.attrs['parameters']."
            )
        found |= dict.fromkeys(expand(pattern, known, kind="recordable variable", where=type(model).__name__))
    return tuple(found)
