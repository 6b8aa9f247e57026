"""Series and data to learn from, labelled, with their sources."""

from .series import double_scroll, henon, lorenz, mackey_glass, narma, rossler
from .shipped import digits, santa_fe

__all__ = ["digits", "double_scroll", "henon", "lorenz", "mackey_glass", "narma", "rossler", "santa_fe"]
