"""Make the picture of the README anew: the explorer in JupyterLab, one current kept, another under the slider.

python docs/screenshot.py [light|dark]
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))
import harness  # noqa: E402

CELLS = (
    "import brainnb as bn\n\nhh = bn.neurons.HodgkinHuxley()",
    "bn.explore(hh, T=100, dt=0.02, I=10)",
)


def main(theme: str = "light") -> None:
    target = ROOT / "docs" / "_static" / ("explorer.png" if theme == "light" else "explorer-dark.png")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        harness.notebook(Path(folder), "hodgkin_huxley", *CELLS)
        browser = playwright.chromium.launch(executable_path=harness.chromium(), args=harness.FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 830}, device_scale_factor=1.5)
        watched = harness.Watched(page)
        with harness.server("lab", Path(folder)) as port:
            watched.open_lab(port, "hodgkin_huxley.ipynb")
            watched.explorer()
            if theme == "dark":
                page.evaluate("() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
            page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
            page.wait_for_timeout(1500)
            page.get_by_role("button", name="Keep trace").click()
            box = watched.box("I")
            box.fill("7.5")
            box.press("Enter")
            watched.wait_message("7.5")
            page.mouse.move(640, 20)
            page.wait_for_timeout(1500)
            page.screenshot(path=str(target))
        browser.close()
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main(*sys.argv[1:])
