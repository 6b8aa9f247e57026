"""Dotted and glob paths, and the nearest name."""

import pytest

import brainnb as bn
from brainnb.core.errors import nearest, unknown_message
from brainnb.core.paths import expand, split

KNOWN = ["C", "Na.g_max", "Na.E", "K.g_max", "dend.K.E", "x[1]"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("C", ["C"]),
        ("Na.E", ["Na.E"]),
        ("*.E", ["Na.E", "dend.K.E"]),
        ("*", KNOWN),
        ("?.g_max", ["K.g_max"]),
        ("*K*", ["K.g_max", "dend.K.E"]),
        ("x[1]", ["x[1]"]),
        ("[NK]*.g_max", ["Na.g_max", "K.g_max"]),
    ],
)
def test_expand(pattern, found):
    assert expand(pattern, KNOWN) == found


@pytest.mark.parametrize("pattern", ["c", "Na", "*.e", "", "Na.", "y[1]", "**.q"])
def test_a_path_is_exact_in_letters_and_case(pattern):
    with pytest.raises(bn.UnknownName, match=r"Known: C, Na.g_max"):
        expand(pattern, KNOWN)


def test_split():
    assert split("Na.gate.m") == ("Na", "gate.m")
    assert split("C") == ("C", "")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tauu", "tau"), ("V_TH", "V_th"), ("Vth", "V_th"), ("I_ext", "I"), ("zzz", None), ("vrest", "V_rest")],
)
def test_nearest(typed, meant):
    assert nearest(typed, ["tau", "V_th", "V_rest", "I"]) == meant


def test_long_lists_are_cut():
    message = unknown_message("parameter", "q", [f"p{i}" for i in range(100)])
    assert message.endswith(", ....")
    assert message.count("p") <= 12 + 1  # the closest twelve, and the word `parameter`
    close = unknown_message("parameter", "p77x", [f"p{i}" for i in range(100)])
    assert "Did you mean `p77`?" in close
    assert "p77," in close
