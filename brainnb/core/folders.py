"""Where brainnb keeps what may be deleted at any time."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """The user's folder for caches, as the system has it; ``XDG_CACHE_HOME`` moves it."""
    if given := os.environ.get("XDG_CACHE_HOME"):
        base = Path(given)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "brainnb"


def switched_off(name: str) -> bool:
    """Whether an environment variable says no."""
    return os.environ.get(name, "").strip().lower() in ("0", "off", "no", "false")
