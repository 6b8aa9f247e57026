"""Links and states: exact for friends, strict with strangers."""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainnb.widgets.state import PREFIX, StateError, pack, read, to_link


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.floats(allow_nan=False, allow_infinity=False), max_size=30))
def test_a_link_brings_every_bit_back(values):
    link = to_link(pack("M", values))
    assert read("http://127.0.0.1:5006/app?x=1" + link, "M") == values


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_float32_survives(value):
    from brainnb.widgets.settings import plain

    back = read(to_link(pack("M", {"x": plain(np.float32(value))})), "M")["x"]
    assert np.float32(back) == np.float32(value)


def as_link(text):
    return PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def state(values):
    return f'{{"v":1,"model":"M","values":{values}}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (state('{"a":NaN}'), "NaN is not a finite number"),
        (state('{"a":-Infinity}'), "-Infinity is not a finite number"),
        (state('{"a":1e999}'), "a is not a finite number"),
        (state('{"a":1,"a":2}'), "names 'a' twice"),
        (state('{"a":"1"}'), "names with plain numbers"),
        (state('{"a":true}'), "names with plain numbers"),
        (state('{"a":[1]}'), "names with plain numbers"),
        (state('{"a":' + "9" * 400 + "}"), "a is not a finite number"),
        (state('{"a":' + "9" * 5000 + "}"), "no valid JSON"),
        (state("[1, 2]"), "a mapping from names to numbers"),
        ('{"v":2,"model":"M","values":{}}', "has version 2; this brainnb reads version 1"),
        ('{"v":true,"model":"M","values":{}}', "has version True"),
        ('{"v":1,"model":"N","values":{}}', "belongs to the model N; here is M"),
        ('{"v":1,"model":"M","values":{},"code":"x"}', "got also code"),
        ("[" * 20_000, "nested too deeply|no valid JSON"),
        ('{"v":1,', "no valid JSON"),
        ("", "no valid JSON"),
        ("3", "A state is a mapping"),
        ("x" * 70_000, "70,000 characters; at most 65,536"),
    ],
)
@pytest.mark.parametrize("form", [str, as_link])
def test_strangers_are_refused_in_words(text, message, form):
    if form is as_link and len(text) > 60_000:
        message = "characters; at most 65,536"
    with pytest.raises(StateError, match=message):
        read(form(text), "M")


@pytest.mark.parametrize("damage", ["#brainnb=%%%", "#brainnb=a", "#brainnb=_w"])
def test_damaged_links_say_so(damage):
    with pytest.raises(StateError, match=r"damaged|no valid JSON"):
        read(damage, "M")


@pytest.mark.parametrize("thing", [None, 3, b"{}", ["v"]])
def test_other_things_are_no_states(thing):
    with pytest.raises(StateError, match="A state is a mapping with v, model and values"):
        read(thing, "M")


def test_a_state_is_small():
    values = dict.fromkeys(("a", "b", "tau", "I", "T", "dt"), 0.1)
    assert len(json.dumps(pack("FitzHughNagumo", values))) < 150
