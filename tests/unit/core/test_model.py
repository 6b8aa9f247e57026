"""The frozen model: declarations, replacement, what it tells of itself."""

import copy
import pickle
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn


class Gate(bn.Model):
    """A gate.

    With a second paragraph.
    """

    g_max: bn.Param = bn.param(36.0, "mS/cm2", "maximal conductance", bounds=(0, 300))
    E: bn.Param = bn.param(-77.0, "mV", "reversal potential")
    n = bn.state(0.3, "1", "activation", bounds=(0, 1))
    V = bn.input(-65.0, "mV", "membrane potential")

    def vector_field(self, t, s, u):
        return dict(n=-s.n)


class Soma(bn.Model):
    C: bn.Param = bn.param(1.0, "uF/cm2", "capacitance", bounds=(0.1, 10))
    fast: Gate = bn.part(Gate, g_max=120.0, E=50.0)
    slow: Gate = bn.part(Gate)
    label: str = bn.static("soma")
    V = bn.state(-65.0, "mV", "potential")
    I = bn.input(0.0, "uA/cm2", "current")

    def vector_field(self, t, s, u):
        return dict(
            V=-s.V / self.C, fast=self.fast.vector_field(t, s.fast, u), slow=self.slow.vector_field(t, s.slow, u)
        )


def values(model):
    return {path: float(p.value) for path, p in model.parameters().items()}


def test_parameters_come_depth_first_with_all_that_was_declared():
    assert list(Soma().parameters()) == ["C", "fast.g_max", "fast.E", "slow.g_max", "slow.E"]
    row = Soma().parameters()["fast.g_max"]
    assert (float(row.value), *row[1:]) == (120.0, "mS/cm2", "maximal conductance", (0.0, 300.0))


def test_states_inputs_and_parts_are_told_by_name():
    soma = Soma()
    assert list(soma.states()) == ["V"]
    assert list(soma.inputs()) == ["I"]
    assert list(soma.parts()) == ["fast", "slow"]
    assert soma.declaration("slow.n").unit == "1"
    assert soma.declaration("slow.nothing") is None
    assert soma.declaration("nothing.n") is None


def test_every_leaf_is_a_parameter():
    assert len(jax.tree.leaves(Soma())) == len(Soma().parameters())


def test_replace_returns_another_model():
    soma = Soma()
    changed = soma.replace({"slow.g_max": 20}, C=2)
    assert values(changed) == values(soma) | {"slow.g_max": 20.0, "C": 2.0}
    assert values(soma)["C"] == 1.0
    assert changed.label == "soma"
    assert type(changed) is Soma


def test_replace_of_nothing_is_the_model_itself():
    soma = Soma()
    assert soma.replace() is soma
    assert soma.replace({}) is soma


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        ("*.E", {"fast.E", "slow.E"}),
        ("fast.*", {"fast.g_max", "fast.E"}),
        ("*", {"C", "fast.g_max", "fast.E", "slow.g_max", "slow.E"}),
        ("????.E", {"fast.E", "slow.E"}),
        ("[fs]*.g_max", {"fast.g_max", "slow.g_max"}),
    ],
)
def test_a_glob_reaches_every_match(pattern, hit):
    before, after = values(Soma()), values(Soma().replace({pattern: 7.0}))
    assert {path for path in before if before[path] != after[path]} == hit
    assert all(after[path] == 7.0 for path in hit)


def test_the_last_of_overlapping_patterns_wins():
    assert values(Soma().replace({"*.E": 1.0, "slow.E": 2.0}))["slow.E"] == 2.0
    assert values(Soma().replace({"*.E": 1.0, "slow.E": 2.0}))["fast.E"] == 1.0


@pytest.mark.parametrize(
    "value", [3, 3.0, np.float32(3), np.float64(3), np.int64(3), np.array(3), "3", "3 uF/cm2", "0.03 F/m^2"]
)
def test_any_spelling_of_a_number_gives_the_same_leaf(value):
    old, new = Soma(), Soma().replace(C=value)
    assert new.C.dtype == old.C.dtype
    assert new.C.shape == ()
    assert not new.C.weak_type
    assert float(new.C) == pytest.approx(3.0)
    assert jax.tree.structure(new) == jax.tree.structure(old)


def test_jax_values_go_in_and_keep_gradients():
    assert float(Soma().replace(C=jnp.array(3.0)).C) == 3.0
    assert float(jax.grad(lambda c: Soma().replace(C=c).C ** 2)(3.0)) == 6.0


def test_a_scalar_fills_an_array_and_keeps_its_shape():
    model = Gate(g_max=[1.0, 2.0, 3.0])
    assert model.replace(g_max=5).g_max.tolist() == [5.0, 5.0, 5.0]


def test_a_leaf_does_not_follow_the_array_it_came_from():
    mine = np.array([1.0, 2.0])
    model = Gate(g_max=mine)
    mine[0] = 99.0
    assert model.g_max.tolist() == [1.0, 2.0]


def test_bounds_are_inclusive_at_the_precision_of_the_value():
    assert float(Soma(C=0.1).C) == pytest.approx(0.1)
    with jax.enable_x64(False):
        assert float(Soma().replace(C=0.1).C) == pytest.approx(0.1)
        assert float(Soma().replace(C=np.float32(0.1)).C) == pytest.approx(0.1)


def test_parts_of_a_mapping_have_paths():
    class Bag(bn.Model):
        """Parts in a mapping."""

        things: bn.Record = eqx.field(converter=bn.Record)

    bag = Bag({"a": Gate(), "b": Gate(E=0.0)})
    assert list(bag.parameters()) == ["a.g_max", "a.E", "b.g_max", "b.E"]
    assert values(bag.replace({"b.E": 5.0}))["b.E"] == 5.0
    assert float(bag.a.E) == -77.0


def test_parts_may_be_models_without_a_declaration():
    class Holder(bn.Model):
        gate: Gate

    assert values(Holder(Gate(E=3.0)).replace({"gate.E": 4.0}))["gate.E"] == 4.0


def test_presets_are_inherited_and_listed():
    class Published(Gate):
        @bn.preset
        def tall(cls):
            """High (Someone 1999)."""
            return cls(g_max=99.0)

    class Child(Published):
        pass

    assert list(Child.presets()) == ["tall"]
    made = Child.presets()["tall"]()
    assert type(made) is Child
    assert float(made.g_max) == 99.0
    assert Child.presets()["tall"].__doc__.startswith("High")
    assert Gate.presets() == {}


def test_a_subclass_may_overlay_and_remove():
    class Other(Gate):
        E: bn.Param = bn.param(-90.0, "mV", "moved")
        n = None
        V = bn.input(0.0, "mV", "overlaid")

    assert float(Other().E) == -90.0
    assert Other.states() == {}
    assert Other().inputs()["V"].default == 0.0
    assert Gate.states().keys() == {"n"}


def test_class_variables_and_private_names_are_no_parameters():
    class Quiet(Gate):
        default_method = "euler"
        factor: ClassVar[float] = 3.0
        _hidden = 2.0

    assert list(Quiet().parameters()) == ["g_max", "E"]


def test_initial_state_follows_the_declarations():
    s = Soma().init_state((3,), jax.random.key(0))
    assert s.V.tolist() == [-65.0] * 3
    assert s.fast.n.shape == (3,)
    assert list(s.flat()) == ["V", "fast.n", "slow.n"]


def test_a_discrete_state_keeps_its_type():
    class Clock(bn.Model):
        ticks = bn.state(0, discrete=True)
        on = bn.state(True, discrete=True)
        last = bn.state(-1e7, "ms", discrete=True)

    s = Clock().init_state()
    assert [x.dtype.kind for x in s.values()] == ["i", "b", "f"]


def test_models_are_copied_and_pickled_as_values():
    soma = Soma().replace(C=3)
    for again in (copy.deepcopy(soma), copy.copy(soma)):
        assert values(again) == values(soma)


def test_library_models_pickle():
    model = bn.neurons.HodgkinHuxley().replace(g_Na=100)
    assert values(pickle.loads(pickle.dumps(model))) == values(model)
    cell = bn.neurons.Cell({"leak": bn.channels.Leak()})
    assert values(pickle.loads(pickle.dumps(cell))) == values(cell)


def test_vmap_over_stacked_models():
    stack = jax.tree.map(lambda *x: jnp.stack(x), *(Soma().replace(C=c) for c in (1.0, 2.0, 4.0)))
    s = Soma().init_state()
    found = jax.vmap(lambda m: m.vector_field(0.0, s, bn.Record(I=0.0)).get("V"))(stack)
    np.testing.assert_allclose(found, [65.0, 32.5, 16.25])


def test_one_line_says_values_and_units():
    assert repr(Gate()) == "Gate(g_max=36 mS/cm2, E=-77 mV)"
    assert repr(Gate(E=[1.0, 2.0])) == "Gate(g_max=36 mS/cm2, E=1 .. 2 (2) mV)"
    assert repr(bn.neurons.HodgkinHuxley()).startswith("HodgkinHuxley(C=1 uF/cm2, g_Na=120 mS/cm2")


def test_the_table_has_name_value_unit_meaning():
    lines = str(Soma()).splitlines()
    assert lines[0] == "Soma"
    row = next(line for line in lines if "fast.g_max" in line).split()
    assert row == ["fast.g_max", "120", "mS/cm2", "maximal", "conductance"]
    assert [line.strip() for line in lines if line.startswith("  ") and not line.startswith("   ")] == [
        "parameters",
        "states",
        "inputs",
    ]


def test_the_html_table_escapes_what_comes_from_the_model():
    evil = "<img src=x onerror=alert(1)>"

    class Hostile(bn.Model):
        x: bn.Param = bn.param(1.0, '"><b>', evil)
        y = bn.state(0.0, "1", evil)

    Hostile.__doc__ = evil
    Hostile.__name__ = "<script>"
    page = Hostile()._repr_html_()
    assert "<img" not in page
    assert "<script" not in page
    assert "<b>" not in page.replace("<b>&lt;script&gt;</b>", "")
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_html_table_has_a_row_for_every_name():
    page = Soma()._repr_html_()
    for name in ("C", "fast.g_max", "slow.E", "V", "slow.n", "I"):
        assert f">{name}</td>" in page
    assert page.count("<tr>") == 1 + 5 + 3 + 1


def test_traced_models_have_a_repr():
    seen = []
    jax.jit(lambda m: seen.append(repr(m)) or m.C)(Soma())
    assert seen == [
        "Soma(C=traced uF/cm2, fast.g_max=traced mS/cm2, fast.E=traced mV, slow.g_max=traced mS/cm2, slow.E=traced mV)"
    ]


def test_a_number_too_large_for_the_precision_is_refused_and_infinity_is_not():
    with jax.enable_x64(False):
        with pytest.raises(bn.OutOfBounds, match=r"Gate.E = 1e\+300 is beyond the largest number of float32"):
            Gate(E=1e300)
        assert float(Gate(E=np.inf).E) == np.inf
    assert float(Gate(E=1e300).E) == 1e300
