"""Textbook systems with limit cycles, and Hopf points found without the library's own continuation."""

import jax
import numpy as np
import scipy.optimize

import brainnb as bn
from brainnb.analysis.branch import Branch, Special
from brainnb.analysis.cases import case
from brainnb.analysis.cycles.cycles import cycles


class VanDerPol(bn.Model):
    """x'' - mu (1 - x^2) x' + x = 0."""

    mu: bn.Param = bn.param(1.0, "1", "damping")
    x = bn.state(1.0, "1", "position", bounds=(-3, 3))
    y = bn.state(1.0, "1", "speed", bounds=(-15, 15))

    def vector_field(self, t, s, u):
        return dict(x=s.y, y=self.mu * (1 - s.x**2) * s.y - s.x)


class Rossler(bn.Model):
    """Rössler 1976, a = b = 0.2."""

    c: bn.Param = bn.param(2.0, "1", "bifurcation parameter")
    x = bn.state(1.0, "1", "x", bounds=(-12, 15))
    y = bn.state(1.0, "1", "y", bounds=(-12, 10))
    z = bn.state(0.0, "1", "z", bounds=(0, 25))

    def vector_field(self, t, s, u):
        return dict(x=-s.y - s.z, y=s.x + 0.2 * s.y, z=0.2 + s.z * (s.x - self.c))


class LorenzFlow(bn.Model):
    """Lorenz 1963, sigma = 10, b = 8/3."""

    r: bn.Param = bn.param(24.0, "1", "heating")
    x = bn.state(1.0, "1", "x", bounds=(-25, 25))
    y = bn.state(1.0, "1", "y", bounds=(-30, 30))
    z = bn.state(20.0, "1", "z", bounds=(0, 50))

    def vector_field(self, t, s, u):
        return dict(x=10 * (s.y - s.x), y=self.r * s.x - s.y - s.x * s.z, z=s.x * s.y - 8 / 3 * s.z)


class HopfNormal(bn.Model):
    """z' = (mu + 2i) z - z |z|^2: a circle of radius sqrt(mu), turned in pi, multiplier exp(-2 mu T)."""

    mu: bn.Param = bn.param(0.25, "1", "growth rate")
    x = bn.state(0.3, "1", "real part", bounds=(-1, 1))
    y = bn.state(0.0, "1", "imaginary part", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        square = s.x**2 + s.y**2
        return dict(x=self.mu * s.x - 2 * s.y - s.x * square, y=2 * s.x + self.mu * s.y - s.y * square)


class LiftedCircle(bn.Model):
    """A unit circle in the plane z = 0, and others at z (mu + b z - z^2) = 0, turned in 2 pi / (1 + z^2)."""

    mu: bn.Param = bn.param(0.2, "1", "growth of z")
    b: bn.Param = bn.param(0.0, "1", "asymmetry")
    x = bn.state(1.0, "1", "x", bounds=(-2, 2))
    y = bn.state(0.0, "1", "y", bounds=(-2, 2))
    z = bn.state(0.1, "1", "z", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        grow, turn = 1 - s.x**2 - s.y**2, 1 + s.z**2
        return dict(x=grow * s.x - turn * s.y, y=grow * s.y + turn * s.x, z=(self.mu + self.b * s.z - s.z**2) * s.z)


class Langford(bn.Model):
    """Langford 1984, doi:10.1007/978-3-0348-6256-1_19, without the term that breaks the symmetry."""

    a: bn.Param = bn.param(0.5, "1", "growth of z")
    b: bn.Param = bn.param(0.7, "1", "where the radius stands still")
    x = bn.state(1.0, "1", "x", bounds=(-2, 2))
    y = bn.state(0.0, "1", "y", bounds=(-2, 2))
    z = bn.state(0.7, "1", "z", bounds=(-1, 2))

    def vector_field(self, t, s, u):
        lift = 0.6 + self.a * s.z - s.z**3 / 3 - (s.x**2 + s.y**2) * (1 + 0.25 * s.z)
        return dict(x=(s.z - self.b) * s.x - 3.5 * s.y, y=3.5 * s.x + (s.z - self.b) * s.y, z=lift)


def slopes(flow, x, p):
    """Vector field and Jacobian."""
    return flow(x, p), jax.jacfwd(flow)(x, p)


def hopf(found, index, value, x):
    """The Hopf point next to a guess: the real part of the pair, as a function of the parameter, is zero."""
    with jax.enable_x64(True):

        def at(value):
            return slopes(found.flow, x, found.p.put(index, value))

        def pair(J):
            eigenvalues = np.linalg.eigvals(np.asarray(J))
            turning = eigenvalues[eigenvalues.imag > 1e-9]
            return turning[np.argmin(np.abs(turning.real))]

        def equations(z):
            f, J = slopes(found.flow, z[:-1], found.p.put(index, z[-1]))
            return np.append(np.asarray(f), pair(J).real)

        p = found.p.put(index, value)
        x = scipy.optimize.root(lambda x: np.asarray(slopes(found.flow, x, p)[0]), x, tol=1e-12).x
        solved = scipy.optimize.root(equations, np.append(x, value), tol=1e-13)
        x, value = solved.x[:-1], solved.x[-1]
        assert abs(equations(solved.x)).max() < 1e-9
        return Special("hopf", float(value), x, frequency=float(pair(at(value)[1]).imag))


def followed(model, name, lo, hi, guesses, **how):
    """Branches of cycles from the Hopf points next to guesses (value, states)."""
    found = case(model, **how)
    index = found.constant(name)
    points = tuple(hopf(found, index, value, np.array(x, float)) for value, x in guesses)
    none = np.zeros(0)
    return cycles(
        found, index, lo, hi, [Branch("equilibrium", none, none, none, none, "range", special=points)]
    ), points


def values(branch, kind):
    """Values of the special points of a kind."""
    return [point.value for point in branch.special if point.kind == kind]
