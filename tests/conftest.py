"""Settings of all tests: a compilation cache that outlives a run makes the second one quicker."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# One folder for all workers and processes, who take over from each other. JAX writes in place: who meets half an entry
# is told so by a warning, and compiles.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / ".jax_cache"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_ENABLE_XLA_CACHES", "none")  # else the folder is part of every key
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.02")

MOST_BYTES = 2_500_000_000
"""Memory at which a worker forgets its compiled programs: thousands of tests compile more than a small machine holds."""


def pytest_collection_finish() -> None:
    """What is imported stays: the search for garbage need not go through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def programs_are_forgotten() -> Iterator[None]:
    """After a file of tests, when the process has grown large."""
    yield
    status = Path("/proc/self/statm")
    if status.exists() and int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") > MOST_BYTES:
        import jax

        jax.clear_caches()
        gc.collect()


@pytest.fixture
def in_chunks_of(monkeypatch):
    """``in_chunks_of(steps)``: from now on runs are cut so, however fast the machine is."""

    def cut(steps: int) -> None:
        monkeypatch.setattr("brainnb.run.loop.Run._affordable", lambda run, speed: max(1, steps // run.every))

    return cut


@pytest.fixture(scope="session")
def trains():
    """``trains(times)``: a population that fires at given times, one row for each neuron, and hears nothing."""
    import jax.numpy as jnp
    import numpy as np

    import brainnb as bn
    from brainnb.inputs.edges import reached

    class Train(bn.Model):
        """Fires at the given times."""

        times: bn.Param = bn.param(None, "ms", "spike times")
        sent = bn.state(0, "1", "spikes so far", discrete=True)
        I = bn.input(0.0, "pA", "without effect")

        def on_step(self, t, s, u, key):
            sent = jnp.sum(reached(t, self.times), -1)
            return dict(sent=sent), dict(spike=(sent - s.sent).astype(float))

    def population(times):
        longest = max(len(row) for row in times)
        rows = np.array([[*row, *[1e9] * (longest - len(row))] for row in times], float)
        return bn.Population(Train(rows), len(rows))

    return population
