"""Whether a client can be used, and whether everything that a worker needs can be sent to it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brainnb.core.errors import ClusterError, ModelError

from .blocks import Job


def checked(client: Any, devices: Any = None) -> Any:
    """The client, if it is one that can be asked."""
    try:
        import distributed
    except ImportError:
        raise ModelError("client= needs dask.distributed: pip install 'brainnb[cluster]'.") from None
    if isinstance(client, str):
        raise ModelError(f"client={client!r}: connect first, client=distributed.Client({client!r}).")
    if hasattr(client, "get_client") and not isinstance(client, distributed.Client):
        raise ModelError(f"client= got a {type(client).__name__}; give its client, client=cluster.get_client().")
    if not isinstance(client, distributed.Client):
        raise ModelError(
            f"client= takes a dask.distributed.Client, such as distributed.Client() makes on this machine; "
            f"got {type(client).__name__}."
        )
    if client.asynchronous:
        raise ModelError("client= takes a client that waits; this one was made with asynchronous=True.")
    if devices is not None:
        raise ModelError("devices= and client= do not go together: every worker uses all devices of its own.")
    if client.status != "running":
        raise ClusterError(f"The client is {client.status}; connect again, client=distributed.Client(...).")
    return client


def check_travels(job: Job) -> None:
    """Everything of a job can be sent to a worker, or the message says what cannot."""
    from distributed.protocol.pickle import dumps

    things = {"reduce=": job.reduce, "the model": job.model}
    things |= {f"input `{name}`": value for name, value in job.given.items()}
    things |= {f"{name}=": value for name, value in job.options.items()}
    with quiet("distributed.protocol.pickle"):
        for name, thing in things.items():
            try:
                dumps(thing)
            except Exception as error:  # pickling runs code of everything it meets, which raises what it likes
                raise ModelError(
                    f"{name} cannot be sent to a worker ({error}). A function travels with everything it uses: keep open "
                    f"files, locks and connections out of it."
                ) from error


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Without the log of one module: its errors are told in other words."""
    log = logging.getLogger(name)
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
