"""Pages that run a model by themselves: writing, size, opening, key press to painted picture, pictures a second in a drag.

Run ``python benchmarks/pages.py`` from the root of the repository; pages are opened from the disk, offline.  Prints one
table; ends with 1 when a goal is missed.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

import harness  # noqa: E402

import brainnb as bn  # noqa: E402

PRESSES = 60
SINGLE = {
    "FitzHughNagumo": (bn.neurons.FitzHughNagumo(), 200, 0.1, {"I": 0.5}),
    "HodgkinHuxley": (bn.neurons.HodgkinHuxley(), 200, 0.01, {"I": 10.0}),
    "AdEx": (bn.neurons.AdEx(), 500, 0.1, {"I": 500.0}),
    "Izhikevich": (bn.neurons.Izhikevich(), 500, 0.1, {"I": 10.0}),
    "WilsonCowan": (bn.rates.WilsonCowan(), 200, 0.1, {}),
    "WongWang": (bn.rates.WongWang(), 2000, 0.5, {}),
}
EXPORTS = {
    "HodgkinHuxley": "bn.neurons.HodgkinHuxley()",
    "COBA, 500 cells": "bn.networks.COBA(500)",
    "Microcircuit, a tenth": "bn.networks.Microcircuit(scale=0.1)",
    "VentralStream": "bn.networks.VentralStream()",
}
FIRST = """
import time
import brainnb as bn
import brainnb.export, brainnb.run.simulate
model = {made}
begun, spent = time.perf_counter(), time.process_time()
bn.export.javascript(model)
print(time.perf_counter() - begun, time.process_time() - spent)
"""
DRAG = """async ([path, from, seconds]) => {
  const slider = document.querySelector(`input[type=range][data-path="${path}"]`), root = document.querySelector(".brainnb");
  const before = Number(root.dataset.pictures), begun = performance.now();
  slider.dispatchEvent(new PointerEvent("pointerdown"));
  for (let k = 0; performance.now() - begun < 1000 * seconds; k++) {
    slider.value = from + (k % 60) / 10;
    slider.dispatchEvent(new Event("input"));
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  slider.dispatchEvent(new PointerEvent("pointerup"));
  return (Number(root.dataset.pictures) - before) / seconds;
}"""
rows: list[tuple[str, str, str, bool]] = []


def row(what: str, found: float, goal: float, unit: str, most: bool = True) -> None:
    """One line of the table."""
    fine = found <= goal if most else found >= goal
    rows.append((what, f"{found:.4g} {unit}", f"{'<=' if most else '>='} {goal:g} {unit}", fine))


def main() -> int:
    """Write the pages, open them, and measure."""
    for name, made in EXPORTS.items():
        written(name, made)
    with tempfile.TemporaryDirectory() as folder, harness.browser(offline=True) as page:
        for name, (model, T, dt, given) in SINGLE.items():
            begun = time.perf_counter()
            view = bn.explore(model, T=T, dt=dt, **given)
            path = view.save(Path(folder) / f"{name}.html")
            row(f"{name}: size", path.stat().st_size / 1000, 300, "kB")
            print(f"{name} was written in {time.perf_counter() - begun:.1f} s, run and imports included", flush=True)
            page.page.goto(path.as_uri())
            page.explorer()
            if name == "HodgkinHuxley":
                measured(page)
            if name == "FitzHughNagumo":
                plane(page)
        begun = time.perf_counter()
        path = bn.explore(bn.networks.COBA(500), T=200).save(Path(folder) / "COBA.html")
        print(f"COBA(500) was written in {time.perf_counter() - begun:.1f} s, run and compiling included", flush=True)
        row("COBA, 500 cells: size", path.stat().st_size / 1000, 1000, "kB")
        page.page.goto(path.as_uri())
        page.explorer()
        page.page.evaluate(DRAG, ["EE.weight", 4, 2])  # until V8 has compiled the loops
        found = page.page.evaluate(DRAG, ["EE.weight", 4, 3])
        row("COBA, 500 cells, 200 ms: pictures a second in a drag", found, 20, "", most=False)
        row("requests to anywhere", len(page.external), 0, "")
    width = max(len(r[0]) for r in rows)
    for what, found, goal, fine in rows:
        print(f"{what:<{width}}  {found:>12}  {goal:>14}  {'' if fine else 'missed'}")
    return 0 if all(r[3] for r in rows) else 1


def written(name: str, made: str) -> None:
    """What the first export of a process takes, in a process of its own; imports and the model are there."""
    command = [sys.executable, "-c", FIRST.format(made=made)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for what, seconds in zip(("wall", "processor"), map(float, found), strict=True):
        row(f"{name}: written for the first time, {what}", seconds, 3, "s")


def pressed(page: harness.Watched, count: int) -> list[float]:
    """Milliseconds from a key press, as the browser hears it, to the picture that follows."""
    page.slider("I").focus()
    took = []
    for k in range(count):
        page.page.evaluate("() => { window.__keys.length = window.__pics.length = 0; }")
        page.page.keyboard.press("ArrowLeft" if k % 2 else "ArrowRight")
        page.page.wait_for_timeout(80)
        page.page.wait_for_function("() => window.__pics.length > 0")
        took.append(page.page.evaluate("() => window.__pics[0] - window.__keys[0]"))
    return took


def measured(page: harness.Watched) -> None:
    """What the hand feels, with 20 000 steps of Hodgkin-Huxley a picture."""
    took = []
    for _ in range(5):
        page.page.reload()
        page.explorer()
        took.append(float(page.page.locator(".brainnb").get_attribute("data-opened")))
    row("page ready after opening", statistics.median(took), 300, "ms")
    pressed(page, 10)  # until V8 has compiled the loop
    times = sorted(pressed(page, PRESSES))
    row("key to picture, median", statistics.median(times), 16, "ms")
    row("key to picture, 95 %", times[int(0.95 * len(times))], 33, "ms")
    row("pictures a second in a drag of 3 s", page.page.evaluate(DRAG, ["I", 6, 3]), 50, "", most=False)


def plane(page: harness.Watched) -> None:
    """Field, nullclines, resting points and trajectory anew for every place of a slider."""
    before = page.pictures()
    page.page.locator(".nb-tabs button", has_text="Phase plane").click()
    page.page.wait_for_function("(n) => Number(document.querySelector('.brainnb').dataset.pictures) > n", arg=before)
    page.page.evaluate(DRAG, ["I", 0, 2])  # until V8 has compiled the loops
    found = page.page.evaluate(DRAG, ["I", 0, 3])
    row("FitzHughNagumo: phase planes a second in a drag", found, 20, "", most=False)


if __name__ == "__main__":
    sys.exit(main())
