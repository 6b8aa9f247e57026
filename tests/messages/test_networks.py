"""Networks put together wrongly: refused when they are built, or before the first step, in words."""

import numpy as np
import pytest

import brainnb as bn

NEW = """
L, Half = bn.neurons.LIF(), bn.connect.FixedProbability(0.5)
def net(pre="E", post="E", connect=Half, synapse=bn.synapses.Exponential(), **more):
    return bn.Network({"E": bn.Population(L, 10)}, {"EE": bn.Projection(pre, post, connect, synapse, **more)})
"""

MISTAKES = {
    "nobody of that name": ("net(post='I')", bn.UnknownName, ['Projection "EE"', "No population `I`", "Known: E"]),
    "nobody": ("bn.Network({'E': bn.Population(L, 0)})", bn.OutOfBounds, ["size = 0", "the population is empty"]),
    "fewer than nobody": ("bn.Population(L, -1)", bn.OutOfBounds, ["size = -1", "Population of LIF"]),
    "a class of cells": ("bn.Population(bn.neurons.LIF, 10)", bn.ModelError, ["the class LIF", "build it, LIF()"]),
    "a cell for a population": ("bn.Network({'E': L})", bn.ModelError, ['population "E" is LIF', "bn.Population(LIF"]),
    "no population": ("bn.Network({})", bn.ModelError, ["no population was given", "populations={'E'"]),
    "a list of populations": ("bn.Network([bn.Population(L, 3)])", bn.ModelError, ["takes a mapping", "{'E'"]),
    "one name twice": (
        "bn.Network({'E': bn.Population(L, 3)}, {'E': bn.Projection('E', 'E', Half)})",
        bn.ModelError,
        ["`E` is the name of a population and of a projection"],
    ),
    "a name with a dot": ("bn.Network({'E.x': bn.Population(L, 3)})", bn.ModelError, ["'E.x'", "paths such as 'E.V'"]),
    "a name that is taken": ("bn.Network({'cells': bn.Population(L, 3)})", bn.ModelError, ["`cells` is used"]),
    "a pair for a projection": (
        "bn.Network({'E': bn.Population(L, 3)}, {'EE': ('E', 'E')})",
        bn.ModelError,
        ['Projection "EE": got tuple', "bn.Projection('E', 'I'"],
    ),
    "no weight": ("net(weight=float('nan'))", bn.OutOfBounds, ['Projection "EE"', "weight is NaN"]),
    "no weights": ("net(weight=np.full(50, np.nan))", bn.OutOfBounds, ["50 of 50 values are NaN"]),
    "too few weights": (
        "net(connect=bn.connect.AllToAll(), weight=np.ones(7))",
        bn.ModelError,
        ['Projection "EE"', "shape (7,)", "(100,) was expected"],
    ),
    "a spike before it was sent": ("net(delay=-1.0)", bn.OutOfBounds, ["delay = -1 ms", "[0, inf] ms"]),
    "no delay": ("net(delay=float('nan'))", bn.OutOfBounds, ["delay is NaN", "in ms"]),
    "a delay in mV": ("net(delay='5 mV')", bn.UnitError, ["delay = '5 mV'", "in ms was expected"]),
    "longer than the line": ("net(delay=30, longest=20)", bn.OutOfBounds, ["30 ms is longer than longest=20 ms"]),
    "a slider beyond the line": (
        "net(delay=1.0).replace({'EE.delay': 50})",
        bn.OutOfBounds,
        ["EE.delay = 50 ms", "[0, 20] ms"],
    ),
    "a neuron that is not there": (
        "net(connect=(np.array([0, 1]), np.array([2, 99])))",
        bn.OutOfBounds,
        ["post holds the index 99", "neurons 0 to 9"],
    ),
    "a negative neuron": (
        "net(connect=(np.array([0, -1]), np.array([2, 9])))",
        bn.OutOfBounds,
        ["pre holds the index -1"],
    ),
    "a matrix of another size": ("net(connect=np.ones((3, 3), bool))", bn.ModelError, ["shape (3, 3)", "(10, 10)"]),
    "a number for a connector": ("net(connect=0.1)", bn.ModelError, ["0.1 is no connector", "bn.connect"]),
    "a class of connectors": ("net(connect=bn.connect.AllToAll)", bn.ModelError, ["`AllToAll` is a class"]),
    "one to one of different sizes": (
        "bn.Network({'A': bn.Population(L, 3), 'B': bn.Population(L, 4)}, "
        "{'AB': bn.Projection('A', 'B', bn.connect.OneToOne())})",
        bn.ModelError,
        ['Projection "AB"', "pre has 3 neurons and post 4"],
    ),
    "a wiring of another size": (
        "net(connect=bn.ops.CSR.from_edges([0], [1], 1.0, (3, 3)))",
        bn.ModelError,
        ["the wiring is one of (3, 3) neurons", "(10, 10)"],
    ),
    "an input that is not there": ("net(to='J')", bn.UnknownName, ["No input `J` in LIF", "Known: I", "to="]),
    "a cell that never fires": (
        "bn.simulate(bn.Network({'E': bn.Population(bn.neurons.FitzHughNagumo(), 3)}, "
        "{'EE': bn.Projection('E', 'E', Half)}), T=1)",
        bn.ModelError,
        ['Population "E" reports no `spike`', "threshold={'V': 0.5}"],
    ),
    "a threshold of a cell that has one": (
        "bn.Network({'E': bn.Population(L, 3, threshold=-20)})",
        bn.ModelError,
        ['Population "E"', "without a spike of their own", "parameters={'V_th': ...}"],
    ),
    "a threshold of a potential that is not there": (
        "bn.Network({'E': bn.Population(bn.neurons.PinskyRinzel(), 3, threshold=-20)})",
        bn.UnknownName,
        ['Population "E"', "No state `V` in PinskyRinzel", "threshold={'V_s': 0}"],
    ),
    "thresholds of two potentials": (
        "bn.Network({'E': bn.Population(bn.neurons.PinskyRinzel(), 3, threshold={'V_s': -20, 'V_d': 0})})",
        bn.ModelError,
        ['Population "E"', "one state and its level"],
    ),
    "a threshold that is never reached": (
        "bn.Network({'E': bn.Population(bn.neurons.MorrisLecar(), 3, threshold=900)})",
        bn.OutOfBounds,
        ['Population "E"', "V_spike = 900 mV is outside [-80, 60] mV"],
    ),
    "a threshold in another unit": (
        "bn.Network({'E': bn.Population(bn.neurons.MorrisLecar(), 3, threshold='5 nS')})",
        bn.UnitError,
        ['Population "E"', "V_spike"],
    ),
    "thresholds of others": (
        "bn.Network({'E': bn.Population(bn.neurons.MorrisLecar(), 2, threshold=[-20.0, -10.0, 0.0])})",
        bn.ModelError,
        ['Population "E": V_spike', "shape (3,)", "(2,)"],
    ),
    "a value for each of others": (
        "bn.Network({'E': bn.Population(bn.neurons.LIF(tau=np.full(99, 10.0)), 100)})",
        bn.ModelError,
        ['Population "E": tau has shape (99,); 100 neurons need () or (100,).'],
    ),
    "a parameter that is not there": (
        "bn.Network({'E': bn.Population(L, 10, parameters={'taux': 5.0})})",
        bn.UnknownName,
        ["No parameter `taux` in LIF", "Did you mean `tau`"],
    ),
    "a state that is not there": (
        "bn.Network({'E': bn.Population(L, 10, init={'W': 5.0})})",
        bn.UnknownName,
        ["No state `W` in LIF", "Known: V"],
    ),
    "first values of others": (
        "bn.Network({'E': bn.Population(L, 10, init={'V': np.ones(3)})})",
        bn.ModelError,
        ['Population "E": init of V', "shape (3,)", "(10,)"],
    ),
    "a drive that is not there": (
        "bn.Network({'E': bn.Population(L, 10, inputs={'J': 5.0})})",
        bn.UnknownName,
        ["No input `J` in LIF"],
    ),
    "a seed below nothing": ("bn.Network({'E': bn.Population(L, 10)}, seed=-1)", bn.ModelError, ["seed=-1"]),
    "many of one network": ("bn.simulate(net(), T=1, size=3)", bn.ModelError, ["sizes of its populations", "bn.sweep"]),
    "a record that is not there": (
        "bn.simulate(net(), T=1, record=['I.spike'])",
        bn.UnknownName,
        ["`I.spike`", "Did you mean `E.spike`"],
    ),
    "an input by a wrong path": (
        "bn.simulate(net(), T=1, inputs={'E.J': 1})",
        bn.UnknownName,
        ["`E.J`", "Did you mean `E.I`"],
    ),
    "an input of another size": (
        "bn.simulate(net(), T=1, inputs={'E.I': np.ones(3)})",
        bn.ModelError,
        ["input `E.I` has shape (3,)", "shape (10,) was expected"],
    ),
    "trains of others": (
        "bn.simulate(bn.Network({'trains': bn.Population(bn.networks.SpikeTrains([[1.0]]), 2)}), T=1)",
        bn.ModelError,
        ["1 trains are given for a population of 2"],
    ),
    "one train that is none": (
        "bn.networks.SpikeTrains([1.0, 2.0])",
        bn.ModelError,
        ["shape (2,)", "one row for each neuron"],
    ),
    "a delay for each of shared states": (
        "net(connect=bn.connect.AllToAll(), delay=np.ones(100), align='pre')",
        bn.ModelError,
        ["a delay for each synapse", "one delay for all"],
    ),
    "a circuit of nobody": (
        "bn.networks.Microcircuit(scale=0)",
        bn.OutOfBounds,
        ["scale = 0", "above 0 and at most 1"],
    ),
    "another drive": (
        "bn.networks.Microcircuit(scale=0.01, drive='ac')",
        bn.ModelError,
        ["drive='ac'", "'poisson' or 'dc'"],
    ),
    "too small to be wired": ("bn.networks.COBA(10)", bn.OutOfBounds, ["COBA: n = 10", "at least 160"]),
}


@pytest.mark.parametrize("typed", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_network_is_refused_in_words(answers, typed):
    text, error, words = typed
    answers(NEW + text, error, words)


def test_more_spikes_than_any_buffer_holds_are_delivered():
    """All neurons fire at once, in every step: nothing is left out."""
    n, steps = 500, 20
    trains = np.broadcast_to(np.arange(1, steps + 1) * 0.1, (n, steps))
    net = bn.Network(
        {"all": bn.Population(bn.networks.SpikeTrains(trains), n), "E": bn.Population(bn.neurons.LIF(V_th=40), 3)},
        {
            "on": bn.Projection(
                "all", "E", bn.connect.FixedProbability(1.0), bn.synapses.Exponential(tau=500), weight=0.01
            )
        },
    )
    ds = bn.simulate(net, T=steps * 0.1, record=["on.synapse.g"])
    g = ds["on.synapse.g"].values[-1]
    expected = 0.01 * n * np.exp(-0.1 * np.arange(steps) / 500).sum()
    np.testing.assert_allclose(g, expected, rtol=1e-4)
