"""A training run in JupyterLab: seen at once, steered by key and button, and still there when the page comes back."""

import re

import harness
import pytest

CELL = """import brainnb as bn
data = bn.simulate(bn.neurons.FitzHughNagumo(a=0.6), T=60, dt=0.2, I=0.5)[["V"]]
run = bn.fit(bn.neurons.FitzHughNagumo(), data, train=["a", "tau"], optimizer=1e-3, steps=10**6, I=0.5,
             monitor={"truth": {"a": 0.6, "tau": 12.5}})"""
CURVE = (
    "(n, name) => { const d = n.explorer.figures.document.get_model_by_name(name).data; return [[...d.x], [...d.y]]; }"
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    book = harness.notebook(folder, "train", CELL)
    with harness.server("lab", folder) as port, harness.browser() as page:
        page.address = f"http://127.0.0.1:{port}/lab/tree/{book.name}"
        page.open_lab(port, book.name)
        page.explorer(90_000)
        until(page, 1)
        yield page


def until(page, steps):
    """Until the page shows at least so many steps."""
    page.page.wait_for_function(
        "least => Number((document.querySelector('.nb-run-text')?.textContent.match(/^step ([\\d,]+)/)?.[1] ?? '0')"
        ".replaceAll(',', '')) >= least",
        arg=steps,
        timeout=60_000,
    )


def told(page):
    return page.page.locator(".nb-run-text").first.inner_text()


def step(page):
    return int(re.match(r"step ([\d,]+)", told(page))[1].replace(",", ""))


def button(page, name):
    return page.page.locator(".brainnb").get_by_role("button", name=name, exact=True)


def test_keys_pause_make_one_step_and_go_on(lab):
    lab.page.locator(".brainnb").focus()
    lab.page.keyboard.press("p")
    button(lab, "Resume").wait_for(timeout=20_000)
    lab.page.wait_for_timeout(1500)
    stood = step(lab)
    lab.page.keyboard.press("n")
    until(lab, stood + 1)
    lab.page.wait_for_timeout(300)
    assert step(lab) == stood + 1
    steps, _ = lab.page.locator(".brainnb").evaluate(CURVE, "curve:loss:0")
    assert steps[0] == 1
    assert steps[-1] == stood + 1
    lab.page.keyboard.press("p")
    until(lab, stood + 2)


def test_the_scale_of_the_loss(lab):
    scale = "n => n.explorer.figures.panels[0].figure.y_scale.type"
    assert lab.page.locator(".brainnb").evaluate(scale) == "LogScale"
    button(lab, "Log scale").click()
    lab.page.wait_for_function(
        "() => document.querySelector('.brainnb').explorer.figures.panels?.[0].figure.y_scale.type === 'LinearScale'"
    )
    button(lab, "Log scale").click()


def test_a_lost_page_comes_back_with_the_whole_history(lab):
    lab.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    before = step(lab)
    lab.page.reload()
    lab.explorer(90_000)
    until(lab, before + 1)  # it went on meanwhile
    lab.page.wait_for_function(
        "() => document.querySelector('.brainnb').explorer.figures.curves['loss:0']?.x.length > 1", timeout=60_000
    )
    steps, _ = lab.page.locator(".brainnb").evaluate(CURVE, "curve:loss:0")
    assert steps[0] == 1
    assert steps[-1] > before


def test_the_cell_again_gives_one_clean_view_and_ends_the_old_run(lab):
    was = step(lab)
    lab.page.wait_for_function(harness.IDLE, timeout=60_000)
    lab.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    lab.page.wait_for_function(
        "was => { const t = document.querySelector('.nb-run-text')?.textContent ?? '';"
        " return t.startsWith('step') && Number(t.match(/^step ([\\d,]+)/)[1].replaceAll(',', '')) < was; }",
        arg=was,
        timeout=60_000,
    )
    assert lab.page.locator(".brainnb").count() == 1


def test_stop_keeps_what_was_learned_and_nothing_failed(lab):
    button(lab, "Stop").click()
    lab.page.locator(".nb-run-text", has_text="stopped").wait_for(timeout=20_000)
    row = lab.page.locator(".nb-values tbody tr").first.inner_text().split("\t")
    assert row[0] == "a"
    assert abs(float(row[1]) - 0.6) < abs(0.7 - 0.6)
    assert lab.page.locator(".nb-alarms li").count() == 0
    assert lab.external == []
    assert [e for e in lab.errors if "brainnb" in e.lower()] == []
