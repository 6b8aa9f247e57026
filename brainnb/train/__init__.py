"""Learning: one model, every rule, and a run that can be watched, stopped and taken up again."""

from . import tasks
from .evaluate import evaluate
from .fit import fit
from .gradients.descent import Gradient, unit_gradient
from .gradients.diagonal import Diagonal
from .gradients.eprop import Eprop
from .gradients.forward import RTRL
from .gradients.levenberg_marquardt import LevenbergMarquardt
from .gradients.quasi_newton import LBFGS
from .gradients.reward import Reward
from .gradients.scipys import SciPy
from .gradients.sltt import SLTT
from .inference.identify import identifiability
from .inference.posterior import posterior
from .linear.named import elastic_net, lasso, logistic
from .linear.offline import Estimator, LeastSquares, Polynomial, Ridge
from .linear.online import LMS
from .linear.recursive import FORCE, RLS
from .losses import (
    CTC,
    MAE,
    MSE,
    MSLE,
    NLL,
    NRMSE,
    Accuracy,
    Activity,
    AtThreshold,
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
    VanRossumTimes,
    Weights,
    Within,
)
from .rules import Report, Rule, register, rules
from .running.training_run import TrainingRun
from .search.cma import CMAES
from .search.differential import DifferentialEvolution
from .search.evosax import Evosax
from .search.nevergrad import Nevergrad
from .starts import Starts
from .transforms import Above, Between, Log, Signed, Transform

__all__ = [
    "CMAES",
    "CTC",
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
    "AtThreshold",
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
    "Polynomial",
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
    "VanRossumTimes",
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
