"""Mistakes with noise: what is shared, which method takes it, and in which sense."""

import textwrap

import pytest

import brainnb as bn

SENSES = {
    "Stratonovich of an Itô method": (
        "bn.integrators.SRK1W1(integral='stratonovich')",
        ["SRK1W1 reads noise in the Itô sense only", "for Stratonovich use 'euler_heun'"],
    ),
    "Stratonovich of Euler": (
        "bn.integrators.Euler(integral='Stratonovich')",
        ["Euler reads noise in the Itô sense only", "'stochastic_heun'"],
    ),
    "Itô of a Stratonovich method": (
        "bn.integrators.EulerHeun(integral='ito')",
        ["EulerHeun reads noise in the Stratonovich sense only", "for Itô use 'euler'"],
    ),
    "a third integral": ("bn.integrators.Milstein(integral='fisk')", ["integral='fisk'", "'ito' and 'stratonovich'"]),
    "a number as integral": ("bn.integrators.Milstein(integral=0.5)", ["integral=0.5", "'ito' and 'stratonovich'"]),
    "the integral of a method without noise": (
        "bn.integrators.RK4(integral='ito')",
        ["RK4 takes no noise", "'milstein'", "'euler_heun'"],
    ),
    "a method misspelt": ("bn.simulate(fhn, T=1, method='milsten')", ["`milsten`", "Did you mean `milstein`"]),
}

SOURCES = {
    "no source": ("return dict(V={})", ["`V` names no source", "{'common': 0.1}"]),
    "a number as source": ("return dict(V={1: 0.1})", ["`V` names the source 1", "text"]),
    "a nameless source": ("return dict(V={'': 0.1})", ["`V` names the source ''"]),
    "a dict in a source": ("return dict(V={'a': {'b': 0.1}})", ["`V` hears the source 'a' with a dict", "a number"]),
    "no amplitude": ("return dict(V={'a': None})", ["the amplitude of `V` for the source 'a' is None"]),
    "text as amplitude": ("return dict(V={'a': 'loud'})", ["the amplitude of `V` for the source 'a' is str"]),
    "another shape": (
        "return dict(V={'a': jnp.ones(3)})",
        ["the amplitude of `V` for the source 'a' has shape (3,)", "shape ()"],
    ),
    "a discrete state": ("return dict(k={'a': 0.1})", ["the amplitude of `k` for the source 'a'", "discrete"]),
    "an unknown state": ("return dict(v={'a': 0.1})", ["returned `v`", "Did you mean `V`"]),
    "a set of sources": ("return dict(V={'a', 'b'})", ["the noise amplitude of `V` is set"]),
    "common for one, not for the other": (
        "return dict(V={'a': 0.1}, w={bn.Common('a'): 0.1})",
        ["the source 'a' is bn.Common for one of `V` and `w`", "bn.Common('a') for both"],
    ),
}

METHODS = {
    "sources that do not commute": (
        "return dict(V=1.0, w=s.V)",
        "milstein",
        ["'milstein' needs noise whose sources commute", "Bad the amplitude of `w`", "'euler' (Itô)", "'euler_heun'"],
    ),
    "the same for a Runge–Kutta method": (
        "return dict(V=0.1 * s.w, w=0.1 * s.V)",
        "srk1w1",
        ["'srk1w1' needs noise whose sources commute", "`V` and `w`"],
    ),
    "sources that meet": (
        "return dict(V={'a': 0.1 * s.V, 'b': 0.2 * s.V})",
        "klpl",
        ["'klpl' is for one source of noise, or one for each state", "meet in `V`", "method='milstein'"],
    ),
    "noise with Heun's deterministic method": (
        "return dict(V=0.1)",
        "heun",
        ["method='heun' takes no noise", "`V` of Bad", "'stochastic_heun' (Stratonovich)"],
    ),
}


def noisy(body):
    return "class Bad(Counter):\n    def diffusion(self, t, s, u):\n" + textwrap.indent(body, " " * 8) + "\n"


@pytest.mark.parametrize(("typed", "words"), SENSES.values(), ids=SENSES)
def test_the_sense_of_noise_is_explained(answers, typed, words):
    answers(typed, ValueError, words)


@pytest.mark.parametrize(("body", "words"), SOURCES.values(), ids=SOURCES)
def test_a_mistake_in_a_source_is_answered(answers, body, words):
    answers(noisy(body) + "bn.simulate(Bad(), T=1, method='euler')", bn.ModelError, ["diffusion", *words])


@pytest.mark.parametrize(("body", "method", "words"), METHODS.values(), ids=METHODS)
def test_a_method_that_cannot_follow_the_noise_is_refused(answers, body, method, words):
    answers(noisy(body) + f"bn.simulate(Bad(), T=1, method={method!r})", bn.ModelError, words)


def test_units_that_do_not_match_cannot_share(answers):
    typed = """
    class Bad(bn.Model):
        V = bn.state(0.0)
        w = bn.state(0.0)
        def init_state(self, size, key):
            return bn.Record(V=jnp.zeros(size), w=jnp.zeros((*size, 3)))
        def vector_field(self, t, s, u):
            return dict(V=-s.V, w=-s.w)
        def diffusion(self, t, s, u):
            return dict(V={'a': 0.1}, w={'a': 0.1})
    bn.simulate(Bad(), T=1, method='euler')
    """
    answers(typed, bn.ModelError, ["`V` and `w` share the source 'a'", "(3,)", "bn.Common('a')"])


def test_noise_as_an_option_is_sent_to_its_place(answers):
    answers("bn.simulate(fhn, T=1, noise=0.1)", bn.UnknownName, ["`noise`", "def diffusion", "bn.inputs.Noise"])


def test_the_unit_of_a_named_source_is_checked(answers):
    typed = """
    class Bad(bn.Model):
        tau: bn.Param = bn.param(10.0, "ms", "time constant")
        D: bn.Param = bn.param(0.1, "mV", "noise")
        V = bn.state(0.0, "mV", "potential")
        def vector_field(self, t, s, u):
            return dict(V=-s.V / self.tau)
        def diffusion(self, t, s, u):
            return dict(V={'a': self.D / jnp.sqrt(self.tau), 'b': self.D})
    bn.check_units(Bad())
    """
    answers(typed, bn.UnitError, ["noise of V from 'b' is in mV", "expected mV / ms ** 0.5"])
