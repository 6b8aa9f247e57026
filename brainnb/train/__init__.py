"""Learning: one model, every rule, and a run that can be watched, stopped and taken up again."""

from . import tasks
from .eprop import Eprop
from .evaluate import evaluate
from .fit import fit
from .gradient import Gradient, unit_gradient
from .levenberg_marquardt import LevenbergMarquardt
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
from .quasi_newton import LBFGS
from .rules import Report, Rule, register, rules
from .running import TrainingRun
from .scipys import SciPy
from .search.cma import CMAES
from .search.differential import DifferentialEvolution
from .search.evosax import Evosax
from .search.nevergrad import Nevergrad
from .starts import Starts
from .transforms import Above, Between, Log, Signed, Transform

__all__ = [
    "CMAES",
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
    "DifferentialEvolution",
    "Eprop",
    "Estimator",
    "Evosax",
    "FromFunction",
    "Gradient",
    "Huber",
    "LeastSquares",
    "LevenbergMarquardt",
    "Log",
    "Loss",
    "Mean",
    "Nevergrad",
    "Report",
    "Ridge",
    "Rule",
    "SciPy",
    "Signed",
    "Starts",
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
