"""``sweep``: one model over a grid of values, run at once."""

from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any

from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from . import options, precision
from .blocks import Blocks, Job
from .devices import chosen
from .gather import Gathered, label, raised
from .hands import count as hands_here
from .hands import here, share
from .simulate import Progress
from .stack import Stack


@precision.for_one_run
def sweep(
    model: Model | Stack,
    values: Mapping[str, Any] | None = None,
    T: Any = None,
    dt: Any = 0.1,
    *,
    inputs: Mapping[str, Any] | None = None,
    record: str | Iterable[str] | None = None,
    every: int = 1,
    method: Any = None,
    seed: int = 0,
    size: int | tuple[int, ...] | None = None,
    init: Any = None,
    reduce: Callable[[Mapping[str, Array]], Mapping[str, Array]] | None = None,
    chunk: int | None = None,
    client: Any = None,
    devices: Any = None,
    progress: Progress = None,
    on_nan: str = "keep",
    **given: Any,
) -> Any:
    """Run a model at every point of a grid; equal to a loop over :func:`simulate`.

    Parameters
    ----------
    model : Model or Stack
        Models put side by side by :func:`stack` give the dimension ``model``, before all others.
    values : mapping of path to values
        Parameters by dotted or glob path, inputs by name, numbers of a stimulus (``"I.amplitude"``); one
        dimension each, in this order.  From :mod:`brainnb.run.designs` come points that are no grid (zipped, random,
        Latin hypercube); they lie on the one dimension ``point``.
    T, dt, inputs, record, every, method, seed, size, init, progress
        As in :func:`simulate`.  Every point has the same seed.
    reduce : callable, optional
        Turns the recording of one point (mapping of path to array over time) into a mapping of name to array;
        runs compiled, and the time dimension is then gone.
    chunk : int, optional
        Points run at once; by default as many as fit the memory budget.
    client : dask.distributed.Client, optional
        Run on the workers of a cluster (``pip install brainnb[cluster]``).  A worker that dies costs nothing but its
        time; a point that fails by itself is left out (NaN), named in a warning and in ``attrs["failed"]``.
    devices : int or list of jax.Device, optional
        Devices of this machine that share the points; by default all of them.
    precision : {"float32", "float64"}, optional
        Float type of this run only; the setting of JAX is left alone.  By default that of JAX, and
        double for a model in double precision, such as one that was fitted so.
    on_nan : {"keep", "raise"}
        Points that diverge hold NaN; ``attrs["status"]`` counts them.

    Returns
    -------
    xarray.Dataset
        Dimensions: the swept paths, then ``time`` and units.

    Raises
    ------
    ModelError, UnknownName, ValueError
        Before the first step, with the path, what was given, and what to write instead.
    ClusterError
        When the cluster or the client is gone; ``error.partial`` holds every point that came back.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.sweep(bn.neurons.HodgkinHuxley(), {"I": [0, 5, 10, 20]}, T=200, dt=0.05, record=["V"])
    >>> ds.V.dims, ds.bn.spike_count().values.tolist()
    (('I', 'time'), [0, 1, 14, 18])
    """
    begun = perf_counter()
    if not isinstance(model, Stack):
        options.check_model(model)
    options.duration(T, "T")
    options.on_nan(on_nan)
    given = options.merged_inputs(inputs, given)
    if reduce is not None and not callable(reduce):
        raise ModelError(
            f"reduce={reduce!r}: a function of the recording was expected, lambda rows: {{'mean': rows['V'].mean()}}."
        )
    wanted = dict(T=T, dt=dt, record=record, every=every, method=method, seed=seed, size=size, init=init)
    job = Job(model, values, given, wanted, reduce)
    count = None if chunk is None else options.count(chunk, "chunk")
    report = options.reporter(progress)
    cluster = None
    if client is not None:
        from .cluster import Cluster

        cluster = Cluster(client, devices)

    hands = hands_here() if cluster is None and count is None else 1

    def at_once(points: int, fits: int, enough: int) -> int:
        return count or (share(points, fits, enough, hands) if cluster is None else min(fits, cluster.share(points)))

    work = Blocks(job, at_once, chosen(devices) if cluster is None else ())
    work.check_memory()
    gathered = Gathered(len(work.grid))
    failed: dict[int, str] = {}
    try:
        status = here(work, gathered, report, hands) if cluster is None else cluster.run(work, gathered, report, failed)
    finally:
        report(None)
    result, flawed = label(work, gathered, perf_counter() - begun, status, failed)
    if flawed and on_nan == "raise":
        raise raised(work, result)
    return result
