"""``fit``: a model, what it should do, and a way to learn."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.fields import float_dtype
from brainnb.core.model import Model
from brainnb.run import options, precision
from brainnb.run.fingerprint import digest

from . import batches, losses
from .problem import Problem, problem
from .rules import Rule, rule
from .running import checkpoint as checkpoints
from .running.loop import Chunks, OnHost, begun
from .running.stopping import Stopping
from .running.training_run import SAVE_SECONDS, TrainingRun
from .running.watching import check, watched
from .select import select
from .starts import Starts


@precision.for_one_run
def fit(
    model: Model,
    data: Any,
    *,
    loss: Any = None,
    method: Any = "bptt",
    train: str | Iterable[str] = "*",
    optimizer: Any = None,
    steps: int | None = None,
    batch: int | None = None,
    metrics: Mapping[str, Any] | None = None,
    dt: Any = None,
    integrator: Any = None,
    size: int | tuple[int, ...] | None = None,
    init: Any = None,
    inputs: Mapping[str, Any] | None = None,
    frozen: str | Iterable[str] = (),
    masks: Mapping[str, Any] | None = None,
    signs: str | Iterable[str] = (),
    tied: Mapping[str, str] | None = None,
    transforms: Mapping[str, Any] | None = None,
    memory: str | int = "sqrt",
    window: int | None = None,
    keep: str | None = None,
    until: float | None = None,
    patience: int | None = None,
    seconds: float | None = None,
    starts: int | None = None,
    spread: float | None = None,
    seed: int = 0,
    monitor: bool | Mapping[str, Any] | Callable[[TrainingRun], Any] | None = None,
    checkpoint: str | os.PathLike | None = None,
    save_every: Any = f"{SAVE_SECONDS:g} s",
    wait: bool | None = None,
    **given: Any,
) -> TrainingRun:
    r"""Change parameters of a model until it does what data show or a task asks.

    Parameters
    ----------
    model : Model
    data : Dataset or task
        A Dataset over ``time`` (and ``trial``): variables named like an input are given to the model, the others are
        what it should reach, each by the path of what the model does (``V``, ``readout``).  ``weight`` says which
        moments count.  A task makes fresh trials for every update (:mod:`brainnb.train.tasks`).
    loss : str or Loss
        ``"mse"``, ``"cross_entropy"``, ... for every target, or a sum of losses.  By default the squared error, and
        cross-entropy for targets that are whole numbers.
    method : str or Rule
        ``"bptt"`` (the exact gradient through time), or another of :func:`brainnb.train.rules`.
    train : paths
        What is learned, dotted paths and globs; all parameters by default.
    optimizer : optax optimiser or number
        Adam at 1e-3 by default; a number is the rate of Adam.
    steps, batch : int
        Updates, 1000 by default (one for a readout that is solved at once, as many as there are samples for one that
        learns online); and trials in each: all that the data hold by default, 64 of a task.
    metrics : mapping of name to Loss
        What is watched beside the loss.
    dt : time
        By default the step of the data.
    integrator, size, init, inputs, <input>
        As ``method``, ``size``, ``init``, ``inputs`` of :func:`brainnb.simulate`; for inputs that the data do not hold.
    frozen, masks, signs, tied, transforms
        Paths that are not learned; truth values of which numbers are; paths whose numbers keep their signs (Dale's
        law); paths that follow another one; ``{"g_Na": "log"}`` instead of the transform that the bounds ask for.
    memory : {"sqrt", "all"} or int
        What is kept for the way back: everything, or the state after every so many steps, by default after
        $\sqrt{n}$ of them, so that memory grows with $\sqrt{n}$ at the price of a second way forward.
    window : int
        Steps that a gradient looks back; all by default.
    keep : {"best", "last"}
        Which model stays at the end: the one of least loss when every update sees all the data, else the last.
    until, patience, seconds
        Stop at this loss; after so many steps without a better one; after this time.
    starts : int
        Learn from so many starts at once, in one compiled program; the first is the model as it is.  The best is kept,
        and ``history.start_loss`` holds all.
    spread : number
        How far starts are scattered around the model, in free numbers: 0.1 is a tenth.  By default they are drawn evenly
        within the bounds of what has two of them, and with 1 elsewhere.
    checkpoint : path
        A folder that takes the state of the run every ``save_every``.  The same call goes on where a stopped or killed
        run ended, equal to the last bit.
    monitor : True, options, or function of the run
        True shows a :class:`brainnb.widgets.TrainingMonitor` in a notebook, with a mapping of its options
        (``{"truth": {"tau": 5}}``), and writes a line a second elsewhere.  A function is called with the run after every
        chunk of updates, and at the end.
    wait : bool
        Return when it has ended, or at once: it learns in the background and ``run.wait()`` waits.  By default at once
        behind a live view, when it has ended elsewhere.

    Returns
    -------
    TrainingRun
        With ``.model``, ``.history`` (Dataset) and ``.stop_reason``; ``.stop()``, ``.pause()`` and ``.resume()``.

    Raises
    ------
    ModelError, UnknownName, ValueError
        Before the first update, with what was given and what to write instead.
    StoreError
        When the folder holds another run.

    Examples
    --------
    >>> import brainnb as bn
    >>> data = bn.simulate(bn.neurons.FitzHughNagumo(a=0.6), T=60, dt=0.2, I=0.5)[["V"]]
    >>> run = bn.fit(bn.neurons.FitzHughNagumo(), data, train="a", optimizer=0.02, steps=120, I=0.5)
    >>> run.stop_reason, round(float(run.model.a), 2)
    ('all steps were made', 0.6)
    """
    options.check_model(model)
    check(monitor)
    way = rule(method, **({} if optimizer is None else {"optimizer": optimizer}))
    if starts is not None:
        way = Starts(way, options.count(starts, "starts"), wide(spread), jnp.uint32(options.seed(seed)))
    elif spread is not None:
        raise ModelError(f"spread={spread!r} scatters several starts; say how many, starts=16.")
    source = batches.source(model, data, None if batch is None else options.count(batch, "batch"))
    targets = tuple(source.batch(jax.random.key(0), np.int32(0)).targets)
    limits = {"frozen": frozen, "masks": masks, "signs": signs, "tied": tied, "ways": transforms}
    chosen = select(model, train, **limits)
    if (other := way.adapted(model, chosen.paths)) is not model:
        model, chosen = other, select(other, train, **limits)
    found = problem(
        chosen,
        source,
        default_loss(source) if loss is None else losses.loss(loss, targets),
        {name: losses.loss(m, targets, f"metrics[{name!r}]") for name, m in (metrics or {}).items()},
        options.merged_inputs(inputs, given),
        dt=step(dt, data),
        method=integrator,
        size=options.size(size),
        block=memory,
        window=None if window is None else options.count(window, "window"),
        record=way.record(model, chosen.paths),
        init=init,
    )
    if keep not in (None, "best", "last"):
        raise ModelError(f"keep={keep!r}: 'best' or 'last' was expected.")
    whole = isinstance(source, batches.Stored) and source.size >= source.count and not way.in_order
    run = prepared(
        way,
        found,
        way.steps(found) if steps is None else options.count(steps, "steps"),
        options.seed(seed),
        keep=keep or ("best" if whole else "last"),
        stopping=Stopping(until, patience, seconds),
        folder=None if checkpoint is None else Path(checkpoint),
        save_seconds=options.duration(save_every, "save_every") / 1000,
    )
    seen = watched(run, monitor)
    return run.run() if wait or (wait is None and not seen) else run.start()


def prepared(way: Rule, found: Problem, steps: int, seed: int, *, folder: Path | None, **more: Any) -> TrainingRun:
    """A run that is ready to start, or to go on from its newest checkpoint."""
    now, history = begun(way, found, jax.random.key(seed)), None
    about = {"run": identity(way, found, seed), "labels": labels(way, found, seed)}
    if folder is not None and (there := checkpoints.newest(folder)):
        path, head, numbers = there
        checkpoints.refuse_foreign(head, about, path)
        now, history = checkpoints.load(numbers, now, head, path)
    return TrainingRun(
        (OnHost if way.on_host else Chunks)(way, found, now), steps, folder=folder, history=history, about=about, **more
    )


def step(dt: Any, data: Any) -> float:
    """The step of a run in ms: that of the data, unless another is asked for."""
    own = batches.step_of(data)
    if dt is None and own is None:
        raise ModelError("dt: these data do not say how far apart their samples are; give dt=0.1 (ms).")
    if dt is None:
        return float(own)
    dt = options.duration(dt, "dt")
    if own is not None and abs(dt - own) > 1e-6 * own:
        raise ModelError(
            f"dt = {dt:g} ms, but the data have a sample every {own:g} ms. Interpolate them, "
            f"data.interp(time=np.arange(...)), or leave dt out."
        )
    return dt


def wide(spread: Any) -> float | None:
    """How far starts are scattered."""
    if spread is None or (isinstance(spread, int | float) and not isinstance(spread, bool) and 0 < spread < np.inf):
        return None if spread is None else float(spread)
    raise ModelError(f"spread={spread!r}: a number above 0 was expected, 0.5 for factors of about e**0.5.")


def default_loss(source: Any) -> losses.Loss:
    """Cross-entropy for targets that are labels, the squared error for all others."""
    targets = source.batch(jax.random.key(0), np.int32(0)).targets
    parts = [losses.CrossEntropy(p) if x.dtype.kind == "i" else losses.MSE(p) for p, x in targets.items()]
    return parts[0] if len(parts) == 1 else losses.Sum(tuple(parts))


def identity(way: Rule, found: Problem, seed: int) -> dict[str, Any]:
    """What makes two runs the same run, as JSON holds it; numbers inside one of optax's optimisers are not seen."""
    numbers = [np.asarray(x) for x in jax.tree.leaves((found, way)) if hasattr(x, "dtype") and x.dtype.kind in "fiub"]
    return {
        "model": type(found.selection.model).__name__,
        "trained": list(found.selection.paths),
        "method": type(way).__name__,
        "steps of a trial": found.unroll.steps,
        "dt": float(found.dt),
        "seed": seed,
        "precision": np.dtype(float_dtype()).name,
        "what it begins with (numbers of model, data, loss and rule)": digest(*numbers),
    }


def labels(way: Rule, found: Problem, seed: int) -> dict[str, Any]:
    """Where the numbers of a history come from."""
    from brainnb import __version__

    several = {"starts": way.count} if isinstance(way, Starts) else {}
    return {
        "model": type(found.selection.model).__name__,
        "method": type(way.of if several else way).__name__.lower(),
        "trained": ", ".join(found.selection.paths),
        "dt": float(found.dt),
        "seed": seed,
        "brainnb_version": __version__,
        **several,
    }
