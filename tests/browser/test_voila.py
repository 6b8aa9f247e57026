"""The same notebook as a page of Voila, and Panel's component in JupyterLab."""

import harness

EXPLORE = "import brainnb as bn\nview = bn.explore(bn.neurons.HodgkinHuxley(), T=50, dt=0.05, I=10.0)\n"


def press(page):
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("I 10 -> 10.2 uA/cm2")


def test_voila(tmp_path):
    book = harness.notebook(tmp_path, "page", EXPLORE + "view")
    with harness.server("voila", book) as port, harness.browser() as page:
        page.page.goto(f"http://127.0.0.1:{port}/", timeout=60_000)
        page.explorer()
        press(page)
        # Voila's own template asks for its icon font; nothing else may leave the machine
        assert [url for url in page.external if "fontawesome" not in url] == []


def test_panel_in_jupyterlab(tmp_path):
    book = harness.notebook(tmp_path, "panel", EXPLORE, "view.panel()")
    with harness.server("lab", tmp_path) as port, harness.browser() as page:
        page.open_lab(port, book.name)
        page.explorer()
        press(page)
        assert page.external == []


def test_a_notebook_under_panel_serve(tmp_path):
    book = harness.notebook(tmp_path, "book", EXPLORE + "view")
    with harness.server("serve", book) as port, harness.browser() as page:
        page.page.goto(f"http://127.0.0.1:{port}/book")
        page.explorer()
        press(page)
        assert page.page.locator(".brainnb").count() == 1
        assert page.external == []
