"""Mistakes in the values of parameters, by constructor and by replace."""

import pytest

import brainnb as bn

MISTAKES = {
    "an unknown argument": ("Fhn(tauu=3)", TypeError, ["`tauu` in Fhn", "Did you mean `tau`", "a, tau"]),
    "a state as argument": ("Fhn(V=3)", TypeError, ["`V` is a state of Fhn", "init={'V': ...}"]),
    "an input as argument": ("Fhn(I=3)", TypeError, ["`I` is an input of Fhn", "bn.simulate(model, T=..., I=...)"]),
    "below the bounds": ("Fhn(tau=0)", bn.OutOfBounds, ["Fhn.tau = 0 ms", "[1, 50] ms"]),
    "above the bounds, in another unit": ("Fhn(tau='1 s')", bn.OutOfBounds, ["Fhn.tau = 1000 ms", "[1, 50] ms"]),
    "one of many out of bounds": ("Fhn(tau=[5, 60])", bn.OutOfBounds, ["Fhn.tau = 60 ms", "[1, 50] ms"]),
    "NaN": ("Fhn(tau=float('nan'))", bn.OutOfBounds, ["Fhn.tau is NaN", "ms"]),
    "NaN by replace": ("hh.replace(g_Na=np.nan)", bn.OutOfBounds, ["HodgkinHuxley.g_Na is NaN", "mS/cm2"]),
    "None": ("Fhn(tau=None)", bn.ModelError, ["Fhn.tau = None", "a number or an array in ms"]),
    "True": ("Fhn(tau=True)", bn.ModelError, ["Fhn.tau = True", "a number or an array in ms"]),
    "a function": ("Fhn(tau=lambda: 3)", bn.ModelError, ["Fhn.tau = <lambda>", "a number or an array in ms"]),
    "a dict": ("Fhn(tau={'mean': 3})", bn.ModelError, ["Fhn.tau", "a number or an array in ms", "objects"]),
    "a complex number": ("Fhn(tau=3j)", bn.ModelError, ["Fhn.tau = 3j", "complex"]),
    "an empty list": (
        "bn.simulate(Fhn(tau=[]), T=1)",
        bn.ModelError,
        ["dw/dt has shape (0,)", "parameter `tau`", "one number"],
    ),
    "a ragged list": ("Fhn(tau=[1, [2, 3]])", bn.ModelError, ["Fhn.tau", "rows differ in length"]),
    "a quantity of another kind": ("Fhn(tau='5 mV')", bn.UnitError, ["Fhn.tau = '5 mV'", "in mV", "a value in ms"]),
    "a unit where none is": ("Fhn(a='5 mV')", bn.UnitError, ["Fhn.a = '5 mV'", "in mV", "a plain number"]),
    "a unit that does not exist": ("Fhn(tau='5 foo')", bn.UnitError, ["Fhn.tau = '5 foo'", "'20 ms'"]),
    "text that is no number": ("Fhn(tau='fast')", bn.UnitError, ["Fhn.tau = 'fast'", "'20 ms'"]),
    "empty text": ("Fhn(tau='')", bn.UnitError, ["Fhn.tau = ''", "'20 ms'"]),
    "arithmetic as text": ("Fhn(tau='9**9**9**9')", bn.UnitError, ["Fhn.tau = '9**9**9**9'", "'20 ms'"]),
    "code as text": ("Fhn(tau='__import__(\"os\")')", bn.UnitError, ["cannot be read as a number", "'20 ms'"]),
    "a unit to the power of nothing": ("Fhn(tau='5 A^0')", bn.UnitError, ["cannot be read as a number"]),
    "very long text": ("Fhn(tau='1' * 100_000)", bn.UnitError, ["cannot be read as a number"]),
    "a unit no declaration has": (
        "class Bad(bn.Model):\n    x: bn.Param = bn.param(1.0, 'milliparsnips')\nBad(x='3 ms')",
        bn.UnitError,
        ["`milliparsnips`", "mV, ms"],
    ),
    "an unknown name": ("hh.replace(gNa=3)", bn.UnknownName, ["`gNa`", "`g_Na`", "HodgkinHuxley", "temperature"]),
    "an unknown path": ("cell.replace({'K.gmax': 3})", bn.UnknownName, ["`K.gmax`", "Did you mean `K.g_max`"]),
    "a glob without match": ("hh.replace({'q*': 3})", bn.UnknownName, ["`q*`", "g_Na"]),
    "another shape": (
        "hh.replace(g_Na=[100, 120])",
        bn.ModelError,
        ["g_Na has shape ()", "(2,)", "HodgkinHuxley(g_Na=...)"],
    ),
    "another length": (
        "bn.neurons.HodgkinHuxley(g_Na=[1, 2, 3]).replace(g_Na=[1, 2])",
        bn.ModelError,
        ["shape (3,)", "got (2,)"],
    ),
    "a state": ("hh.replace(V=-70)", bn.UnknownName, ["`V` is a state", "init={'V': ...}"]),
    "a state of a part": ("cell.replace({'K.n': 0.5})", bn.UnknownName, ["`K.n` is a state", "init={'K.n': ...}"]),
    "an input": ("hh.replace(I=3)", bn.UnknownName, ["`I` is an input", "bn.simulate(model, T=..., I=...)"]),
    "a part": ("cell.replace(K=3)", bn.ModelError, ["`K` is a part of Cell", "K.g_max"]),
    "structure": (
        "class Sized(Fhn):\n    n: int = bn.static(3)\nSized().replace(n=4)",
        bn.UnknownName,
        ["`n` is structure of Sized", "Sized(n=...)"],
    ),
    "a path that is no text": ("hh.replace({3: 3})", bn.UnknownName, ["path is text", "got 3"]),
    "a name alone": ("hh.replace('g_Na')", bn.ModelError, ["mapping", "got 'g_Na'"]),
    "out of bounds by replace": ("hh.replace(g_Na=-5)", bn.OutOfBounds, ["g_Na = -5 mS/cm2", "[0, 300] mS/cm2"]),
    "infinity": ("hh.replace(g_Na=np.inf)", bn.OutOfBounds, ["g_Na = inf mS/cm2", "[0, 300]"]),
    "a unit by replace": ("hh.replace(C='3 mV')", bn.UnitError, ["HodgkinHuxley.C = '3 mV'", "uF/cm2"]),
    "an attribute that does not exist": ("hh.gNa", bn.UnknownName, ["`gNa` in HodgkinHuxley", "`g_Na`"]),
    "a state as attribute": ("hh.V", bn.UnknownName, ["`V` is a state", "`s.V`"]),
    "units of a class": ("bn.check_units(Fhn)", bn.ModelError, ["check_units takes a model"]),
    "units that do not fit a sum": (
        "class Bad(Fhn):\n    def vector_field(self, t, s, u):\n        return dict(V=s.V + self.tau, w=s.w)\n"
        "bn.check_units(Bad())",
        bn.UnitError,
        ["Bad.vector_field", "`add` mixes 1 and ms"],
    ),
    "units that do not fit a derivative": (
        "class Bad(bn.Model):\n    V = bn.state(0.0, 'mV')\n    def vector_field(self, t, s, u):\n        return dict(V=-s.V)\n"
        "bn.check_units(Bad())",
        bn.UnitError,
        ["Bad: dV/dt is in mV", "expected mV / ms"],
    ),
    "an exponential of a voltage": (
        "class Bad(bn.Model):\n    V = bn.state(0.0, 'mV')\n    def vector_field(self, t, s, u):\n        return dict(V=jnp.exp(s.V))\n"
        "bn.check_units(Bad())",
        bn.UnitError,
        ["`exp` of a value in mV", "@bn.empirical"],
    ),
    "a Record is assigned to": (
        "s = bn.Record(V=1.0)\ns.V = 2.0",
        bn.ModelError,
        ["does not change", "`s = s.merge(dict(V=...))`"],
    ),
    "a Record is asked for what it has not": ("bn.Record(V=1.0).v", bn.UnknownName, ["`v`", "Did you mean `V`"]),
    "a Record merges a stranger": ("bn.Record(V=1.0).merge(dict(v=2.0))", bn.UnknownName, ["`v`", "`V`"]),
}


@pytest.mark.parametrize(("typed", "error", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_value_is_answered(answers, typed, error, words):
    answers(typed, error, words)


def test_a_refused_value_leaves_the_model_as_it_was():
    model = bn.neurons.HodgkinHuxley()
    before = str(model)
    with pytest.raises(bn.OutOfBounds):
        model.replace({"g_K": 20, "g_Na": -5})
    assert str(model) == before
