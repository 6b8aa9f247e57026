"""Writes the page of what can be exported to JavaScript, docs/lookup/exported.md, from trying it.

``python docs/_ext/exported.py`` writes the page anew; the tests try every model again and compare.
"""

from pathlib import Path

import brainnb as bn
import catalogue
from brainnb.channels import Leak, PotassiumHH1952, SodiumHH1952

PAGE = Path(__file__).parents[1] / "lookup" / "exported.md"
DT = 0.05

HEAD = """<!-- Written by `python docs/_ext/exported.py`; the tests try every model again. -->
# What runs in a page

Every model of the library was written as a JavaScript module, and run beside JAX in double precision: the tests draw
parameters within their bounds and compare to 1e-9. {doc}`../understand/export` says how it works.
A stimulus is tried on a membrane, a part of a synapse between two pairs of cells, a published network in the size and for the
time that stand beside it.
Two sets of parameters are tried at every change, a thousand by `make test-slow` (VentralStream by that alone). A
Microcircuit of full size is refused, because no page can hold its wiring.

"""

ABSTRACT = {
    "Channel",
    "Stimulus",
    "Readout",
    "PolynomialReadout",
    "Kinetics",
    "Coupling",
    "Output",
    "Release",
    "Plasticity",
}
SLOTS = {
    "synapse": (bn.synapses.Kinetics, bn.synapses.Coupling),
    "output": (bn.synapses.Output,),
    "stp": (bn.synapses.Release,),
    "plasticity": (bn.synapses.Plasticity,),
}
SMALL = {
    "COBA": dict(n=160),
    "COBAHH": dict(n=160),
    "CUBA": dict(n=160),
    "PING": dict(n=20),
    "ING": dict(n=20),
    "Brunel": dict(n=60, inputs=8),
    "BrunelHakim": dict(n=12, inputs=4),
    "Song2000": dict(n=20),
    "VreeswijkSompolinsky": dict(n=40, inputs=8),
    "Synfire": dict(groups=3, size=20, spikes=40, width=0.3, at=1.0, delay=1.0),
    "Wang2002": dict(scale=0.02, start=1.0),
    "Microcircuit": dict(scale=0.005),
    "VentralStream": dict(n=80),
    "Hopfield": dict(neurons=30, patterns=4),
}
"""Networks in the size in which they are tried, so small that a thousand runs of each are soon done."""

SPAN = {"BrunelHakim": 4.0}
"""How long a network runs where it is not ``LONG``, ms: every step of this one draws Poisson numbers by the hundred."""
LONG = 10.0

SLOW = {"VentralStream"}
"""Written in seconds, but JAX compiles a sweep of its ten populations for a minute: tried by night only."""

BUILT_WITH = {
    "Cell": lambda cls: cls({"Na": SodiumHH1952(), "K": PotassiumHH1952(), "leak": Leak()}),
    "ChannelGroup": lambda cls: cls({"K": PotassiumHH1952(), "leak": Leak()}),
    "Additive": lambda cls: cls(of="V"),
    "FromData": lambda cls: cls([0.0, 2.0, 4.0], [0.0, 5.0, 1.0]),
    "FromFunction": lambda cls: cls(lambda t: 2.0 * t),
    "SpikeTimes": lambda cls: cls([1.0, 2.5, 2.9, 15.0]),
    "Sum": lambda cls: cls([bn.inputs.Step(start=1), bn.inputs.Noise()]),
    "Product": lambda cls: cls({"tone": bn.inputs.Sine(frequency=200), "envelope": bn.inputs.Ramp()}),
    "Scaled": lambda cls: cls(bn.inputs.Sine(frequency=200), 2.0),
    "Delayed": lambda cls: cls(bn.inputs.Noise(mean=1), 1.0),
    "Lasting": lambda cls: cls(bn.inputs.Sine(frequency=200), 3.0),
    "Repeated": lambda cls: cls(bn.inputs.Pulse(start=0.5, duration=0.5), 2.0),
    "Sequence": lambda cls: cls([(0, 1), (bn.inputs.Noise(), 1), (bn.inputs.Step(start=0.5), 2)], after=-1),
    "Hopfield": lambda cls: cls.random(**SMALL["Hopfield"]),
}
"""What needs arguments, and with which it is tried."""


class Membrane(bn.Model):
    """What a stimulus drives."""

    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    x = bn.state(0.0, "1", "filtered stimulus", bounds=(-100, 100))
    I = bn.input(0.0, "1", "drive", bounds=(-100, 100))

    def vector_field(self, t, s, u):
        return dict(x=(u.I - s.x) / self.tau)


def around(part):
    """A network around a part of a synapse, and what its cells are given."""
    slot = next(slot for slot, kinds in SLOTS.items() if isinstance(part, kinds))
    starts = {"P": [-50.5, -52.0], "Q": [-51.5, -53.0]}
    cells = {name: bn.Population(bn.neurons.LIF(t_ref=0.5), 2, init={"V": V}) for name, V in starts.items()}
    synapse = bn.Projection("P", "Q", bn.connect.AllToAll(), weight=0.5, **{slot: part})
    given = {f"S.{slot}.{name}": x for name, x in driven(part).items()}
    return bn.Network(populations=cells, projections={"S": synapse}), {"P.I": 600.0, "Q.I": 550.0, **given}


def driven(model):
    """Inputs that make a model move: above the middle of their bounds."""
    return {n: d.bounds[0] + 0.6 * (d.bounds[1] - d.bounds[0]) for n, d in model.inputs().items()}


def case(family, name):
    """A model of the library as it is tried, and what it is given."""
    cls = catalogue.models(family)[name]
    model = BUILT_WITH.get(name, lambda cls: cls(**SMALL.get(name, {})))(cls)
    if family == "inputs":
        return Membrane(), {"I": model}
    if family == "synapses":
        return around(model)
    return model, {} if family == "networks" else driven(model)


def names():
    """Every model of the library that can be tried, family by family."""
    return [
        (family, name) for family in catalogue.FAMILIES for name in catalogue.models(family) if name not in ABSTRACT
    ]


def outcome(family, name):
    """Bytes of the module, or the reason why there is none."""
    model, given = case(family, name)
    try:
        return bn.export.javascript(model, dt=DT, T=10.0, inputs=given).size
    except bn.export.ExportError as reason:
        return str(reason)


def span(name):
    """How long a network runs, ms."""
    return SPAN.get(name, LONG)


def form(name):
    """In which size a network is tried, and how long it runs."""
    return ", ".join([*(f"{key}={value}" for key, value in SMALL.get(name, {}).items()), f"{span(name):g} ms"])


def row(family, name, found):
    """One line of a table."""
    written = isinstance(found, int)
    said = f"{found / 1000:.0f} kB" if written else f"no: {found}".replace("|", "\\|")
    tried = (f" {form(name) if written else ''} |") if family == "networks" else ""
    return f"| `{name}` | {said} |{tried}"


def page():
    """The whole page."""
    lines = []
    for family, title in catalogue.FAMILIES.items():
        more = (" tried with |", " --- |") if family == "networks" else ("", "")
        lines += [f"## {title}", "", f"| model | module |{more[0]}", f"| --- | --- |{more[1]}"]
        lines += [row(family, name, outcome(family, name)) for f, name in names() if f == family] + [""]
        print(title, flush=True)
    return HEAD + "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf8")
