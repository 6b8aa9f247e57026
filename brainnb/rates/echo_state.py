"""Reservoirs: networks whose weights are drawn once and of which only the readout learns."""

import numpy as np

from brainnb.core.errors import ModelError

from .rate_network import NoisyRateNetwork, RateNetwork


def echo_state_network(
    N: int = 100,
    inputs: int = 1,
    outputs: int = 1,
    *,
    radius: float = 0.9,
    density: float = 0.1,
    leak: float = 1.0,
    scale: float = 0.1,
    bias: float = 0.2,
    direct: bool = False,
    activation: str = "tanh",
    form: str = "rate",
    distribution: str = "uniform",
    density_in: float = 1.0,
    back: float = 0.0,
    noise: float = 0.0,
    dt: float = 1.0,
    seed: int = 0,
) -> RateNetwork:
    r"""A reservoir: sparse weights of a spectral radius, fixed for ever, of which only the readout learns.

    Run at the step ``dt``, :math:`x_{k+1} = (1 - a) x_k + a f(W x_k + W_{in} I_k + b)` with the leak :math:`a = dt / \tau`.

    Parameters
    ----------
    N, inputs, outputs : int
    radius : number
        Spectral radius of the weights; 0 for none among the units.
    density, density_in : number
        The share of weights between units, and from the inputs, that are there.
    leak : number
        How much of a unit is new in every step, above 0 up to 1.
    scale, bias, back : number
        Weights of the inputs, offsets, and weights of the output that is fed back, drawn within plus and minus this.
    direct : bool
        Whether the readout also sees the inputs.
    form : {"rate", "current"}
        The activation inside the leak, as above, or outside: :math:`x_{k+1} = (1 - a) x_k + a (W f(x_k) + \dots)`.
    distribution : {"uniform", "normal"}
        Of the weights between units.
    noise : number
        Standard deviation of the noise of an isolated unit.

    References
    ----------
    Jaeger 2001 (GMD report 148); leaks and how to choose all this: Lukoševičius 2012, doi:10.1007/978-3-642-35289-8_36.

    Examples
    --------
    >>> net = echo_state_network(100, radius=0.9)
    >>> round(float(np.abs(np.linalg.eigvals(net.weight)).max()), 3)
    0.9
    """
    if not 0 < leak <= 1:
        raise ModelError(f"echo_state_network: leak={leak!r}; a number above 0, up to 1, was expected.")
    if distribution not in ("uniform", "normal"):
        raise ModelError(f"echo_state_network: distribution={distribution!r}; 'uniform' or 'normal' was expected.")
    for name, x in (("density", density), ("density_in", density_in)):
        if not 0 < x <= 1:
            raise ModelError(f"echo_state_network: {name}={x!r}; a number above 0, up to 1, was expected.")
    rng = np.random.default_rng(seed)
    W = rng.uniform(-1, 1, (N, N)) if distribution == "uniform" else rng.normal(size=(N, N))
    W *= rng.random((N, N)) < density
    largest = np.abs(np.linalg.eigvals(W)).max()
    if largest < 1e-9:
        raise ModelError(
            f"echo_state_network: {N} units at density {density:g} have no cycle to scale; take more of either."
        )
    W_in = rng.uniform(-scale, scale, (N, inputs))
    offsets = rng.uniform(-bias, bias, N)
    if density_in < 1:
        W_in *= rng.random((N, inputs)) < density_in
    more = {"weight_back": rng.uniform(-back, back, (N, outputs))} if back else {}
    kind = RateNetwork
    if noise:
        kind, more = NoisyRateNetwork, more | {"sigma": noise}
    return kind(
        N,
        inputs,
        outputs,
        form=form,
        activation=activation,
        direct=direct,
        tau=dt / leak,
        weight=W * (radius / largest),
        weight_in=W_in,
        bias=offsets,
        **more,
    )
