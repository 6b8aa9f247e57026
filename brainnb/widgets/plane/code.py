"""The cell that reproduces a phase plane."""

from collections.abc import Mapping
from typing import Any

from ..code import begun
from ..started import Started


def to_code(settings: Started, ranges: Mapping[str, Any], fixed: Mapping[str, Any] | None) -> str:
    """A notebook cell that computes the same plane and draws it."""
    given = {**{a: tuple(r) for a, r in ranges.items()}, **settings.inputs}
    plain = [f"{n}={v!r}" for n, v in given.items() if n.isidentifier()]
    dotted = {n: v for n, v in given.items() if not n.isidentifier()}
    plain += [f"fixed={dict(fixed)!r}"] if fixed else []
    plain += [f"start={settings.start!r}", f"T={settings.T!r}"]
    plain += [f"**{dotted!r}"] if dotted else []
    lines = [*begun(settings.model, "plane"), f"ds = bn.phase_plane(model, {', '.join(plain)})", "ds.bn.plot()"]
    return "\n".join(lines) + "\n"
