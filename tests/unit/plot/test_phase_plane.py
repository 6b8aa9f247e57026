"""The picture of a phase plane says what the Dataset says."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.quiver import Quiver

import brainnb as bn


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def labels(ax):
    return [line.get_label() for line in ax.get_lines() if not line.get_label().startswith("_")]


def test_a_plane():
    ds = bn.phase_plane(bn.neurons.FitzHughNagumo(b=1.6), V=(-2.5, 2.5), w=(-1, 2), I=0.4375, start=(0.1, 0.0))
    ax = ds.bn.plot()
    assert ax.get_xlabel() == "V"
    assert ax.get_xlim() == (-2.5, 2.5)
    named = labels(ax)
    assert named[:2] == ["V stands still", "w stands still"]
    assert {"stable manifold of the saddle", "unstable manifold of the saddle", "trajectory", "saddle"} <= set(named)
    points = [line for line in ax.get_lines() if line.get_marker() in "oD" and len(line.get_xdata()) == 1]
    at = sorted(float(line.get_xdata()[0]) for line in points)
    np.testing.assert_allclose(at, sorted(ds.point_V.values))
    diamond = [line for line in points if line.get_marker() == "D"]
    assert [float(line.get_xdata()[0]) for line in diamond] == pytest.approx([0.0], abs=1e-12)
    (field,) = [c for c in ax.collections if isinstance(c, Quiver)]
    assert field.U.max() <= 1 + 1e-12


def test_several_branches_are_not_joined():
    ds = bn.phase_plane(bn.neurons.AdEx(), V=(-80, -30), w=(-50, 300), I=700)
    ax = ds.bn.plot()
    assert {"threshold", "reset"} <= set(labels(ax))
    vertices = ax.get_lines()[0].get_xydata()
    assert np.isnan(vertices).any() == (ds.component_V.values.max() > 0)


def test_a_line():
    ax = bn.phase_plane(bn.neurons.LIF(), V=(-80, -40), I=50).bn.plot()
    assert ax.get_ylabel() == "dV (mV/ms)"
    assert {"dV/dt", "threshold", "reset", "stable node"} <= set(labels(ax))


def test_another_result_is_refused():
    from brainnb.plot.phase_plane import phase_plane

    with pytest.raises(bn.ModelError, match=r"a result of bn\.phase_plane was expected"):
        phase_plane(bn.simulate(bn.neurons.FitzHughNagumo(), T=10))


def test_basins():
    ds = bn.analysis.basins(bn.rates.WongWang(), S1=(0, 1), S2=(0, 1), mu=30.0, resolution=9)
    ax = ds.bn.plot()
    assert labels(ax) == ["resting point: 44%", "resting point: 44%", "undecided"]
    (mesh,) = ax.collections
    np.testing.assert_array_equal(mesh.get_array(), ds.basin.values.T + 2)
    marked = {float(line.get_xdata()[0]) for line in ax.get_lines() if len(line.get_xdata())}
    assert marked == set(ds.attractor_S1.values)
    from brainnb.plot.phase_plane import basins

    with pytest.raises(bn.ModelError, match=r"a result of bn\.analysis\.basins"):
        basins(bn.phase_plane(bn.neurons.LIF(), V=(-80, -40)))
