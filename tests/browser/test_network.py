"""A network in JupyterLab and under `panel serve`: move a slider, read the raster, click a neuron, silence some."""

import harness
import numpy as np
import pytest

import brainnb as bn

SPIKES = """root => root.explorer.figures.spikes.map(({column, height}, i) => {
    const {low, high, number} = root.explorer.figures.bands[i];
    return Array.from(column, (c, k) => [c, Math.round((height[k] - low) / (high - low) * number - 0.5)]); })"""
PLACE = """(root, [x, y]) => {
    const {figures} = root.explorer, plot = figures.view.child_views[0], frame = plot.frame.bbox;
    const box = plot.el.getBoundingClientRect();
    return [box.left + frame.left + (x - figures.x.start) / (figures.x.end - figures.x.start) * frame.width,
            box.top + frame.top + (1 - y) * frame.height]; }"""


@pytest.fixture(scope="module", params=["lab", "serve"])
def page(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    with harness.explored(request.param, folder, "bn.networks.COBA(400), T=100", height=1400) as watched:
        finished(watched)
        yield watched


def root(page):
    return page.page.locator(".brainnb").first


def finished(page):
    """Until the whole run is shown."""
    page.page.wait_for_function(
        """() => { const root = window.__root ??= (function find(n) { for (const e of n.querySelectorAll('*')) {
              if (e.classList?.contains('brainnb')) return e; const inner = e.shadowRoot && find(e.shadowRoot);
              if (inner) return inner; } })(document);
            const h = root?.explorer?.figures?.header; return h && !h.partial && h.reached > h.end - 0.01; }""",
        timeout=60_000,
    )


def spikes(page):
    """(step, neuron) of every spike in the raster, population by population."""
    return [np.array(sorted(map(tuple, one))).astype(int) for one in root(page).evaluate(SPIKES)]


def expected(**changes):
    ds = bn.simulate(bn.networks.COBA(400).replace(changes), T=100)
    return [np.argwhere(ds[f"{p}.spike"].values) for p in ("E", "I")]


def test_the_raster_is_the_run_and_follows_a_slider(page):
    for shown, run in zip(spikes(page), expected(), strict=True):
        np.testing.assert_array_equal(shown, run)
    page.slider("EE.weight").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("last change EE.weight 6 -> 6.05 nS")
    finished(page)
    for shown, run in zip(spikes(page), expected(**{"EE.weight": 6.05}), strict=True):
        np.testing.assert_array_equal(shown, run)


def test_the_raster_is_painted(page):
    """Marks of both populations are in the image, as many as there are, give or take those that overlap."""
    found = root(page).evaluate(
        """root => { const image = root.explorer.figures.raster.data.image[0]; const seen = {};
           for (const x of image) if (x) seen[x] = (seen[x] ?? 0) + 1; return Object.values(seen); }"""
    )
    assert len(found) == 2
    assert min(found) > 100


def test_a_click_shows_the_potential_of_that_neuron(page):
    step, neuron = spikes(page)[0][len(spikes(page)[0]) // 2]
    place = root(page).evaluate(PLACE, [(int(step) + 1) * 0.1, 0.8 * (int(neuron) + 0.5) / 320])
    page.page.mouse.click(*place)
    chosen = page.page.locator('.brainnb [aria-label^="Do not show E "]').last
    page.page.locator(f'.brainnb [aria-label="Do not show E {neuron} any more"]').wait_for(timeout=20_000)
    assert chosen.get_attribute("aria-label") == f"Do not show E {neuron} any more"
    finished(page)
    page.page.wait_for_function("() => window.__root.explorer.figures.header.counts[4] > 0", timeout=20_000)
    trace = page.trace("live:4")  # two rates, then the third chosen neuron
    ds = bn.simulate(bn.networks.COBA(400).replace({"EE.weight": 6.05}), T=100, record=["*.spike", f"E.V[{neuron}]"])
    V = ds["E.V"][:, 0]
    assert max(trace["y"]) == pytest.approx(float(V.max()), abs=1e-3)
    np.testing.assert_allclose(trace["y"], np.interp(trace["x"], V.time, V), atol=1e-2)


def test_a_neuron_by_keyboard(page):
    page.page.locator("summary", has_text="Show a neuron").click()
    page.page.get_by_role("combobox", name="Population of the neuron to show").select_option("I")
    page.page.get_by_role("spinbutton", name="Number of the neuron to show").fill("33")
    page.page.get_by_role("spinbutton", name="Number of the neuron to show").press("Enter")
    page.page.get_by_role("button", name="Do not show I 33 any more").click(timeout=20_000)
    page.page.get_by_role("button", name="Do not show I 33 any more").wait_for(state="detached", timeout=20_000)


def test_some_neurons_are_silenced(page):
    page.page.locator("summary", has_text="Hold or drive neurons").click()
    for name, value in (
        ("First neuron", 100),
        ("Last neuron", 199),
        ("From, ms", 30),
        ("To, ms; empty: to the end", 70),
    ):
        page.page.get_by_role("spinbutton", name=name).fill(str(value))
    page.page.get_by_role("button", name="Apply", exact=True).click()
    page.wait_message("E 100 to 199 held at -60 mV, 30 to 70 ms", timeout=60_000)
    finished(page)
    at = spikes(page)[0]
    inside = (at[:, 1] >= 100) & (at[:, 1] < 200)
    during = (at[:, 0] > 300) & (at[:, 0] < 700)
    assert not (inside & during).any()
    assert (inside & ~during).any()
    assert (~inside & during).any()
    span = root(page).evaluate("root => root.explorer.figures.document.get_model_by_name('spans').data")
    assert (list(span["left"]), list(span["right"])) == ([30], [70])
    page.page.get_by_role("button", name="Take back: E 100 to 199 held").click()
    page.page.get_by_role("button", name="Take back: E 100 to 199 held").wait_for(state="detached", timeout=20_000)


def test_what_cannot_be_done_is_said(page):
    page.page.get_by_role("spinbutton", name="Last neuron").fill("5000")
    page.page.get_by_role("button", name="Apply", exact=True).click()
    problem = page.page.locator(".brainnb [role=alert]")
    problem.wait_for(state="visible")
    assert "the population has 320, 0 to 319" in problem.inner_text()


def test_controls_have_names_and_the_page_fits(page):
    unnamed = root(page).evaluate(
        """root => [...root.querySelectorAll('input, select, button, summary, textarea')]
            .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length"""
    )
    small = root(page).evaluate(
        """root => [...root.querySelectorAll('button, select, input, summary')].filter(e => {
            const b = e.getBoundingClientRect(); return b.width && (b.height < 24 || b.width < 24); }).length"""
    )
    wide = root(page).evaluate("root => root.scrollWidth - root.clientWidth")
    assert (unnamed, small) == (0, 0)
    assert wide <= 0


def test_a_picture_is_small_and_nothing_failed(page):
    page.slider("EE.weight").focus()
    page.received.clear()
    page.page.keyboard.press("ArrowLeft")
    page.wait_message("EE.weight 6.05 -> 6")
    page.page.wait_for_timeout(500)
    assert 5_000 < sum(n for _, n in page.received) < 80_000
    assert page.external == []
    assert [e for e in page.errors if "brainnb" in e.lower() or "bokeh" in e.lower()] == []
