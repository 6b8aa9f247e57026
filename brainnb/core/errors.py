"""The errors of the toolkit: each carries a message in the model's own words."""

import difflib
from collections.abc import Iterable
from typing import Any


class ModelError(TypeError):
    """A model is declared or written in a way that cannot run."""


class UnknownName(AttributeError):
    """A name that does not exist; the message lists those that do and the nearest one."""


class OutOfBounds(ValueError):
    """A value outside the bounds that its declaration gives."""


class UnitError(ValueError):
    """A quantity whose unit cannot become the declared one, or an equation whose units do not fit."""


class NumericalFailure(FloatingPointError):
    """A run produced NaN or infinity.

    Attributes
    ----------
    partial : xarray.Dataset
        Everything recorded until the failure, with ``attrs["status"]``.
    """

    def __init__(self, message: str, partial: Any = None):
        super().__init__(message)
        self.partial = partial


class StoreError(OSError):
    """A store that cannot be written, read, or taken up again; the message says what is safe.

    Attributes
    ----------
    partial : xarray.Dataset or None
        Everything that is safe in the store, where it can be opened.
    """

    def __init__(self, message: str, partial: Any = None):
        super().__init__(message)
        self.partial = partial


class ClusterError(ConnectionError):
    """A cluster that cannot be used, or is gone; the message says what came back until then.

    Attributes
    ----------
    partial : xarray.Dataset or None
        Every point that came back, the others NaN.
    """

    def __init__(self, message: str, partial: Any = None):
        super().__init__(message)
        self.partial = partial


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like ``name``, or None."""
    known = list(map(str, known))
    lowered = {k.lower(): k for k in reversed(known)}
    if str(name).lower() in lowered:
        return lowered[str(name).lower()]
    if found := [k for k in known if str(name).startswith(f"{k}_")]:
        return max(found, key=len)
    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    # short names are beyond likeness, but `Iext` begins with `I`
    return close[0] if close else max((k for k in known if k and str(name).startswith(k)), key=len, default=None)


MOST_LISTED = 24
"""Names that a message lists; of more it shows the closest."""


def _closest(name: str, known: list[str]) -> list[str]:
    """The names most like ``name``, in the order in which they are known."""
    ranked = sorted(known, key=lambda k: -difflib.SequenceMatcher(None, str(name).lower(), k.lower()).ratio())
    return [k for k in known if k in ranked[:12]]


def unknown_message(kind: str, name: str, known: Iterable[str], *, where: str = "") -> str:
    """``No parameter `tauu` in LIF. Did you mean `tau`? Known: ...``"""
    known = list(map(str, known))
    found = nearest(name, known)
    hint = f" Did you mean `{found}`?" if found else ""
    listed = ", ".join(known if len(known) <= MOST_LISTED else [*_closest(name, known), "..."])
    return f"No {kind} `{name}`{f' in {where}' if where else ''}.{hint} Known: {listed or 'none'}."
