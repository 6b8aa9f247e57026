"""JaxCont: pseudo-arclength in JAX, with its step settings given; its cycles start from an orbit that is handed to it."""

from importlib import metadata

import jax
import jax.numpy as jnp
import jaxcont as jc
import numpy as np
from common import E_L, FHN_REST, FHN_SPAN, HH_REST, HH_SPAN, g_Na, tau
from jaxcont.core.collocation import Collocation
from jaxcont.problems import periodic_orbit_problem

jax.config.update("jax_enable_x64", True)
POINTS = 100
BEGIN = 0.5
"""Current at which the branch of cycles begins; it is followed from there to where it ends in the second Hopf point."""


def versions() -> str:
    return f"JaxCont {jc.__version__}, jax {metadata.version('jax')}"


def fhn(u, I, tau):
    V, w = u
    return jnp.stack([V - V**3 / 3 - w + I, (V + 0.7 - 0.8 * w) / tau])


def hh(u, I, g_Na):
    V, m, h, n = u
    a_m, b_m = 0.1 * (V + 40) / (1 - jnp.exp(-(V + 40) / 10)), 4 * jnp.exp(-(V + 65) / 18)
    a_h, b_h = 0.07 * jnp.exp(-(V + 65) / 20), 1 / (1 + jnp.exp(-(V + 35) / 10))
    a_n, b_n = 0.01 * (V + 55) / (1 - jnp.exp(-(V + 55) / 10)), 0.125 * jnp.exp(-(V + 65) / 80)
    current = g_Na * m**3 * h * (V - 50) + 36 * n**4 * (V + 77) + 0.3 * (V - E_L)
    gates = [a * (1 - x) - b * x for a, b, x in ((a_m, b_m, m), (a_h, b_h, h), (a_n, b_n, n))]
    return jnp.stack([I - current, *gates])


def equilibria(field, rest, span, moved, most):
    problem = jc.bif_problem(field, jnp.array(rest), span[0], args=moved)
    settings = jc.ContinuationPar(ds=most / 5, ds_max=most, max_steps=200)
    return jc.continuation(problem, p_span=span, settings=settings, events=[jc.Fold(), jc.Hopf()])


def orbit() -> tuple[np.ndarray, np.ndarray, float]:
    """One period of FitzHugh-Nagumo, by Runge-Kutta: what JaxCont leaves to its user, so it is not timed."""
    dt, u, seen = 0.02, np.array([1.0, 0.0]), []

    def slope(u):
        return np.array([u[0] - u[0] ** 3 / 3 - u[1] + BEGIN, (u[0] + 0.7 - 0.8 * u[1]) / tau(-1)])

    for _ in range(10_000):
        a = slope(u)
        b = slope(u + dt / 2 * a)
        c = slope(u + dt / 2 * b)
        u = u + dt / 6 * (a + 2 * b + 2 * c + slope(u + dt * c))
        seen.append(u)
    seen = np.array(seen)
    first, last = np.flatnonzero((seen[:-1, 0] < 0) & (seen[1:, 0] >= 0))[-2:]
    return seen[first : last + 1], dt * np.arange(last - first + 1), dt * (last - first)


PATH, TIMES, PERIOD = orbit()


def cycles(k: int):
    problem = periodic_orbit_problem(
        lambda u, p, args: fhn(u, p, tau(k)), jnp.asarray(PATH), jnp.asarray(TIMES), PERIOD, BEGIN, Collocation(40, 4)
    )
    settings = jc.ContinuationPar(ds=0.05, ds_max=1.0, max_steps=POINTS)
    found = jc.continuation(problem, p_span=(BEGIN, FHN_SPAN[1]), settings=settings, events=[jc.Fold()])
    return equilibria(fhn, FHN_REST, FHN_SPAN, tau(k), 0.05), found


def read(found) -> dict:
    resting, cycle = found if isinstance(found, tuple) else (found, None)
    told = {"positions": {"hopf": sorted(float(e.p) for e in resting.events if e.kind.lower() == "hopf")}}
    if cycle is not None:
        told["points"] = cycle.branch.n_valid
    return told


TASKS = {
    "equilibria 2": (lambda k: equilibria(fhn, FHN_REST, FHN_SPAN, tau(k), 0.05), read),
    "equilibria 4": (lambda k: equilibria(hh, HH_REST, HH_SPAN, g_Na(k), 5.0), read),
    "cycles 2": (cycles, read),
}
