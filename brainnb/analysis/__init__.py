"""What a model does in the long run: resting points, oscillations, and where they come and go."""

import importlib
from typing import Any

_NAMES = {
    "cycle": "orbit",
    "phase_response": "phase_responses",
}

__all__ = [*_NAMES]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}.")
