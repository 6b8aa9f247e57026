"""Learning: one model, every rule, and a run that can be watched, stopped and taken up again."""

from .fit import fit
from .gradient import Gradient, unit_gradient
from .losses import (
    MAE,
    MSE,
    NRMSE,
    Accuracy,
    Activity,
    CrossEntropy,
    FromFunction,
    Huber,
    Loss,
    Mean,
    Weights,
)
from .rules import Report, Rule, register, rules
from .running import TrainingRun
from .transforms import Above, Between, Log, Signed, Transform

__all__ = [
    "MAE",
    "MSE",
    "NRMSE",
    "Above",
    "Accuracy",
    "Activity",
    "Between",
    "CrossEntropy",
    "FromFunction",
    "Gradient",
    "Huber",
    "Log",
    "Loss",
    "Mean",
    "Report",
    "Rule",
    "Signed",
    "TrainingRun",
    "Transform",
    "Weights",
    "fit",
    "register",
    "rules",
    "unit_gradient",
]
