"""What every exported model is, collected by itself: a new class in an ``__init__`` is tested without another line."""

import functools
import inspect
from pathlib import Path

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.channels import Leak, PotassiumHH1952, SodiumHH1952
from brainnb.core.orders import orders

HERE = Path(__file__).parent
ROOMS = (bn.neurons, bn.rates, bn.channels, bn.inputs, bn.synapses)
SLOTS = {
    "synapse": (bn.synapses.Kinetics, bn.synapses.Coupling),
    "output": (bn.synapses.Output,),
    "stp": (bn.synapses.Release,),
    "plasticity": (bn.synapses.Plasticity,),
}
"""Where the parts of a synapse are given to a projection."""

ABSTRACT = {
    bn.channels.Channel,
    bn.inputs.Stimulus,
    bn.rates.Readout,  # a part without a state
    bn.rates.PolynomialReadout,
    *(cls for kinds in SLOTS.values() for cls in kinds),
}

COUPLED = {
    bn.rates.Kuramoto,
    bn.rates.RateNetwork,
    bn.rates.NoisyRateNetwork,
    bn.rates.ConnectomeNetwork,
    bn.rates.GRU,
    bn.rates.LSTM,
    bn.rates.NVAR,
}
"""Models whose units are coupled to each other: what holds for independent units does not hold for them."""

# Only classes that cannot be built (or mean nothing) without arguments stand here.
BUILT_WITH = {
    bn.neurons.Cell: lambda cls: cls({"Na": SodiumHH1952(), "K": PotassiumHH1952(), "leak": Leak()}),
    bn.channels.ChannelGroup: lambda cls: cls({"K": PotassiumHH1952(), "leak": Leak()}),
    bn.synapses.Additive: lambda cls: cls(of="V"),
    bn.inputs.FromData: lambda cls: cls([0.0, 2.0, 4.0], [0.0, 5.0, 1.0]),
    bn.inputs.FromFunction: lambda cls: cls(ramp),
    bn.inputs.SpikeTimes: lambda cls: cls([1.0, 2.5, 2.9, 15.0]),
    bn.inputs.Sum: lambda cls: cls([bn.inputs.Step(start=1), bn.inputs.Noise(), bn.inputs.Step(start=3)]),
    bn.inputs.Product: lambda cls: cls({"tone": bn.inputs.Sine(frequency=200), "envelope": bn.inputs.Ramp()}),
    bn.inputs.Scaled: lambda cls: cls(bn.inputs.Sine(frequency=200), 2.0),
    bn.inputs.Delayed: lambda cls: cls(bn.inputs.Noise(mean=1) + bn.inputs.Step(start=0.5), 1.0),
    bn.inputs.Lasting: lambda cls: cls(bn.inputs.Sine(frequency=200), 3.0),
    bn.inputs.Repeated: lambda cls: cls(bn.inputs.Pulse(start=0.5, duration=0.5), 2.0),
    bn.inputs.Sequence: lambda cls: cls([(0, 1), (bn.inputs.Noise(), 1), (bn.inputs.Step(start=0.5), 2)], after=-1),
}


def ramp(t):
    """A function of time for FromFunction: named, so that it is the same one in every test."""
    return 2.0 * t


class Carrier(bn.Model):
    """A membrane that shows what a stimulus does."""

    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    x = bn.state(0.0, "1", "filtered stimulus", bounds=(-100, 100))
    I = bn.input(0.0, "1", "drive", bounds=(-100, 100))

    def vector_field(self, t, s, u):
        return dict(x=(u.I - s.x) / self.tau)


class Specimen:
    """An exported class, an instance of it, and how it is run."""

    def __init__(self, cls):
        self.cls = cls
        self.room = cls.__module__.split(".")[1]
        self.is_stimulus = issubclass(cls, bn.inputs.Stimulus)
        self.is_synapse = self.room == "synapses"

    def __repr__(self):
        return f"{self.room}.{self.cls.__name__}"

    def build(self):
        return BUILT_WITH.get(self.cls, lambda cls: cls())(self.cls)

    def carrier(self, model=None):
        """What a stimulus drives, and else the model itself."""
        return Carrier() if self.is_stimulus else model

    def given(self, model):
        """What the carrier is given."""
        return {"I": model} if self.is_stimulus else self.drive(model)

    def path(self, name):
        """The path, in the carrier, of a parameter or a state of the model."""
        return f"I.{name}" if self.is_stimulus else name

    def drive(self, model):
        """Inputs that make the model move: above the middle of their bounds."""
        return {n: d.bounds[0] + 0.6 * (d.bounds[1] - d.bounds[0]) for n, d in model.inputs().items()}

    def run(self, model, T=5.0, dt=0.05, **options):
        """A run of the model; a stimulus drives a membrane, with size= seen by one unit each."""
        if self.is_stimulus:
            return bn.simulate(Carrier(), T=T, dt=dt, I=model, record=["x", "I"], **options)
        return bn.simulate(model, T=T, dt=dt, **(self.drive(model) | options))

    def sweep(self, model, values, T=5.0, dt=0.05, **options):
        if self.is_stimulus:
            named = {f"I.{path}": v for path, v in values.items()}
            return bn.sweep(Carrier(), named, T=T, dt=dt, I=model, record=["x", "I"], **options)
        drive = {n: v for n, v in self.drive(model).items() if n not in values}
        return bn.sweep(model, values, T=T, dt=dt, **(drive | options))


class SynapseSpecimen(Specimen):
    """Part of a synapse: run inside a projection between two pairs of cells that fire."""

    @property
    def slot(self):
        return next(slot for slot, kinds in SLOTS.items() if issubclass(self.cls, kinds))

    def path(self, name):
        return f"S.{self.slot}.{name}"

    def carrier(self, model=None):
        net = pair(self, jax.config.jax_enable_x64)
        model = self.build() if model is None else model
        return net.replace({self.path(path): p.value for path, p in model.parameters().items()})

    def given(self, model):
        return {"P.I": 600.0, "Q.I": 550.0, **{self.path(n): x for n, x in self.drive(model).items()}}

    def run(self, model, T=5.0, dt=0.05, **options):
        given = self.given(model) | {self.path(n): options.pop(n) for n in model.inputs() if n in options}
        return bn.simulate(self.carrier(model), T=T, dt=dt, inputs=given, record=self.record(model), **options)

    def record(self, model):
        own = [] if issubclass(self.cls, (bn.synapses.Coupling, bn.synapses.Output)) else type(model).states()
        return ["Q.V", *map(self.path, own)]

    def sweep(self, model, values, T=5.0, dt=0.05, **options):
        given = {k: v for k, v in self.given(model).items() if k not in map(self.path, values)}
        named = {self.path(path): v for path, v in values.items()}
        return bn.sweep(self.carrier(model), named, T=T, dt=dt, inputs=given, record=self.record(model), **options)


@functools.cache
def pair(specimen, precise):
    """The network around a part, built once for each precision."""
    cells = {name: bn.Population(bn.neurons.LIF(t_ref=0.5), 2, init={"V": V}) for name, V in STARTS.items()}
    parts = {specimen.slot: specimen.build()}
    return bn.Network(
        populations=cells, projections={"S": bn.Projection("P", "Q", bn.connect.AllToAll(), weight=0.5, **parts)}
    )


STARTS = {"P": [-50.5, -52.0], "Q": [-51.5, -53.0]}


@functools.cache
def specimens():
    """The exported models, the same objects for all tests: what is built around one is built once."""
    found = []
    for room in ROOMS:
        for name in room.__all__:
            cls = getattr(room, name)
            if inspect.isclass(cls) and cls not in ABSTRACT:
                found.append((SynapseSpecimen if room is bn.synapses else Specimen)(cls))
    return found


def has_numbers(specimen):
    return any(np.ndim(p.value) == 0 for p in specimen.build().parameters().values())


def has_own_numbers(specimen):
    return any(np.ndim(p.value) == 0 for path, p in specimen.build().parameters().items() if "." not in path)


def is_published(specimen):
    return specimen.cls not in (bn.neurons.Cell, bn.channels.ChannelGroup, bn.inputs.FromFunction)


def has_free_units(specimen):
    return specimen.cls not in COUPLED and not specimen.is_synapse


def has_a_clock(specimen):
    """A number whose unit decides the unit of a derivative: C, tau or a rate; of whole order, so that it has a unit."""
    rows = specimen.build().parameters()
    if orders(specimen.build()):
        return False
    return bool(specimen.build().states()) and any(n in rows and rows[n].unit != "1" for n in CLOCKS)


CLOCKS = ("C", "tau", "phi", "a")

# Fixture name: which of the exported models it runs over.
KINDS = {
    "specimen": lambda s: True,
    "numbered": has_numbers,
    "self_numbered": lambda s: has_own_numbers(s) and has_free_units(s),
    "uncoupled": has_free_units,
    "published": is_published,
    "clocked": has_a_clock,
    "with_presets": lambda s: bool(s.cls.presets()),
    "neuron": lambda s: s.room == "neurons" and is_published(s),
    "stored": lambda s: s.cls is not bn.inputs.FromFunction,
}


@functools.cache
def of_kind(name):
    """To find them out each model is built: once, and not again for every test."""
    return [s for s in specimens() if KINDS[name](s)]


def pytest_generate_tests(metafunc):
    for name in KINDS:
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, of_kind(name), ids=repr)
    if "preset" in metafunc.fixturenames:
        pairs = [(s, name) for s in specimens() for name in s.cls.presets()]
        metafunc.parametrize("preset", pairs, ids=[f"{s!r}.{name}" for s, name in pairs])


def pytest_collection_modifyitems(items):
    """Model by model, where several workers share the tests: what one has compiled serves all tests of a model."""
    here = [item for item in items if item.path.is_relative_to(HERE) and "[" in item.name]
    order = {repr(s): i for i, s in enumerate(specimens())}

    def place(item):
        name = item.callspec.id
        return order.get(name, order.get(name.rpartition(".")[0], -1))

    ranked, moved = iter(sorted(here, key=place)), set(here)
    items[:] = [next(ranked) if item in moved else item for item in items]


@pytest.fixture
def double_precision():
    with jax.enable_x64(True):
        yield
