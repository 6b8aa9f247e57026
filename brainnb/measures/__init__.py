"""Numbers from results: spike times, counts, rates.  Array functions below, labelled ones on top; no JAX here."""

from .labelled import intervals, period, rate, spike_count, spike_times

__all__ = ["intervals", "period", "rate", "spike_count", "spike_times"]
