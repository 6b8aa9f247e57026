"""What XLA's CPU compiler is asked for, and only where it knows the words: a few settings decide the speed of models.

``small_while_loop_byte_threshold`` keeps a loop over a few dozen numbers in one kernel, instead of one call for every
operation; ``prefer_vector_width`` fills whole vector registers in sweeps; without ``fusion_emitters`` small programs
compile in half the time.  Runs of many cells are cut into kernels by :func:`apart`.  Programs run in the thread that
calls them, so that the blocks of a sweep share the cores.  The environment variable ``BRAINNB_XLA`` says
``off`` (leave XLA alone) or ``fused`` (let kernels have several outputs: good for large populations of simple units, ruin
for one cell that records all its states, and no choice of a single program).  Settings that the user made stay as they are.
"""

import functools
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

from .folders import cache_folder, switched_off

SWITCH = "BRAINNB_XLA"
ONE_KERNEL = "xla_cpu_small_while_loop_byte_threshold=100000000"
FUSED = "xla_cpu_use_multi_output_fusion=true"
EXTRA = "xla_backend_extra_options"
WIDE = {"xla_cpu_prefer_vector_width": 512}
ALONE = {"xla_disable_hlo_passes": "cpu-parallel-task-assigner"}
"""No loop is shared by threads; needed by :func:`apart`, and faster where a loop takes a few microseconds."""

BRIEF = {"xla_cpu_use_fusion_emitters": False, "xla_cpu_parallel_codegen_split_count": 1, **ALONE}
"""Half the work of compiling, and no waiting for threads: for programs that take microseconds, whatever the compiler does."""

SPLIT = {"xla_disable_hlo_passes": "small-while-loop-hoisting"}
"""A loop is left in single operations, whose large products then run on all cores."""

TRIED = ("0.10.2",)
"""Versions of jaxlib with which these kernels were tried; others are asked, once in each process that needs them."""

KNOWN = ("0.10.", "0.11.", "0.12.")
"""Versions of jaxlib of which it is known that they have these settings; others are asked, once."""


def keep_loops_whole() -> None:
    """Ask XLA to compile a loop as one kernel, whatever its size.

    Takes effect when no JAX array exists yet.  The extra options of a backend are a free list whose unknown entries
    are ignored, but the list itself is a flag, and a flag that XLA does not know ends the process: so it is tried first.
    """
    own = os.environ.get("XLA_FLAGS", "")
    said = os.environ.get(SWITCH, "").strip().lower()
    if switched_off(SWITCH) or EXTRA in own:
        return
    if said not in ("", "1", "on", "fused"):
        warnings.warn(f"{SWITCH}={said}: 'on', 'off' or 'fused' was expected; 'on' is taken.", stacklevel=3)
    flag = f"--{EXTRA}={ONE_KERNEL}" + (f",{FUSED}" if said == "fused" else "")
    if understood(flag):
        os.environ["XLA_FLAGS"] = f"{own} {flag}".strip()


def run_where_called() -> None:
    """Let the CPU run a program in the thread that called it: two threads then run two programs side by side.

    JAX's own way hands every program to one queue, where the blocks of a sweep wait for each other.  Takes effect when
    no JAX array exists yet; whoever set ``jax_cpu_enable_async_dispatch`` keeps it.
    """
    import jax

    if not switched_off(SWITCH) and "JAX_CPU_ENABLE_ASYNC_DISPATCH" not in os.environ:
        jax.config.update("jax_cpu_enable_async_dispatch", False)


def understood(flag: str) -> bool:
    """Whether the installed XLA takes a flag; asked in a process of its own, and remembered for this version."""
    from jaxlib.version import __version__ as version

    if version.startswith(KNOWN):
        return True
    note = cache_folder() / f"xla-{version}-{flag.strip('-').partition('=')[0]}"
    try:
        return note.read_text(encoding="utf8") == "yes"
    except OSError:
        answer = tried(flag)
    try:
        note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        note.write_text("yes" if answer else "no", encoding="utf8")
    except OSError:
        return answer  # nowhere to remember it: the next process asks again
    return answer


def tried(flag: str) -> bool:
    """Start XLA with a flag, where it hurts nobody."""
    environment = os.environ | {"XLA_FLAGS": flag, "JAX_PLATFORMS": "cpu"}
    try:
        asked = [sys.executable, "-c", "import jax; jax.numpy.zeros(1)"]
        return subprocess.run(asked, env=environment, capture_output=True, timeout=120, check=False).returncode == 0
    except (OSError, ValueError, subprocess.TimeoutExpired):  # no interpreter to start, as in some applications
        return False


@functools.cache
def wide() -> dict[str, int]:
    """Compiler options of programs over many units: whole vector registers where the processor has them."""
    return _asked(WIDE)


@functools.cache
def brief() -> dict[str, Any]:
    """Compiler options of small programs: they are wanted soon."""
    return _asked(BRIEF)


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    """Options of one program, where they mean something, are left to us and are known."""
    import jax

    if jax.default_backend() != "cpu":
        return {}
    if switched_off(SWITCH) or any(name in os.environ.get("XLA_FLAGS", "") for name in options):
        return {}
    return options if accepted(tuple(options.items())) else {}


@functools.cache
def alone() -> dict[str, Any]:
    """Compiler options of programs that are made of kernels by :func:`apart`; empty where there can be none."""
    import jax
    from jaxlib.version import __version__ as version

    if jax.default_backend() != "cpu" or switched_off(SWITCH):
        return {}
    if any(name in os.environ.get("XLA_FLAGS", "") for name in ALONE):
        return {}
    return {**wide(), **ALONE} if version in TRIED or kernels_work() else {}


@functools.cache
def split() -> dict[str, Any]:
    """Compiler options of loops whose work is products of large matrices: one kernel would multiply them on one core."""
    return _asked(SPLIT)


def kernels_work() -> bool:
    """Whether the installed XLA compiles a kernel of many elements; one that shares its loops among threads does not."""
    import jax

    try:
        jax.jit(apart(jax.numpy.tanh), compiler_options=dict(ALONE)).lower(jax.numpy.zeros(1_000_000)).compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True


def accepted(options: tuple[tuple[str, Any], ...]) -> bool:
    """Whether the installed XLA takes options of one program; an unknown one is an error there, not the end."""
    import jax
    from jaxlib.version import __version__ as version

    if version.startswith(KNOWN):
        return True
    try:
        jax.jit(lambda x: x + 1, compiler_options=dict(options))(1.0)
    except jax.errors.JaxRuntimeError:
        return False
    return True


def apart(function: Callable) -> Callable:
    """``function`` as one kernel that shares no work with what is around it; in programs compiled with ``ALONE`` only.

    The body of the kernel may have such kernels again.  XLA draws their loops together within a kernel, never across.
    """
    return _call(function, xla_cpu_small_call="true")


def in_turn(function: Callable) -> Callable:
    """``function`` as a call in which one thread does one thing after the other, if these are eight or fewer.

    Of a longer row of small products, solutions and loops XLA hands some to other threads, and waits for these longer than
    it takes to do them.  A call counts as one, so a long program is cut into calls of calls.
    """

    @functools.wraps(function)
    def called(*arguments: Any) -> Any:
        import jax

        alone = jax.default_backend() == "cpu" and not switched_off(SWITCH)
        return _call(function)(*arguments) if alone else function(*arguments)

    return called


def _call(function: Callable, **settings: str) -> Callable:
    """``function`` as a call that XLA does not write out."""
    import jax
    from jax.experimental.xla_metadata import set_xla_metadata

    def piece(*arguments: Any) -> Any:
        with set_xla_metadata(inlineable="false", **settings):
            return jax.jit(function)(*arguments)

    return piece
