"""Two settings of XLA's CPU compiler that decide the speed of small models.

Without them a loop over a few dozen numbers is cut into one call for every operation; a step then costs several
times its arithmetic.  Set ``BRAINNB_XLA=0`` before the import to leave XLA alone.
"""

import os

ONE_KERNEL = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=100000000"

WIDE = {"xla_cpu_prefer_vector_width": 512} if os.environ.get("BRAINNB_XLA") != "0" else {}
"""Compiler options of runs over many units: whole vector registers where the processor has them."""


def keep_loops_whole() -> None:
    """Ask XLA to compile a loop as one kernel, whatever its size.

    Takes effect when no JAX array exists yet.  The extra options of a backend are a free list whose unknown
    entries are ignored, so a later XLA cannot stumble over this one; options the user set stay untouched.
    """
    own = os.environ.get("XLA_FLAGS", "")
    if os.environ.get("BRAINNB_XLA") != "0" and "xla_backend_extra_options" not in own:
        os.environ["XLA_FLAGS"] = f"{own} {ONE_KERNEL}".strip()


def wide() -> dict:
    return WIDE
