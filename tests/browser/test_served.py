"""The explorer under `panel serve`: visitors, links, downloads, the clock."""

import csv
import json

import harness
import pytest

pytestmark = pytest.mark.alone

APP = """
import brainnb as bn
import panel as pn

pn.extension()
bn.explore(bn.neurons.HodgkinHuxley(), T=100, dt=0.05, I=10.0, sliders=["I", "g_Na"])
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "app.py"
    path.write_text(APP)
    with harness.server("serve", path) as port:
        yield f"http://127.0.0.1:{port}/app"


@pytest.fixture(scope="module")
def visitor(address):
    with harness.browser() as page:
        page.page.goto(address)
        page.explorer()
        yield page


@pytest.fixture
def page(visitor):
    visitor.page.get_by_role("button", name="Reset all").click()
    visitor.page.wait_for_timeout(300)
    return visitor


def opened(page, address):
    """Another visitor of the same server, in the same browser."""
    other = harness.Watched(page.page.context.new_page())
    other.page.goto(address)
    other.explorer()
    return other


def test_a_key_press_moves_the_trace(page):
    before = page.trace()["y"]
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("I 10 -> 10.2 uA/cm2")
    assert page.trace()["y"] != before


def test_only_the_chosen_sliders_stand_open(page):
    shown = page.page.locator(".brainnb input[type=range]:visible").evaluate_all("all => all.map(e => e.dataset.path)")
    assert shown == ["I", "g_Na"]
    page.page.locator("summary", has_text="More").click()
    page.page.locator("summary", has_text="Run").click()
    assert page.slider("T").is_visible()
    page.page.locator("summary", has_text="More").click()


def test_a_picture_stays_below_thirty_kilobytes(page):
    page.slider("I").focus()
    page.received.clear()
    page.sent.clear()
    for _ in range(5):
        page.page.keyboard.press("ArrowRight")
        page.page.wait_for_timeout(200)
    assert 5_000 < sum(n for _, n in page.received) / 5 <= 30_000
    assert sum(n for _, n in page.sent) / 5 <= 2_000


STYLES = """() => { window.__styles = 0; const original = CSSStyleDeclaration.prototype.getPropertyValue;
    CSSStyleDeclaration.prototype.getPropertyValue = function (...a) { window.__styles += 1; return original.apply(this, a); }; }"""


def test_a_picture_asks_no_styles_and_leaves_the_legend_standing(page):
    entry = page.page.locator(".brainnb .bk-item").first
    kept = entry.evaluate_handle("e => e")
    drawn = "e => e.querySelector('canvas').toDataURL()"
    before = entry.evaluate(drawn)
    page.page.evaluate(STYLES)
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("I 10 -> 10.2 uA/cm2")
    page.page.wait_for_timeout(200)
    assert page.page.evaluate("window.__styles") < 10
    assert entry.evaluate("(e, kept) => e === kept", kept)
    assert entry.evaluate(drawn) == before


def test_a_click_on_the_legend_hides_its_trace(page):
    entry = page.page.locator(".brainnb .bk-item", has_text="m").first
    assert "bk-inactive" not in entry.get_attribute("class")
    before = page.colours()
    entry.click()
    page.page.wait_for_timeout(300)
    assert "bk-inactive" in entry.get_attribute("class")
    entry.click()
    page.page.wait_for_timeout(300)
    assert "bk-inactive" not in entry.get_attribute("class")
    assert page.colours() == before


def test_at_most_one_request_is_unanswered(page):
    """A slow answer holds back the next request; the release goes out at once, and the last value wins."""
    seen = page.page.locator(".brainnb").evaluate(
        """async (root) => {
            const {clock, controls} = root.explorer;
            const send = clock.send;
            let open = 0, most = 0, count = 0;
            clock.send = (m) => { count += 1; if (!m.release) { open += 1; most = Math.max(most, open); } send(m); };
            const answer = clock.answer.bind(clock);
            clock.answer = (n) => { if (n > clock.answered) open = 0; answer(n); };
            const slider = controls.I.slider;
            slider.dispatchEvent(new PointerEvent('pointerdown'));
            for (let i = 0; i < 200; i++) {
                slider.value = 5 + (i % 50) / 10; slider.dispatchEvent(new Event('input'));
                if (i % 10 === 0) await new Promise(r => setTimeout(r, 5));
            }
            slider.dispatchEvent(new PointerEvent('pointerup'));
            await new Promise(r => setTimeout(r, 800));
            clock.send = send; delete clock.answer;
            return {most, count, value: controls.I.value, waiting: Object.keys(clock.waiting).length};
        }"""
    )
    assert seen["most"] == 1
    assert 2 <= seen["count"] < 60
    assert seen["waiting"] == 0
    assert f"-> {seen['value']:g} uA/cm2" in page.message()


def test_a_lost_answer_does_not_hold_the_slider_for_ever(page):
    page.page.locator(".brainnb").evaluate(
        """root => { const c = root.explorer.clock; const send = c.send;
           c.send = () => { c.send = send; }; c.flush(false); }"""
    )
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("10 -> 10.2", timeout=4000)


def test_what_is_reset_while_a_move_is_unanswered_goes_back(page):
    page.slider("I").evaluate(
        """slider => { slider.dispatchEvent(new PointerEvent('pointerdown')); slider.value = 12;
           slider.dispatchEvent(new Event('input')); slider.dispatchEvent(new PointerEvent('pointerup'));
           slider.closest('.nb-control').querySelector('[aria-label^=Reset]').click(); }"""
    )
    page.wait_message("I 12 -> 10 uA/cm2")
    page.page.wait_for_timeout(300)
    assert page.box("I").input_value() == "10.0"
    assert page.slider("I").input_value() == "10"


def test_visitors_share_nothing(page, address):
    other = opened(page, address)
    other.slider("I").focus()
    for _ in range(3):
        other.page.keyboard.press("ArrowLeft")
    other.wait_message("-> 9.4 uA/cm2")
    assert page.box("I").input_value() == "10.0"
    other.page.close()


def test_a_link_restores_every_value(page, address):
    page.box("g_Na").fill("111")
    page.box("g_Na").press("Enter")
    page.wait_message("-> 111")
    page.page.locator("summary", has_text="Take away").click()
    page.page.get_by_role("button", name="Copy link").click()
    area = page.page.get_by_role("textbox", name="Text of the link")
    area.wait_for()
    link = area.input_value()
    page.page.get_by_role("button", name="Close").click()
    page.page.locator("summary", has_text="Take away").click()
    assert link.startswith(address + "#brainnb=")
    other = opened(page, link)
    other.wait_message("spikes")
    other.page.wait_for_timeout(500)
    assert other.box("g_Na").input_value() == "111"
    assert other.trace() == page.trace()
    other.page.close()


@pytest.mark.parametrize(
    "tail", ["#brainnb=%3Cimg%20src=x%20onerror=alert(1)%3E", "#brainnb=" + "A" * 70_000, "?v=" + "9" * 1500]
)
def test_a_bad_link_leaves_the_page_standing(page, address, tail):
    other = opened(page, address + tail)
    assert other.box("I").input_value() == "10.0"
    assert other.hits() == []
    if "#" in tail:
        assert "link" in other.page.locator(".brainnb [role=alert]").inner_text()
    other.page.close()


@pytest.mark.parametrize(
    ("button", "name"),
    [
        ("CSV", "brainnb-HodgkinHuxley.csv"),
        ("NetCDF", "brainnb-HodgkinHuxley.nc"),
        ("Figure (PNG)", "brainnb-HodgkinHuxley.png"),
    ],
)
def test_downloads(page, tmp_path, button, name):
    page.page.locator("summary", has_text="Take away").click()
    with page.page.expect_download() as caught:
        page.page.get_by_role("button", name=button, exact=True).click()
    page.page.locator("summary", has_text="Take away").click()
    assert caught.value.suggested_filename == name
    path = tmp_path / name
    caught.value.save_as(path)
    if name.endswith(".csv"):
        rows = list(csv.DictReader(path.open()))
        assert len(rows) == 2000
        assert set(rows[0]) == {"time", "V", "m", "h", "n"}
    elif name.endswith(".nc"):
        import xarray as xr

        with xr.open_dataset(path, engine="h5netcdf") as ds:
            assert json.loads(ds.attrs["inputs"]) == {"I": 10.0}
    else:
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG")
        assert int.from_bytes(data[16:20]) > 500
        assert len(data) > 10_000


def test_zoom_by_buttons_and_back(page):
    page.page.get_by_role("button", name="Zoom in on time").click()
    span = "root => { const x = root.explorer.figures.x; return [x.start, x.end]; }"
    assert page.page.locator(".brainnb").evaluate(span) == [25, 75]
    page.page.get_by_role("button", name="Later").click()
    assert page.page.locator(".brainnb").evaluate(span) == [37.5, 87.5]
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("10 -> 10.2")
    assert page.page.locator(".brainnb").evaluate(span) == [37.5, 87.5]
    page.page.get_by_role("button", name="Show the whole run").click()
    assert page.page.locator(".brainnb").evaluate(span)[1] == pytest.approx(100)


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_the_page_fits_its_width(page, width):
    page.page.set_viewport_size({"width": width, "height": 900})
    page.page.wait_for_timeout(300)
    wide = page.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    small = page.page.locator(".brainnb").evaluate(
        """root => [...root.querySelectorAll('button, select, input, summary')].filter(e => {
            const b = e.getBoundingClientRect(); return b.width && (b.height < 24 || b.width < 24); }).length"""
    )
    page.page.set_viewport_size({"width": 1280, "height": 900})
    assert wide <= 0
    assert small == 0


def test_nothing_was_asked_from_other_hosts_and_nothing_failed(visitor):
    assert visitor.external == []
    assert visitor.errors == []
