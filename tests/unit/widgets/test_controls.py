"""Where a slider begins and ends when the model does not say."""

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

import brainnb as bn
from brainnb.widgets.controls import fixed, nice, slider_range
from brainnb.widgets.settings import Settings

numbers = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)


@given(numbers, st.none() | numbers, st.none() | numbers)
def test_the_value_lies_on_its_slider_inside_the_bounds(value, low, high):
    assume(low is None or low <= value)
    assume(high is None or value <= high)
    assume(low is None or high is None or low < high)
    begin, end, step = slider_range(value, (low, high))
    assert begin <= value <= end
    assert begin < end
    assert low is None or begin >= low
    assert high is None or end <= high
    assert 0 < step <= end - begin


def test_known_ranges():
    assert slider_range(120.0, (0, 300)) == (0, 300, 2)
    assert slider_range(0.0, (None, None)) == (-1.0, 1.0, 0.01)
    assert slider_range(-65.0, (None, None))[:2] == (-100.0, 0.0)


@given(st.floats(1e-9, 1e9))
def test_nice_numbers_are_near_and_short(x):
    assert 0.4 < nice(x) / x < 2.6
    lead = nice(x) / 10 ** math.floor(math.log10(nice(x)) + 1e-9)
    assert min(abs(lead - m) for m in (1, 2, 5, 10)) < 1e-6


def test_what_is_many_numbers_is_named():
    cells = bn.neurons.LIF(V_th=np.linspace(-52.0, -48.0, 80))
    assert fixed(Settings(cells, {"I": 0.0}, 1.0, 0.1)) == (
        "Without a slider, as each is many numbers: V_th (80 values, -52 to -48 mV)."
    )
    assert fixed(Settings(bn.neurons.LIF(), {"I": np.arange(3.0)}, 1.0, 0.1)).endswith("I (3 values, 0 to 2 pA).")
    assert fixed(Settings(bn.neurons.LIF(), {"I": 0.0}, 1.0, 0.1)) == ""
