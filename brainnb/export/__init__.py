"""A model as a JavaScript module, written from its traced step: what runs in a page needs no Python."""

# The rules of all operations are registered as their files are read.
from . import elementwise, events, flow, noise, order, shapes, sums  # noqa: F401
from .errors import ExportError
from .module import Module, javascript
from .reasons import can_export, why_not

__all__ = ["ExportError", "Module", "can_export", "javascript", "why_not"]
