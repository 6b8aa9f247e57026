"""Mistakes with delays and with fractional orders, answered in the model's words."""

import pytest

import brainnb as bn

MODEL = """
class Echo(bn.Model):
    delay: bn.Param = bn.param(1.0, "ms", "delay", bounds=(0, 5))
    x = bn.state(1.0, "mV", "value")
    x_ago = bn.history("x", "delay")
    def vector_field(self, t, s, u):
        return dict(x=-s.x_ago(self.delay))
class Slow(bn.Model):
    alpha: bn.Param = bn.param(0.8, "1", "order", bounds=(0.1, 1))
    x = bn.state(1.0, "mV", "value", order="alpha")
    def vector_field(self, t, s, u):
        return dict(x=-s.x)
"""


def field(reads):
    """An Echo whose equation reads so."""
    return f"class Mine(Echo):\n    def vector_field(self, t, s, u):\n        return dict(x={reads})\nbn.simulate(Mine(), T=1)"


def body(*lines):
    return "class Mine(bn.Model):\n    " + "\n    ".join(lines)


X = 'x = bn.state(1.0, "mV")'

DECLARING = {
    "an unknown state": (
        body(X, 'x_ago = bn.history("y", 5.0)'),
        bn.ModelError,
        ["Mine.x_ago", "Mine has no state `y`", "Known: x", "on_step reports"],
    ),
    "what is neither state nor reported": (
        body(
            X, 'x_ago = bn.history("y", 5.0)',
            "def vector_field(self, t, s, u):", "    return dict(x=-s.x_ago(1.0))",
            "def on_step(self, t, s, u, key):", "    return {}, dict(spike=s.x > 2)",
        ) + "\nbn.simulate(Mine(), T=1)",
        bn.ModelError,
        ["`x_ago` remembers `y`", "Mine.on_step", "Known: spike"],
    ),
    "no state by name": ("bn.history(3, 5.0)", bn.ModelError, ["name of a state", "got 3"]),
    "no length": ("bn.history('x', None)", bn.ModelError, ["bn.history('x', None)", "longest delay in ms"]),
    "a length of zero": ("bn.history('x', 0)", bn.ModelError, ["bn.history('x', 0)", "longest delay in ms"]),
    "a negative length": ("bn.history('x', -3)", bn.ModelError, ["bn.history('x', -3)", "longest delay in ms"]),
    "an endless line": ("bn.history('x', np.inf)", bn.ModelError, ["inf", "longest delay in ms"]),
    "True as length": ("bn.history('x', True)", bn.ModelError, ["True", "longest delay in ms"]),
    "another way to read": (
        "bn.history('x', 5, read='spline')",
        bn.ModelError,
        ["read='spline'", "'auto', 'cubic', 'quintic', 'septic', 'linear', 'step'"],
    ),
    "a unit for the meaning": ("bn.history('x', 5, 3.0)", bn.ModelError, ["meaning is text", "3.0"]),
    "an annotation": (
        body(X, 'x_ago: bn.Param = bn.history("x", 5.0)'),
        bn.ModelError,
        ["Mine.x_ago", "no annotation", "x_ago = bn.history(...)"],
    ),
    "an unknown delay": (
        body(X, 'x_ago = bn.history("x", "tau")'),
        bn.ModelError,
        ["Mine.x_ago", "no parameter `tau`"],
    ),
    "a delay without bounds": (
        body('tau: bn.Param = bn.param(1.0, "ms", "delay")', X, 'x_ago = bn.history("x", "tau")'),
        bn.ModelError,
        ["Mine.x_ago", "`tau` bounds", "bounds=(0, 50)"],
    ),
    "a delay that may be negative": (
        body('tau: bn.Param = bn.param(1.0, "ms", "delay", bounds=(-1, 5))', X, 'x_ago = bn.history("x", "tau")'),
        bn.ModelError,
        ["Mine.x_ago", "`tau` bounds from 0"],
    ),
    "a delay in mV": (
        body('tau: bn.Param = bn.param(1.0, "mV", "delay", bounds=(0, 5))', X, 'x_ago = bn.history("x", "tau")'),
        bn.UnitError,
        ["`tau` is in mV", "a delay is in ms"],
    ),
    "the past of an input": (
        body(X, 'I = bn.input(0.0, "mV")', 'I_ago = bn.history("I", 5.0)'),
        bn.ModelError,
        ["Mine.I_ago", "`I` is no state", "only states have a past"],
    ),
    "the past of a parameter": (
        body('a: bn.Param = bn.param(1.0, "mV", "a")', X, 'a_ago = bn.history("a", 5.0)'),
        bn.ModelError,
        ["Mine.a_ago", "`a` is no state"],
    ),
    "a smooth past of a counter": (
        body('k = bn.state(0, "1", discrete=True)', 'k_ago = bn.history("k", 5.0, read="cubic")'),
        bn.ModelError,
        ["Mine.k_ago", "`k` is discrete", "read='step'"],
    ),
    "a longer curve through a counter": (
        body('k = bn.state(0, "1", discrete=True)', 'k_ago = bn.history("k", 5.0, read="septic")'),
        bn.ModelError,
        ["Mine.k_ago", "`k` is discrete", "read='step'"],
    ),
    "a smooth past of spikes": (
        body(X, 'spike_ago = bn.history("spike", 5.0, read="linear")'),
        bn.ModelError,
        ["Mine.spike_ago", "Mine has no state `spike`"],
    ),
    "a reserved name": (body(X, 't = bn.history("x", 5.0)'), bn.ModelError, ["Mine.t", "another name"]),
    "an order of zero": (body("x = bn.state(1.0, order=0)"), bn.ModelError, ["order=0", "above 0 and up to 1"]),
    "an order beyond one": (body("x = bn.state(1.0, order=1.5)"), bn.ModelError, ["order=1.5", "up to 1"]),
    "True as order": (body("x = bn.state(1.0, order=True)"), bn.ModelError, ["order=True", "up to 1"]),
    "an order of a counter": (
        body("k = bn.state(0, order=0.5, discrete=True)"),
        bn.ModelError,
        ["`k` is discrete", "no derivative"],
    ),
    "an unknown order": (body('x = bn.state(1.0, order="alpha")'), bn.ModelError, ["no parameter `alpha`"]),
    "an order without bounds": (
        body('alpha: bn.Param = bn.param(0.8, "1", "order")', 'x = bn.state(1.0, order="alpha")'),
        bn.ModelError,
        ["order='alpha'", "above 0 and up to 1", "bounds=(0.1, 1)"],
    ),
    "an order that may be two": (
        body('alpha: bn.Param = bn.param(0.8, "1", "order", bounds=(0.1, 2))', 'x = bn.state(1.0, order="alpha")'),
        bn.ModelError,
        ["order='alpha'", "up to 1"],
    ),
}  # fmt: skip

READING = {
    "longer than the line": (field("-s.x_ago(6.0)"), bn.ModelError, ["`x_ago(6)`", "holds 5 ms", "bn.history('x', 6)"]),
    "the future": (field("-s.x_ago(-2.0)"), bn.ModelError, ["`x_ago(-2)`", "2 ms in the future", "at least 0 ms"]),
    "a slope of now": (field("s.x_ago.slope(0.0) - s.x"), bn.ModelError, ["`x_ago.slope(0)`", "more than 0 ms"]),
    "no delay": (field("-s.x_ago"), bn.ModelError, ["Mine.vector_field", "history without a delay", "x_ago(delay)"]),
    "an empty call": (field("-s.x_ago()"), bn.ModelError, ["history without a delay"]),
    "a history in a function": (field("-jnp.tanh(s.x_ago)"), bn.ModelError, ["history without a delay"]),
    "another history": (field("-s.x_before(1.0)"), bn.UnknownName, ["`x_before`", "Known: x, x_ago"]),
    "a history of the model": (field("-self.x_ago(1.0)"), bn.UnknownName, ["`x_ago` is a history", "`s.x_ago`"]),
    "a delay in words": (field("-s.x_ago('1 ms')"), bn.ModelError, ["Mine.vector_field"]),
    "a slope of a noisy state": (
        "class Mine(Echo):\n    def vector_field(self, t, s, u):\n        return dict(x=-s.x_ago.slope(1.0))\n"
        "    def diffusion(self, t, s, u):\n        return dict(x=0.1)\nbn.simulate(Mine(), T=1)",
        bn.ModelError,
        ["`x_ago.slope`", "values only (linear)", "smooth"],
    ),
    "spikes that nobody reports": (
        body(
            X, 'spike_ago = bn.history("spike", 5.0)',
            "def vector_field(self, t, s, u):", "    return dict(x=-s.x)",
            "def on_step(self, t, s, u, key):", "    return {}, dict(spikes=s.x > 2)",
        ) + "\nbn.simulate(Mine(), T=1)",
        bn.ModelError,
        ["`spike_ago` remembers `spike`", "Mine.on_step", "`spikes`"],
    ),
    "a number among what is reported": (
        body(
            X, 'I_ago = bn.history("I_x", 5.0)',
            "def vector_field(self, t, s, u):", "    return dict(x=-s.x)",
            "def on_step(self, t, s, u, key):", "    return {}, dict(I_x=s.x * 2)",
        ) + "\nbn.simulate(Mine(), T=1)",
        bn.ModelError,
        ["`I_ago` remembers `I_x`", "reports as a number", "make it a state"],
    ),
    "one flag for many": (
        body(
            X, 'spike_ago = bn.history("spike", 5.0)',
            "def vector_field(self, t, s, u):", "    return dict(x=-s.x)",
            "def on_step(self, t, s, u, key):", "    return {}, dict(spike=jnp.any(s.x > 2))",
        ) + "\nbn.simulate(Mine(), T=1, size=3)",
        bn.ModelError,
        ["`spike_ago`", "shape ()", "(3,)"],
    ),
}  # fmt: skip

RUNNING = {
    "a delay beyond its bounds": ("Echo(delay=9)", bn.OutOfBounds, ["Echo.delay = 9", "[0, 5]"]),
    "a function for a state without a past": (
        "bn.simulate(Slow(), T=1, init={'x': lambda t: 1.0 + t})",
        bn.ModelError,
        ["init: `x`", "Slow keeps no history"],
    ),
    "a function for no state": (
        "bn.simulate(Echo(), T=1, init={'y': lambda t: 1.0 + t})",
        bn.UnknownName,
        ["no state `y`", "Known: x"],
    ),
    "NumPy in a function of time": (
        "bn.simulate(Echo(), T=1, init={'x': lambda t: np.sin(t)})",
        bn.ModelError,
        ["init['x']", "uses jnp"],
    ),
    "a function of nothing": ("bn.simulate(Echo(), T=1, init={'x': lambda: 1.0})", bn.ModelError, ["init['x']", "lambda t"]),
    "a function of the wrong shape": (
        "bn.simulate(Echo(), T=1, size=2, init={'x': lambda t: jnp.ones(3) * t})",
        bn.ModelError,
        ["`x` has shape (3,)", "(2,)"],
    ),
    "another dt": (
        "bn.simulate(Echo(), T=1, dt=0.05, init=bn.simulate(Echo(), T=1))",
        bn.ModelError,
        ["Echo remembers its past in steps of dt = 0.1 ms", "dt=0.05", "init={'x': ...}"],
    ),
    "another fractional method": (
        "bn.simulate(Slow(), T=1, method='gl', init=bn.simulate(Slow(), T=1))",
        bn.ModelError,
        ["method='caputo_l1'", "'grunwald_letnikov'", "another memory"],
    ),
    "another window": (
        "bn.simulate(Slow(), T=1, method='gl', init=bn.simulate(Slow(), T=1, method=bn.integrators.GrunwaldLetnikov(memory=5)))",
        bn.ModelError,
        ["memory=5", "another memory"],
    ),
    "an order beyond its bounds": ("Slow(alpha=1.2)", bn.OutOfBounds, ["Slow.alpha = 1.2", "[0.1, 1]"]),
    "an ordinary method": (
        "bn.simulate(Slow(), T=1, method='rk4')",
        bn.ModelError,
        ["method='rk4'", "order 1", "`x` of Slow", "'caputo_l1'"],
    ),
    "a fractional method": (
        "bn.simulate(fhn, T=1, method='caputo_l1')",
        bn.ModelError,
        ["'caputo_l1'", "fractional order", "Fhn has none", "order='alpha'"],
    ),
    "noise on a fractional state": (
        "class Mine(Slow):\n    def diffusion(self, t, s, u):\n        return dict(x=0.1)\nbn.simulate(Mine(), T=1)",
        bn.ModelError,
        ["`x` of Mine is noisy", "no white noise", "bn.inputs.FrozenNoise"],
    ),
    "jumps with sums of slopes": (
        "class Mine(Slow):\n    def on_step(self, t, s, u, key):\n        return dict(x=s.x + 1), {}\n"
        "bn.simulate(Mine(), T=1, method='caputo_euler')",
        bn.ModelError,
        ["'caputo_euler'", "Mine.on_step", "`x`", "'caputo_l1'"],
    ),
    "a window of nothing": ("bn.integrators.GrunwaldLetnikov(memory=0)", ValueError, ["memory=0", "a time in ms"]),
    "a window in words": ("bn.integrators.GrunwaldLetnikov(memory='5 ms')", ValueError, ["memory='5 ms'", "a time in ms"]),
    "negative corrections": ("bn.integrators.CaputoL1(corrections=-1)", ValueError, ["corrections=-1", "at least 0"]),
    "a line that no memory holds": (
        "class Mine(Echo):\n    x_ago = bn.history('x', 1e6)\nbn.simulate(Mine(), T=1, size=10**6)",
        ValueError,
        ["Mine: `x_ago` remembers 1e+06 ms", "dt", "GB", "shorter line"],
    ),
    "a line that nobody can count": (
        "class Mine(Echo):\n    x_ago = bn.history('x', 1e12)\nbn.simulate(Mine(), T=1)",
        ValueError,
        ["Mine: `x_ago` remembers 1e+12 ms", "2,147,483,646 steps"],
    ),
    "a memory that no memory holds": (
        "bn.simulate(Slow(), T=1e5, dt=0.1, every=1000, size=10**5)",
        ValueError,
        ["Slow: method='caputo_l1' remembers", "steps", "GB", "memory=..."],
    ),
    "a delay that leaves its line on the way": (
        "class Mine(Echo):\n    def vector_field(self, t, s, u):\n        return dict(x=1.0 + 0 * s.x_ago(jnp.abs(s.x)))\n"
        "bn.simulate(Mine(), T=20)",
        bn.NumericalFailure,
        ["`x` became NaN at t = 4.1 ms", "Mine reads `x_ago(5", "holds 5 ms", "bn.history('x', 5"],
    ),
    "a delay that becomes negative on the way": (
        "class Mine(Echo):\n    def vector_field(self, t, s, u):\n        return dict(x=-1.0 + 0 * s.x_ago(s.x))\n"
        "bn.simulate(Mine(), T=20, every=10)",
        bn.NumericalFailure,
        ["`x` became NaN", "Mine reads `x_ago(-", "in the future"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DECLARING)
def test_declaring(answers, name):
    typed, error, words = DECLARING[name]
    answers(typed, error, words)


@pytest.mark.parametrize("name", READING)
def test_reading(answers, name):
    typed, error, words = READING[name]
    answers(MODEL + typed, error, words)


@pytest.mark.parametrize("name", RUNNING)
def test_running(answers, name):
    typed, error, words = RUNNING[name]
    answers(MODEL + typed, error, words)
