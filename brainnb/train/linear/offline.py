"""Readouts solved at once: ridge regression by its normal equations, and any estimator of scikit-learn."""

import abc
import copy
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.rates import PolynomialReadout

from ..batches import Batch
from ..problem import Problem
from ..rules import Report, Rule, register
from ..select import norm
from .readouts import at, reading, samples, target


class Solved(Rule):
    """A readout that is found from all trials at once, on the host and in double precision.

    Override :meth:`solve`.
    """

    on_host: ClassVar[bool] = True
    labels: ClassVar[bool] = False
    """Whether the target holds labels, of which there is one for all outputs."""

    def steps(self, problem: Problem) -> int:
        return 1

    def record(self, model: Model, paths: tuple[str, ...]) -> tuple[str, ...]:
        return (reading(model, paths).features,)

    @abc.abstractmethod
    def solve(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, has_bias: bool) -> np.ndarray:
        """Weights (features, outputs) for features (samples, features); the last column is 1 when there is a bias."""

    def begin(self, problem: Problem) -> Array:
        return reading(problem.selection.model, problem.selection.paths).take(problem.selection.model)

    def update(self, problem: Problem, carry: Array, batch: Batch, key: Array) -> tuple[Array, Report]:
        read = reading(problem.selection.model, problem.selection.paths)
        before = self.model(problem, carry)
        seen = _seen(problem, before, batch, key)
        wanted = target(problem, read, batch, self.labels)
        x, y, weight = samples(problem, read, seen[read.features], wanted, batch.weight)
        w = jnp.asarray(self.solve(x, y, weight, read.bias is not None), carry.dtype)
        after = read.put(before, w)
        known, old = after.parameters(), before.parameters()
        change = {p: norm(known[p].value - old[p].value) for p in problem.selection.paths}
        loss, metrics = _judged(problem, after, batch, key)
        return w, Report(loss, metrics, {}, change)

    def model(self, problem: Problem, carry: Array) -> Model:
        return reading(problem.selection.model, problem.selection.paths).put(problem.selection.model, carry)


@jax.jit
def _seen(problem: Problem, model: Model, batch: Batch, key: Array) -> dict[str, Array]:
    return problem.seen(model, batch, key)


@jax.jit
def _judged(problem: Problem, model: Model, batch: Batch, key: Array) -> tuple[Array, dict[str, Array]]:
    seen = problem.seen(model, batch, key)
    return problem.loss(seen, batch, model), {n: m(seen, batch, model) for n, m in problem.metrics.items()}


@register("ridge")
class Ridge(Solved):
    r"""The readout of least squared error with a penalty on its weights.

    .. math:: W = (X^T X + \lambda I)^{-1} X^T Y

    ``penalty`` is :math:`\lambda`, in the units of a sum over samples.  The bias is a weight like the others and is
    penalised with them, unless ``penalise_bias=False``.

    References
    ----------
    Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634; in reservoirs Jaeger 2001 (GMD report 148).
    """

    penalty: float = 1e-6
    penalise_bias: bool = eqx.field(static=True, default=True)

    def __check_init__(self) -> None:
        if not self.penalty >= 0:
            raise ModelError(f"Ridge: penalty={self.penalty!r}; a number from 0 was expected.")

    def solve(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, has_bias: bool) -> np.ndarray:
        # orthogonal factors of [X; sqrt(penalty) I]: the normal equations themselves would square its condition
        penalties = np.full(x.shape[1], np.sqrt(float(self.penalty)))
        if has_bias and not self.penalise_bias:
            penalties[-1] = 0.0
        root = np.sqrt(weight)[:, None]
        tall = np.vstack([x * root, np.diag(penalties)])
        wanted = np.vstack([y * root, np.zeros((x.shape[1], y.shape[1]))])
        return scipy.linalg.lstsq(tall, wanted, lapack_driver="gelsd" if not self.penalty else "gelsy")[0]


@register("least_squares")
class LeastSquares(Ridge):
    """The readout of least squared error; the shortest one where several are as good."""

    penalty: float = 0.0


@register("polynomial")
class Polynomial(Ridge):
    r"""The polynomial of the features of least squared error, with a penalty on its weights.

    The readout becomes a :class:`brainnb.rates.PolynomialReadout` of this ``degree``, so the model that is learned has more
    weights than the one that was given; other rules learn such a readout too, once the model has it.  ``penalty`` is that of
    ridge regression; ``interaction_only`` takes no feature into a product twice.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.rates.echo_state_network(5, density=1.0)
    >>> u = np.random.default_rng(0).uniform(-1, 1, 200)
    >>> import xarray as xr
    >>> data = xr.Dataset({"I": (("time", "i"), u[:, None]), "out": ("time", u**2)}, {"time": np.arange(200.0)})
    >>> run = bn.fit(net, data, method="polynomial", train="readout.*")
    >>> run.model.readout.weight.shape
    (1, 20)
    """

    degree: int = eqx.field(static=True, default=2)
    interaction_only: bool = eqx.field(static=True, default=False)

    def adapted(self, model: Model, paths: tuple[str, ...]) -> Model:
        read = reading(model, paths)
        part = read.weight.rpartition(".")[0]
        own = at(model, part)
        if isinstance(own, PolynomialReadout):
            if (own.degree, own.interaction_only) == (self.degree, self.interaction_only):
                return model
            raise ModelError(
                f"Polynomial: `{part}` is a polynomial already, of degree {own.degree} and interaction_only={own.interaction_only}; "
                "ask for the same, or learn it by method='ridge'."
            )
        outputs, features = model.parameters()[read.weight].value.shape
        wider = PolynomialReadout.zeros(features, outputs, degree=self.degree, interaction_only=self.interaction_only)
        return model._with({part: wider})


@register("estimator")
class Estimator(Solved):
    """Any linear estimator with scikit-learn's ``fit``, ``coef_`` and ``intercept_``: lasso, elastic net, logistic ...

    ``bn.fit(net, data, method=bn.train.Estimator(sklearn.linear_model.Lasso(1e-3)), train="readout.*")``; the estimator
    itself decides about the intercept, which becomes the bias.
    """

    estimator: Any = eqx.field(static=True)

    def __check_init__(self) -> None:
        if not callable(getattr(self.estimator, "fit", None)):
            raise ModelError(f"Estimator: {self.estimator!r} has no fit(X, y); one of scikit-learn's was expected.")

    def solve(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, has_bias: bool) -> np.ndarray:
        _, w, offset = self.fitted(x, y[:, 0] if y.shape[1] == 1 else y, weight, has_bias)
        if w.shape[1] != y.shape[1]:
            raise ModelError(f"Estimator: it has {w.shape[1]} outputs, the readout {y.shape[1]}.")
        return np.vstack([w, offset[None]]) if has_bias else w

    def fitted(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, has_bias: bool) -> tuple[Any, Any, Any]:
        """A copy of the estimator after ``fit``, its weights (features, outputs) and its intercepts."""
        found = copy.deepcopy(self.estimator)
        whole = np.all(weight == 1)
        found.fit(x[:, :-1] if has_bias else x, y, **({} if whole else {"sample_weight": weight}))
        if not hasattr(found, "coef_"):
            raise ModelError(f"Estimator: {type(found).__name__} has no coef_ after fit; a linear one was expected.")
        w = np.atleast_2d(found.coef_).T
        offset = np.broadcast_to(np.ravel(getattr(found, "intercept_", 0.0)), (w.shape[1],))
        if not has_bias and np.any(offset):
            raise ModelError(
                "Estimator: it found an intercept, and the bias is not trained; train='readout.*' or fit_intercept=False."
            )
        return found, w, offset
