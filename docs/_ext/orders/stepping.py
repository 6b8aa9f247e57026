"""One step of many independent copies of a problem."""

import jax

from brainnb.integrators import ImplicitExplicit, Wiener


def step(method, problem, t, s, h, dW, area):
    """The states after a step; copies lie along the last axis of states and increments."""
    w = Wiener(problem.laid_out(dW), problem.laid_out(area))

    def one(s, w):
        return method.step_noise(problem.field, problem.diffusion, t, s, h, w)

    # an implicit method would solve all copies in one matrix
    return jax.vmap(one, in_axes=-1, out_axes=-1)(s, w) if isinstance(method, ImplicitExplicit) else one(s, w)
