"""Words for the difference between an answer and a reference: which property, and in which direction."""

from typing import Any

import numpy as np


class Unsuitable(Exception):
    """The answer cannot be compared: it is of the wrong kind.  The message is a sentence for the student."""


def number(answer: Any, what: str, unit: str = "") -> float:
    """The answer as one finite number."""
    try:
        host = np.asarray(answer, float)
    except (TypeError, ValueError):
        host = np.asarray([])
    if host.size != 1 or not np.isfinite(host).all():
        raise Unsuitable(f"{what} is one number{f' in {unit}' if unit else ''}; you gave {type(answer).__name__}")
    return float(host.reshape(()))


def numbers(answer: Any, what: str, count: int) -> np.ndarray:
    """The answer as a row of finite numbers."""
    try:
        host = np.asarray(answer, float)
    except (TypeError, ValueError):
        host = np.asarray([])
    if host.shape != (count,) or not np.isfinite(host).all():
        raise Unsuitable(f"{what}: a list of {count} numbers is needed")
    return host


def model_of(answer: Any, cls: type, example: str) -> Any:
    """The answer as a model of one class."""
    if isinstance(answer, type):
        raise Unsuitable(f"this is the class {answer.__name__}; build the model first: {answer.__name__}()")
    if not isinstance(answer, cls):
        raise Unsuitable(f"a {cls.__name__} is needed, such as {example}; you gave {type(answer).__name__}")
    return answer


def off(what: str, value: float, reference: float, *, rel: float = 0.0, tol: float = 0.0,
        words: tuple[str, str] = ("too small", "too large")) -> list[str]:  # fmt: skip
    """``["the period is too long"]``, or nothing within the tolerance; never the number itself.

    Examples
    --------
    >>> off("the period", 14.0, 10.0, rel=0.02, words=("too short", "too long"))
    ['the period is too long']
    """
    if abs(value - reference) <= max(tol, rel * abs(reference)):
        return []
    return [f"{what} is {words[int(value > reference)]}"]
