"""``specimen``: a recording whose parameters only the checker knows, another one for each student."""

from typing import Any

from brainnb.core.errors import ModelError

from .lesson import lesson
from .place import student_number


def specimen(key: str) -> Any:
    """The unknown recording of a lesson; the same student always gets the same one."""
    make = lesson(key).specimen
    if make is None:
        raise ModelError(f"Lesson {key} has no specimen.")
    return make(student_number())
