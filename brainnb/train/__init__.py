"""Learning: one model, every rule, and a run that can be watched, stopped and taken up again."""

from . import tasks
from .diagonal import Diagonal
from .eprop import Eprop
from .evaluate import evaluate
from .fit import fit
from .forward import RTRL
from .gradient import Gradient, unit_gradient
from .identify import identifiability
from .levenberg_marquardt import LevenbergMarquardt
from .linear.named import elastic_net, lasso, logistic
from .linear.offline import Estimator, LeastSquares, Ridge
from .linear.online import LMS
from .linear.recursive import FORCE, RLS
from .losses import (
    MAE,
    MSE,
    MSLE,
    NLL,
    NRMSE,
    Accuracy,
    Activity,
    BinaryCrossEntropy,
    CrossEntropy,
    FirstSpike,
    FromFunction,
    Gaussian,
    Huber,
    Likelihood,
    LogCosh,
    Loss,
    Mean,
    MultiMargin,
    Rates,
    Silent,
    Sparse,
    Spectrum,
    SpikeCount,
    SpikeLikelihood,
    SpikeTimes,
    VanRossum,
    Weights,
    Within,
)
from .posterior import posterior
from .quasi_newton import LBFGS
from .reward import Reward
from .rules import Report, Rule, register, rules
from .running import TrainingRun
from .scipys import SciPy
from .search.cma import CMAES
from .search.differential import DifferentialEvolution
from .search.evosax import Evosax
from .search.nevergrad import Nevergrad
from .sltt import SLTT
from .starts import Starts
from .transforms import Above, Between, Log, Signed, Transform

__all__ = [
    "CMAES",
    "FORCE",
    "LBFGS",
    "LMS",
    "MAE",
    "MSE",
    "MSLE",
    "NLL",
    "NRMSE",
    "RLS",
    "RTRL",
    "SLTT",
    "Above",
    "Accuracy",
    "Activity",
    "Between",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Diagonal",
    "DifferentialEvolution",
    "Eprop",
    "Estimator",
    "Evosax",
    "FirstSpike",
    "FromFunction",
    "Gaussian",
    "Gradient",
    "Huber",
    "LeastSquares",
    "LevenbergMarquardt",
    "Likelihood",
    "Log",
    "LogCosh",
    "Loss",
    "Mean",
    "MultiMargin",
    "Nevergrad",
    "Rates",
    "Report",
    "Reward",
    "Ridge",
    "Rule",
    "SciPy",
    "Signed",
    "Silent",
    "Sparse",
    "Spectrum",
    "SpikeCount",
    "SpikeLikelihood",
    "SpikeTimes",
    "Starts",
    "TrainingRun",
    "Transform",
    "VanRossum",
    "Weights",
    "Within",
    "elastic_net",
    "evaluate",
    "fit",
    "identifiability",
    "lasso",
    "logistic",
    "posterior",
    "register",
    "rules",
    "tasks",
    "unit_gradient",
]
