"""``hint``: three steps, one at a time."""

from brainnb.core.errors import ModelError

from .lesson import exercise

KINDS = ("where to look", "which quantity", "which line")
_given: dict[str, int] = {}


def hint(id: str, step: int | None = None) -> None:
    """Print the next hint of an exercise: where to look, which quantity, which line.

    Parameters
    ----------
    id : str
    step : int, optional
        1 to 3, to read one again.

    Examples
    --------
    >>> hint("00.1", 1)
    Hint 1 of 3 (where to look): at the figure: count the peaks in the first 50 ms while you move the current.
    """
    hints = exercise(id).hints
    if step is None:
        step = _given[id] = min(_given.get(id, 0) + 1, len(hints))
    if step not in range(1, len(hints) + 1):
        raise ModelError(f"hint({id!r}, {step!r}): 1, 2 or 3 was expected.")
    print(f"Hint {step} of {len(hints)} ({KINDS[step - 1]}): {hints[step - 1]}")
