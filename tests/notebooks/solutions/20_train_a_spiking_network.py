"""One way to solve the exercises of 20; each block replaces the notebook's cell of that id."""

import brainnb as bn

blank = train = test = asked = plain = how = SpikingLayers = InvSquareGrad = None  # as in the notebook

# %% exercise-1
from brainnb.core.surrogates import Sigmoid  # noqa: E402


def fires(x):
    return bn.spike(x, Sigmoid(alpha=5.0))


bn.teach.check("20.1", fires)

# %% exercise-2
sparing = bn.train.CrossEntropy("out") + 20.0 * bn.train.Activity("spike", 0.05)
run = bn.fit(blank, train, loss=sparing, steps=660, **plain)
reported = {
    "before": bn.train.evaluate(blank, test, asked)["right"],
    "spikes": bn.train.evaluate(run.model, test, asked)["spikes"],
}

bn.teach.check("20.2", run, reported=reported, start=blank)

# %% exercise-3
own = bn.teach.specimen("20")
four = SpikingLayers([100, 4, 2], slope=InvSquareGrad(10.0), tau=10.0, tau_out=10.0, scale=7.0, seed=0)
readout_only = bn.fit(four, own, train=["readout.*"], optimizer=0.02, steps=250, **how).model
everything = bn.fit(four, own, train=["layer1.*", "readout.*"], optimizer=0.02, steps=250, **how).model
ties = {"argmax": float((own.out == 0).mean()), "half": 0.5, "at_least": 1.0}

bn.teach.check("20.3", everything, readout_only=readout_only, ties=ties, start=four)
