"""What a hand feels: key press to painted picture, a drag on a slow model, Stop; in JupyterLab and served.

Run ``python benchmarks/latency.py [lab] [serve]`` from the root of the repository.  Prints one table; ends with 1
when a goal is missed.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

import harness  # noqa: E402

PRESSES = 40
MODEL = "import brainnb as bn\nhh = bn.neurons.HodgkinHuxley()\n"
FAST = MODEL + "bn.explore(hh, T=200, dt=0.01, I=10.0)"
SLOW = """
import time
import brainnb as bn
from brainnb.widgets import simulator

quick = simulator.Simulator._simulate

def slow(self, job):
    # a run of 400 ms: the time is spent in the progress callback's rhythm, so that Stop and release can end it
    end = time.monotonic() + 0.4
    while time.monotonic() < end and job.go_on():
        time.sleep(0.01)
    return quick(self, job)

simulator.Simulator._simulate = slow
bn.explore(bn.neurons.HodgkinHuxley(), T=200, dt=0.01, I=10.0)
"""
LONG = MODEL + "bn.explore(hh, T=200_000, dt=0.01, every=10, I=10.0)"
rows: list[tuple[str, str, str, bool]] = []


def note(what: str, value: str, goal: str, met: bool) -> None:
    rows.append((what, value, goal, met))
    print(f"{'ok  ' if met else 'MISS'} {what:<62} {value:<28} goal {goal}", flush=True)


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def opened(page: harness.Watched, mode: str, port: int, path: Path) -> None:
    if mode == "lab":
        page.open_lab(port, path.name)
    else:
        page.page.goto(f"http://127.0.0.1:{port}/{path.stem}", timeout=60_000)
    page.explorer()
    page.page.wait_for_timeout(2500)


def presses(page: harness.Watched, mode: str) -> None:
    """One press at a time, each awaited until the canvas is still."""
    slider = page.slider("I")
    slider.focus()
    first, whole, down, up = [], [], [], []
    for i in range(PRESSES + 5):
        page.page.evaluate("() => { window.__paints = []; window.__pics = []; window.__keys = []; }")
        begun = time.time()
        page.page.keyboard.press("ArrowRight" if (i // 15) % 2 == 0 else "ArrowLeft")
        # the page is left alone until the canvas is still: asking it meanwhile would take the time that is measured
        page.page.wait_for_timeout(350)
        key, pics, paints = page.page.evaluate("() => [window.__keys[0], window.__pics, window.__paints]")
        if i < 5:
            continue
        after = [p for p in paints if p > pics[0]]
        first.append(after[0] - key)
        whole.append(after[-1] - key)
        down.append(sum(n for t, n in page.received if t >= begun))
        up.append(sum(n for t, n in page.sent if t >= begun))
    limit = 60
    text = f"{statistics.median(whole):.0f} / {p95(whole):.0f} ms"
    note(f"{mode}: key to the whole picture, {len(whole)} presses, median / p95", text, f"{limit} / 110 ms",
         statistics.median(whole) <= limit and p95(whole) <= 110)  # fmt: skip
    note(
        f"{mode}: key to the first stroke, median / p95",
        f"{statistics.median(first):.0f} / {p95(first):.0f} ms",
        "-",
        True,
    )
    note(
        f"{mode}: bytes a picture, down / up (all frames)",
        f"{statistics.median(down) / 1e3:.1f} / {statistics.median(up) / 1e3:.1f} kB",
        "30 kB",
        statistics.median(down) <= 30_000,
    )


def drag(page: harness.Watched, mode: str) -> None:
    """90 moves of the mouse over a model that takes 400 ms."""
    slider = page.slider("I")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    at = box["x"] + 0.5 * box["width"]
    page.page.mouse.move(at, y)
    page.page.mouse.down()
    before = page.pictures()
    begun = time.monotonic()
    for i in range(90):
        page.page.mouse.move(at + 0.4 * box["width"] * ((i % 45) / 45 - 0.5), y)
        time.sleep(1 / 40)
    took = time.monotonic() - begun
    page.page.mouse.move(at + 0.2 * box["width"], y)
    during = page.pictures() - before
    page.page.evaluate(
        "() => { window.__up = null; window.addEventListener('pointerup', () => { window.__up = performance.timeOrigin + performance.now(); }, true); }"
    )
    page.page.mouse.up()
    page.page.wait_for_timeout(2500)
    up, pics = page.page.evaluate("() => [window.__up, window.__pics]")
    settled = (max(pics) - up) if max(pics) > up else 0.0
    value = float(page.box("I").input_value())
    shown = f"{value:g} uA" in page.message()
    note(f"{mode}: drag of 90 moves in {took:.1f} s, 400 ms model: pictures during", str(during), ">= 4", during >= 4)
    note(
        f"{mode}: settles after release, last value shown: {shown}",
        f"{settled:.0f} ms",
        "550 ms",
        settled <= 550 and shown,
    )


def stop(page: harness.Watched, mode: str) -> None:
    """A run of many seconds, ended by the button."""
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.page.wait_for_timeout(900)
    page.page.evaluate(
        "() => { window.__pics = []; window.addEventListener('click', () => { window.__click = performance.timeOrigin + performance.now(); }, true); }"
    )
    page.page.get_by_role("button", name="Stop").first.click()
    page.page.wait_for_function("() => window.__pics.length", timeout=5000)
    took = page.page.evaluate("() => window.__pics[0] - window.__click")
    kept = "stopped at" in page.message()
    note(
        f"{mode}: Stop to the picture of the partial result, kept: {kept}",
        f"{took:.0f} ms",
        "100 ms",
        took <= 100 and kept,
    )


def main() -> int:
    modes = [m for m in sys.argv[1:] if m in ("lab", "serve")] or ["lab", "serve"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for mode in modes:
            for name, code, measure in (("fast", FAST, presses), ("slow", SLOW, drag), ("long", LONG, stop)):
                if mode == "lab":
                    path = harness.notebook(folder, name, code)
                    target = folder
                else:
                    path = target = folder / f"{name}.py"
                    path.write_text(f"import panel as pn\npn.extension()\n{code}\n")
                with harness.server(mode, target) as port, harness.browser() as page:
                    opened(page, mode, port, path)
                    measure(page, mode)
                    note(f"{mode}, {name}: requests to other hosts", str(len(page.external)), "0", not page.external)
    return 0 if all(row[3] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
