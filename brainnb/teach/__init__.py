"""For lessons: predict before you play, check your own dynamics, get a hint when stuck.

``predict`` asks and keeps the answer, ``outcome`` puts what happened beside it, ``check`` compares an answer with a
run of the student's own model, ``hint`` helps in three steps.
"""

from .check import Result, check
from .hint import hint
from .predict import Gate, Prediction, outcome, predict
from .specimen import specimen

__all__ = ["Gate", "Prediction", "Result", "check", "hint", "outcome", "predict", "specimen"]
