"""Runs of one model in JavaScript and in JAX, and how far they are apart; for the tests of what is exported."""

import contextlib

import exported
import numpy as np
from in_javascript import apart

import brainnb as bn
from brainnb.core.errors import UnknownName

EVERY = 4
LIMIT = 1e-9
BESIDE, CALM = 1e-14, 1e-10
"""Where runs differ by more: how far beside another run of JAX begins, and how long the two are one motion."""


def random_values(module, rng):
    """Parameters and inputs anywhere within their bounds; delays, sizes and what has no bounds stay as they are.

    Pools of Poisson sources are drawn over four decades below their bounds: nearly all that lies evenly between these are
    thousands of spikes a step, under which every cell does the same, and which take minutes to draw.
    """
    values = {}
    paths = {p["path"] for p in module.about["parameters"]}
    for p in module.about["parameters"]:
        low, high = p["bounds"]
        free = low is not None and high is not None and low <= p["value"] <= high and "delay" not in p["path"]
        if not free:
            continue
        owner, _, name = p["path"].rpartition(".")
        if name in ("rate", "number") and f"{owner}.number" in paths:
            values[p["path"]] = float(high * 10 ** rng.uniform(-4, -0.01))
        else:
            values[p["path"]] = float(low + (high - low) * rng.uniform(0.02, 0.98))
    return values


def written(family, model, given, T):
    """The module of a model, and what it records: of cells in a network their potentials too, else all there is."""
    for record in (["*.spike", "*.V"], None, ["*"]) if family == "networks" else (None, ["*"]):
        with contextlib.suppress(UnknownName):
            module = bn.export.javascript(model, dt=exported.DT, T=T, inputs=given, record=record)
            if module.about["records"]:
                return module, record
    raise AssertionError(family)


def calm(found, near):
    """Rows until two runs of JAX whose numbers differ in the last digits have come apart: what is beyond has no common digits."""
    rows = min(len(next(iter(near.values()))), len(next(iter(found.values()))))
    apart_by = [(np.abs(near[p][:rows] - x[:rows]) / (1 + np.abs(x[:rows]))).max(1) for p, x in found.items()]
    return int((np.cumsum(~(np.max(apart_by, 0) < CALM)) == 0).sum())


def furthest(js, found, rows):
    """The largest difference of some rows; what grows without bound is compared as long as it is of this world."""
    worst = 0.0
    for path, theirs in found.items():
        mine = np.asarray(js[path], float).reshape(-1, theirs.shape[1])[:rows]
        tame = np.cumsum(~(np.abs(theirs[:rows]) < 1e6).all(1)) == 0
        worst = max(worst, apart(mine[tame], theirs[:rows][tame]))
    return worst
