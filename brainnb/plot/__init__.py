"""Static pictures of results: every Dataset has them under ``ds.bn``.  No JAX here; Matplotlib only when drawing."""

from .stimuli import stimulus

__all__ = ["stimulus"]
