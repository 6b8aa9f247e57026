"""Models as JSON: what comes back, and what is refused."""

import json
import warnings

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.channels import ChannelGroup, Leak, PotassiumHH1952, SodiumHH1952
from brainnb.io import from_json, load_model, save_model, to_json
from brainnb.io.classes import known_classes, public_name

LIF = to_json(bn.neurons.LIF())


class Own(bn.Model):
    """A model of a user, with structure and a nested part."""

    order: int = bn.static(2)
    names: tuple = bn.static(("a", "b"))
    gain: bn.Param = bn.param(1.5, "1", "gain", bounds=(0, 10))
    inner: bn.Model = bn.part(bn.neurons.FitzHughNagumo, a=0.5)
    x = bn.state(0.0, "1", "state", bounds=(0, 1))

    def vector_field(self, t, s, u):
        return dict(x=self.gain * s.x, inner=dict(V=0.0 * s.inner.V, w=0.0 * s.inner.w))


def same(a, b):
    assert type(a) is type(b)
    assert jax.tree.structure(a) == jax.tree.structure(b)
    for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        assert x.dtype == y.dtype
        assert np.array_equal(x, y)


def test_file_round_trip(tmp_path):
    model = bn.neurons.AdEx.bursting()
    path = save_model(model, tmp_path / "cell.json")
    same(load_model(path), model)
    assert [p.name for p in tmp_path.iterdir()] == ["cell.json"]
    assert json.loads(path.read_text())["model"]["class"] == "brainnb.neurons.AdEx"


def test_top_level_names():
    assert bn.save_model is save_model
    assert bn.load_model is load_model


def test_channels_of_a_cell_keep_names_order_and_depth():
    cell = bn.neurons.Cell(
        {"K": PotassiumHH1952(), "g": ChannelGroup({"Na": SodiumHH1952(g_max=90), "leak": Leak()})}, C=2
    )
    back = from_json(to_json(cell))
    same(back, cell)
    assert list(back.parameters()) == list(cell.parameters())
    options = dict(T=5, dt=0.05, I=10)
    assert np.array_equal(bn.simulate(back, **options).V, bn.simulate(cell, **options).V)


def test_own_classes_with_parts_and_structure():
    model = Own(order=3, names=("x", "y"), gain=np.array([1.0, 2.0])).replace({"inner.b": 0.9})
    back = from_json(to_json(model))
    same(back, model)
    assert (back.order, back.names) == (3, ("x", "y"))


@pytest.mark.parametrize("x64", [True, False])
def test_arrays_keep_shape_dtype_and_every_digit(x64):
    with jax.enable_x64(x64):
        values = np.random.default_rng(0).normal(size=(40, 3)) * 1e-3
        course = bn.inputs.FromData(np.arange(40) * np.pi, values)
        same(from_json(to_json(course)), course)


def test_short_decimals_are_written_short():
    with jax.enable_x64(False):
        assert '"value": 0.1,' in to_json(bn.neurons.LIF(R=0.1))


def test_single_precision_files_stay_single_in_double_runs():
    with jax.enable_x64(False):
        text = to_json(bn.neurons.LIF(tau=15.3))
    assert from_json(text).tau.dtype == np.float32


def test_double_files_in_single_runs_are_announced():
    text = to_json(bn.neurons.LIF())
    with (
        jax.enable_x64(False),
        pytest.warns(UserWarning, match=r"model\.tau and 5 more values were saved in a precision"),
    ):
        model = from_json(text)
    assert model.tau.dtype == np.float32


def test_a_unit_of_an_older_declaration_is_converted():
    text = LIF.replace('"value": 20.0', '"value": 0.02').replace('"unit": "ms"', '"unit": "s"', 1)
    assert float(from_json(text).tau) == pytest.approx(20.0)


def test_missing_values_take_their_defaults():
    document = json.loads(LIF)
    del document["model"]["values"]["t_ref"]
    assert float(from_json(json.dumps(document)).t_ref) == 5.0


def test_the_newest_class_of_a_name_is_built():
    def define(gain):
        class Redefined(bn.Model):
            g: bn.Param = bn.param(gain, "1", "gain", bounds=(0, 10))
            x = bn.state(0.0, "1", "state", bounds=(0, 1))

            def vector_field(self, t, s, u):
                return dict(x=s.x)

        return Redefined

    old, new = define(1.0), define(2.0)
    text = to_json(old())
    assert type(from_json(text)) is new


def test_a_class_made_for_a_population_does_not_take_the_name_of_its_cell():
    cells = bn.Population(bn.neurons.MorrisLecar(), 2)
    assert known_classes()["brainnb.neurons.MorrisLecar"] is bn.neurons.MorrisLecar
    assert cells is not None  # the class of its cells is alive while the names are looked up


def test_library_classes_have_public_names():
    known = known_classes()
    assert known["brainnb.neurons.LIF"] is bn.neurons.LIF
    assert public_name(Own).endswith("test_models.Own")


def changed(old, new):
    assert old in LIF
    return LIF.replace(old, new, 1)


def edited(**changes):
    document = json.loads(LIF)
    document["model"] |= changes
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (changed("20.0", "NaN"), bn.ModelError, r"The file holds NaN"),
        (changed("20.0", "-Infinity"), bn.ModelError, r"The file holds -Infinity"),
        (changed("20.0", "1e999"), bn.ModelError, r"model\.tau is NaN or infinite"),
        (changed("20.0", '"20 ms"'), bn.ModelError, r"model\.tau: numbers were expected"),
        (changed("20.0", "null"), bn.ModelError, r"model\.tau: numbers were expected"),
        (changed("20.0", "[1.0, [2.0]]"), bn.ModelError, r"model\.tau: numbers were expected"),
        (changed("20.0", "1" + "0" * 400), bn.ModelError, r"model\.tau"),
        (changed("20.0", "1" + "0" * 5000), bn.ModelError, r"This is no JSON"),
        (changed("20.0", "2000.0"), bn.OutOfBounds, r"LIF\.tau = 2000 ms is outside \[1, 100\] ms"),
        (changed('"tau"', '"tua"'), bn.UnknownName, r"No parameter `tua` in LIF\. Did you mean `tau`\?"),
        (changed("neurons.LIF", "neurons.LFI"), bn.UnknownName, r"`brainnb\.neurons\.LFI` exists\. Did you mean `brainnb\.neurons\.LIF`"),
        (changed("brainnb.neurons.LIF", "os.system"), bn.UnknownName, r"no model class `os\.system` exists.*nothing is imported"),
        (changed('"unit": "ms"', '"unit": "mV"'), bn.UnitError, r"a value in ms was expected"),
        (changed('"float32"', '"object"'), bn.UnknownName, r"No dtype `object`"),
        (changed('"brainnb_model": 1', '"brainnb_model": 2'), bn.ModelError, r"layout 2 .* reads up to 1: upgrade"),
        (changed('"brainnb_model": 1', '"brainnb_model": "1"'), bn.ModelError, r"layout '1'"),
        (edited(code="import os"), bn.UnknownName, r"No entry `code` in model"),
        (edited(static={"tau": 3}), bn.ModelError, r"model\.tau: does not belong under `static` of LIF"),
        (edited(parts=[1]), bn.ModelError, r"model\.parts: a mapping was expected, got list"),
        (edited(parts={"tau": 3}), bn.ModelError, r"model\.tau: a mapping with `class` was expected, got int"),
        ("{}", bn.ModelError, r"This JSON holds no model"),
        ("[1, 2]", bn.ModelError, r"This JSON holds no model"),
        ('{"brainnb_model": 1}', bn.ModelError, r"model: a mapping with `class` was expected"),
        ("not json", bn.ModelError, r"This is no JSON"),
        ("[" * 200_000, bn.ModelError, r"nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused(text, error, message):
    with pytest.raises(error, match=message):
        from_json(text)


def test_nothing_is_imported_for_a_name():
    import sys

    before = set(sys.modules)
    with pytest.raises(bn.UnknownName):
        from_json(changed("brainnb.neurons.LIF", "this.that.Antigravity").replace("this.that", "antigravity"))
    assert "antigravity" not in set(sys.modules) - before


def test_size_limits(tmp_path):
    path = tmp_path / "big.json"
    path.write_text(" " * 2000 + LIF)
    with pytest.raises(bn.ModelError, match=r"big\.json is .* bytes long; at most 1,000 are read"):
        load_model(path, max_bytes=1000)
    with pytest.raises(bn.ModelError, match=r"characters long; at most 10 are read"):
        from_json(LIF, max_bytes=10)


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "photo.json"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(bn.ModelError, match=r"photo\.json is no text"):
        load_model(path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: to_json(3), r"to_json takes a bn\.Model; got int"),
        (lambda: from_json(b"{}"), r"from_json takes text; got bytes"),
        (lambda: to_json(Own(order=np.nan)), r"Own\.order holds float"),
        (lambda: to_json(bn.inputs.Step(amplitude=np.inf)), r"Step\.amplitude is NaN or infinite"),
        (lambda: jax.jit(lambda m: (to_json(m), m)[1])(bn.neurons.LIF()), r"LIF\.tau is traced"),
    ],
)
def test_what_json_does_not_hold_is_refused(make, message):
    with pytest.raises(bn.ModelError, match=message):
        make()


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = save_model(bn.neurons.LIF(tau=12), tmp_path / "m.json")
    with pytest.raises(bn.ModelError):
        save_model(bn.inputs.FromFunction(abs), path)
    assert float(load_model(path).tau) == 12.0


def test_a_class_that_takes_other_arguments_says_so():
    class Odd(bn.Model):
        k: bn.Param = bn.param(1.0, "1", "constant", bounds=(0, 5))

        def __init__(self, double):
            self.k = 2 * double

    with pytest.raises(bn.ModelError, match=r"Odd cannot be built from the file"):
        from_json(to_json(Odd(1.0)))


def test_no_warning_in_the_same_precision():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from_json(LIF)
