"""Kept pictures: what was seen before, beside what is seen now."""

from typing import Any

from ..core.errors import ModelError
from .settings import MOST_KEPT, with_unit
from .shown import Kept, Shown


class Keeping:
    """The part of a simulator that keeps pictures and says how they differ from the present one."""

    def keep(self) -> None:
        """Keep the present trace beside those to come; the oldest of four goes."""
        shown = self._shown or (self.result is not None and self._shown)
        if not shown:
            raise ModelError("There is no trace to keep yet.")
        self.kept = [*self.kept, self._kept_of(shown)][-MOST_KEPT:]
        self._tell("kept", None)

    def _kept_of(self, shown: Shown) -> Kept:
        return Kept(shown.settings, shown.panels, shown.picture)

    def forget(self, index: int | None = None) -> None:
        """Drop a kept trace, or all."""
        self.kept = [] if index is None else [k for i, k in enumerate(self.kept) if i != index]
        self._tell("kept", None)

    def comparisons(self) -> list[dict[str, Any]]:
        """How each kept trace differs from the present values: ``{"text": ..., "count": number of differences}``."""
        found = []
        for kept in self.kept:
            differing = kept.settings.differences(self._settings)
            parts = [f"{path} {with_unit(then, self._unit(path))}" for path, (then, _) in differing.items()]
            found.append({"text": ", ".join(parts) or "same values", "count": len(differing)})
        return found

    def text(self) -> str:
        """The sentence under the picture: what happened and what was changed last."""
        shown = self._shown
        parts = [shown.text] if shown else []
        if self.last_change:
            parts.append(f"last change {self.last_change}")
        counts = [c["count"] for c in self.comparisons()]
        if counts and counts[-1] > 1:
            parts.append(f"{counts[-1]} values differ from the trace kept last: a difference has no single cause")
        return "; ".join(parts)

    def _unit(self, path: str) -> str:
        return self.controls[path].unit if path in self.controls else "1"
