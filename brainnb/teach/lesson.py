"""A lesson as data: its exercises, what each check compares, and three hints for each."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from brainnb.core.errors import UnknownName, unknown_message

KEYS = tuple(f"{n:02d}" for n in range(24))


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    looks_at : str
        What the check compares, in plain words, known before the student starts.
    compare : callable
        Takes the answer (and what else was given); returns sentences about what is off, none when all fits.
    hints : three strings
        Where to look, which quantity, which line.
    """

    looks_at: str
    compare: Callable[..., list[str]]
    hints: tuple[str, str, str]


@dataclass(frozen=True)
class Lesson:
    """The exercises of one notebook, by id (``"00.1"``), and the specimen it hands out, if any."""

    title: str
    exercises: Mapping[str, Exercise]
    specimen: Callable[[int], Any] | None = None


def lesson(key: str) -> Lesson:
    """The lesson of a notebook, ``"00"``."""
    if key not in KEYS:
        raise UnknownName(unknown_message("lesson", key, KEYS))
    return importlib.import_module(f"{__package__}.lessons.l{key}").LESSON


def exercise(id: str) -> Exercise:
    """The exercise with an id, ``"00.1"``."""
    found = lesson(str(id).partition(".")[0]).exercises
    if id not in found:
        raise UnknownName(unknown_message("exercise", id, found))
    return found[id]
