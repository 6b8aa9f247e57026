"""Static pictures of results: every Dataset has them under ``ds.bn``.  No JAX here; Matplotlib only when drawing."""

from .measured import intervals, rate, spectrogram, spectrum
from .stimuli import stimulus
from .wiring import connectivity

__all__ = ["connectivity", "intervals", "rate", "spectrogram", "spectrum", "stimulus"]
