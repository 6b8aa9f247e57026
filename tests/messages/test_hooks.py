"""Mistakes inside a hook: what the newcomer writes in it, and what the answer says."""

import textwrap

import jax
import pytest

import brainnb as bn

FIELD = {
    "s.v": ("return dict(V=s.v, w=s.w)", bn.UnknownName, ["No state variable `v`", "Did you mean `V`", "V, w"]),
    "s['v']": ("return dict(V=s['v'], w=s.w)", bn.UnknownName, ["`v`", "Did you mean `V`"]),
    "self.V": ("return dict(V=self.V, w=s.w)", bn.UnknownName, ["`V` is a state", "`s.V`"]),
    "self.I": ("return dict(V=self.I, w=s.w)", bn.UnknownName, ["`I` is an input", "`u.I`"]),
    "self.taau": ("return dict(V=self.taau, w=s.w)", bn.UnknownName, ["`taau`", "Did you mean `tau`"]),
    "s.tau": ("return dict(V=s.tau, w=s.w)", bn.UnknownName, ["`tau` is a parameter", "`self.tau`"]),
    "s.I": ("return dict(V=s.I, w=s.w)", bn.UnknownName, ["`I` is an input", "`u.I`"]),
    "u.V": ("return dict(V=u.V, w=s.w)", bn.UnknownName, ["`V` is a state", "`s.V`"]),
    "u.tau": ("return dict(V=u.tau, w=s.w)", bn.UnknownName, ["`tau` is a parameter", "`self.tau`"]),
    "u.Iext": ("return dict(V=u.Iext, w=s.w)", bn.UnknownName, ["No input `Iext`", "Did you mean `I`"]),
    "V alone": ("return dict(V=V, w=s.w)", bn.UnknownName, ["`V` is a state", "`s.V`"]),
    "tau alone": ("return dict(V=s.V / tau, w=s.w)", bn.UnknownName, ["`tau` is a parameter", "`self.tau`"]),
    "t.V": ("return dict(V=t.V, w=s.w)", bn.ModelError, ["reads `.V`", "(t, s, u)"]),
    "an undefined name": ("return dict(V=gain * s.V, w=s.w)", NameError, ["'gain'"]),
    "if": ("if s.V > 0:\n    return dict(V=1.0, w=s.w)", bn.ModelError, ["truth of a value", "jnp.where"]),
    "and": ("return dict(V=1.0 * (s.V > 0 and s.w > 0), w=s.w)", bn.ModelError, ["truth", "jnp.logical_and"]),
    "max": ("return dict(V=max(s.V, 0.0), w=s.w)", bn.ModelError, ["truth", "`max`", "jnp.maximum"]),
    "while": ("while s.V > 0:\n    pass", bn.ModelError, ["truth", "`while`"]),
    "float()": ("return dict(V=float(s.V), w=s.w)", bn.ModelError, ["float()", "jnp"]),
    "int()": ("return dict(V=int(self.a), w=s.w)", bn.ModelError, ["int()", "bn.static"]),
    ".item()": ("return dict(V=s.V.item(), w=s.w)", bn.ModelError, ["number behind a value", "jnp"]),
    "math.exp": ("return dict(V=math.exp(s.V), w=s.w)", bn.ModelError, ["math.*", "jnp"]),
    "range of a parameter": ("for i in range(self.a):\n    pass", bn.ModelError, ["range()", "bn.static"]),
    "np.exp": ("return dict(V=np.exp(s.V), w=s.w)", bn.ModelError, ["NumPy", "jnp instead of np"]),
    "np.where": ("return dict(V=np.where(s.V > 0, 1, 2), w=s.w)", bn.ModelError, ["NumPy", "jnp instead of np"]),
    "sum of one number": ("return dict(V=sum(s.V), w=s.w)", bn.ModelError, ["loops over", "one number"]),
    "s.V = 0": ("s.V = 0.0", bn.ModelError, ["does not change", "`return dict(V=...)`"]),
    "s['V'] = 0": ("s['V'] = 0.0", bn.ModelError, ["does not change", "`return dict(V=...)`"]),
    "s.V[0] = 0": ("s.V[0] = 0.0", bn.ModelError, ["arrays do not change", ".at[i].set(value)"]),
    "a missing derivative": ("return dict(V=s.V)", bn.ModelError, ["no derivative for `w`", "discrete=True"]),
    "an extra derivative": ("return dict(V=s.V, w=s.w, z=0.0)", bn.ModelError, ["returned `z`", "V, w"]),
    "a misspelt derivative": ("return dict(v=s.V, w=s.w)", bn.ModelError, ["returned `v`", "Did you mean `V`"]),
    "no return": ("dV = s.V", bn.ModelError, ["returned None", "`return dict(V=..., w=...)`"]),
    "a tuple": ("return s.V, s.w", bn.ModelError, ["returned tuple", "`return dict(V=..., w=...)`"]),
    "an array": ("return jnp.array([s.V, s.w])", bn.ModelError, ["returned an array", "`return dict(V=..., w=...)`"]),
    "None among them": ("return dict(V=None, w=s.w)", bn.ModelError, ["derivative of `V` is None"]),
    "text among them": ("return dict(V='0', w=s.w)", bn.ModelError, ["derivative of `V` is str"]),
    "a function among them": ("return dict(V=jnp.exp, w=s.w)", bn.ModelError, ["derivative of `V` is a function"]),
    "a dict among them": ("return dict(V=dict(x=1.0), w=s.w)", bn.ModelError, ["`V` is one state", "dict"]),
    "a complex derivative": ("return dict(V=1j * s.V, w=s.w)", bn.ModelError, ["`V` became complex"]),
    "an array for one number": (
        "return dict(V=s.V * jnp.ones(3), w=s.w)",
        bn.ModelError,
        ["dV/dt has shape (3,)", "state `V` has shape ()", "size=3"],
    ),
    "an index into one number": ("return dict(V=s.V[0], w=s.w)", bn.ModelError, ["shapes do not fit", "shape ()"]),
    "a product that does not fit": (
        "return dict(V=jnp.ones((3, 2)) @ s.V, w=s.w)",
        bn.ModelError,
        ["shapes do not fit", "shape ()"],
    ),
}

STEP = {
    "no return": ("pass", bn.ModelError, ["returned None", "a pair", "`return dict(V=...), dict(spike=...)`"]),
    "one dict": ("return dict(V=0.0)", bn.ModelError, ["returned dict", "a pair"]),
    "three": ("return {}, {}, {}", bn.ModelError, ["returned tuple", "a pair"]),
    "an unknown state": ("return dict(v=0.0), {}", bn.ModelError, ["changed `v`", "Did you mean `V`"]),
    "another shape": ("return dict(V=jnp.zeros(3)), {}", bn.ModelError, ["`V` became (3,)", "shape ()"]),
    "another type": ("return dict(k=s.k + 0.5), {}", bn.ModelError, ["`k` is int", "became float", "integers"]),
    "None": ("return dict(V=None), {}", bn.ModelError, ["`V` is None"]),
    "no key": ("return dict(V=jax.random.normal(0)), {}", bn.ModelError, ["without a key", "jax.random.normal(key)"]),
    "if": ("return (dict(V=0.0), {}) if s.V > 1 else ({}, {})", bn.ModelError, ["truth", "jnp.where"]),
    "an observable called like a state": ("return {}, dict(V=s.V)", bn.ModelError, ["observable `V`", "of their own"]),
    "an observable that is text": ("return {}, dict(phase='up')", bn.ModelError, ["observable `phase` is str"]),
}

START = {
    "no return": ("pass", bn.ModelError, ["init_state returned None", "bn.Record(V=..., w=...)"]),
    "a state left out": ("return dict(V=0.0, k=0)", bn.ModelError, ["leaves out `w`", "super().init_state"]),
    "a state too many": ("return dict(V=0.0, w=0.0, k=0, z=1.0)", bn.ModelError, ["returned `z`", "V, w, k"]),
    "text": ("return dict(V='rest', w=0.0, k=0)", bn.ModelError, ["`V` is str"]),
    "another size": (
        "return dict(V=jnp.zeros(3), w=0.0, k=0)",
        bn.ModelError,
        ["`V` has shape (3,)", "size=4"],
    ),
}

NOISE = {
    "an unknown state": ("return dict(v=1.0)", bn.ModelError, ["returned `v`", "Did you mean `V`"]),
    "one number": ("return 1.0", bn.ModelError, ["returned float", "{state: noise amplitude}"]),
    "on a discrete state": ("return dict(k=1.0)", bn.ModelError, ["`k`, which is discrete"]),
}


def a_class(hook, arguments, body, base="Counter"):
    return f"class Bad({base}):\n    def {hook}({arguments}):\n" + textwrap.indent(body, " " * 8)


@pytest.mark.parametrize(("body", "error", "words"), FIELD.values(), ids=FIELD)
def test_a_mistake_in_vector_field_is_answered(answers, body, error, words):
    typed = a_class("vector_field", "self, t, s, u", body, base="Fhn") + "\nbn.simulate(Bad(), T=1)"
    caught = answers(typed, error, words)
    assert isinstance(caught, NameError) or "Bad.vector_field" in str(caught) or "Record" in str(caught)


@pytest.mark.parametrize(("body", "error", "words"), STEP.values(), ids=STEP)
def test_a_mistake_in_on_step_is_answered(answers, body, error, words):
    answers(
        a_class("on_step", "self, t, s, u, key", body) + "\nbn.simulate(Bad(), T=1)", error, ["Bad.on_step", *words]
    )


@pytest.mark.parametrize(("body", "error", "words"), START.values(), ids=START)
def test_a_mistake_in_init_state_is_answered(answers, body, error, words):
    typed = a_class("init_state", "self, size, key", body) + "\nbn.simulate(Bad(), T=1, size=4)"
    answers(typed, error, ["Bad.init_state", *words])


@pytest.mark.parametrize(("body", "error", "words"), NOISE.values(), ids=NOISE)
def test_a_mistake_in_diffusion_is_answered(answers, body, error, words):
    typed = a_class("diffusion", "self, t, s, u", body) + "\nbn.simulate(Bad(), T=1)"
    answers(typed, error, ["Bad.diffusion", *words])


def test_a_value_kept_from_an_earlier_call_is_answered(answers):
    typed = "kept = []\n" + a_class(
        "vector_field", "self, t, s, u", "kept.append(s.V)\nreturn dict(V=sum(kept), w=s.w)"
    )
    answers(typed + "\nbn.simulate(Bad(), T=1)", bn.ModelError, ["Bad", "keep", "earlier call", "return"])


def test_a_discrete_state_has_no_derivative(answers):
    body = "return dict(V=s.V, w=s.w, k=1.0)"
    typed = a_class("vector_field", "self, t, s, u", body) + "\nbn.simulate(Bad(), T=1)"
    answers(typed, bn.ModelError, ["`k`, which is discrete", "on_step", "discrete=True"])


def test_a_model_without_vector_field_says_so(answers):
    typed = "class Bad(bn.Model):\n    V = bn.state(0.0)\nbn.simulate(Bad(), T=1)"
    answers(typed, bn.ModelError, ["Bad has states but no vector_field", "`def vector_field(self, t, s, u)"])


def test_a_forgotten_gate_of_a_part_does_not_stand_still(answers):
    typed = """
    class Gate(bn.Model):
        m = bn.state(0.1)
        h = bn.state(0.9)
        def vector_field(self, t, s, u):
            return dict(m=-s.m)
    class Bad(bn.Model):
        Na: Gate = bn.part(Gate)
        V = bn.state(0.0)
        def vector_field(self, t, s, u):
            return dict(V=-s.V, Na=self.Na.vector_field(t, s.Na, u))
    bn.simulate(Bad(), T=1)
    """
    answers(typed, bn.ModelError, ["Bad.vector_field", "no derivative for `Na.h`"])


def test_a_part_needs_a_dict_of_derivatives(answers):
    typed = a_class("vector_field", "self, t, s, u", "return dict(V=0.0, K=0.0)", "bn.neurons.Cell")
    answers(
        typed + "\nbn.simulate(Bad({'K': bn.channels.PotassiumHH1952()}), T=1)",
        bn.ModelError,
        ["`K` is a part", "dict of its derivatives", "float"],
    )


def test_the_original_error_stays_attached():
    class Bad(bn.Model):
        V = bn.state(0.0)

        def vector_field(self, t, s, u):
            return dict(V=1.0 if s.V > 0 else 0.0)

    with pytest.raises(bn.ModelError) as caught:
        bn.simulate(Bad(), T=1)
    assert isinstance(caught.value.__cause__, jax.errors.TracerBoolConversionError)
