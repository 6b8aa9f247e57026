"""``check``: is it right, and if not, which property is off and in which direction.  Never the number."""

from typing import Any

from . import progress
from .compare import Unsuitable
from .lesson import exercise


class Result:
    """What a check found.

    Attributes
    ----------
    passed, answered : bool
    problems : tuple of str
        What is off, in words.
    token : str
        ``"PASSED 00.1"`` when passed, else empty: nothing but a pass looks like one.
    """

    def __init__(self, id: str, passed: bool, problems: tuple[str, ...] = (), answered: bool = True, note: str = ""):
        self.id, self.passed, self.problems, self.answered, self.note = id, passed, problems, answered, note

    @property
    def token(self) -> str:
        return f"PASSED {self.id}" if self.passed else ""

    def require(self) -> "Result":
        """For graders: raise an AssertionError unless passed."""
        if not self.passed:
            raise AssertionError(str(self))
        return self

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        if self.passed:
            return f"✓ {self.token}"
        if not self.answered:
            return f"· {self.id} is not answered yet. {self.note}"
        return f"✗ {self.id} is not there yet: {'; '.join(self.problems)}. A hint: bn.teach.hint({self.id!r})."

    def __repr__(self) -> str:
        state = "passed" if self.passed else "not passed" if self.answered else "not answered"
        return f"<check {self.id}: {state}>"

    def _ipython_display_(self) -> None:
        """Nothing: ``check`` has printed it."""


def _is_open(answer: Any) -> bool:
    """Is this a blank, or a form of blanks?"""
    if isinstance(answer, dict):
        return all(map(_is_open, answer.values()))
    return answer is None or answer is ...


def check(id: str, answer: Any = None, **given: Any) -> Result:
    """Check an answer and say what is off.

    Parameters
    ----------
    id : str
        ``"00.1"``: lesson and exercise.
    answer : Any
        None, or ``...``, means not answered yet.
    **given
        What else the exercise asks for, such as ``model=``: the reference is run with the student's own model.

    Returns
    -------
    Result
        ``.passed``, ``.problems``, ``.require()``.  A wrong answer raises nothing.

    Examples
    --------
    >>> check("00.1", None).passed
    · 00.1 is not answered yet. The check runs the neuron for 50 ms with your current and counts its spikes.
    False
    """
    task = exercise(id)
    if any(_is_open(x) for x in (answer, *given.values())):
        result = Result(id, False, answered=False, note=task.looks_at)
    else:
        try:
            problems = tuple(task.compare(answer, **given))
        except Unsuitable as error:
            problems = (str(error),)
        except Exception as error:  # the student's own code runs here, and may fail in any way
            problems = (f"your answer fails with {type(error).__name__}: {error}",)
        result = Result(id, not problems, problems)
    if result.passed:
        progress.keep("passed", id)
    print(result)
    return result
