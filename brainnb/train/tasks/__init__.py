"""Tasks: what networks are trained on, one trial at a time."""

from .actions import CenterOut, GoNoGo
from .base import Task
from .decisions import ContextDecision, EvidenceAccumulation, PerceptualDecision
from .memory import DelayedMatch, DelayedMatchCategory, DualDelayedMatch, PairedAssociation
from .patterns import AsSpikes, PoissonPatterns
from .timing import IntervalDiscrimination, Oddball, ReadySetGo

__all__ = [
    "AsSpikes",
    "CenterOut",
    "ContextDecision",
    "DelayedMatch",
    "DelayedMatchCategory",
    "DualDelayedMatch",
    "EvidenceAccumulation",
    "GoNoGo",
    "IntervalDiscrimination",
    "Oddball",
    "PairedAssociation",
    "PerceptualDecision",
    "PoissonPatterns",
    "ReadySetGo",
    "Task",
]
