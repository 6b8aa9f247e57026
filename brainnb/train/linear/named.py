"""Estimators of scikit-learn by name; scikit-learn is loaded when one is asked for."""

from typing import Any

import equinox as eqx
import numpy as np

from brainnb.core.errors import ModelError

from ..rules import register
from .offline import Estimator


@register("lasso")
def lasso(penalty: float = 1e-3, **more: Any) -> Estimator:
    r"""The readout of least squared error with few weights: $\frac{1}{2n} |y - Xw|^2 + \alpha |w|_1$.

    ``penalty`` is $\alpha$; the bias is not penalised.  More keywords are those of ``sklearn.linear_model.Lasso``.

    References
    ----------
    Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x.
    """
    return Estimator(
        linear_model("lasso").Lasso(positive(penalty, "lasso"), **{"max_iter": 100_000, "tol": 1e-8} | more)
    )


@register("elastic_net")
def elastic_net(penalty: float = 1e-3, share: float = 0.5, **more: Any) -> Estimator:
    r"""Between lasso and ridge: $\frac{1}{2n} |y - Xw|^2 + \alpha \rho |w|_1 + \frac{\alpha (1 - \rho)}{2} |w|_2^2$.

    ``penalty`` is $\alpha$ and ``share`` is $\rho$; more keywords are those of ``sklearn.linear_model.ElasticNet``.

    References
    ----------
    Zou & Hastie 2005, doi:10.1111/j.1467-9868.2005.00503.x.
    """
    options = {"l1_ratio": share, "max_iter": 100_000, "tol": 1e-8} | more
    return Estimator(linear_model("elastic_net").ElasticNet(positive(penalty, "elastic_net"), **options))


@register("logistic")
def logistic(penalty: float = 1e-6, **more: Any) -> Estimator:
    r"""The readout of least cross-entropy: softmax regression of labels, with $\frac{\lambda}{2} |w|^2$ added to its sum.

    ``penalty`` is $\lambda$, as in ridge regression in the units of a sum over samples; the bias is not penalised.  The
    target holds labels 0, 1, ..., at every moment or one a trial, which then is asked at all its moments.  More keywords
    are those of ``sklearn.linear_model.LogisticRegression``; Newton's method goes on until no slope of the mean is above
    ``tol``.

    References
    ----------
    Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x.
    """
    # scikit-learn's own choice, L-BFGS, also ends where the loss no longer changes, and the slope then still is 1e-5
    options = {"solver": "newton-cg", "max_iter": 10_000, "tol": 1e-9} | more
    return Classifier(linear_model("logistic").LogisticRegression(C=1 / positive(penalty, "logistic"), **options))


class Classifier(Estimator):
    """A linear estimator of labels with ``classes_``: the readout becomes its logits, one for each class."""

    labels = True

    estimator: Any = eqx.field(static=True)

    def solve(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, has_bias: bool) -> np.ndarray:
        found, w, offset = self.fitted(x, y[:, 0].astype(int), weight, has_bias)
        classes = np.asarray(found.classes_, int)
        if w.shape[1] == 1:  # two classes have one logit between them
            w, offset = np.hstack([-w / 2, w / 2]), np.append(-offset / 2, offset / 2)
        if len(classes) != classes.max() + 1:
            raise ModelError(f"logistic: labels 0 to {classes.max()} were expected; the data hold {classes.tolist()}.")
        return np.vstack([w, offset[None]]) if has_bias else w


def positive(penalty: float, name: str) -> float:
    """A penalty that makes sense."""
    if isinstance(penalty, bool) or not isinstance(penalty, int | float) or not penalty > 0:
        raise ModelError(f"{name}: penalty={penalty!r}; a number above 0 was expected.")
    return float(penalty)


def linear_model(name: str) -> Any:
    """scikit-learn's linear estimators."""
    try:
        from sklearn import linear_model
    except ImportError:
        raise ModelError(
            f"method={name!r} needs scikit-learn: pip install scikit-learn. 'ridge' and 'least_squares' are always there."
        ) from None
    return linear_model
