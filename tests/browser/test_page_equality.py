"""Saved pages in Chromium compute what JAX computes in 64 bits, for values set by a link and by the page's own boxes."""

import csv
import io

import harness
import numpy as np
import pytest

import brainnb as bn
from brainnb.widgets import Simulator, state
from brainnb.widgets.page.told import runnable

LIMIT = 1e-9
CASES = {
    "FitzHughNagumo": lambda: Simulator(bn.neurons.FitzHughNagumo(), T=100, dt=0.1, I=0.5),
    "HodgkinHuxley": lambda: Simulator(bn.neurons.HodgkinHuxley(), T=20, dt=0.05, I=10.0),
    "AdEx": lambda: Simulator(bn.neurons.AdEx(), T=60, dt=0.1, I=700.0),
    "Izhikevich": lambda: Simulator(bn.neurons.Izhikevich(), T=60, dt=0.1, I=10.0),
    "WilsonCowan": lambda: Simulator(bn.rates.WilsonCowan(), T=50, dt=0.1, P=1.2),
    "WongWang": lambda: Simulator(bn.rates.WongWang(), T=200, dt=0.5),
    "noise": lambda: Simulator(bn.neurons.LIF(), T=40, dt=0.1, I=bn.inputs.Noise(mean=300.0, sigma=200.0)),
    "network": lambda: bn.widgets.NetworkViewer(bn.networks.COBA(160), T=20),
}  # fmt: skip
TYPED = """(values) => { for (const [path, value] of Object.entries(values)) {
  const box = document.querySelector(`input[type=number][data-path="${path}"]`);
  box.value = String(value);
  box.dispatchEvent(new Event("change")); } }"""
SETTLED = (
    "() => { const { clock } = document.querySelector('.brainnb').explorer; return clock.answered >= clock.sent; }"
)


@pytest.fixture(scope="module")
def chromium():
    with harness.browser(offline=True) as page:
        yield page


def drawn(simulator, rng):
    """Values halfway between those of the start and anywhere within the bounds, of five digits as a person types them."""
    values = {"seed": int(rng.integers(1000))}
    for path, control in simulator.controls.items():
        low, high = control.bounds
        if path in ("T", "dt") or None in (low, high) or "delay" in path or path.startswith("start."):
            continue
        anywhere = low + (high - low) * rng.uniform(0.02, 0.98)
        values[path] = float(f"{(control.default + anywhere) / 2:.5g}")
    return values


def table(page):
    """Every number of the page's result: column -> values."""
    with page.page.expect_download() as caught:
        page.page.get_by_role("button", name="CSV", exact=True).click()
    header, *rows = csv.reader(io.StringIO(caught.value.path().read_text(encoding="utf8")))
    return dict(zip(header, np.array(rows, float).T, strict=True))


def expected(simulator, values):
    """The same numbers from JAX."""
    simulator.set(values)
    ds = simulator.result
    found = {"time": ds.time.values}
    for name, x in ds.data_vars.items():
        rows = x.values.reshape(len(ds.time), -1)
        found |= {str(name) if rows.shape[1] == 1 else f"{name}[{i}]": rows[:, i] for i in range(rows.shape[1])}
    return found


def assert_equal(page, simulator, values):
    found, wanted = table(page), expected(simulator, values)
    assert found.keys() == wanted.keys()
    assert len(found) > 1
    for name, x in wanted.items():
        assert np.isfinite(x).all(), (name, values)
        np.testing.assert_allclose(found[name], x, rtol=LIMIT, atol=LIMIT, err_msg=f"{name}, {values}")


@pytest.mark.parametrize("name", CASES)
def test_a_page_computes_what_jax_computes(name, chromium, tmp_path):
    plain = runnable(CASES[name]())
    plain.in_browser = True  # of 64 bits
    file = plain.save(tmp_path / "page.html")
    assert "function advance(" in file.read_text(encoding="utf8")
    rng = np.random.default_rng(11)
    values = drawn(plain, rng)
    link = state.to_link(state.pack(type(plain.model).__name__, values))
    chromium.page.goto(file.as_uri() + link)
    chromium.explorer()
    chromium.page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert_equal(chromium, plain, values)
    more = drawn(plain, rng)
    del more["seed"]
    chromium.page.evaluate(TYPED, more)
    chromium.page.wait_for_function(SETTLED)
    assert_equal(chromium, plain, more)
    assert chromium.page.locator(".nb-problem:visible").count() == 0
    assert chromium.errors == []
