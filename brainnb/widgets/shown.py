"""A finished run, arranged, drawn and put into words."""

from typing import Any, NamedTuple

from . import message, panels
from .picture import Picture, draw
from .settings import Settings


class Shown(NamedTuple):
    """One finished run, ready to be looked at."""

    generation: int
    settings: Settings
    result: Any
    panels: tuple[panels.Panel, ...]
    picture: Picture
    text: str
    stopped: bool


class Kept(NamedTuple):
    """A trace kept for comparison."""

    settings: Settings
    panels: tuple[panels.Panel, ...]
    picture: Picture


def look(generation: int, settings: Settings, result: Any) -> Shown:
    """Arrange, draw and describe a result."""
    arranged = panels.arrange(result, settings.stimuli(), panels.continuous_paths(settings.model))
    stopped = is_partial(result)
    text = message.sentence(result, arranged)
    if stopped:
        text = f"{text} ({result.attrs['status']})"
    return Shown(generation, settings, result, arranged, draw(result, arranged), text, stopped)


def is_partial(result: Any) -> bool:
    """Did the run end before its time because it was asked to?"""
    return str(result.attrs.get("status", "")).startswith("stopped")
