"""BrainPy's side: `bm.for_loop` in `bm.grad` in `bm.jit`, and FORCE as its example of Sussillo & Abbott does it."""

from collections.abc import Callable

import brainpy as bp
import brainpy.math as bm
import jax
import numpy as np
from setups import RATE, TAU, Force, Spikes

DISTRIBUTIONS = ("brainpy", "jax", "jaxlib")


class Net(bp.DynamicalSystem):
    """Inputs, recurrent units, readout."""

    def __init__(self, setup: Spikes) -> None:
        super().__init__(mode=bm.TrainingMode(setup.batch))
        w_in, w, w_out = setup.weights()
        self.w_in, self.w, self.w_out = (bm.TrainVar(bm.asarray(x.T)) for x in (w_in, w, w_out))
        self.b_out = bm.TrainVar(bm.zeros(w_out.shape[0]))
        self.decay = float(np.exp(-1 / TAU))
        self.alone = 1.0 - bm.eye(setup.units)
        self.V, self.z, self.f = (bm.Variable(bm.zeros((setup.batch, setup.units))) for _ in range(3))

    def clear(self) -> None:
        """Before a trial."""
        for x in (self.V, self.z, self.f):
            x.value = bm.zeros_like(x.value)

    def update(self, x):
        I = bm.matmul(x, self.w_in) + bm.matmul(self.z.value, self.w * self.alone)
        z = self.z.value
        V = I + (self.V.value - I) * self.decay - jax.lax.stop_gradient(z)
        self.f.value = z + (self.f.value - z) * self.decay
        self.V.value = V
        self.z.value = bm.surrogate.inv_square_grad(V - 1.0, alpha=100.0)
        return bm.matmul(self.f.value, self.w_out) + self.b_out


def spikes(setup: Spikes) -> tuple[Callable[[], tuple[float, int]], float]:
    """A call that makes one update and tells its loss."""
    x, labels = setup.data()
    x, labels = bm.asarray(np.swapaxes(x, 0, 1).copy()), bm.asarray(labels)
    net = Net(setup)

    def loss():
        net.clear()
        out = bm.for_loop(net.update, x)
        return bp.losses.cross_entropy_loss(bm.mean(out, axis=0), labels)

    weights = net.train_vars().unique()
    slope = bm.grad(loss, grad_vars=weights, return_value=True)
    adam = bp.optim.Adam(lr=RATE, train_vars=weights)

    @bm.jit
    def update():
        gradient, value = slope()
        adam.update(gradient)
        return value

    def told() -> tuple[float, int]:
        return float(update()), 1

    told()
    return told, float("nan")


class Reservoir(bp.DynamicalSystem):
    """Rate units that hear their output, and its recursive least squares."""

    def __init__(self, setup: Force) -> None:
        super().__init__()
        M, back, start = setup.weights()
        self.M, self.back = bm.asarray(M.T), bm.asarray(back[:, 0])
        self.start = bm.asarray(start, dtype=bm.float32)
        self.x, self.w = bm.Variable(self.start), bm.Variable(bm.zeros(setup.units))
        self.P = bm.Variable(bm.eye(setup.units))

    def clear(self) -> None:
        """Before learning."""
        self.x.value, self.w.value = self.start, bm.zeros_like(self.w.value)
        self.P.value = bm.eye(self.x.value.shape[0])

    def update(self, wanted):
        r = bm.tanh(self.x.value)
        self.x.value = self.x.value + 0.1 * (bm.matmul(r, self.M) + self.back * bm.dot(r, self.w.value) - self.x.value)
        r = bm.tanh(self.x.value)
        error = bm.dot(r, self.w.value) - wanted
        Pr = bm.matmul(self.P.value, r)
        k = Pr / (1.0 + bm.dot(r, Pr))
        self.P.value = self.P.value - bm.outer(k, Pr)
        self.w.value = self.w.value - error * k
        return error


def force(setup: Force) -> tuple[Callable[[], tuple[float, int]], float]:
    """A call that learns all samples once and tells the mean error of the last tenth."""
    net, wanted = Reservoir(setup), bm.asarray(setup.target())

    @bm.jit
    def learn():
        net.clear()
        return bm.for_loop(net.update, wanted)

    def told() -> tuple[float, int]:
        errors = np.asarray(learn())
        return float(np.sqrt(np.mean(errors[-len(errors) // 10 :] ** 2))), setup.steps

    told()
    return told, float("nan")


CONTENDERS = {"spikes": {"BrainPy": spikes}, "force": {"BrainPy": force}}
