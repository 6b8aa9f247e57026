"""JavaScript in the tests: one process for a whole table of programs, Node where there is one and else Chromium."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

BROWSER = Path(__file__).parents[1] / "browser"


def answer(program, folder, seconds=120):
    """The value of ``result`` at the end of a program; numbers that JSON does not know come back as they are."""
    if (node := shutil.which("node")) is not None:
        file = folder / "program.mjs"
        file.write_text(f"{SHOWN}\n{program}\nconsole.log(JSON.stringify(result, shown));\n", encoding="utf8")
        done = subprocess.run([node, str(file)], capture_output=True, text=True, timeout=seconds)
        assert done.returncode == 0, done.stderr[:3000]
        return revived(json.loads(done.stdout))
    return revived(json.loads(in_chromium(f"{SHOWN}\n{program}\nreturn JSON.stringify(result, shown);")))


SHOWN = """
const shown = (key, x) => typeof x === "number" && !Number.isFinite(x) ? String(x)
  : ArrayBuffer.isView(x) ? Array.from(x) : typeof x === "boolean" ? +x : x;
"""


def in_chromium(body):
    """What the body of a function returns in a page."""
    sys.path.insert(0, str(BROWSER))
    import harness
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=harness.chromium())
        try:
            return browser.new_page().evaluate(f"() => {{ {body} }}")
        finally:
            browser.close()


def revived(x):
    """Numbers where JSON had words for them."""
    if isinstance(x, dict):
        return {k: revived(v) for k, v in x.items()}
    if isinstance(x, list):
        return [revived(v) for v in x]
    return float(x.replace("Infinity", "inf")) if x in ("NaN", "Infinity", "-Infinity") else x


def scoped(text):
    """A module as an expression: several live side by side in one program."""
    return f"(() => {{ {text}\nreturn model; }})()"


def apart(found, expected):
    """The largest difference of two arrays relative to 1 + the size of what is expected; NaN meets NaN only."""
    found, expected = (np.asarray(x, float).reshape(-1) for x in (found, expected))
    assert found.shape == expected.shape, (found.shape, expected.shape)
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        off = np.where(same, 0.0, np.abs(found - expected) / (1.0 + np.abs(expected)))
    return float(np.max(np.nan_to_num(off, nan=np.inf), initial=0.0))
