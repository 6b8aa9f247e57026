"""Laws of models, records, paths and units."""

import fnmatch

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import brainnb as bn
from brainnb.core.paths import expand
from brainnb.core.quantities import to_magnitude
from brainnb.core.record import Record

WORDS = st.text("abcXYZ_", min_size=1, max_size=4).filter(lambda w: not hasattr(dict, w))
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False, width=32)

records = st.recursive(
    st.dictionaries(WORDS, NUMBERS, min_size=1, max_size=4).map(Record),
    lambda inner: st.dictionaries(WORDS, NUMBERS | inner, min_size=1, max_size=4).map(Record),
    max_leaves=8,
)


def changed(record, draw):
    """A part of ``record`` with other numbers."""
    out = {}
    for name, value in record.items():
        if draw(st.booleans()):
            out[name] = changed(value, draw) if isinstance(value, Record) else draw(NUMBERS)
    return out


def flatten(tree, prefix=""):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


@given(records, st.data())
def test_merge_is_an_update_of_the_flat_record(record, data):
    changes = changed(record, data.draw)
    merged = record.merge(changes)
    assert merged.flat() == record.flat() | dict(flatten(changes))
    assert list(merged.flat()) == list(record.flat())


@given(records, st.data())
def test_merging_twice_is_merging_the_second_over_the_first(record, data):
    a, b = changed(record, data.draw), changed(record, data.draw)
    assert record.merge(a).merge(b).flat() == record.flat() | dict(flatten(a)) | dict(flatten(b))
    assert record.merge({}) == record
    assert record.merge(record) == record


@given(records)
def test_a_record_comes_back_from_the_pytree(record):
    leaves, tree = jax.tree.flatten(record)
    assert leaves == list(record.flat().values())
    again = jax.tree.unflatten(tree, leaves)
    assert again == record
    assert list(again.flat()) == list(record.flat())


@given(
    st.lists(st.text("ab.", min_size=1, max_size=5), unique=True, min_size=1), st.text("ab.*?", min_size=1, max_size=5)
)
def test_a_pattern_finds_itself_or_what_fnmatch_finds(known, pattern):
    wanted = [pattern] if pattern in known else fnmatch.filter(known, pattern)
    if wanted:
        assert expand(pattern, known) == wanted
    else:
        with pytest.raises(bn.UnknownName):
            expand(pattern, known)


def attempt(call, *errors):
    """What came of it: the value, or the message of one of the expected errors."""
    try:
        return call(), ""
    except errors as error:
        return None, str(error)


class Leaf(bn.Model):
    a: bn.Param = bn.param(1.0, "ms", "one", bounds=(-1e6, 1e6))
    b: bn.Param = bn.param([1.0, 2.0], "mV", "two")


class Tree(bn.Model):
    a: bn.Param = bn.param(1.0, "1", "one", bounds=(0, 10))
    left: Leaf = bn.part(Leaf)
    right: Leaf = bn.part(Leaf, a=5.0)


PATHS = list(Tree().parameters())


@given(st.dictionaries(st.sampled_from(PATHS), st.floats(0, 10, width=32)))
def test_replace_sets_what_was_named_and_nothing_else(changes):
    before = Tree().parameters()
    after = Tree().replace(changes).parameters()
    assert list(after) == PATHS
    for path in PATHS:
        expected = np.full(before[path].value.shape, changes[path]) if path in changes else before[path].value
        np.testing.assert_array_equal(after[path].value, expected)
        assert after[path].value.dtype == before[path].value.dtype
        assert after[path][1:] == before[path][1:]


@given(st.dictionaries(st.sampled_from(PATHS), st.floats(0, 10, width=32)))
def test_what_parameters_tell_replace_takes_back(changes):
    model = Tree().replace(changes)
    again = Tree().replace({path: p.value for path, p in model.parameters().items()})
    assert jax.tree.all(jax.tree.map(lambda x, y: bool((x == y).all()), again, model))
    assert jax.tree.structure(again) == jax.tree.structure(model)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_value_out_of_bounds_gets_into_a_model(value):
    try:
        model = Tree().replace(a=value)
    except bn.OutOfBounds:
        assert not 0 <= value <= 10
    else:
        assert 0 <= float(model.a) <= 10
        assert float(model.a) == pytest.approx(value, rel=1e-6, abs=1e-37)


@given(
    st.one_of(
        st.text(max_size=30), st.none(), st.booleans(), st.binary(max_size=4), st.lists(st.text(max_size=3), max_size=3)
    )
)
def test_whatever_is_given_is_a_value_or_one_of_our_errors(value):
    model, answer = attempt(lambda: Tree().replace({"left.a": value}), bn.ModelError, bn.UnitError, bn.OutOfBounds)
    assert answer.startswith(("Tree.left.a", "`")) if model is None else np.isfinite(float(model.left.a))


@given(st.text(max_size=12))
def test_whatever_path_is_given_is_known_or_an_unknown_name(path):
    model, answer = attempt(lambda: Tree().replace({path: 2.0}), bn.UnknownName, bn.ModelError)
    assert "Tree" in answer if model is None else fnmatch.filter(PATHS, path)


UNITS = [
    ("ms", "s", 1e3),
    ("mV", "V", 1e3),
    ("uA/cm2", "A/m2", 1e2),
    ("nS", "S", 1e9),
    ("Hz", "1/ms", 1e3),
    ("pF", "F", 1e12),
]


@given(st.floats(-1e9, 1e9, allow_nan=False), st.sampled_from(UNITS))
def test_units_convert_there_and_back(value, units):
    small, large, factor = units
    there = to_magnitude(f"{value!r} {large}", small, "x")
    assert there == pytest.approx(value * factor, rel=1e-9)
    assert to_magnitude(f"{there!r} {small}", large, "x") == pytest.approx(value, rel=1e-9, abs=1e-300)


@settings(max_examples=60)
@given(st.text("0123456789.eE+-*/^() msVAcF%inax_", max_size=40))
def test_no_text_takes_long_or_fails_otherwise(text):
    value, answer = attempt(lambda: to_magnitude(text, "ms", "x"), bn.UnitError)
    assert "x = " in answer if value is None else isinstance(value, float)
