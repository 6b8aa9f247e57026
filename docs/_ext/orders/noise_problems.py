"""Reference problems with noise: equations, closed forms, and the sources in the layout that a method reads."""

import jax.numpy as jnp
import numpy as np

import brainnb as bn
from brainnb.core.noise import Sources

Itô, Stratonovich = "ito", "stratonovich"


class Scalar:
    """One state, one source; ``moment`` of a test function at T = 1 is known.

    ``scale`` is how the expectation of the test function grows with the state, ``domain`` the range of arsinh(x)
    that no path leaves: both are for :mod:`orders.weak`.
    """

    sources = 1
    noise = "any"
    start = 1.0
    domain = (-3.0, 6.0)

    def begin(self, paths):
        return bn.Record(x=jnp.full(paths, self.start))

    def laid_out(self, dW):
        return bn.Record(x=dW[0])

    def test(self, x):
        return x**2

    def scale(self, x):
        return 1 + x**2


class Additive(Scalar):
    """Ornstein–Uhlenbeck: dX = -X dt + 0.8 dW; both senses are one."""

    domain = (-3.5, 3.5)

    def field(self, t, s):
        return dict(x=-s.x)

    def diffusion(self, t, s):
        return dict(x=0.8 * jnp.ones_like(s.x))

    def moment(self, sense):
        return np.exp(-2.0) + 0.8**2 / 2 * (1 - np.exp(-2.0))


class Geometric(Scalar):
    """Geometric Brownian motion: dX = mu X dt + sigma X dW."""

    def __init__(self, mu=0.5, sigma=0.5):
        self.mu, self.sigma = mu, sigma

    def field(self, t, s):
        return dict(x=self.mu * s.x)

    def diffusion(self, t, s):
        return dict(x=self.sigma * s.x)

    def moment(self, sense):
        return np.exp(2 * self.mu + (1 if sense == Itô else 2) * self.sigma**2)

    def solution(self, W, sense):
        return dict(x=np.exp(self.mu - (self.sigma**2 / 2 if sense == Itô else 0.0) + self.sigma * W[0]))


class Curved(Scalar):
    r"""X = sinh(Z) with dZ = a dt + b dW: slope and amplitude are curved, and E Z² is known."""

    start, domain = 0.0, (-4.5, 5.0)
    a, b = 0.5, 0.5

    def __init__(self, sense=Itô):
        self.sense = sense

    def field(self, t, s):
        return dict(x=self.a * jnp.sqrt(1 + s.x**2) + (0.5 * self.b**2 * s.x if self.sense == Itô else 0.0))

    def diffusion(self, t, s):
        return dict(x=self.b * jnp.sqrt(1 + s.x**2))

    def test(self, x):
        return np.arcsinh(x) ** 2

    def scale(self, x):
        return np.ones_like(x)

    def moment(self, sense):
        return self.a**2 + self.b**2


class Plane:
    r"""Two states as one complex number: dZ = alpha Z dt + sum_k beta_k Z dW_k, whose matrices commute.

    With Z = z(0) exp((alpha - sum beta_k² / 2) t + sum_k beta_k W_k) in the Itô sense; without the sum of squares in the other.
    """

    start = 1.0 + 0.5j
    alpha = -0.3 + 0.7j

    def __init__(self, *beta):
        self.beta, self.sources = beta, len(beta)
        self.noise = "separate" if len(beta) == 1 else "commutative"
        self.names = "ab"[: len(beta)]

    def field(self, t, s):
        return _of(self.alpha, s)

    def diffusion(self, t, s):
        heard = [_of(beta, s) for beta in self.beta]
        return {k: Sources(self.names, [h[k] for h in heard], 0) for k in "xy"}

    def laid_out(self, dW):
        return bn.Record({k: Sources(self.names, list(dW), 0) for k in "xy"})

    def begin(self, paths):
        return bn.Record(x=jnp.full(paths, self.start.real), y=jnp.full(paths, self.start.imag))

    def solution(self, W, sense):
        end = self.start * self.factor(1.0, W, sense)
        return dict(x=end.real, y=end.imag)

    def factor(self, h, dW, sense):
        """What the exact solution is multiplied by within a step."""
        drift = self.alpha - (sum(b**2 for b in self.beta) / 2 if sense == Itô else 0.0)
        return np.exp(drift * h + sum(b * w for b, w in zip(self.beta, dW, strict=True)))


def _of(c, s):
    """The product of two complex numbers, one of them in the states."""
    return dict(x=c.real * s.x - c.imag * s.y, y=c.imag * s.x + c.real * s.y)


ONE_SOURCE = Plane(0.5 + 0.4j)
TWO_SOURCES = Plane(0.5 + 0.4j, 0.3 - 0.5j)


class Diagonal:
    """X = tanh(a t + b W + artanh X(0)) for three values, each with a source of its own."""

    sources, noise = 3, "separate"
    a, b = -0.5, 0.8
    start = np.array([0.3, -0.2, 0.5])

    def __init__(self, sense):
        self.sense = sense

    def begin(self, paths):
        return bn.Record(x=jnp.repeat(jnp.asarray(self.start)[:, None], paths, axis=1))

    def field(self, t, s):
        return dict(x=(1 - s.x**2) * (self.a - (self.b**2 * s.x if self.sense == Itô else 0.0)))

    def diffusion(self, t, s):
        return dict(x=self.b * (1 - s.x**2))

    def laid_out(self, dW):
        return bn.Record(x=dW)

    def solution(self, W, sense):
        return dict(x=np.tanh(self.a + self.b * W + np.arctanh(self.start)[:, None]))


class Coupled:
    """FitzHugh–Nagumo with an amplitude in proportion to each state: no closed form, the truth has finer steps."""

    sources, noise = 2, "separate"

    def __init__(self, sense):
        self.shift = 0.5 if sense == Stratonovich else 0.0  # one solution in both senses

    def begin(self, paths):
        return bn.Record(x=jnp.full(paths, 0.8), y=jnp.full(paths, 0.5))

    def field(self, t, s):
        return dict(
            x=s.x - s.x**3 / 3 - s.y - self.shift * 0.36 * s.x,
            y=0.5 * (s.x + 0.7 - 0.8 * s.y) - self.shift * 0.09 * s.y,
        )

    def diffusion(self, t, s):
        return dict(x=0.6 * s.x, y=0.3 * s.y)

    def laid_out(self, dW):
        return bn.Record(x=dW[0], y=dW[1])
