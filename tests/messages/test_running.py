"""Mistakes in the arguments of simulate and sweep, answered before the first step."""

import random
import warnings

import numpy as np
import pytest

import brainnb as bn

SIMULATE = {
    "the class": ("bn.simulate(Fhn, T=1)", bn.ModelError, ["the class Fhn", "Fhn()"]),
    "a function": ("bn.simulate(lambda t: t, T=1)", bn.ModelError, ["Got function", "bn.Model"]),
    "a name": ("bn.simulate('hh', T=1)", bn.ModelError, ["Got str", "bn.Model"]),
    "negative T": ("bn.simulate(hh, T=-1)", ValueError, ["T = -1 ms", "positive"]),
    "zero T": ("bn.simulate(hh, T=0)", ValueError, ["T = 0 ms", "positive"]),
    "NaN T": ("bn.simulate(hh, T=np.nan)", ValueError, ["T = nan ms", "finite"]),
    "infinite T": ("bn.simulate(hh, T=np.inf)", ValueError, ["T = inf ms", "finite"]),
    "None T": ("bn.simulate(hh, T=None)", bn.ModelError, ["T=None", "time in ms", "T=100"]),
    "an interval for T": ("bn.simulate(hh, T=(0, 100))", bn.ModelError, ["T=(0, 100)", "time in ms"]),
    "True for T": ("bn.simulate(hh, T=True)", bn.ModelError, ["T=True", "time in ms"]),
    "T in volts": ("bn.simulate(hh, T='5 mV')", bn.UnitError, ["T = '5 mV'", "a value in ms"]),
    "T as words": ("bn.simulate(hh, T='long')", bn.UnitError, ["T = 'long'", "'20 ms'"]),
    "negative dt": ("bn.simulate(hh, T=1, dt=-0.1)", ValueError, ["dt = -0.1 ms", "positive"]),
    "zero dt": ("bn.simulate(hh, T=1, dt=0)", ValueError, ["dt = 0 ms", "positive"]),
    "NaN dt": ("bn.simulate(hh, T=1, dt=np.nan)", ValueError, ["dt = nan ms"]),
    "T is no multiple of dt": (
        "bn.simulate(hh, T=1, dt=0.3)",
        ValueError,
        ["T = 1 ms", "dt = 0.3 ms", "T = 0.9 or 1.2 ms", "dt = 0.3333333333 ms"],
    ),
    "dt beyond T": ("bn.simulate(hh, T=0.1, dt=1)", ValueError, ["T = 0.1 ms", "T = 1 or 2 ms", "dt = 0.1 ms"]),
    "more steps than can be counted": (
        "bn.simulate(hh, T=1e9, dt=0.01)",
        ValueError,
        ["100,000,000,000 steps", "2,147,483,646", "larger dt"],
    ),
    "every does not divide": (
        "bn.simulate(hh, T=1, dt=0.1, every=3)",
        ValueError,
        ["every = 3", "10 steps", "T = 0.9 ms"],
    ),
    "every zero": ("bn.simulate(hh, T=1, every=0)", ValueError, ["every = 0", "at least 1"]),
    "every in ms": ("bn.simulate(hh, T=1, every='1 ms')", bn.ModelError, ["every='1 ms'", "whole number"]),
    "every a half": ("bn.simulate(hh, T=1, every=0.5)", bn.ModelError, ["every=0.5", "whole number"]),
    "an unknown record": ("bn.simulate(hh, T=1, record='v')", bn.UnknownName, ["`v`", "`V`", "V, m, h, n", "I_Na"]),
    "a record glob without match": ("bn.simulate(hh, T=1, record=['x*'])", bn.UnknownName, ["`x*`", "V, m, h, n"]),
    "a neuron that is not there": (
        "bn.simulate(hh, T=1, size=5, record='V[7]')",
        bn.ModelError,
        ["record: `V[7]`", "`V` has 5 neurons, 0 to 4"],
    ),
    "a slice of nobody": ("bn.simulate(hh, T=1, size=5, record='V[3:3]')", bn.ModelError, ["`V[3:3]` names no neuron"]),
    "a slice that stands still": ("bn.simulate(hh, T=1, size=5, record='V[::0]')", bn.ModelError, ["'V[::10]'"]),
    "a slice in words": (
        "bn.simulate(hh, T=1, size=5, record='V[first]')",
        bn.ModelError,
        ["`V[first]`", "'V[3]', 'V[:10]'", "not 'first'"],
    ),
    "neurons of a single one": (
        "bn.simulate(hh, T=1, record='V[0]')",
        bn.ModelError,
        ["`V` is one number", "record 'V'"],
    ),
    "neurons of what is not there": (
        "bn.simulate(hh, T=1, size=5, record='v[0]')",
        bn.UnknownName,
        ["`v[0]`", "V, m, h, n"],
    ),
    "a parameter as record": (
        "bn.simulate(hh, T=1, record=['g_Na'])",
        bn.UnknownName,
        ["`g_Na` is a parameter", "ds.attrs['parameters']"],
    ),
    "two records in one text": ("bn.simulate(hh, T=1, record='V, m')", bn.UnknownName, ["`V, m`", "`V`"]),
    "a number as record": ("bn.simulate(hh, T=1, record=3)", bn.ModelError, ["record=3", "record=['V', 'Na.m']"]),
    "an unknown method": ("bn.simulate(hh, T=1, method='rk5')", ValueError, ["`rk5`", "`rkf45`", "rk4,"]),
    "a method by number": ("bn.simulate(hh, T=1, method=4)", ValueError, ["method=4", "rk4", "diffrax.Tsit5()"]),
    "a method almost by name": ("bn.simulate(hh, T=1, method='ralston')", ValueError, ["`ralston`", "`ralston"]),
    "a method of another kind": (
        "bn.simulate(hh, T=1, method='dopri8')",
        ValueError,
        ["`dopri8`", "method=diffrax.Dopri8()", "Known: "],
    ),
    "beta beyond the step": ("bn.integrators.RK2(beta=0)", ValueError, ["RK2(beta=0)", "(0, 1]", "midpoint"]),
    "beta as text": ("bn.integrators.RK2(beta='half')", ValueError, ["RK2(beta='half')", "a number in (0, 1]"]),
    "a tolerance of zero": ("bn.integrators.DormandPrince(rtol=0)", ValueError, ["rtol=0", "positive", "rtol=1e-6"]),
    "a tolerance of NaN": ("bn.integrators.CashKarp(atol=np.nan)", ValueError, ["CashKarp(atol=nan)", "positive"]),
    "a tolerance as text": ("bn.integrators.CashKarp(rtol='1e-6')", ValueError, ["rtol='1e-6'", "positive number"]),
    "no steps allowed": ("bn.integrators.CashKarp(max_steps=0)", ValueError, ["max_steps=0", "at least 1"]),
    "half a step allowed": ("bn.integrators.CashKarp(max_steps=0.5)", ValueError, ["max_steps=0.5", "whole number"]),
    "an answer that is none": (
        "bn.integrators.CashKarp(adaptive='yes')",
        ValueError,
        ["adaptive='yes'", "True or False"],
    ),
    "a stiff state that does not exist": (
        "bn.simulate(cell, T=1, method=bn.integrators.ARS222(stiff=['V', 'K.m']))",
        bn.UnknownName,
        ["`K.m`", "in Cell, named as stiff", "`K.n`", "Known: V, K.n"],
    ),
    "a parameter as stiff": (
        "bn.simulate(hh, T=1, method=bn.integrators.ImexEuler(stiff='g_Na'))",
        bn.UnknownName,
        ["`g_Na`", "HodgkinHuxley, named as stiff", "Known: V, m, h, n"],
    ),
    "nothing stiff": ("bn.integrators.ARS222(stiff=[])", ValueError, ["stiff=[]", "names of states", "stiff='V'"]),
    "stiff by number": ("bn.integrators.ARS222(stiff=3)", ValueError, ["stiff=3", "names of states"]),
    "no iterations": ("bn.integrators.ARS222(newton=0)", ValueError, ["newton=0", "at least 1"]),
    "too many stiff values": (
        "bn.simulate(hh, T=1, size=1000, method='ars222')",
        bn.ModelError,
        ["'ars222'", "HodgkinHuxley are 4,000 values", "at most 2,000", "ARS222(stiff=['V'])", "'strang'"],
    ),
    "noise with a pair": (
        "class Noisy(Fhn):\n    def diffusion(self, t, s, u):\n        return dict(V=0.1)\n"
        "bn.simulate(Noisy(), T=1, method='rkdp')",
        bn.ModelError,
        ["method='rkdp'", "`V` of Noisy", "'euler'"],
    ),
    "noise with an implicit method": (
        "class Noisy(Fhn):\n    def diffusion(self, t, s, u):\n        return dict(V=0.1)\n"
        "bn.simulate(Noisy(), T=1, method='ars222')",
        bn.ModelError,
        ["method='ars222'", "`V` of Noisy", "'euler'"],
    ),
    "a solver class": (
        "import diffrax\nbn.simulate(hh, T=1, method=diffrax.Tsit5)",
        ValueError,
        ["the class Tsit5", "diffrax.Tsit5()"],
    ),
    "noise with rk4": (
        "class Noisy(Fhn):\n    def diffusion(self, t, s, u):\n        return dict(V=0.1)\n"
        "bn.simulate(Noisy(), T=1, method='rk4')",
        bn.ModelError,
        ["method='rk4'", "`V` of Noisy", "'euler'"],
    ),
    "noise with an adaptive solver": (
        "import diffrax\nclass Noisy(Fhn):\n    def diffusion(self, t, s, u):\n        return dict(V=0.1)\n"
        "bn.simulate(Noisy(), T=1, method=diffrax.Tsit5())",
        bn.ModelError,
        ["diffrax.Tsit5", "`V` of Noisy", "'euler'"],
    ),
    "a random seed": ("bn.simulate(hh, T=1, seed=None)", bn.ModelError, ["seed=None", "whole number"]),
    "a negative seed": ("bn.simulate(hh, T=1, seed=-1)", ValueError, ["seed = -1", "from 0"]),
    "size zero": ("bn.simulate(hh, T=1, size=0)", ValueError, ["size = 0", "at least 1"]),
    "size as a float": ("bn.simulate(hh, T=1, size=3.0)", bn.ModelError, ["size=3.0", "whole number"]),
    "on_nan": ("bn.simulate(hh, T=1, on_nan='ignore')", ValueError, ["on_nan='ignore'", "'raise'", "'keep'"]),
    "progress": ("bn.simulate(hh, T=1, progress='bar')", bn.ModelError, ["progress='bar'", "True"]),
    "inputs as a list": ("bn.simulate(hh, T=1, inputs=[3])", bn.ModelError, ["inputs=[3]", "{'I': 10}"]),
    "an input twice": ("bn.simulate(hh, T=1, inputs={'I': 1}, I=2)", bn.ModelError, ["['I'] given twice"]),
    "an input in small letters": ("bn.simulate(hh, T=1, i=2)", bn.UnknownName, ["`i`", "Did you mean `I`"]),
    "an input by another name": ("bn.simulate(hh, T=1, I_ext=2)", bn.UnknownName, ["`I_ext`", "Did you mean `I`"]),
    "an option misspelt": ("bn.simulate(hh, T=1, recrod='V')", bn.UnknownName, ["`recrod`", "`record`"]),
    "a parameter as input": ("bn.simulate(hh, T=1, g_Na=2)", bn.UnknownName, ["`g_Na`", "model.replace(g_Na=...)"]),
    "a state as input": ("bn.simulate(hh, T=1, V=-70)", bn.UnknownName, ["`V` is a state", "init={'V': ...}"]),
    "NaN as input": ("bn.simulate(hh, T=1, I=np.nan)", bn.OutOfBounds, ["HodgkinHuxley.I is NaN"]),
    "None as input": ("bn.simulate(hh, T=1, I=None)", bn.ModelError, ["HodgkinHuxley.I = None", "uA/cm2"]),
    "an input in volts": ("bn.simulate(hh, T=1, I='10 mV')", bn.UnitError, ["I = '10 mV'", "uA/cm2"]),
    "one value per step": (
        "bn.simulate(hh, T=1, I=np.ones(10))",
        bn.ModelError,
        ["dV/dt has shape (10,)", "input `I`", "size=10", "bn.inputs.FromData(times, values)"],
    ),
    "a stimulus class": (
        "bn.simulate(hh, T=1, I=bn.inputs.Step)",
        bn.ModelError,
        ["HodgkinHuxley.I", "the class Step", "Step(...)"],
    ),
    "a model as stimulus": ("bn.simulate(hh, T=1, I=fhn)", bn.ModelError, ["the model Fhn", "bn.inputs"]),
    "NumPy in a function of time": (
        "bn.simulate(hh, T=1, I=lambda t: np.sin(t))",
        bn.ModelError,
        ["Input `I`", "function of time", "jnp instead of np"],
    ),
    "if in a function of time": (
        "bn.simulate(hh, T=1, I=lambda t: 10.0 if t > 5 else 0.0)",
        bn.ModelError,
        ["Input `I`", "function of time", "jnp.where"],
    ),
    "math in a function of time": ("bn.simulate(hh, T=1, I=lambda t: math.sin(t))", bn.ModelError, ["`I`", "math.*"]),
    "an index in a function of time": (
        "data = np.ones(10)\nbn.simulate(hh, T=1, I=lambda t: data[t])",
        bn.ModelError,
        ["Input `I`", "indexes", "bn.inputs.FromData"],
    ),
    "a function without time": (
        "bn.simulate(hh, T=1, I=lambda: 1.0)",
        bn.ModelError,
        ["one argument", "`lambda t: ...`"],
    ),
    "a function of nothing": (
        "def f(t):\n    pass\nbn.simulate(hh, T=1, I=f)",
        bn.ModelError,
        ["Input `I`", "None", "a number or an array"],
    ),
    "a parameter array of another length": (
        "bn.simulate(bn.neurons.HodgkinHuxley(g_Na=np.ones(7)), T=1, size=5)",
        bn.ModelError,
        ["parameter `g_Na` has shape (7,)", "shape (5,)"],
    ),
    "a parameter array without size": (
        "bn.simulate(bn.neurons.HodgkinHuxley(g_Na=np.ones(7)), T=1)",
        bn.ModelError,
        ["parameter `g_Na`", "size=7"],
    ),
    "init as a number": ("bn.simulate(hh, T=1, init=-70)", bn.ModelError, ["init=int", "{'V': -70}"]),
    "init of an unknown state": ("bn.simulate(hh, T=1, init={'v': -70})", bn.UnknownName, ["`v`", "`V`"]),
    "init of another shape": (
        "bn.simulate(hh, T=1, init={'V': [1, 2]})",
        bn.ModelError,
        ["`V` has shape (2,)", "one number"],
    ),
    "init with NaN": ("bn.simulate(hh, T=1, init={'V': np.nan})", bn.OutOfBounds, ["init['V'] is NaN"]),
    "init in ms": ("bn.simulate(hh, T=1, init={'V': '5 ms'})", bn.UnitError, ["init['V'] = '5 ms'", "mV"]),
    "init of half a count": (
        "bn.simulate(Counter(), T=1, init={'k': 1.5})",
        bn.ModelError,
        ["init['k'] = 1.5", "whole"],
    ),
    "init from another model": (
        "bn.simulate(hh, T=1, init=bn.simulate(fhn, T=1))",
        bn.ModelError,
        ["a run of Fhn", "this is HodgkinHuxley"],
    ),
    "init from another size": (
        "bn.simulate(hh, T=1, size=3, init=bn.simulate(hh, T=1))",
        bn.ModelError,
        ["`V` has shape ()", "(3,)", "size="],
    ),
    "init from a variable": (
        "bn.simulate(hh, T=1, init=bn.simulate(hh, T=1).V)",
        bn.ModelError,
        ["init=DataArray", "Dataset"],
    ),
    "init from part of a run": (
        "bn.simulate(hh, T=1, init=bn.simulate(hh, T=1).isel(time=slice(0, 3)))",
        bn.ModelError,
        ["was cut", "t = 1 ms", "as simulate returned it"],
    ),
    "init from a mean over runs": (
        "ds = bn.simulate(hh, T=1)\nbn.simulate(hh, T=1, init=ds.mean())",
        bn.ModelError,
        ["was cut or reduced", "as simulate returned it"],
    ),
    "a gradient through simulate": (
        "jax.grad(lambda g: bn.simulate(hh.replace(g_Na=g), T=1).V.values.mean())(120.0)",
        bn.ModelError,
        ["jax.grad", "bn.sweep", "vector_field"],
    ),
    "jit of simulate": ("jax.jit(lambda I: bn.simulate(hh, T=1, I=I))(10.0)", bn.ModelError, ["jax.jit", "bn.sweep"]),
}

SWEEP = {
    "values as keywords": ("bn.sweep(hh, I=[1, 2], T=1)", bn.ModelError, ["mapping of path to values", "{'I':"]),
    "no duration": ("bn.sweep(hh, {'I': [1, 2]})", bn.ModelError, ["T=None", "time in ms"]),
    "the class": ("bn.sweep(Fhn, {'I': [1]}, T=1)", bn.ModelError, ["the class Fhn", "Fhn()"]),
    "no mapping": ("bn.sweep(hh, 'I', T=1)", bn.ModelError, ["mapping of path to values", "np.linspace"]),
    "nothing": ("bn.sweep(hh, {}, T=1)", bn.ModelError, ["mapping of path to values"]),
    "one number": ("bn.sweep(hh, {'I': 3}, T=1)", bn.ModelError, ["`I` takes a list", "got 3"]),
    "None": ("bn.sweep(hh, {'I': None}, T=1)", bn.ModelError, ["`I` takes a list", "got None"]),
    "text": ("bn.sweep(hh, {'I': 'all'}, T=1)", bn.ModelError, ["`I` takes a list", "'all'"]),
    "no values": ("bn.sweep(hh, {'I': []}, T=1)", bn.ModelError, ["`I`", "at least one value", "(0,)"]),
    "two dimensions": ("bn.sweep(hh, {'I': [[1, 2]]}, T=1)", bn.ModelError, ["`I`", "one-dimensional", "(1, 2)"]),
    "an unknown name": ("bn.sweep(hh, {'gNa': [1]}, T=1)", bn.UnknownName, ["`gNa`", "`g_Na`"]),
    "a glob without match": ("bn.sweep(hh, {'q*': [1]}, T=1)", bn.UnknownName, ["`q*`", "g_Na"]),
    "a state": ("bn.sweep(hh, {'V': [-70]}, T=1)", bn.UnknownName, ["`V` is a state", "parameters and inputs"]),
    "out of bounds": ("bn.sweep(hh, {'g_Na': [1, -1]}, T=1)", bn.OutOfBounds, ["g_Na = -1 mS/cm2", "[0, 300]"]),
    "NaN among them": ("bn.sweep(hh, {'I': [1, np.nan]}, T=1)", bn.OutOfBounds, ["HodgkinHuxley.I is NaN"]),
    "another unit": ("bn.sweep(hh, {'I': ['1 mV']}, T=1)", bn.UnitError, ["`I` = '1 mV'", "uA/cm2"]),
    "an input twice": ("bn.sweep(hh, {'I': [1]}, T=1, I=3)", bn.ModelError, ["`I` is given twice"]),
    "a target twice": (
        "bn.sweep(hh, {'g_Na': [1], 'g_*': [2]}, T=1)",
        bn.ModelError,
        ["`g_Na` is swept twice", "`g_*`"],
    ),
    "a stimulus that is swept whole": (
        "bn.sweep(hh, {'I': [1]}, T=1, I=bn.inputs.Step())",
        bn.ModelError,
        ["`I` is driven by Step", "`I.amplitude`"],
    ),
    "a number of no stimulus": (
        "bn.sweep(hh, {'I.amplitude': [1]}, T=1)",
        bn.UnknownName,
        ["`I` is a plain number", "I=bn.inputs.Step(...)"],
    ),
    "an unknown number of a stimulus": (
        "bn.sweep(hh, {'I.amplitud': [1]}, T=1, I=bn.inputs.Step())",
        bn.UnknownName,
        ["`I.amplitud`", "Did you mean `I.amplitude`"],
    ),
    "stimuli as values": (
        "bn.sweep(hh, {'I': [bn.inputs.Step(), bn.inputs.Step()]}, T=1)",
        bn.ModelError,
        ["`I` takes numbers", "Step", "{'I.amplitude': [...]}"],
    ),
    "chunk zero": ("bn.sweep(hh, {'I': [1]}, T=1, chunk=0)", ValueError, ["chunk = 0", "at least 1"]),
    "T is no multiple of dt": ("bn.sweep(hh, {'I': [1]}, T=1, dt=0.3)", ValueError, ["T = 0.9 or 1.2 ms"]),
    "reduce by name": ("bn.sweep(hh, {'I': [1]}, T=1, reduce='mean')", bn.ModelError, ["reduce='mean'", "rows['V']"]),
    "reduce to a bare array": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: rows['V'].mean())",
        bn.ModelError,
        ["reduce returned an array", "{'mean': rows['V'].mean()}"],
    ),
    "reduce of an unknown path": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: {'m': rows['v'].mean()})",
        bn.UnknownName,
        ["reduce", "`v`", "`V`"],
    ),
    "reduce to nothing": (
        "def peak(rows):\n    {'m': rows['V'].max()}\nbn.sweep(hh, {'I': [1]}, T=1, reduce=peak)",
        bn.ModelError,
        ["reduce returned None", "`return {'mean'"],
    ),
    "reduce to a list": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: [rows['V'].max()])",
        bn.ModelError,
        ["reduce returned list", "a dict of name to value"],
    ),
    "reduce to rows of unequal length": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: {'m': [rows['V'], rows['V'][:2]]})",
        bn.ModelError,
        ["reduce: `m` is list", "a number or an array"],
    ),
    "reduce to text": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: {'m': 'high'})",
        bn.ModelError,
        ["reduce: `m` is str"],
    ),
    "reduce of a part that is chosen by its values": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: {'m': rows['V'][rows['V'] > 0].mean()})",
        bn.ModelError,
        ["reduce picks the elements where a condition holds", "jnp.where"],
    ),
    "reduce along a named axis": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: {'m': rows['V'].mean('time')})",
        bn.ModelError,
        ["reduce names an axis", "x.mean(axis=0)"],
    ),
    "reduce of what is not recorded": (
        "bn.sweep(hh, {'I': [1]}, T=1, record=['V'], reduce=lambda rows: {'m': rows['m'].mean()})",
        bn.UnknownName,
        ["reduce", "`m`", "Known: V"],
    ),
    "a negative chunk": ("bn.sweep(hh, {'I': [1]}, T=1, chunk=-1)", ValueError, ["chunk = -1", "at least 1"]),
    "reduce with NumPy": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: {'m': np.median(rows['V'])})",
        bn.ModelError,
        ["reduce uses NumPy", "jnp"],
    ),
    "reduce with if": (
        "bn.sweep(hh, {'I': [1]}, T=1, reduce=lambda rows: {'m': 1 if rows['V'].max() > 0 else 0})",
        bn.ModelError,
        ["reduce asks Python", "jnp.where"],
    ),
}


@pytest.mark.parametrize(("typed", "error", "words"), SIMULATE.values(), ids=SIMULATE)
def test_a_mistake_in_a_run_is_answered(answers, typed, error, words):
    answers(typed, error, words)


@pytest.mark.parametrize(("typed", "error", "words"), SWEEP.values(), ids=SWEEP)
def test_a_mistake_in_a_sweep_is_answered(answers, typed, error, words):
    answers(typed, error, words)


def test_a_recording_that_does_not_fit_is_refused_with_numbers(answers, monkeypatch):
    monkeypatch.setattr("brainnb.run.limits.memory", lambda: 4_000_000)
    answers(
        "bn.simulate(hh, T=20_000, dt=0.1)",
        ValueError,
        ["HodgkinHuxley", "200,000 records of 16 bytes", "0.0064 GB", "has 0.004", "every=2"],
    )
    answers("bn.sweep(hh, {'I': range(100)}, T=1000, dt=0.1)", ValueError, ["1,000,000 records", "every=16"])
    assert bn.simulate(bn.neurons.HodgkinHuxley(), T=20_000, every=2).sizes["time"] == 100_000


def test_a_chain_of_runs_that_outgrows_its_counter_says_so(answers):
    typed = """
    ds = bn.simulate(fhn, T=1)
    ds.attrs["t_end"] = 2.0**31 * 0.1 - 0.5
    ds = ds.assign_coords(time=ds.time - 1 + ds.attrs["t_end"])
    bn.simulate(fhn, T=1, init=ds)
    """
    answers(typed, ValueError, ["step 2,147,483,653", "2,147,483,646", "init={'V': ...}"])


def test_a_clock_coarser_than_half_a_step_draws_a_warning():
    cell = bn.neurons.HodgkinHuxley()
    with pytest.warns(UserWarning, match=r"HodgkinHuxley: at t = 500000 ms float32 tells moments only 0.06 ms apart"):
        bn.simulate(cell, T=500_000, dt=0.1, record=[], progress=lambda fraction: False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bn.simulate(cell, T=100_000, dt=0.1, record=[], progress=lambda fraction: False)


@pytest.mark.parametrize("draw", ["np.random.randn()", "random.gauss(0, 1)"])
def test_numbers_drawn_from_a_global_generator_draw_a_warning(draw):
    names = dict(bn=bn, np=np, random=random, __name__="newcomer")
    exec(
        f"class Bad(bn.Model):\n    x = bn.state(0.0)\n    def vector_field(self, t, s, u):\n        return dict(x={draw})",
        names,
    )
    with pytest.warns(UserWarning, match=r"Bad: a hook draws from np.random or random.*diffusion"):
        bn.simulate(names["Bad"](), T=1)


def test_units_that_act_on_each_other_are_not_for_exponential_euler():
    class Ring(bn.Model):
        V = bn.state(0.0, "mV")

        def vector_field(self, t, s, u):
            return dict(V=-s.V + 0.5 * (s.V[1:].sum() + s.V))

    with pytest.warns(UserWarning, match=r"Ring: the units of `V` act on each other.*method='rk4'"):
        bn.simulate(Ring(), T=1, size=3, method="exponential_euler")


def test_text_with_another_unit_is_converted_and_not_refused():
    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T="0.001 s", dt="100 us", I="0.01 mA/cm2", init={"V": "-0.07 V"})
    assert ds.sizes["time"] == 10
    assert '"I": 10.0' in ds.attrs["inputs"]
    assert -75 < float(ds.V[0]) < -65
