"""Textbook systems whose bifurcations are known in closed form, declared as any model is."""

import jax
import jax.numpy as jnp

import brainnb as bn


class SaddleNode(bn.Model):
    x = bn.state(-0.5, "1", "state", bounds=(-2, 2))
    mu = bn.input(-0.5, "1", "parameter", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        return dict(x=u.mu + s.x**2)


class Transcritical(bn.Model):
    x = bn.state(0.1, "1", "state", bounds=(-2, 2))
    mu = bn.input(-0.5, "1", "parameter", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        return dict(x=u.mu * s.x - s.x**2)


class Pitchfork(bn.Model):
    x = bn.state(0.1, "1", "state", bounds=(-2, 2))
    sign: bn.Param = bn.param(-1.0, "1", "of the cubic term", bounds=(-2, 2))
    mu = bn.input(-0.5, "1", "parameter", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        return dict(x=u.mu * s.x + self.sign * s.x**3)


class MeanField(bn.Model):
    """m' = -m + tanh(beta m)."""

    m = bn.state(0.1, "1", "magnetisation", bounds=(-1.5, 1.5))
    beta = bn.input(1.0, "1", "inverse temperature", bounds=(0, 3))

    def vector_field(self, t, s, u):
        return dict(m=-s.m + jnp.tanh(u.beta * s.m))


class Cascade(bn.Model):
    """The logistic map turned 32 times: what repeats after 1, 2, 4, ... 32 turns rests, and doubles at a pitchfork."""

    x = bn.state(0.4, "1", "population", bounds=(0, 1))
    r = bn.input(3.0, "1", "growth", bounds=(0, 4))

    def vector_field(self, t, s, u):
        return dict(x=jax.lax.fori_loop(0, 32, lambda _, x: u.r * x * (1 - x), s.x) - s.x)


class HopfNormalForm(bn.Model):
    """z' = (mu + i omega) z + cubic z abs(z)^2."""

    cubic: bn.Param = bn.param(-1.0, "1", "cubic coefficient", bounds=(-3, 3))
    omega: bn.Param = bn.param(2.0, "1/ms", "frequency", bounds=(0.1, 10))
    x = bn.state(0.1, "1", "real part", bounds=(-2, 2))
    y = bn.state(0.0, "1", "imaginary part", bounds=(-2, 2))
    mu = bn.input(-0.5, "1", "parameter", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        square = self.cubic * (s.x**2 + s.y**2)
        return dict(x=(u.mu + square) * s.x - self.omega * s.y, y=(u.mu + square) * s.y + self.omega * s.x)


class Lorenz(bn.Model):
    sigma: bn.Param = bn.param(10.0, "1", "Prandtl number", bounds=(1, 20))
    b: bn.Param = bn.param(8 / 3, "1", "geometry", bounds=(0.5, 5))
    x = bn.state(1.0, "1", "convection", bounds=(-25, 25))
    y = bn.state(1.0, "1", "horizontal temperature", bounds=(-30, 30))
    z = bn.state(20.0, "1", "vertical temperature", bounds=(0, 55))
    r = bn.input(28.0, "1", "Rayleigh number", bounds=(0, 40))

    def vector_field(self, t, s, u):
        return dict(x=self.sigma * (s.y - s.x), y=s.x * (u.r - s.z) - s.y, z=s.x * s.y - self.b * s.z)


class RankOne(bn.Model):
    """x' = -x + m tanh(n x) with m n = c and eleven units: more states than a determinant is taken of."""

    x = bn.state([0.1] * 11, "1", "activity", bounds=(-2, 2))
    c = bn.input(0.5, "1", "overlap of both patterns", bounds=(0, 3))

    def vector_field(self, t, s, u):
        pattern = jnp.ones(11)
        return dict(x=-s.x + u.c * pattern * jnp.tanh(jnp.mean(s.x)))


class Isola(bn.Model):
    """A closed branch that no fold or branch point joins to the other one."""

    x = bn.state(0.0, "1", "state", bounds=(-1, 4))
    mu = bn.input(0.0, "1", "parameter", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        return dict(x=-s.x * ((s.x - 2.0) ** 2 + u.mu**2 - 0.5))


class Pairs(bn.Model):
    """Two rotors whose growth rates are the two parameters: their Hopf curves cross in a double Hopf point."""

    first: bn.Param = bn.param(-0.5, "1", "growth of the first rotor", bounds=(-1, 1))
    second: bn.Param = bn.param(0.5, "1", "growth of the second rotor", bounds=(-1, 1))
    a = bn.state(0.0, "1", "first rotor", bounds=(-2, 2))
    b = bn.state(0.0, "1", "first rotor", bounds=(-2, 2))
    c = bn.state(0.0, "1", "second rotor", bounds=(-2, 2))
    d = bn.state(0.0, "1", "second rotor", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        one, two = s.a**2 + s.b**2, s.c**2 + s.d**2
        grow, other = self.first - one - 0.5 * two, self.second - two - 0.5 * one
        return dict(
            a=grow * s.a - s.b + 0.1 * s.c**2,
            b=grow * s.b + s.a,
            c=other * s.c - 1.7 * s.d,
            d=other * s.d + 1.7 * s.c,
        )


class ZeroHopf(bn.Model):
    """A fold beside a rotor: x' = p - x^2, whose rotor grows by q + x, so that both meet at p = q = 0."""

    p: bn.Param = bn.param(0.3, "1", "unfolds the fold", bounds=(-1, 1))
    q: bn.Param = bn.param(-0.2, "1", "unfolds the Hopf point", bounds=(-1, 1))
    x = bn.state(0.5, "1", "slow", bounds=(-2, 2))
    a = bn.state(0.0, "1", "rotor", bounds=(-2, 2))
    b = bn.state(0.0, "1", "rotor", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        square, grow = s.a**2 + s.b**2, self.q + s.x
        return dict(x=self.p - s.x**2 - square, a=grow * s.a - s.b - s.a * square, b=grow * s.b + s.a - s.b * square)


class SquareWave(bn.neurons.INapIK):
    """The square-wave burster of Izhikevich 2007 with its slow potassium activation q as an input."""

    q = bn.input(0.0, "1", "slow potassium activation, held", bounds=(-0.2, 0.5))

    def vector_field(self, t, s, u):
        fast = super().vector_field(t, s, u)
        return fast | dict(V=fast["V"] - 5.0 * u.q * (s.V + 90.0) / self.C)
