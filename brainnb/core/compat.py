"""Every name of a dependency that is not promised to stay: one place to mend when one of them moves."""

from typing import Any

import jax

_TRACER = jax.core.Tracer


def is_traced(x: Any) -> bool:
    """Whether ``x`` has no concrete value yet (inside jit, vmap or grad)."""
    return isinstance(x, _TRACER)
