"""Mistakes in a class body, answered when the class is made."""

import dataclasses

import pytest

import brainnb as bn

MISTAKES = {
    "parameter without annotation": (
        "class Bad(bn.Model):\n    tau = bn.param(10.0, 'ms')",
        bn.ModelError,
        ["Bad.tau", "annotation", "`tau: bn.Param = bn.param(...)`"],
    ),
    "state with annotation": (
        "class Bad(bn.Model):\n    V: float = bn.state(0.0)",
        bn.ModelError,
        ["Bad.V", "no annotation", "`V = bn.state(...)`"],
    ),
    "input with annotation": (
        "class Bad(bn.Model):\n    I: bn.Param = bn.input(0.0)",
        bn.ModelError,
        ["Bad.I", "no annotation", "`I = bn.input(...)`"],
    ),
    "a plain number": (
        "class Bad(bn.Model):\n    tau = 20.0",
        bn.ModelError,
        ["Bad.tau = 20.0", "not declared", "bn.param(20.0, unit, meaning)", "bn.static(20.0)", "ClassVar"],
    ),
    "a plain annotated number": (
        "class Bad(bn.Model):\n    n: int = 3",
        bn.ModelError,
        ["Bad.n = 3", "not declared", "bn.static(3)"],
    ),
    "a list in the class": (
        "class Bad(bn.Model):\n    n: list = [1, 2]",
        bn.ModelError,
        ["Bad.n = [1, 2]", "changed in place", "tuple"],
    ),
    "a plain array": (
        "class Bad(bn.Model):\n    W = np.ones(2)",
        bn.ModelError,
        ["Bad.W", "not declared", "bn.param"],
    ),
    "a value where nothing was declared": (
        "class Bad(bn.Model):\n    g: float\nBad(3.0)",
        bn.ModelError,
        ["Bad.g holds 3.0", "bn.param(default, unit, meaning)"],
    ),
    "a default outside its bounds": (
        "class Bad(bn.Model):\n    tau: bn.Param = bn.param(5.0, 'ms', bounds=(10, 20))",
        bn.ModelError,
        ["Bad.tau", "default 5.0", "(10.0, 20.0)"],
    ),
    "a default that is NaN": (
        "class Bad(bn.Model):\n    tau: bn.Param = bn.param(np.nan, 'ms')",
        bn.ModelError,
        ["Bad.tau", "default nan"],
    ),
    "a default with its unit": (
        "class Bad(bn.Model):\n    tau: bn.Param = bn.param('5 ms', 'ms')",
        bn.ModelError,
        ["Bad.tau", "plain number in ms", "'5 ms'"],
    ),
    "a state without a start": ("class Bad(bn.Model):\n    V = bn.state(None)", bn.ModelError, ["Bad.V", "got None"]),
    "an own __init__ that forgets": (
        "class Bad(bn.Model):\n    tau: bn.Param = bn.param(None)\n    def __init__(self):\n        pass\nBad()",
        TypeError,
        ["'tau'", "not initialized"],
    ),
    "a default that is no number": (
        "class Bad(bn.Model):\n    V = bn.state([1, [2, 3]])",
        bn.ModelError,
        ["Bad.V", "number or an array"],
    ),
    "bounds the wrong way round": ("bn.param(5.0, bounds=(10, 1))", bn.ModelError, ["bounds=(10, 1)", "first"]),
    "one bound": ("bn.param(5.0, bounds=10)", bn.ModelError, ["pair (low, high)", "got 10"]),
    "bounds with units": ("bn.param(5.0, bounds=('0 mV', '9 mV'))", bn.ModelError, ["plain numbers", "'0 mV'"]),
    "bounds where the meaning goes": (
        "bn.param(5.0, 'ms', (0, 1))",
        bn.ModelError,
        ["(default, unit, meaning, bounds=...)", "(0, 1)"],
    ),
    "a number where the unit goes": ("bn.state(5.0, 3)", bn.ModelError, ["text", "unit=3"]),
    "one name for a parameter and a state": (
        "class Bad(Fhn):\n    a = bn.state(0.0)",
        bn.ModelError,
        ["Bad", "['a']", "names are unique"],
    ),
    "one name for a state and an input": (
        "class Other(bn.Model):\n    x = bn.state(0.0)\nclass Bad(Other, Fhn):\n    V = bn.input(0.0)\n    I = bn.state(0.0)\n    a = bn.state(1.0)",
        bn.ModelError,
        ["Bad", "'a'", "names are unique"],
    ),
    "a name that a run takes": (
        "class Bad(bn.Model):\n    T: bn.Param = bn.param(20.0, 'degC')",
        bn.ModelError,
        ["Bad.T", "choose another name"],
    ),
    "a name that models have": (
        "class Bad(bn.Model):\n    replace: bn.Param = bn.param(1.0)",
        bn.ModelError,
        ["Bad.replace", "choose another name"],
    ),
    "a name that s. has already": (
        "class Bad(bn.Model):\n    copy = bn.state(1.0)",
        bn.ModelError,
        ["Bad.copy", "choose another name"],
    ),
    "an input called like an option": (
        "class Bad(bn.Model):\n    progress = bn.input(1.0)",
        bn.ModelError,
        ["Bad.progress", "choose another name"],
    ),
    "a part without annotation": (
        "class Bad(bn.Model):\n    leak = bn.part(bn.channels.Leak)",
        bn.ModelError,
        ["Bad.leak", "annotation", "bn.part(...)"],
    ),
    "a model in the class body": (
        "class Bad(bn.Model):\n    leak = bn.channels.Leak()",
        bn.ModelError,
        ["Bad.leak", "nobody sees", "`leak: Leak = bn.part(Leak)`"],
    ),
    "a part that is built already": (
        "bn.part(bn.channels.Leak())",
        bn.ModelError,
        ["bn.part takes the class", "bn.part(Leak, g_max=0.3)"],
    ),
    "an unknown argument of a part": (
        "class Bad(bn.Model):\n    leak: bn.Model = bn.part(bn.channels.Leak, gmax=3)\nBad()",
        TypeError,
        ["`gmax` in Leak", "Did you mean `g_max`"],
    ),
    "models in a tuple": (
        "class Bad(bn.Model):\n    cells: tuple\nBad((fhn, fhn))",
        bn.ModelError,
        ["Bad.cells", "hides models in a tuple", "bn.Record(first=..., second=...)"],
    ),
    "structure that changes": (
        "class Bad(bn.Model):\n    n: list = bn.static([1, 2])",
        bn.ModelError,
        ["Bad.n", "structure", "tuple", "[1, 2]"],
    ),
    "structure that changes, given": (
        "class Bad(bn.Model):\n    n: list = bn.static()\nBad([1, 2])",
        bn.ModelError,
        ["Bad.n = [1, 2]", "structure", "tuple"],
    ),
    "text where an array goes": (
        "class Bad(bn.Model):\n    n: str\nBad('many')",
        bn.ModelError,
        ["Bad.n holds 'many'", "bn.static()"],
    ),
    "a hook with too few arguments": (
        "class Bad(Fhn):\n    def vector_field(self, t, s):\n        return {}",
        bn.ModelError,
        ["Bad.vector_field takes (self, t, s)", "`def vector_field(self, t, s, u):`"],
    ),
    "a hook without self": (
        "class Bad(Fhn):\n    def vector_field(t, s, u, p):\n        return {}",
        bn.ModelError,
        ["takes (t, s, u, p)", "`def vector_field(self, t, s, u):`"],
    ),
    "a hook with its arguments swapped": (
        "class Bad(Fhn):\n    def vector_field(self, s, t, u):\n        return {}",
        bn.ModelError,
        ["takes (self, s, t, u)", "`def vector_field(self, t, s, u):`"],
    ),
    "on_step without its key": (
        "class Bad(Fhn):\n    def on_step(self, t, s, u):\n        return {}, {}",
        bn.ModelError,
        ["takes (self, t, s, u)", "`def on_step(self, t, s, u, key):`"],
    ),
    "a misspelt hook": (
        "class Bad(Fhn):\n    def vector_feild(self, t, s, u):\n        return {}",
        bn.ModelError,
        ["Bad.vector_feild is never called", "did you mean `vector_field`"],
    ),
    "a misspelt on_step": (
        "class Bad(Fhn):\n    def onstep(self, t, s, u, key):\n        return {}, {}",
        bn.ModelError,
        ["Bad.onstep is never called", "did you mean `on_step`"],
    ),
    "the hook of another package": (
        "class Bad(Fhn):\n    def derivative(self, V, t, I):\n        return V",
        bn.ModelError,
        ["Bad.derivative is never called", "did you mean `vector_field`"],
    ),
    "a channel that is a class": (
        "bn.neurons.Cell({'K': bn.channels.PotassiumHH1952})",
        bn.ModelError,
        ["channels['K']", "the class PotassiumHH1952", "PotassiumHH1952()"],
    ),
    "channels without names": (
        "bn.neurons.Cell([bn.channels.Leak()])",
        bn.ModelError,
        ["mapping of names", "got list"],
    ),
    "a channel called like a state": (
        "bn.neurons.Cell({'V': bn.channels.Leak()})",
        bn.ModelError,
        ["cannot be called `V`", "Cell"],
    ),
    "a channel that is no word": ("bn.neurons.Cell({'K a': bn.channels.Leak()})", bn.ModelError, ["'K a'", "'Na'"]),
    "a part of the library that does not exist": ("bn.simulat", AttributeError, ["`simulat`", "`simulate`"]),
}

ASSIGNMENTS = {
    "a parameter": ("hh.C = 2.0", ["`C` of HodgkinHuxley", "`model = model.replace(C=...)`"]),
    "a parameter, in place": ("hh.C += 1.0", ["`C` of HodgkinHuxley", "`model = model.replace(C=...)`"]),
    "a state": ("hh.V = -70.0", ["`V` of HodgkinHuxley", "state", "init={'V': ...}"]),
    "an input": ("hh.I = 10.0", ["`I` of HodgkinHuxley", "input", "bn.simulate(model, T=..., I=...)"]),
    "anything else": ("hh.colour = 'red'", ["`colour` of HodgkinHuxley", "bn.param", "bn.state"]),
    "deletion": ("del hh.C", ["`C` of HodgkinHuxley", "cannot be deleted"]),
}


@pytest.mark.parametrize(("typed", "error", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_declaration_is_answered(answers, typed, error, words):
    answers(typed, error, words)


@pytest.mark.parametrize(("typed", "words"), ASSIGNMENTS.values(), ids=ASSIGNMENTS)
def test_assignment_to_a_model_is_answered(answers, typed, words):
    answers(typed, dataclasses.FrozenInstanceError, ["Models do not change", *words])


def test_what_is_right_is_left_alone():
    from typing import ClassVar

    class Fine(bn.Model):
        """Constants, helpers and ClassVars are no mistakes."""

        default_method = "euler"
        order: ClassVar[float] = 2.0
        _factor = 3.0
        tau: bn.Param = bn.param(10.0, "ms")
        n: int = bn.static(3)
        x = bn.state(1.0)

        def steady_state(self, V):
            return V

        def vector_field(self, time, state, given):
            return dict(x=-state.x / self.tau * self._factor)

    assert list(Fine().parameters()) == ["tau"]
    assert bn.simulate(Fine(), T=1).x[-1] < 1.0
