"""Pages that run a model by themselves: no kernel, no server, no network."""

from .alone import page_alone

__all__ = ["page_alone"]
