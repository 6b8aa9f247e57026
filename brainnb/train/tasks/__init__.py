"""Tasks: what networks are trained on, one trial at a time."""

from .base import Task
from .decisions import ContextDecision, EvidenceAccumulation, PerceptualDecision
from .memory import DelayedMatch, GoNoGo, ReadySetGo

__all__ = [
    "ContextDecision",
    "DelayedMatch",
    "EvidenceAccumulation",
    "GoNoGo",
    "PerceptualDecision",
    "ReadySetGo",
    "Task",
]
