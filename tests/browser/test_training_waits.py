"""A training run in JupyterLab whose cell waits for its end; a browser of its own, so a file of its own."""

import harness
from test_training import CELL, button, step, until


def test_the_picture_is_live_while_a_cell_waits_for_the_end(tmp_path):
    book = harness.notebook(tmp_path, "all", CELL, "run.wait()\nprint('waited')")
    with harness.server("lab", tmp_path) as port, harness.browser() as page:
        page.open_lab(port, book.name)  # runs all cells: the second holds the kernel
        page.explorer(90_000)
        until(page, 1)
        first = step(page)
        until(page, first + 1)
        assert page.page.locator(".jp-InputPrompt").nth(1).inner_text() == "[*]:"
        button(page, "Stop").click()
        page.page.get_by_text("waited", exact=True).wait_for(timeout=20_000)
        assert page.page.locator(".nb-problem:visible").count() == 0
