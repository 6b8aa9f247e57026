"""Diagrams: stable and unstable are told apart without colour, points carry their names."""

import matplotlib
import numpy as np
import pytest
import xarray as xr

matplotlib.use("Agg")

import brainnb.plot.accessor  # noqa: F401
from brainnb.core.errors import ModelError, UnknownName


@pytest.fixture
def diagram():
    """One resting branch that loses its stability in a Hopf point, and the cycle born there."""
    I = np.linspace(0, 1, 11)
    rest, cycle = I, np.where(I >= 0.5, I, np.nan)
    size = np.sqrt(np.clip(I - 0.5, 0, None))
    nan = np.full(11, np.nan)
    return xr.Dataset(
        {
            "I": (("branch", "step"), [rest, cycle], {"units": "uA/cm2"}),
            "V": (("branch", "step"), [2 * I, nan], {"units": "mV"}),
            "V_min": (("branch", "step"), [nan, 2 * I - size]),
            "V_max": (("branch", "step"), [nan, 2 * I + size]),
            "stable": (("branch", "step"), [I < 0.5, I >= 0.5]),
            "branch_kind": ("branch", ["equilibrium", "cycle"]),
            "special_kind": ("special", ["hopf"]),
            "special_value": ("special", [0.5]),
            "special_V": ("special", [1.0]),
            "special_branch": ("special", [0]),
            "special_step": ("special", [4]),
        },
        attrs={"analysis": "bifurcation", "parameter": "I"},
    )


def test_stable_is_solid_and_unstable_dashed(diagram):
    ax = diagram.bn.plot()
    lines = {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}
    assert lines["stable"].get_linestyle() == "-"
    assert lines["unstable"].get_linestyle() == "--"
    assert lines["stable"].get_linewidth() > lines["unstable"].get_linewidth()
    assert lines["stable"].get_xdata()[-1] == lines["unstable"].get_xdata()[0] == 0.5
    assert ax.get_xlabel() == "I (µA/cm²)"
    assert ax.get_ylabel() == "V (mV)"


def test_cycles_are_dots_and_points_have_names(diagram):
    ax = diagram.bn.plot()
    dots = [line for line in ax.lines if line.get_label() == "stable cycle"]
    assert len(dots) == 1
    assert dots[0].get_markerfacecolor() == dots[0].get_color()
    assert [text.get_text() for text in ax.texts] == ["Hopf"]
    assert ax.texts[0].xy == (0.5, 1.0)


@pytest.mark.parametrize(
    ("kind", "name", "point", "word"),
    [
        ("fold_curve", "fold", "cusp", "cusp"),
        ("torus_curve", "torus", "resonance_1_3", "1:3 resonance"),
        ("homoclinic_curve", "homoclinic", "saddle_node_homoclinic", "saddle-node homoclinic"),
    ],
)
def test_two_parameters_are_a_plane(diagram, kind, name, point, word):
    curve = diagram.isel(branch=[0])
    curve["branch_kind"] = ("branch", [kind])
    curve["b"] = (("branch", "step"), [np.linspace(0, 1, 11) ** 2])
    curve["special_kind"], curve["special_value2"] = ("special", [point]), ("special", [0.25])
    ax = curve.assign_attrs(parameter2="b").bn.plot()
    assert next(line.get_label() for line in ax.lines) == name
    assert [text.get_text() for text in ax.texts] == [word]
    assert ax.get_ylabel() == "b"


def test_refusals(diagram):
    with pytest.raises(UnknownName, match="state"):
        diagram.bn.bifurcation("w")
    with pytest.raises(ModelError, match="no branches"):
        xr.Dataset({"V": ("time", [1.0])}).bn.bifurcation()
