"""What a live view costs: the same fit alone, and with a TrainingMonitor that a page looks at.

    python benchmarks/watched.py [--rounds 9] [--seconds 5] [--units 50]

A network of rate units learns by back-propagation through 100 steps.  The two take turns, which of them begins changes,
and each round gives one ratio of the times for the same number of updates; the median counts.  The view draws as before
a page that is seen, and its pictures go through a conversation as they do to a page, where they are counted: messages
and kB a second.  Times of the processor are printed beside those of the clock: they count what the drawing takes from
another core, too.
"""

import argparse
import statistics
from time import perf_counter, process_time

import numpy as np
import xarray as xr

import brainnb as bn
from brainnb.widgets import bokehjs


def task(units: int) -> tuple[bn.Model, xr.Dataset]:
    """A network and sines that it should make of a constant input."""
    t = np.arange(100.0)
    data = xr.Dataset(
        {"I": ("time", np.ones(100)), "out": ("time", np.sin(t / 8))}, {"time": ("time", t, {"units": "ms"})}
    )
    return bn.rates.RateNetwork(units, tau=10.0, g=1.2, seed=0), data


def fit(units: int, steps: int, seen: bool, sent: list[int]) -> tuple[float, float]:
    """Seconds by the clock and of the processor for so many updates, without what is compiled before them."""
    model, data = task(units)
    begun: list[tuple[float, float]] = []

    def mark(run: bn.train.TrainingRun) -> None:
        if not begun and run.step >= warm:
            begun.append((perf_counter(), process_time()))

    def watch(run: bn.train.TrainingRun) -> None:
        if seen and not views:
            view = bn.TrainingMonitor(run)
            views.append(view.talk(lambda message, buffers: sent.append(sum(map(len, buffers)))))
            views[0].receive({"type": "hello", "view": "page", "bokeh": [bokehjs.version()]})
            view.wait(60)
        mark(run)

    views: list = []
    warm = max(1, steps // 5)
    bn.fit(model, data, train=["weight", "readout.*"], optimizer=1e-3, steps=steps + warm, monitor=watch)
    end = perf_counter() - begun[0][0], process_time() - begun[0][1]
    for talk in views:
        talk.close()
    return end


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--seconds", type=float, default=5.0, help="of one fit, about")
    options.add_argument("--units", type=int, default=50)
    given = options.parse_args()
    fit(given.units, 200, True, [])  # compile
    steps = max(400, int(1000 * given.seconds / fit(given.units, 1000, False, [])[0]))
    found: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    sent: list[int] = []
    for number in range(given.rounds):
        for seen in (number % 2 == 0, number % 2 == 1):
            found[seen].append(fit(given.units, steps, seen, sent))
    for what, name in enumerate(("clock", "processor")):
        ratios = [w[what] / a[what] for a, w in zip(found[False], found[True], strict=True)]
        alone = statistics.median(x[what] for x in found[False])
        print(
            f"{name}: {steps / alone:.0f} updates/s alone; with a view x {statistics.median(ratios):.3f} "
            f"({min(ratios):.3f} to {max(ratios):.3f}, {given.rounds} rounds)"
        )
    watched = sum(x[0] for x in found[True])
    print(f"to the page: {len(sent) / watched:.1f} messages/s, {sum(sent) / 1e3 / watched:.0f} kB/s")


if __name__ == "__main__":
    main()
