"""Text and pint values at the boundary."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.core.quantities import parse, read, registry, to_magnitude

RIGHT = [
    ("20 ms", "ms", 20.0),
    ("0.02 s", "ms", 20.0),
    ("20ms", "ms", 20.0),
    ("  20  ms ", "ms", 20.0),
    ("-65e-3 V", "mV", -65.0),
    (".5 mV", "mV", 0.5),
    ("3", "mS/cm2", 3.0),
    ("1e2", "1", 100.0),
    ("50 %", "1", 0.5),
    ("3 uA/cm2", "uA/cm2", 3.0),
    ("3 uA/cm^2", "uA/cm2", 3.0),
    ("3 uA/cm**2", "uA/cm2", 3.0),
    ("3 uA cm-2", "uA/cm2", 3.0),
    ("30 mA/m2", "uA/cm2", 3.0),
    ("1 mS/cm2", "S/m2", 10.0),
    ("40 Hz", "1/ms", 0.04),
    ("0.04 1/ms", "Hz", 40.0),
    ("20 degC", "degC", 20.0),
    ("293.15 K", "degC", 20.0),
    ("5 µs", "ms", 0.005),
    ("100 MΩ", "Mohm", 100.0),
    ("2 pA*ms", "fC", 2.0),
]

WRONG = ["", " ", "ms", "20 ms s**", "1 + 1", "2 * 3 ms", "9**9**9", "1 ms**9**9", "nan", "inf", "20 ms; 3", "(20 ms)", "1_0 ms", "0x10", "20 ms" * 20]  # fmt: skip


@pytest.mark.parametrize(("text", "unit", "value"), RIGHT)
def test_text_is_converted(text, unit, value):
    assert to_magnitude(text, unit, "x") == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", WRONG)
def test_text_that_is_no_number_with_a_unit_is_refused(text):
    with pytest.raises(bn.UnitError, match=r"cannot be read as a number with a unit"):
        to_magnitude(text, "ms", "x")


def test_nothing_is_computed_from_text():
    assert read("20 uA/cm2") == (20.0, "uA/cm**2")
    with pytest.raises(ValueError, match=r"9"):
        read("9**9")


def test_pint_quantities_convert_in_both_directions():
    ureg = registry()
    assert to_magnitude(ureg.Quantity(0.02, "s"), "ms", "x") == pytest.approx(20.0)
    assert to_magnitude(ureg.Quantity(20.0, "ms"), "s", "x") == pytest.approx(0.02)
    np.testing.assert_allclose(to_magnitude(ureg.Quantity([1.0, 2.0], "V"), "mV", "x"), [1000.0, 2000.0])


def test_quantities_of_another_registry_convert():
    import pint

    other = pint.UnitRegistry()
    assert to_magnitude(other.Quantity(0.02, "s"), "ms", "x") == pytest.approx(20.0)


def test_a_model_takes_quantities():
    ureg = registry()
    model = bn.neurons.HodgkinHuxley(C=ureg.Quantity(0.02, "F/m^2"), g_Na="1.2 mS/mm2", temperature="293.15 K")
    rows = model.parameters()
    assert float(rows["C"].value) == pytest.approx(2.0)
    assert float(rows["g_Na"].value) == pytest.approx(120.0)
    assert float(rows["temperature"].value) == pytest.approx(20.0)


@pytest.mark.parametrize(
    "unit", ["1", "mV", "ms", "uA/cm2", "mS/cm2", "uF/cm2", "nS", "pF", "pA", "Hz", "1/ms", "degC", "mV/ms"]
)
def test_units_of_declarations_are_read(unit):
    assert registry().Quantity(1.0, parse(unit)).units == parse(unit)


def test_a_unit_that_does_not_exist_is_named():
    with pytest.raises(bn.UnitError, match=r"`parsnip` is no unit"):
        parse("parsnip")
