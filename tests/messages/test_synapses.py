"""Synapses put together wrongly: refused when the network is built, in words."""

import pytest

import brainnb as bn

NEW = """
S = bn.synapses
def net(*args, pre=bn.neurons.LIF(), post=bn.neurons.LIF(), **more):
    return bn.Network(
        populations={"E": bn.Population(pre, 3), "I": bn.Population(post, 2)},
        projections={"EI": bn.Projection("E", "I", bn.connect.AllToAll(), *args, **more)},
    )
"""

MISTAKES = {
    "a rule on a coupling": (
        "net(S.GapJunction(), plasticity=S.STDP())",
        bn.ModelError,
        [
            "Projection(E -> I, AllToAll, GapJunction)",
            "plasticity= belongs to synapses that spikes open",
            "without spikes",
        ],
    ),
    "a delay of a coupling": ("net(S.Additive(of='V'), delay=1.0)", bn.ModelError, ["delay= belongs to", "Additive"]),
    "an output of a coupling": (
        "net(S.Diffusive(of='V'), output=S.Conductance())",
        bn.ModelError,
        ["output= belongs to", "Diffusive couples cells"],
    ),
    "short-term plasticity of a coupling": ("net(S.GapJunction(), stp=S.TsodyksMarkram())", bn.ModelError, ["stp="]),
    "alignment of a coupling": ("net(S.GapJunction(), align='pre')", bn.ModelError, ["align='pre'", "has none"]),
    "saturation summed": (
        "net(S.NMDA(), align='post')",
        bn.ModelError,
        ["align='post'", "linear in the spikes", "NMDA saturates", "'pre' or 'edge'"],
    ),
    "an output of a jump": (
        "net(S.Delta(), output=S.Conductance())",
        bn.ModelError,
        ["Delta moves the potential itself", "output=Conductance would do nothing", "Exponential"],
    ),
    "a rule as a synapse": (
        "net(S.STDP())",
        bn.ModelError,
        ["synapse=STDP", "Exponential(tau=5)", "STDP is given as plasticity="],
    ),
    "an output as a synapse": ("net(S.Conductance())", bn.ModelError, ["synapse=Conductance", "given as output="]),
    "a cell as a synapse": ("net(bn.neurons.LIF())", bn.ModelError, ["synapse=LIF", "a synapse such as"]),
    "a class": ("net(S.AMPA)", bn.ModelError, ["the class AMPA", "build it, AMPA()"]),
    "no synapse": ("net(None)", bn.ModelError, ["synapse=None", "was expected"]),
    "a synapse as an output": (
        "net(S.Exponential(), output=S.Alpha())",
        bn.ModelError,
        ["output=Alpha", "given as synapse="],
    ),
    "a rule as short-term plasticity": (
        "net(S.Exponential(), stp=S.STDP())",
        bn.ModelError,
        ["stp=STDP", "TsodyksMarkram()", "given as plasticity="],
    ),
    "release as a rule": (
        "net(S.Exponential(), plasticity=S.TsodyksMarkram())",
        bn.ModelError,
        ["plasticity=TsodyksMarkram", "STDP()", "given as stp="],
    ),
    "the class of a rule": ("net(S.AMPA(), plasticity=S.STDP)", bn.ModelError, ["the class STDP", "build it, STDP()"]),
    "a negative time constant": ("S.Exponential(tau=-1)", bn.OutOfBounds, ["Exponential.tau", "-1 ms", "[0.1, 500]"]),
    "a time constant of NaN": ("S.NMDA(tau_rise=float('nan'))", bn.OutOfBounds, ["NMDA.tau_rise is NaN", "ms"]),
    "a time constant of 0": ("S.STDP(tau_plus=0)", bn.OutOfBounds, ["tau_plus = 0 ms"]),
    "a fraction above 1": ("S.TsodyksMarkram(U=1.5)", bn.OutOfBounds, ["U = 1.5", "[0.001, 1]"]),
    "a wrong unit": ("S.AMPA(T_dur='3 mV')", bn.UnitError, ["T_dur", "ms"]),
    "bounds of a rule": ("S.STDP(w_min=2)", bn.OutOfBounds, ["w_min = 2 is not below w_max = 1"]),
    "a bound for each synapse": (
        "S.STDP(w_max=[1, 2])",
        bn.ModelError,
        ["w_max is one number for all synapses", "(2,)"],
    ),
    "weights outside the bounds": (
        "net(S.Exponential(), weight=6, plasticity=S.STDP())",
        bn.OutOfBounds,
        ['Projection "EI"', "weight = 6 is outside [0, 1]", "STDP(w_min=..., w_max=...)"],
    ),
    "weights of NaN": (
        "net(S.Exponential(), weight=float('nan'))",
        bn.OutOfBounds,
        ['Projection "EI"', "weight is NaN"],
    ),
    "a state that is not there": (
        "net(S.Additive(of='r'))",
        bn.UnknownName,
        ['Projection "EI"', 'population "E"', "No state `r`", "V"],
    ),
    "a state that only one side has": (
        "net(S.Diffusive(of='w'), pre=bn.neurons.AdEx())",
        bn.UnknownName,
        ['population "I"', "No state `w`"],
    ),
    "a gap junction of rates": ("S.GapJunction(of='r')", bn.ModelError, ["Diffusive(of='r')"]),
    "a coupling of nothing": ("S.Additive(of=3)", bn.ModelError, ["of=3", "name of a state"]),
    "a conductance without potential": (
        "net(S.AMPA(), post=bn.rates.StuartLandau())",
        bn.ModelError,
        ["Conductance reads the potential `V`", "StuartLandau has none"],
    ),
    "reward of a rule without": (
        "bn.simulate(net(S.AMPA(), plasticity=S.STDP(), weight=0.5), T=1, inputs={'EI.plasticity.reward': 1})",
        bn.UnknownName,
        ["EI.plasticity.reward"],
    ),
    "spikes of what never fires": (
        "bn.simulate(net(S.AMPA(), pre=bn.rates.StuartLandau()), T=1)",
        bn.ModelError,
        ['Population "E" reports no `spike`'],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_it_is_said_in_words(answers, name):
    typed, error, words = MISTAKES[name]
    answers(NEW + typed, error, words)


def test_what_a_subclass_must_define():
    class Rule(bn.synapses.Plasticity):
        """Has no rule."""

    with pytest.raises(NotImplementedError, match=r"Rule defines `on_events\(self, t, s, wiring, sent, fired\)`"):
        Rule().on_events(0, None, None, None, None)

    class Empty(bn.synapses.Release):
        """Releases nothing."""

    with pytest.raises(NotImplementedError, match=r"Empty defines `release\(self, t, s, sent\)`"):
        Empty().release(0, None, None)

    class Void(bn.synapses.Coupling):
        """Couples nothing."""

    with pytest.raises(NotImplementedError, match=r"Void defines `current"):
        Void().current(None, None, None)
