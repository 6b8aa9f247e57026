"""Measures every method and writes the page of them, docs/lookup/methods.md.

``python docs/_ext/methods.py`` writes the page anew; the tests measure the numbers again and compare.
"""

from pathlib import Path

import jax
from orders import delayed, deterministic, fractional, stochastic, tolerance

PAGE = Path(__file__).parents[1] / "lookup" / "methods.md"

HEAD = """<!-- Written by `python docs/_ext/methods.py`; the tests measure every number again. -->
# Methods

Every method with the order that it claims and the order that was measured in 64 bits. {doc}`../do/choosing-a-method` says
which to take.

"""

SECTIONS = (
    deterministic.section,
    tolerance.section,
    stochastic.section,
    delayed.section,
    fractional.section,
)
"""What the page consists of; a kind of equation is one more function here, in a file of its own."""


def page():
    """The whole page."""
    return HEAD + "\n".join(section() for section in SECTIONS)


if __name__ == "__main__":
    with jax.enable_x64(True):
        PAGE.write_text(page(), encoding="utf8")
