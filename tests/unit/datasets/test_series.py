"""Series against what is known of them."""

import doctest
import inspect

import numpy as np
import pytest

import brainnb as bn
from brainnb.datasets import series, shipped


@pytest.mark.parametrize("name", sorted(set(bn.datasets.__all__) - {"santa_fe", "human_cortex"}))
def test_every_example_runs(name):
    made = getattr(bn.datasets, name)
    (found,) = doctest.DocTestFinder(recurse=False).find(made, globs=vars(inspect.getmodule(made)) | {})
    assert found.examples
    assert doctest.DocTestRunner(verbose=False).run(found).failed == 0


def test_lorenz_keeps_its_symmetry_and_contracts():
    a = series.lorenz(T=2, dt=0.01)
    x, y, z = series.LORENZ_START
    b = series.lorenz(T=2, dt=0.01, start=(-x, -y, z))
    assert np.allclose(a.x, -b.x)
    assert np.allclose(a.z, b.z)
    fine = series.lorenz(T=2, dt=0.005)
    half = series.lorenz(T=2, dt=0.0025)
    errors = [float(abs(ds.x[-1] - half.x[-1])) for ds in (a, fine)]
    assert errors[0] / errors[1] > 10  # order 4


def test_mackey_glass_is_the_published_series():
    x = series.mackey_glass(T=6000).x
    assert float(x.min()) == pytest.approx(0.418, abs=0.006)
    assert float(x.max()) == pytest.approx(1.318, abs=0.006)
    assert float(x.std()) == pytest.approx(0.226, abs=0.006)
    with pytest.raises(bn.ModelError, match=r"multiple of 0\.1"):
        series.mackey_glass(dt=0.25)


def test_rossler_and_the_double_scroll_stay_where_they_belong():
    ds = series.rossler(T=300)
    assert float(ds.x.max()) < 12 < float(ds.z.max()) < 25
    both = series.double_scroll(T=200)
    assert float(both.V1.min()) < -1 < 1 < float(both.V1.max())  # it visits both scrolls


def test_narma_follows_its_recursion_and_says_when_it_cannot():
    ds = series.narma(400, seed=2)
    u, y = ds.u.values, ds.y.values
    t = 200
    assert y[t + 1] == pytest.approx(0.3 * y[t] + 0.05 * y[t] * y[t - 9 : t + 1].sum() + 1.5 * u[t - 9] * u[t] + 0.1)


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "reservoirpy.datasets", None)
    with pytest.raises(bn.ModelError, match="pip install reservoirpy"):
        shipped.santa_fe()
