r"""Surrogate slopes of the spike: what the derivative of a step is taken to be, so that a spike can be trained.

Each is a value: ``spike(x, Sigmoid(alpha=8))`` compiles once for every alpha, however often it is built anew.
Called, it gives the slope at ``x``; ``primitive`` is the smooth function that has this slope.  Going forward all of
them are the same step, 1 from ``x = 0`` upwards; only :func:`smooth` goes forward through the primitive.
The slope at ``x = 0`` itself is that of the formula; where it jumps there, that of the right side.
"""

import dataclasses
import math
from functools import partial

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtr
from jaxtyping import Array, Float

from .errors import ModelError

X = Float[Array, "..."]


@dataclasses.dataclass(frozen=True)
class Surrogate:
    """A slope and its primitive.

    Subclass it with numbers as fields and both methods for one of your own; any named function of ``x`` serves as a
    slope too, without a smooth forward variant.
    """

    def __call__(self, x: X) -> X:
        raise ModelError(f"{type(self).__name__} must define __call__(self, x): the slope at x.")

    def primitive(self, x: X) -> X:
        """The smooth function whose derivative is the slope."""
        raise ModelError(f"{type(self).__name__} must define primitive(self, x) to be used by smooth().")


@dataclasses.dataclass(frozen=True)
class Sigmoid(Surrogate):
    r"""$\alpha\,\sigma(\alpha x)\,(1 - \sigma(\alpha x))$: slope of the logistic function."""

    alpha: float = 4.0

    def __call__(self, x: X) -> X:
        z = jax.nn.sigmoid(self.alpha * x)
        return self.alpha * z * (1.0 - z)

    def primitive(self, x: X) -> X:
        return jax.nn.sigmoid(self.alpha * x)


@dataclasses.dataclass(frozen=True)
class PiecewiseQuadratic(Surrogate):
    r"""$\max(0, \alpha - \alpha^2 |x|)$: a triangle of area 1 (Esser et al. 2016, doi:10.1073/pnas.1604850113)."""

    alpha: float = 1.0

    def __call__(self, x: X) -> X:
        return self.alpha * jax.nn.relu(1.0 - self.alpha * jnp.abs(x))

    def primitive(self, x: X) -> X:
        z = jnp.clip(self.alpha * x, -1.0, 1.0)
        return 0.5 + z - 0.5 * jnp.abs(z) * z


@dataclasses.dataclass(frozen=True)
class PiecewiseExp(Surrogate):
    r"""$\frac{\alpha}{2} e^{-\alpha |x|}$ (Neftci et al. 2019, doi:10.1109/MSP.2019.2931595)."""

    alpha: float = 1.0

    def __call__(self, x: X) -> X:
        return 0.5 * self.alpha * jnp.exp(-self.alpha * jnp.abs(x))

    def primitive(self, x: X) -> X:
        tail = 0.5 * jnp.exp(-self.alpha * jnp.abs(x))
        return jnp.where(x < 0, tail, 1.0 - tail)


@dataclasses.dataclass(frozen=True)
class SoftSign(Surrogate):
    r"""$\frac{\alpha}{2 (1 + \alpha |x|)^2}$: slope of the soft sign, area 1."""

    alpha: float = 1.0

    def __call__(self, x: X) -> X:
        return 0.5 * self.alpha / (1.0 + self.alpha * jnp.abs(x)) ** 2

    def primitive(self, x: X) -> X:
        return 0.5 + 0.5 * self.alpha * x / (1.0 + self.alpha * jnp.abs(x))


@dataclasses.dataclass(frozen=True)
class Arctan(Surrogate):
    r"""$\frac{\alpha / 2}{1 + (\pi \alpha x / 2)^2}$ (Fang et al. 2021, doi:10.1109/ICCV48922.2021.00266)."""

    alpha: float = 1.0

    def __call__(self, x: X) -> X:
        return 0.5 * self.alpha / (1.0 + (0.5 * math.pi * self.alpha * x) ** 2)

    def primitive(self, x: X) -> X:
        return 0.5 + jnp.arctan(0.5 * math.pi * self.alpha * x) / math.pi


@dataclasses.dataclass(frozen=True)
class NonzeroSignLog(Surrogate):
    r"""$\frac{\alpha}{1 + \alpha |x|}$: long tails, its primitive grows as a logarithm."""

    alpha: float = 1.0

    def __call__(self, x: X) -> X:
        return self.alpha / (1.0 + self.alpha * jnp.abs(x))

    def primitive(self, x: X) -> X:
        return jnp.where(x < 0, -1.0, 1.0) * jnp.log1p(self.alpha * jnp.abs(x))


@dataclasses.dataclass(frozen=True)
class Erf(Surrogate):
    r"""$\frac{\alpha}{\sqrt\pi} e^{-\alpha^2 x^2}$: slope of the error function, area 1."""

    alpha: float = 1.0

    def __call__(self, x: X) -> X:
        return self.alpha / math.sqrt(math.pi) * jnp.exp(-((self.alpha * x) ** 2))

    def primitive(self, x: X) -> X:
        return ndtr(math.sqrt(2.0) * self.alpha * x)


@dataclasses.dataclass(frozen=True)
class PiecewiseLeakyReLU(Surrogate):
    r"""$\frac{1}{2w}$ within $|x| \le w$, $c$ beyond.

    Other packages write $1/w$ inside, which is twice the slope of their own primitive.
    """

    c: float = 0.01
    w: float = 1.0

    def __call__(self, x: X) -> X:
        return jnp.where(jnp.abs(x) <= self.w, 0.5 / self.w, self.c)

    def primitive(self, x: X) -> X:
        inside = jnp.clip(x, -self.w, self.w)
        return 0.5 + 0.5 * inside / self.w + self.c * (x - inside)


@dataclasses.dataclass(frozen=True)
class SquarewaveFourierSeries(Surrogate):
    r"""$\frac{4}{T} \sum_{i=1}^{n} \cos\frac{2 \pi (2i - 1) x}{T}$: a square wave by its first waves; it is negative in places."""

    n: int = 2
    T: float = 8.0

    def __call__(self, x: X) -> X:
        return 4.0 / self.T * sum(jnp.cos(w * x) for w in self._waves())

    def primitive(self, x: X) -> X:
        return 0.5 + 4.0 / self.T * sum(jnp.sin(w * x) / w for w in self._waves())

    def _waves(self) -> list[float]:
        return [2.0 * math.pi * (2 * i - 1) / self.T for i in range(1, self.n + 1)]


@dataclasses.dataclass(frozen=True)
class S2NN(Surrogate):
    r"""$\alpha\,\sigma(\alpha x)(1 - \sigma(\alpha x))$ below 0, $\frac{\beta}{1 + x}$ from 0 (Suetake et al. 2023, doi:10.1016/j.neunet.2022.12.008)."""

    alpha: float = 4.0
    beta: float = 1.0

    def __call__(self, x: X) -> X:
        return jnp.where(x < 0, Sigmoid(self.alpha)(x), self.beta / (1.0 + jax.nn.relu(x)))

    def primitive(self, x: X) -> X:
        below = jax.nn.sigmoid(self.alpha * jnp.minimum(x, 0.0))
        return below + self.beta * jnp.log1p(jax.nn.relu(x))


@dataclasses.dataclass(frozen=True)
class QPseudoSpike(Surrogate):
    r"""$\left(1 + \frac{2 |x|}{\alpha - 1}\right)^{-\alpha}$ (Herranz-Celotti & Rouat 2022, arXiv:2202.00282)."""

    alpha: float = 2.0

    def __call__(self, x: X) -> X:
        return (1.0 + 2.0 / (self.alpha - 1.0) * jnp.abs(x)) ** -self.alpha

    def primitive(self, x: X) -> X:
        tail = 0.5 * (1.0 + 2.0 / (self.alpha - 1.0) * jnp.abs(x)) ** (1.0 - self.alpha)
        return jnp.where(x < 0, tail, 1.0 - tail)


@dataclasses.dataclass(frozen=True)
class LeakyReLU(Surrogate):
    r"""$\alpha$ below 0, $\beta$ from 0."""

    alpha: float = 0.1
    beta: float = 1.0

    def __call__(self, x: X) -> X:
        return jnp.where(x < 0, self.alpha, self.beta).astype(jnp.result_type(x))

    def primitive(self, x: X) -> X:
        return jnp.where(x < 0, self.alpha * x, self.beta * x)


@dataclasses.dataclass(frozen=True)
class LogTailedReLU(Surrogate):
    r"""$\alpha$ below 0, 1 up to 1, then $1/x$ (Cai et al. 2017, doi:10.1109/CVPR.2017.574)."""

    alpha: float = 0.0

    def __call__(self, x: X) -> X:
        return jnp.where(x < 0, self.alpha, 1.0 / jnp.maximum(x, 1.0))

    def primitive(self, x: X) -> X:
        return self.alpha * jnp.minimum(x, 0.0) + jnp.clip(x, 0.0, 1.0) + jnp.log(jnp.maximum(x, 1.0))


@dataclasses.dataclass(frozen=True)
class ReLUGrad(Surrogate):
    r"""$\max(0, \alpha (w - |x|))$: a triangle of width $2w$ (Neftci et al. 2019, doi:10.1109/MSP.2019.2931595)."""

    alpha: float = 0.3
    width: float = 1.0

    def __call__(self, x: X) -> X:
        return self.alpha * jax.nn.relu(self.width - jnp.abs(x))

    def primitive(self, x: X) -> X:
        z = jnp.clip(x, -self.width, self.width)
        return self.alpha * (0.5 * self.width**2 + self.width * z - 0.5 * jnp.abs(z) * z)


@dataclasses.dataclass(frozen=True)
class GaussianGrad(Surrogate):
    r"""$\alpha\, N(x; 0, \sigma)$ (Yin et al. 2021, doi:10.1038/s42256-021-00397-w)."""

    sigma: float = 0.5
    alpha: float = 0.5

    def __call__(self, x: X) -> X:
        return self.alpha * _normal(x, self.sigma)

    def primitive(self, x: X) -> X:
        return self.alpha * ndtr(x / self.sigma)


@dataclasses.dataclass(frozen=True)
class MultiGaussianGrad(Surrogate):
    r"""$\alpha\,[(1 + h) N(x; 0, \sigma) - h N(x; \sigma, s \sigma) - h N(x; -\sigma, s \sigma)]$, negative far out
    (Yin et al. 2021, doi:10.1038/s42256-021-00397-w)."""

    h: float = 0.15
    s: float = 6.0
    sigma: float = 0.5
    alpha: float = 0.5

    def __call__(self, x: X) -> X:
        wide = self.s * self.sigma
        sides = _normal(x - self.sigma, wide) + _normal(x + self.sigma, wide)
        return self.alpha * ((1.0 + self.h) * _normal(x, self.sigma) - self.h * sides)

    def primitive(self, x: X) -> X:
        wide = self.s * self.sigma
        sides = ndtr((x - self.sigma) / wide) + ndtr((x + self.sigma) / wide)
        return self.alpha * ((1.0 + self.h) * ndtr(x / self.sigma) - self.h * sides)


@dataclasses.dataclass(frozen=True)
class InvSquareGrad(Surrogate):
    r"""$\frac{1}{(1 + \alpha |x|)^2}$ (Zenke & Ganguli 2018, doi:10.1162/neco_a_01086)."""

    alpha: float = 100.0

    def __call__(self, x: X) -> X:
        return 1.0 / (1.0 + self.alpha * jnp.abs(x)) ** 2

    def primitive(self, x: X) -> X:
        return 0.5 + x / (1.0 + self.alpha * jnp.abs(x))


@dataclasses.dataclass(frozen=True)
class SlayerGrad(Surrogate):
    r"""$e^{-\alpha |x|}$ (Shrestha & Orchard 2018, arXiv:1810.08646)."""

    alpha: float = 1.0

    def __call__(self, x: X) -> X:
        return jnp.exp(-self.alpha * jnp.abs(x))

    def primitive(self, x: X) -> X:
        rise = -jnp.expm1(-self.alpha * jnp.abs(x)) / self.alpha
        return jnp.where(x < 0, -rise, rise)


def _normal(x: X, sigma: float) -> X:
    return jnp.exp(-0.5 * (x / sigma) ** 2) / (sigma * math.sqrt(2.0 * math.pi))


SURROGATES: dict[str, type[Surrogate]] = {
    "sigmoid": Sigmoid,
    "piecewise_quadratic": PiecewiseQuadratic,
    "piecewise_exp": PiecewiseExp,
    "soft_sign": SoftSign,
    "arctan": Arctan,
    "nonzero_sign_log": NonzeroSignLog,
    "erf": Erf,
    "piecewise_leaky_relu": PiecewiseLeakyReLU,
    "squarewave_fourier_series": SquarewaveFourierSeries,
    "s2nn": S2NN,
    "q_pseudo_spike": QPseudoSpike,
    "leaky_relu": LeakyReLU,
    "log_tailed_relu": LogTailedReLU,
    "relu_grad": ReLUGrad,
    "gaussian_grad": GaussianGrad,
    "multi_gaussian_grad": MultiGaussianGrad,
    "inv_square_grad": InvSquareGrad,
    "slayer_grad": SlayerGrad,
}
"""Every slope by the name under which the field knows it."""


def smooth(x: X, surrogate: Surrogate) -> X:
    """A spike without the step: forward through the primitive, backward the same slope.

    A loss built on it can be differentiated by finite differences, so that a test sees the whole chain of a gradient.

    Parameters
    ----------
    x : array
        Distance to threshold.
    surrogate : Surrogate
        One of :data:`SURROGATES`, or an own subclass with a ``primitive``.

    Examples
    --------
    >>> import jax
    >>> from brainnb.core.spikes import spike
    >>> slope = Sigmoid(alpha=2.0)
    >>> float(smooth(0.0, slope)), float(spike(0.0, slope))
    (0.5, 1.0)
    >>> float(jax.grad(smooth)(0.3, slope)) == float(jax.grad(spike)(0.3, slope))
    True
    """
    if not isinstance(surrogate, Surrogate):
        name = getattr(surrogate, "__name__", repr(surrogate))
        raise ModelError(
            f"smooth takes a Surrogate, smooth(x, Sigmoid()); got {name}: a slope alone has no forward value."
        )
    return _smooth(jnp.asarray(x, dtype=jnp.result_type(x, float)), surrogate)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _smooth(x: Array, surrogate: Surrogate) -> Array:
    return surrogate.primitive(x)


@_smooth.defjvp
def _smooth_jvp(surrogate: Surrogate, primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    (x,), (dx,) = primals, tangents
    return surrogate.primitive(x), surrogate(x) * dx
