"""JavaScript in the tests: one engine for all programs of a file, Node where there is one and else Chromium."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

BROWSER = Path(__file__).parents[1] / "browser"

SHOWN = """
const packed = (x) => {
  const bytes = new Uint8Array(x.buffer, x.byteOffset, x.byteLength), parts = [];
  for (let k = 0; k < bytes.length; k += 8192) parts.push(String.fromCharCode(...bytes.subarray(k, k + 8192)));
  return { array: x.constructor.name, bytes: btoa(parts.join("")) };
};
const shown = (key, x) => typeof x === "number" && !Number.isFinite(x) ? String(x)
  : ArrayBuffer.isView(x) ? packed(x) : typeof x === "boolean" ? +x : x;
const answer = (program) => {
  try { return JSON.stringify({ value: new Function(program)() }, shown); }
  catch (error) { return JSON.stringify({ error: String(error.stack) }); }
};
"""

LISTENING = """
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line) => process.stdout.write(answer(JSON.parse(line)) + "\\n"));
"""


class Node:
    """One process of Node, which answers program after program."""

    def __init__(self, path):
        self.process = subprocess.Popen(
            [path, "--max-old-space-size=2000", "-e", SHOWN + LISTENING],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf8",
        )

    def __call__(self, program):
        """What a program returns."""
        self.process.stdin.write(json.dumps(program) + "\n")
        self.process.stdin.flush()
        return checked(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


class Chromium:
    """A page that answers program after program."""

    def __init__(self):
        sys.path.insert(0, str(BROWSER))
        import harness
        from playwright.sync_api import sync_playwright

        self.playwright = sync_playwright().start()
        self.browser = self.playwright.chromium.launch(executable_path=harness.chromium())
        self.page = self.browser.new_page()

    def __call__(self, program):
        """What a program returns."""
        return checked(self.page.evaluate(f"(program) => {{ {SHOWN} return answer(program); }}", program))

    def close(self):
        self.browser.close()
        self.playwright.stop()


def engine():
    """What runs JavaScript here."""
    path = shutil.which("node")
    return Node(path) if path else Chromium()


def checked(answer):
    """The value of an answer; a mistake in the program is one of the test."""
    found = json.loads(answer)
    assert "error" not in found, found["error"][:3000]
    return revived(found.get("value"))


NUMBERS = {"Float64": "f8", "Float32": "f4", "Int32": "i4", "Uint32": "u4", "Int16": "i2", "Uint16": "u2", "Int8": "i1", "Uint8": "u1"}  # fmt: skip
"""Typed arrays, which come as bytes: a run has millions of numbers."""


def revived(x):
    """Numbers where JSON had words for them, and lists where it had bytes."""
    if isinstance(x, dict) and set(x) == {"array", "bytes"}:
        return np.frombuffer(base64.b64decode(x["bytes"]), f"<{NUMBERS[x['array'].removesuffix('Array')]}").tolist()
    if isinstance(x, dict):
        return {k: revived(v) for k, v in x.items()}
    if isinstance(x, list):
        return [revived(v) for v in x]
    return float(x.replace("Infinity", "inf")) if x in ("NaN", "Infinity", "-Infinity") else x


def apart(found, expected):
    """The largest difference of two arrays relative to 1 + the size of what is expected; NaN meets NaN only."""
    found, expected = (np.asarray(x, float).reshape(-1) for x in (found, expected))
    assert found.shape == expected.shape, (found.shape, expected.shape)
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        off = np.where(same, 0.0, np.abs(found - expected) / (1.0 + np.abs(expected)))
    return float(np.max(np.nan_to_num(off, nan=np.inf), initial=0.0))
