"""Predict, observe, explain: a written prediction unlocks the figure, and is never graded."""

from collections.abc import Callable, Iterable
from typing import Any

from brainnb.core.errors import ModelError

from . import progress
from .place import headless

FIRST = "First write down your prediction above."


def predict(id: str, question: str, choices: Iterable[str]) -> "Prediction":
    """Ask for a prediction; as the last line of a cell it shows itself.

    Parameters
    ----------
    id : str
        Lesson the prediction belongs to, ``"00"``.
    question : str
    choices : list of str

    Returns
    -------
    Prediction
        The same object again when the cell is run again; written down once, it stays.

    Examples
    --------
    >>> guess = predict("99", "Does it rise?", ["yes", "no"])
    >>> guess.committed
    False
    """
    new = Prediction(id, question, choices)
    old = _asked.get(id)
    if old is not None and (old.question, old.choices) == (new.question, new.choices):
        return old
    _asked[id] = new
    return new


_asked: dict[str, "Prediction"] = {}


class Prediction:
    """One question and the answer that a student commits to before looking.

    Attributes
    ----------
    choice : str or None
        What was written down.
    at : str or None
        When, as ISO time.
    """

    def __init__(self, id: str, question: str, choices: Iterable[str]):
        self.id, self.question, self.choices = str(id), str(question), tuple(map(str, choices))
        if isinstance(choices, str) or len(set(self.choices)) < 2:
            raise ModelError(f"predict({id!r}): at least two different choices are needed, got {choices!r}.")
        self.choice: str | None = None
        self.at: str | None = None
        self._waiting: list[Callable[[], None]] = []
        for event in progress.events("prediction", self.id):
            if event.get("question") == self.question and event.get("choice") in self.choices:
                self.choice, self.at = event["choice"], event["time"]
                break  # the first one counts

    @property
    def committed(self) -> bool:
        """Was a prediction written down?"""
        return self.choice is not None

    @property
    def unlocked(self) -> bool:
        """May the figure be shown: after a prediction, or where nobody is there to make one."""
        return self.committed or headless()

    def commit(self, choice: str, because: str = "") -> None:
        """Write the prediction down; from then on it stays as it is."""
        if self.committed:
            raise ModelError(f"You wrote down “{self.choice}” at {self.at}; a prediction stays as it was made.")
        if choice not in self.choices:
            raise ModelError(f"{choice!r} is none of the choices: {', '.join(self.choices)}.")
        event = progress.keep("prediction", self.id, question=self.question, choice=choice, because=str(because)[:500])
        self.choice, self.at = choice, event["time"]
        waiting, self._waiting = self._waiting, []
        for tell in waiting:
            tell()

    def when_committed(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` once, when the prediction is written down."""
        self._waiting.append(tell)

    def unlocks(self, make: Callable[[], Any]) -> "Gate":
        """What shows ``make()`` once a prediction is written down, and asks for one until then."""
        if not callable(make):
            raise ModelError("unlocks takes a function, so that nothing is shown too early: unlocks(lambda: ...).")
        return Gate(self, make)

    def _ipython_display_(self) -> None:
        if headless():
            print(repr(self))
            return
        from IPython.display import display

        from brainnb.widgets.lesson import question_box

        display(question_box(self))

    def __repr__(self) -> str:
        if self.committed:
            return f"{self.question}\nYou predicted: {self.choice}"
        return f"{self.question}\nChoices: {' | '.join(self.choices)} (not written down yet)"


class Gate:
    """A figure behind a prediction: shows itself in the same place as soon as the prediction is written down."""

    def __init__(self, prediction: Prediction, make: Callable[[], Any]):
        self.prediction, self._make = prediction, make
        self._made: Any = None

    def open(self) -> Any:
        """What is behind the gate; an error before the prediction."""
        if not self.prediction.unlocked:
            raise ModelError(FIRST)
        if self._made is None:
            self._made = self._make()
        return self._made

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if headless():
            display(self.open())
            return
        from brainnb.widgets.lesson import gate_box

        display(gate_box(self))

    def __repr__(self) -> str:
        return repr(self.open()) if self.prediction.unlocked else FIRST


class Outcome:
    """What was predicted beside what happened, in words."""

    def __init__(self, prediction: Prediction, happened: str):
        self.prediction, self.happened = prediction, happened

    def __repr__(self) -> str:
        if not self.prediction.unlocked:
            return f"{FIRST} Then run this cell again."
        guess = self.prediction.choice or "(nothing was written down)"
        return f"You predicted:  {guess}\nWhat happened:  {self.happened}\nIn one sentence: why?"


def outcome(prediction: Prediction, happened: str) -> Outcome:
    """Put what happened beside what was predicted; as the last line of a cell it shows itself."""
    return Outcome(prediction, str(happened))
