"""The f-I curve: how often a neuron fires for every current, where it begins, and how."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.run import options
from brainnb.run.sweep import sweep

from .. import labelled
from ..cases import Case, case

POINTS = 41
NARROWED = 3
"""How often the interval in which firing begins is swept again, each time that many points finer."""


def fi_curve(
    model: Model,
    values: tuple[float, float] | Sequence[float] | None = None,
    *,
    over: str = "I",
    T: float = 1000.0,
    dt: float = 0.05,
    transient: float = 200.0,
    var: str | None = None,
    threshold: float | None = None,
    method: Any = None,
    onset: bool = True,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Any:
    r"""Firing rate over input, from rest, in one run of all values side by side.

    The rate is the inverse of the mean interval after the transient.  The smallest input with lasting firing, the
    rheobase, is narrowed down by further sweeps of the same size, which show how firing begins: from rate zero, as the
    distance to rheobase shrinks (type I, such as a saddle-node on a circle), or at a rate of its own (type II, such as a
    Hopf point).  Where rest and firing coexist, it is the curve from rest.

    Parameters
    ----------
    model : Model
        Spiking, or smooth with a voltage.
    values : (low, high) or sequence, optional
        Range, or the values; by default the declared bounds of the input.
    over : str
        The input, or a parameter.
    T, dt, transient : float
        ms.  The slowest rate that is seen is two spikes in ``T - transient``.
    var, threshold : optional
        What is counted: the model's ``spike``, else upward crossings of ``threshold`` (-20 where ``var`` is in mV, 0
        without a unit) by ``var`` (V, or the first state).
    onset : bool
        Whether it is looked how firing begins; without, ``excitability`` is "not looked at" and rheobase as coarse as
        the values.
    inputs, **given
        Values of the other inputs.

    Returns
    -------
    Dataset
        Over the input: ``rate`` (Hz), ``gain`` (its slope), ``first_interval`` (ms); ``rheobase``, ``onset_rate`` (Hz, just
        above it), ``excitability`` ("type I", "type II", "not reached", "below range").

    References
    ----------
    Hodgkin 1948, doi:10.1113/jphysiol.1948.sp004260; Rinzel & Ermentrout 1998, in *Methods in Neuronal Modeling*.

    Examples
    --------
    >>> import brainnb as bn
    >>> found = bn.analysis.fi_curve(bn.neurons.LIF(), (50.0, 300.0), T=500)
    >>> round(float(found.rheobase), 1), str(found.excitability.values)
    (100.0, 'type I')
    """
    given = options.merged_inputs(inputs, given)
    given.pop(over, None)
    found = case(model, given)
    axis = found.constants[found.constant(over)]
    swept = swept_values(values, axis)
    count = counted(model, found, var, threshold)

    def measured(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ds = sweep(model, {over: at}, T=T, dt=dt, record=[count.name], method=method, inputs=given)
        return _rates(ds[count.name].transpose(over, "time").values, ds.time.values, count, transient)

    rate, first = measured(swept)
    low, high, tail = _narrowed(swept, rate, measured, NARROWED if onset else 0)
    rheobase, above, word = _begun(swept, rate, low, high, tail, T - transient)
    word = word if onset or not tail else "not looked at"
    unit = axis.unit
    variables = {
        "rate": ((over,), rate, {"units": "Hz", "long_name": "firing rate"}),
        "gain": ((over,), np.gradient(rate, swept), {"units": f"Hz/({unit})", "long_name": "slope of the f-I curve"}),
        "first_interval": ((over,), first, {"units": "ms", "long_name": "first interval"}),
        "rheobase": ((), rheobase, {"units": unit, "long_name": "smallest input with lasting firing, from rest"}),
        "onset_rate": ((), above, {"units": "Hz", "long_name": "rate just above rheobase"}),
        "excitability": ((), word, {"units": "1", "long_name": "how firing begins"}),
    }
    attrs = labelled.attributes(
        found, analysis="fi_curve", variable=over, T=T, dt=dt, transient=transient, counted=count.name
    )
    return labelled.dataset(variables, attrs, {over: ((over,), swept, {"units": unit, "long_name": axis.doc})})


def swept_values(values: Any, axis: Any) -> np.ndarray:
    """The values to look at: those given, a range in even steps, or the declared bounds."""
    if values is None:
        if None in axis.bounds:
            raise ModelError(
                f"fi_curve: `{axis.path}` has no bounds; give a range, ({axis.path}_low, {axis.path}_high)."
            )
        values = axis.bounds
    found = np.asarray(values, float)
    if found.size == 2:
        found = np.linspace(found[0], found[1], POINTS)
    if found.ndim != 1 or found.size < 3 or (np.diff(found) <= 0).any():
        raise ModelError("fi_curve: values: (low, high), or at least three values in rising order, were expected.")
    return found


class Counted(NamedTuple):
    """What is counted as a spike: the model's own report, or the rise of a state through a level."""

    name: str
    level: float
    spiking: bool

    def times(self, row: np.ndarray, time: np.ndarray) -> np.ndarray:
        """When the recorded ``row`` fires."""
        if self.spiking:
            return time[row > self.level]
        k = np.flatnonzero((row[:-1] < self.level) & (row[1:] >= self.level))
        return time[k] + (self.level - row[k]) / (row[k + 1] - row[k]) * (time[k + 1] - time[k])


def counted(model: Model, found: Case, var: str | None = None, threshold: float | None = None) -> Counted:
    """What :func:`fi_curve` counts of a model."""
    from ..hybrid.events import reports_spikes

    if var is None and reports_spikes(case(model)):
        return Counted("spike", 0.5, True)
    name = var or ("V" if "V" in found.names else found.names[0])
    unit = found.states[found.state(name)].unit
    return Counted(name, (-20.0 if unit == "mV" else 0.0) if threshold is None else threshold, False)


def lasting(times: np.ndarray, end: float, transient: float) -> float:
    """The rate of spikes that last: not a few at the begin and then none for longer than they are apart; Hz."""
    late = times[times >= transient]
    if len(late) > 1 and end - late[-1] < 2.0 * np.diff(late).max():
        return 1000.0 * (len(late) - 1) / (late[-1] - late[0])
    return 0.0


def _rates(x: np.ndarray, time: np.ndarray, count: Counted, transient: float) -> tuple[np.ndarray, np.ndarray]:
    """Rates after the transient, and the first intervals."""
    rate, first = np.zeros(len(x)), np.full(len(x), np.nan)
    for i, row in enumerate(x):
        times = count.times(row, time)
        if len(times) > 1:
            first[i] = times[1] - times[0]
        rate[i] = lasting(times, time[-1], transient)
    return rate, first


def _narrowed(
    at: np.ndarray, rate: np.ndarray, measured: Any, often: int
) -> tuple[float, float, list[tuple[float, float]]]:
    """The last silent and the first firing value, closer and closer; and the (distance, rate) just above each time."""
    tail = []
    if not (rate > 0).any() or rate[0] > 0:
        return np.nan, np.nan, tail
    i = int(np.argmax(rate > 0))
    low, high = at[i - 1], at[i]
    tail.append((high - low, rate[i]))
    for _ in range(often):
        finer = np.linspace(low, high, len(at))
        found, _ = measured(finer)
        if not (found > 0).any() or found[0] > 0:
            break
        i = int(np.argmax(found > 0))
        low, high = finer[i - 1], finer[i]
        tail.append((high - low, found[i]))
    return low, high, tail


def _begun(at: np.ndarray, rate: np.ndarray, low: float, high: float, tail: list, T: float) -> tuple[float, float, str]:
    if rate[0] > 0:
        return np.nan, float(rate[0]), "below range"
    if not tail:
        return np.nan, np.nan, "not reached"
    onset = tail[-1][1]
    slowest = 4000.0 / T  # a few spikes in the run: slower ones cannot be told from none
    return float(0.5 * (low + high)), float(onset), "type I" if onset <= max(slowest, 0.5 * tail[0][1]) else "type II"
