"""Small JSON files that are there as a whole or not at all, and that notice when they were damaged."""

import json
import os
import zlib
from pathlib import Path
from typing import Any


class Broken(ValueError):
    """A sealed file that is not as it was written."""


def write(path: Path, body: dict[str, Any]) -> None:
    """Replace the file in one step: whoever reads, or dies, sees the old one or the new one."""
    text = json.dumps(body)
    draft = path.with_name(path.name + ".part")
    with open(draft, "w", encoding="utf8") as file:
        file.write(f"{zlib.crc32(text.encode()):08x} {text}")
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def read(path: Path) -> dict[str, Any]:
    """What :func:`write` wrote.

    Raises
    ------
    Broken
        When a single character differs.
    """
    seal, _, text = path.read_bytes().partition(b" ")
    if seal != f"{zlib.crc32(text):08x}".encode():
        raise Broken
    return json.loads(text)
