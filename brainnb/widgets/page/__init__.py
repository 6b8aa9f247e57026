"""Pages that run a model by themselves: no kernel, no server, no network."""

from .alone import page_alone, page_tabled

__all__ = ["page_alone", "page_tabled"]
