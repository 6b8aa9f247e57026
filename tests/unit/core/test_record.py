"""Records: immutable, named, pytrees."""

import copy
import pickle

import jax
import jax.numpy as jnp
import pytest

import brainnb as bn
from brainnb.core.record import Inputs, Record, flat


@pytest.fixture
def s():
    return Record(V=1.0, Na=Record(m=2.0, h=3.0))


def test_reads_as_attributes_and_items(s):
    assert (s.V, s["V"], s.Na.m, s["Na"]["h"]) == (1.0, 1.0, 2.0, 3.0)


def test_flat_names_every_value_by_its_path(s):
    assert s.flat() == {"V": 1.0, "Na.m": 2.0, "Na.h": 3.0}
    assert flat({"a": {"b": 1}, "c": 2}) == {"a.b": 1, "c": 2}


def test_merge_goes_part_by_part_and_leaves_the_first_alone(s):
    new = s.merge(dict(Na=dict(m=9.0)))
    assert new.flat() == {"V": 1.0, "Na.m": 9.0, "Na.h": 3.0}
    assert s.Na.m == 2.0
    assert isinstance(new.Na, Record)


def test_merge_refuses_strangers_at_any_depth(s):
    with pytest.raises(bn.UnknownName, match=r"`x`"):
        s.merge(dict(x=1.0))
    with pytest.raises(bn.UnknownName, match=r"`M`.*Did you mean `m`"):
        s.merge(dict(Na=dict(M=1.0)))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.__setitem__("V", 0.0),
        lambda s: setattr(s, "V", 0.0),
        lambda s: s.__delitem__("V"),
        lambda s: delattr(s, "V"),
        lambda s: s.update(V=0.0),
        lambda s: s.pop("V"),
        lambda s: s.popitem(),
        lambda s: s.clear(),
        lambda s: s.setdefault("x", 0.0),
        lambda s: s.__ior__(dict(V=0.0)),
        lambda s: s.Na.__setitem__("m", 0.0),
    ],
)
def test_nothing_changes_a_record(s, change):
    with pytest.raises(TypeError, match=r"does not change"):
        change(s)
    assert s.flat() == {"V": 1.0, "Na.m": 2.0, "Na.h": 3.0}


def test_is_a_pytree_that_keeps_order_and_type():
    s = Record(z=1.0, a=Record(y=2.0, b=3.0))
    leaves, tree = jax.tree.flatten(s)
    assert leaves == [1.0, 2.0, 3.0]
    again = jax.tree.unflatten(tree, leaves)
    assert again == s
    assert type(again.a) is Record
    assert list(again) == ["z", "a"]
    doubled = jax.jit(lambda r: jax.tree.map(lambda x: 2 * x, r))(s)
    assert list(doubled) == ["z", "a"]
    assert float(doubled.a.b) == 6.0


def test_paths_of_the_pytree_are_the_names(s):
    named = jax.tree_util.tree_leaves_with_path(s)
    assert [jax.tree_util.keystr(path, simple=True, separator=".") for path, _ in named] == ["V", "Na.m", "Na.h"]


def test_another_order_is_another_structure():
    assert jax.tree.structure(Record(a=1, b=2)) != jax.tree.structure(Record(b=2, a=1))


def test_pickles_and_copies(s):
    assert pickle.loads(pickle.dumps(s)) == s
    assert type(pickle.loads(pickle.dumps(s)).Na) is Record
    assert copy.deepcopy(s) == s
    u = Inputs(I=1.0)
    assert type(pickle.loads(pickle.dumps(u))) is Inputs


def test_knows_the_nearest_name(s):
    with pytest.raises(AttributeError, match=r"No state variable `v`. Did you mean `V`. Known: V, Na"):
        _ = s.v
    with pytest.raises(AttributeError, match=r"No input `i`. Did you mean `I`"):
        _ = Inputs(I=1.0).i
    assert not hasattr(s, "__array_interface__")
    assert getattr(s, "nothing", None) is None


def test_holds_arrays_through_vmap():
    s = Record(V=jnp.arange(3.0))
    assert jax.vmap(lambda r: r.V * 2)(s).tolist() == [0.0, 2.0, 4.0]
