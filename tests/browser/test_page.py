"""A page from the disk, with the network cut: it computes, follows the hand, keeps, links and refuses."""

import harness
import pytest

import brainnb as bn
from brainnb.widgets import state

pytestmark = pytest.mark.alone

FRAMES = """async ([path, seconds]) => {
  const slider = document.querySelector(`input[type=range][data-path="${path}"]`), root = document.querySelector(".brainnb");
  const begun = performance.now(), before = Number(root.dataset.pictures);
  slider.dispatchEvent(new PointerEvent("pointerdown"));
  for (let k = 0; performance.now() - begun < 1000 * seconds; k++) {
    slider.value = 6 + (k % 60) / 10;
    slider.dispatchEvent(new Event("input"));
    await new Promise(requestAnimationFrame);
  }
  slider.dispatchEvent(new PointerEvent("pointerup"));
  return (Number(root.dataset.pictures) - before) / seconds;
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    view = bn.explore(bn.neurons.HodgkinHuxley(), T=200, dt=0.05, I=10.0)
    return view.save(tmp_path_factory.mktemp("page") / "hh.html")


@pytest.fixture(scope="module")
def page(file):
    with harness.browser(offline=True) as watched:
        watched.page.goto(file.as_uri())
        watched.explorer()
        watched.wait_message("14 spikes")
        yield watched


def test_it_computes_without_network(page):
    assert page.external == []
    assert page.page.locator(".brainnb canvas").count() == 1


def test_a_key_moves_the_model(page):
    slider = page.slider("I")
    slider.focus()
    slider.press("Home")
    page.wait_message("last change I 10 -> ")
    assert page.message().startswith("V between")
    page.page.get_by_role("button", name="Reset all").click()
    page.wait_message("14 spikes")


def test_pictures_follow_the_hand(page):
    assert page.page.evaluate(FRAMES, ["I", 1.0]) > 10  # how many is told by benchmarks/pages.py
    page.page.get_by_role("button", name="Reset all").click()
    page.wait_message("14 spikes")


def test_a_preset_and_a_kept_trace(page):
    page.page.get_by_role("button", name="Keep trace").click()
    page.page.locator(".nb-kept li").wait_for()
    page.page.locator("select").select_option(index=1)
    page.wait_message("last change preset")
    page.page.locator(".nb-kept button").click()
    page.page.get_by_role("button", name="Reset all").click()
    page.wait_message("14 spikes")


def test_what_is_beyond_a_bound_is_refused_with_the_bound(page):
    box = page.box("g_Na")
    box.fill("-5")
    box.press("Enter")
    page.page.get_by_text("HodgkinHuxley.g_Na = -5 mS/cm2 is outside [0").wait_for()
    assert page.message().startswith("14 spikes")
    page.page.get_by_role("button", name="Reset all").click()


def test_a_link_brings_the_values_back(page, file):
    page.box("I").fill("8")
    page.box("I").press("Enter")
    page.wait_message("last change I 10 -> 8 uA/cm2")
    page.page.locator("summary", has_text="Take away").click()
    page.page.get_by_role("button", name="Copy link").click()
    link = page.page.locator(".nb-output textarea").input_value()
    assert link.startswith(file.as_uri())
    other = harness.Watched(page.page.context.new_page())
    other.page.goto(link)
    other.explorer()
    other.wait_message("spikes")
    assert float(other.box("I").input_value()) == 8.0
    other.page.goto("about:blank")
    other.page.goto(f"{file.as_uri()}#brainnb=damaged!")
    other.page.get_by_text("The link is damaged").wait_for()
    other.page.close()


def test_a_link_beyond_a_bound_is_refused_with_the_bound(page, file):
    other = harness.Watched(page.page.context.new_page())
    other.page.goto(file.as_uri() + state.to_link(state.pack("HodgkinHuxley", {"g_Na": 1e12, "I": 8.0})))
    other.page.get_by_text("HodgkinHuxley.g_Na = 1e+12 mS/cm2 is outside [0").wait_for()
    other.wait_message("14 spikes")  # those of the start: nothing of the link was taken
    other.page.close()


OLD = {
    "no modules": lambda html: html.replace('type="module"', 'type="unknown"').replace("<script nomodule>", "<script>"),
    "a word that it cannot read": lambda html: html.replace('<script type="module">', '<script type="module">?'),
}


def test_a_browser_without_a_feature_gets_a_sentence(page, file, tmp_path):
    other = page.page.context.new_page()
    for name, change in OLD.items():
        old = tmp_path / f"{name}.html"
        old.write_text(change(file.read_text(encoding="utf8")), encoding="utf8")
        other.goto(old.as_uri())
        other.get_by_text("This browser is too old to show the model. A current Firefox").wait_for()
    other.add_init_script("delete window.Worker")
    other.goto(file.as_uri())
    other.get_by_text("This browser cannot show the model: it has no Worker. A current Firefox").wait_for()
    other.close()


def test_its_code_is_the_run_in_python(page):
    page.page.get_by_role("button", name="Copy code").click()
    code = page.page.locator(".nb-output textarea").input_value()
    space = {}
    exec(code, space)
    spikes = int(space["ds"].bn.spike_count())
    assert page.message().startswith(f"{spikes} spikes")
    assert float(space["ds"].attrs["dt"]) == 0.05
