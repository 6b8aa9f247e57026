"""Settings of all tests: a compilation cache that outlives a run makes the second one quicker."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent

# One folder a worker: JAX writes its entries in place, and a neighbour must not read a half of one.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / ".jax_cache" / _worker))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
