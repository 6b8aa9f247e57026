"""What a page may ask for: a run has a budget of steps and of memory, refused with numbers."""

from ..core.errors import OutOfBounds

MAX_STEPS = 50_000_000
MAX_BYTES = 1_000_000_000


def check_budget(steps: int, width: int, every: int, dt: float) -> None:
    """Refuse a run that would take too many steps or too much memory.

    Parameters
    ----------
    steps : int
    width : int
        Numbers recorded at each stored step.
    every : int
        Every how many steps one is stored.
    dt : float
        For the advice in the message.
    """
    if steps > MAX_STEPS:
        raise OutOfBounds(
            f"This run would take {steps:,} steps; at most {MAX_STEPS:,} are allowed here. "
            f"Shorten T to {MAX_STEPS * dt:,.6g} ms or take a longer dt."
        )
    size = 4 * (steps // every + 1) * (width + 1)
    if size > MAX_BYTES:
        longest = MAX_BYTES / 4 / (width + 1) * every * dt
        raise OutOfBounds(
            f"This run would need {size / 1e9:,.1f} GB for its result; at most {MAX_BYTES / 1e9:g} GB is allowed here. "
            f"Shorten T below {longest:,.6g} ms, or store fewer steps (every={every * 10})."
        )
