"""Systems with known answers that are no neurons: networks, chaos, normal forms, maps."""

import jax.numpy as jnp
import numpy as np

import brainnb as bn


class RankOne(bn.Model):
    """x' = -x + m tanh(n.x)."""

    m: bn.Param = bn.param(None, "1", "output")
    n: bn.Param = bn.param(None, "1", "input")
    x = bn.state(0.0, "1", "activity", bounds=(-3, 3))

    def init_state(self, size=(), key=None):
        return bn.Record(x=jnp.zeros(self.m.shape))

    def vector_field(self, t, s, u):
        return dict(x=-s.x + self.m * jnp.tanh(jnp.sum(self.n * s.x)))


class Network(bn.Model):
    """x' = -x + g W tanh x + b."""

    g: bn.Param = bn.param(None, "1", "gain")
    W: bn.Param = bn.param(None, "1", "weights")
    b: bn.Param = bn.param(None, "1", "bias")
    x = bn.state(0.0, "1", "activity", bounds=(-3, 3))

    def init_state(self, size=(), key=None):
        return bn.Record(x=jnp.zeros(self.b.shape))

    def vector_field(self, t, s, u):
        return dict(x=-s.x + self.g * (self.W @ jnp.tanh(s.x)) + self.b)


class Elman(bn.Model):
    """x -> tanh(W x + w u): a trained network as it is stepped."""

    W: bn.Param = bn.param(None, "1", "weights")
    w: bn.Param = bn.param(None, "1", "input weights")
    x = bn.state(0.0, "1", "activity", bounds=(-1, 1), discrete=True)
    drive = bn.input(0.0, "1", "input")

    def init_state(self, size=(), key=None):
        return bn.Record(x=jnp.zeros(self.w.shape))

    def on_step(self, t, s, u, key):
        return dict(x=jnp.tanh(self.W @ s.x + self.w * u.drive)), {}


class Lorenz(bn.Model):
    """Lorenz 1963, doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2."""

    sigma: bn.Param = bn.param(10.0, "1", "Prandtl number")
    r: bn.Param = bn.param(28.0, "1", "Rayleigh number")
    b: bn.Param = bn.param(8.0 / 3.0, "1", "aspect")
    x = bn.state(1.0, "1", "x", bounds=(-20, 20))
    y = bn.state(1.0, "1", "y", bounds=(-30, 30))
    z = bn.state(20.0, "1", "z", bounds=(0, 50))

    def vector_field(self, t, s, u):
        return dict(x=self.sigma * (s.y - s.x), y=s.x * (self.r - s.z) - s.y, z=s.x * s.y - self.b * s.z)


class Roessler(bn.Model):
    """Roessler 1976, doi:10.1016/0375-9601(76)90101-8."""

    a: bn.Param = bn.param(0.2, "1", "a")
    b: bn.Param = bn.param(0.2, "1", "b")
    c: bn.Param = bn.param(5.7, "1", "c")
    x = bn.state(1.0, "1", "x", bounds=(-10, 12))
    y = bn.state(1.0, "1", "y", bounds=(-11, 8))
    z = bn.state(0.1, "1", "z", bounds=(0, 23))

    def vector_field(self, t, s, u):
        return dict(x=-s.y - s.z, y=s.x + self.a * s.y, z=self.b + s.z * (s.x - self.c))


class VanDerPol(bn.Model):
    """x'' - mu (1 - x^2) x' + x = 0."""

    mu: bn.Param = bn.param(1.0, "1", "strength")
    x = bn.state(1.0, "1", "position", bounds=(-3, 3))
    y = bn.state(0.0, "1", "velocity", bounds=(-4, 4))

    def vector_field(self, t, s, u):
        return dict(x=s.y, y=self.mu * (1 - s.x**2) * s.y - s.x)


class Logistic(bn.Model):
    """x -> r x (1 - x)."""

    r: bn.Param = bn.param(4.0, "1", "growth", bounds=(0, 4))
    x = bn.state(0.3, "1", "population", bounds=(0, 1), discrete=True)

    def on_step(self, t, s, u, key):
        return dict(x=self.r * s.x * (1 - s.x)), {}


class SaddleNode(bn.Model):
    """x' = mu + x^2, y' = -y: below mu = 0 two resting points, above it their ghost."""

    x = bn.state(0.5, "1", "x", bounds=(-2, 2))
    y = bn.state(0.5, "1", "y", bounds=(-2, 2))
    mu = bn.input(0.01, "1", "distance from the fold")

    def vector_field(self, t, s, u):
        return dict(x=u.mu + s.x**2, y=-s.y)


def rank_one(c, N=20, seed=1):
    """A rank-one network with n.m = c."""
    rng = np.random.default_rng(seed)
    m, n = rng.standard_normal((2, N))
    return RankOne(m=m, n=n + m * (c - n @ m) / (m @ m))
