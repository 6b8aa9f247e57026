"""snnTorch's side: recurrent leaky units and a leaky readout, one call of each in every step, as its tutorials do."""

from collections.abc import Callable

import numpy as np
import snntorch as snn
import torch
from setups import OUTPUTS, RATE, TAU, Spikes

DISTRIBUTIONS = ("snntorch", "torch")


class Net(torch.nn.Module):
    """Inputs, recurrent units, readout."""

    def __init__(self, setup: Spikes) -> None:
        super().__init__()
        beta, slope = float(np.exp(-1 / TAU)), snn.surrogate.fast_sigmoid(slope=10)
        w_in, w, w_out = setup.weights()
        self.first = torch.nn.Linear(w_in.shape[1], setup.units, bias=False)
        self.units = snn.RLeaky(beta, linear_features=setup.units, spike_grad=slope, reset_mechanism="subtract")
        self.last = torch.nn.Linear(setup.units, OUTPUTS)
        self.out = snn.Leaky(beta, reset_mechanism="none")
        with torch.no_grad():  # its membrane adds the current whole, brainnb's the share that a step lets in
            self.first.weight.copy_(torch.from_numpy(w_in * (1 - beta)))
            self.units.recurrent.weight.copy_(torch.from_numpy(w * (1 - beta)))
            self.last.weight.copy_(torch.from_numpy(w_out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        spk, mem = self.units.init_rleaky()
        out = self.out.init_leaky()
        seen = []
        for now in x:
            spk, mem = self.units(self.first(now), spk, mem)
            _, out = self.out(self.last(spk), out)
            seen.append(out)
        return torch.stack(seen).mean(0)


def spikes(setup: Spikes) -> tuple[Callable[[], tuple[float, int]], float]:
    """A call that makes one update and tells its loss."""
    x, labels = setup.data()
    x, labels = torch.from_numpy(np.swapaxes(x, 0, 1).copy()), torch.from_numpy(labels)
    net = Net(setup)
    adam, judge = torch.optim.Adam(net.parameters(), lr=RATE), torch.nn.CrossEntropyLoss()

    def update() -> tuple[float, int]:
        adam.zero_grad()
        loss = judge(net(x), labels)
        loss.backward()
        adam.step()
        return float(loss.detach()), 1

    update()
    return update, float("nan")


CONTENDERS = {"spikes": {"snnTorch": spikes}, "force": {}}
