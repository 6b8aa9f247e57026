"""The check of a model's equations against its units."""

import jax
import jax.numpy as jnp
import pytest

import brainnb as bn


def model_of(field, noise=None, V_unit="mV", w_unit="1"):
    class Made(bn.Model):
        tau: bn.Param = bn.param(10.0, "ms", "time constant")
        g: bn.Param = bn.param(1.0, "mS/cm2", "conductance")
        C: bn.Param = bn.param(1.0, "uF/cm2", "capacitance")
        E: bn.Param = bn.param(-70.0, "mV", "reversal")
        k: bn.Param = bn.param(2.0, "1", "number")
        V = bn.state(-65.0, V_unit, "potential")
        w = bn.state(0.0, w_unit, "other")
        I = bn.input(0.0, "uA/cm2", "current")
        vector_field = field
        if noise is not None:
            diffusion = noise

    return Made()


@bn.empirical
def fitted(V):
    return 0.1 * jnp.exp(-(V + 40.0) / 10.0) * V**2


RIGHT = {
    "current over capacitance": lambda self, t, s, u: dict(V=(u.I + self.g * (self.E - s.V)) / self.C, w=-s.w / self.tau),
    "numbers fit any sum": lambda self, t, s, u: dict(V=(s.V + 40.0) / self.tau, w=-s.w / self.tau),
    "an exponential of a ratio": lambda self, t, s, u: dict(V=jnp.exp(s.V / self.E) * s.V / self.tau, w=(1 - s.w) / self.tau),
    "a power and its root": lambda self, t, s, u: dict(V=jnp.sqrt(s.V**2) / self.tau, w=s.w**3 / self.tau),
    "a choice of two": lambda self, t, s, u: dict(V=jnp.where(s.V > self.E, s.V, self.E) / self.tau, w=-s.w / self.tau),
    "a dimensionless derivative of a dimensionless state": lambda self, t, s, u: dict(V=s.V / self.tau, w=-s.w),
    "a fitted function": lambda self, t, s, u: dict(V=s.V / self.tau, w=fitted(s.V) * (1 - s.w)),
    "inside a jit": lambda self, t, s, u: dict(V=jax.jit(lambda x: x / self.tau)(s.V), w=-s.w / self.tau),
    "a spike": lambda self, t, s, u: dict(V=bn.spike((s.V - self.E) / self.E) * s.V / self.tau, w=-s.w / self.tau),
    "time itself": lambda self, t, s, u: dict(V=s.V / (t + self.tau), w=-s.w / self.tau),
    "zero": lambda self, t, s, u: dict(V=0.0, w=0.0),
}  # fmt: skip

WRONG = {
    "a forgotten time constant": (lambda self, t, s, u: dict(V=self.E - s.V, w=-s.w), "dV/dt is in mV, expected mV / ms"),
    "a forgotten capacitance": (
        lambda self, t, s, u: dict(V=self.g * (self.E - s.V), w=-s.w),
        "dV/dt is in .*mS.*mV.* expected mV / ms",
    ),
    "a current added to a voltage": (
        lambda self, t, s, u: dict(V=(s.V + u.I) / self.tau, w=-s.w),
        r"vector_field: `add` mixes mV and .*A",
    ),
    "an exponential of a voltage": (
        lambda self, t, s, u: dict(V=jnp.exp(s.V) * s.V / self.tau, w=-s.w),
        "`exp` of a value in mV",
    ),
    "a comparison of unlike things": (
        lambda self, t, s, u: dict(V=jnp.where(self.tau < s.V, s.V, 0.0) / self.tau, w=-s.w),
        "`lt` mixes ms and mV",
    ),
    "a square too many": (lambda self, t, s, u: dict(V=s.V**2 / self.tau, w=-s.w), r"dV/dt is in mV \*\* 2 / ms"),
    "a rate in another unit of time": (
        lambda self, t, s, u: dict(V=s.V / self.tau, w=self.tau),
        "dw/dt is in ms, expected 1 / ms",
    ),
}  # fmt: skip


@pytest.mark.parametrize("field", RIGHT.values(), ids=RIGHT)
def test_a_right_equation_passes(field):
    assert bn.check_units(model_of(field)) is None


@pytest.mark.parametrize(("field", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_equation_is_named(field, message):
    with pytest.raises(bn.UnitError, match=f"Made.*{message}"):
        bn.check_units(model_of(field))


def test_every_wrong_derivative_is_listed():
    with pytest.raises(bn.UnitError, match=r"dV/dt is in mV.*; dw/dt is in pA"):
        bn.check_units(model_of(lambda self, t, s, u: dict(V=s.V, w=s.w), w_unit="pA"))


def test_prefixes_count():
    with pytest.raises(bn.UnitError, match=r"dV/dt"):
        bn.check_units(model_of(lambda self, t, s, u: dict(V=self.E / self.tau, w=-s.w), V_unit="V"))


def still(self, t, s, u):
    return dict(V=s.V / self.tau, w=-s.w / self.tau)


def test_noise_is_per_root_of_time():
    bn.check_units(model_of(still, lambda self, t, s, u: dict(V=self.E * jnp.sqrt(2.0 / self.tau))))
    with pytest.raises(bn.UnitError, match=r"noise of V is in mV, expected mV / ms \*\* 0.5"):
        bn.check_units(model_of(still, lambda self, t, s, u: dict(V=self.E)))


def test_order_of_the_initial_state_does_not_matter():
    class Turned(bn.Model):
        tau: bn.Param = bn.param(10.0, "ms", "time constant")
        V = bn.state(0.0, "mV", "potential")
        q = bn.state(0.0, "pC", "charge")

        def init_state(self, size=(), key=None):
            return bn.Record(q=jnp.zeros(size), V=jnp.zeros(size))

        def vector_field(self, t, s, u):
            return dict(q=-s.q / self.tau, V=-s.V / self.tau)

    bn.check_units(Turned())


def test_an_unknown_unit_in_a_declaration_is_named():
    class Odd(bn.Model):
        x = bn.state(0.0, "parsnip")

        def vector_field(self, t, s, u):
            return dict(x=0.0)

    with pytest.raises(bn.UnitError, match=r"`parsnip` is no unit"):
        bn.check_units(Odd())


def test_empirical_functions_work_like_any():
    assert float(fitted(-40.0)) == pytest.approx(160.0)
    assert fitted.__name__ == "fitted"
    assert float(jax.grad(fitted)(-40.0)) == pytest.approx(-24.0)
