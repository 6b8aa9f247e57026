"""What a student has written down and solved: one JSON line an event, in a file beside the notebooks."""

import json
import os
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .place import headless


def file() -> Path:
    """``brainnb_progress.jsonl`` in the working folder, or what ``BRAINNB_PROGRESS`` names."""
    return Path(os.environ.get("BRAINNB_PROGRESS") or "brainnb_progress.jsonl")


def keep(kind: str, id: str, **what: Any) -> dict[str, Any]:
    """Append one event with its time; nothing is written when nobody is there to answer."""
    event = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "kind": kind, "id": id, **what}
    if not headless():
        try:
            with file().open("a", encoding="utf8") as out:
                out.write(json.dumps(event, ensure_ascii=False) + "\n")
        except OSError as error:
            warnings.warn(
                f"{file()} cannot be written ({error.strerror}); what you do now is not kept. "
                f"Set BRAINNB_PROGRESS to a file of your own.",
                stacklevel=3,
            )
    return event


def events(kind: str, id: str) -> list[dict[str, Any]]:
    """Kept events of one kind and id, oldest first."""
    path = file()
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), 1):
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            warnings.warn(f"{path}, line {number} is no JSON and is left out.", stacklevel=3)
            continue
        if isinstance(event, dict) and event.get("kind") == kind and event.get("id") == id:
            found.append(event)
    return found
