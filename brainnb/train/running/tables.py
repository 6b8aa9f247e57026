"""The course of a training run as a file that anything reads."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

KINDS = (".csv", ".json")


def columns(history: Any) -> dict[str, np.ndarray]:
    """Every series of a history by name, those over parameters as ``gradient.w``, all over ``step``."""
    found = {"step": history.step.values}
    for name, series in history.data_vars.items():
        if "parameter" in series.dims:
            found |= {f"{name}.{p}": series.sel(parameter=p).values for p in history.parameter.values}
        else:
            found[str(name)] = series.values
    return found


def text(history: Any, kind: str) -> str:
    """The history as CSV or JSON; what is no number is an empty cell, or null."""
    if kind == ".json":
        rows = {name: [plain(x) for x in series] for name, series in columns(history).items()}
        return json.dumps({"attrs": {k: plain(v) for k, v in history.attrs.items()}, **rows}, allow_nan=False)
    written, found = io.StringIO(), columns(history)
    table = csv.writer(written, lineterminator="\n")
    table.writerow(found)
    table.writerows(["" if plain(x) is None else plain(x) for x in row] for row in zip(*found.values(), strict=True))
    return written.getvalue()


def plain(x: Any) -> Any:
    """A number as JSON holds it."""
    x = x.item() if hasattr(x, "item") else x
    return None if isinstance(x, float) and not math.isfinite(x) else x


def save(history: Any, path: Path) -> Path:
    """Write what the suffix of ``path`` asks for.

    Raises
    ------
    ValueError, FileNotFoundError
        For another suffix, or a folder that is not there.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"save_history({str(path)!r}): the name ends with {' or '.join(KINDS)}.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save_history({str(path)!r}): there is no folder {str(path.parent)!r}.")
    path.write_text(text(history, kind), encoding="utf8")
    return path
