"""Functions that are known by their name in a traced program: a module for a page has them as functions too."""

from collections.abc import Callable

import jax

PREFIX = "brainnb_"
"""Before the names, so that no function of a user's is taken for one of ours."""


FUNCTIONS: dict[str, Callable] = {}
"""All of them, by the names that they have in programs."""


def known(function: Callable) -> Callable:
    """Keep a function together when it is traced, under its name behind ``PREFIX``."""
    function.__name__ = PREFIX + function.__name__
    FUNCTIONS[function.__name__] = made = jax.jit(function)
    return made
