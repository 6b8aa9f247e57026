"""Learning: one model, every rule, and a run that can be watched, stopped and taken up again."""

from . import tasks
from .eprop import Eprop
from .evaluate import evaluate
from .fit import fit
from .gradient import LBFGS, Gradient, unit_gradient
from .linear.offline import Estimator, LeastSquares, Ridge
from .linear.online import FORCE, LMS, RLS
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
    "FORCE",
    "LBFGS",
    "LMS",
    "MAE",
    "MSE",
    "NRMSE",
    "RLS",
    "Above",
    "Accuracy",
    "Activity",
    "Between",
    "CrossEntropy",
    "Eprop",
    "Estimator",
    "FromFunction",
    "Gradient",
    "Huber",
    "LeastSquares",
    "Log",
    "Loss",
    "Mean",
    "Report",
    "Ridge",
    "Rule",
    "Signed",
    "TrainingRun",
    "Transform",
    "Weights",
    "evaluate",
    "fit",
    "register",
    "rules",
    "tasks",
    "unit_gradient",
]
