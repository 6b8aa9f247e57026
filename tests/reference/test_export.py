"""Every model of the library in JavaScript and in JAX, over random parameters within their bounds."""

import contextlib
import json

import exported
import numpy as np
import pytest
from in_javascript import apart, engine

import brainnb as bn
from brainnb.core.errors import UnknownName

T, EVERY = 4.0, 4
LIMIT = 1e-9
BESIDE, CALM = 1e-14, 1e-10
"""Where runs differ by more: how far beside another run of JAX begins, and how long the two are one motion."""
WRITTEN = exported.PAGE.read_text(encoding="utf8")
NAMES = exported.names()


@pytest.fixture(scope="module")
def run():
    found = engine()
    yield found
    found.close()


def random_values(module, model, rng):
    """Parameters and inputs anywhere within their bounds; delays, sizes and what has no bounds stay as they are."""
    values = {}
    for p in module.about["parameters"]:
        low, high = p["bounds"]
        free = low is not None and high is not None and low <= p["value"] <= high and "delay" not in p["path"]
        if free:
            values[p["path"]] = float(low + (high - low) * rng.uniform(0.02, 0.98))
    return values


def expected(model, given, values, T, **options):
    """The run in JAX with these values."""
    own = model.parameters()
    inputs = dict(given)
    for path, value in values.items():
        if path in own:
            model = model.replace({path: value})
            continue
        name = next((n for n in inputs if path.startswith(f"{n}.")), None)
        inputs[path if name is None else name] = (
            value if name is None else inputs[name].replace({path[len(name) + 1 :]: value})
        )
    return bn.simulate(model, T=T, dt=exported.DT, inputs=inputs, every=EVERY, on_nan="keep", **options)


def written(family, model, given):
    """The module of a model, and what it records: of cells in a network their potentials too, where they have one."""
    for record in (["*.spike", "*.V"], None) if family == "networks" else (None,):
        with contextlib.suppress(UnknownName):
            return bn.export.javascript(model, dt=exported.DT, T=T, inputs=given, record=record), record
    raise AssertionError(family)


def columns(ds, module):
    """What a run recorded: record -> (rows, numbers)."""
    rows = ds.sizes["time"]
    return {r["path"]: np.asarray(ds[r["path"]], float).reshape(rows, r["size"]) for r in module.about["records"]}


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


def compared(run, family, name, sets, seed):
    """The largest difference over some sets of parameters; a run that explodes is compared as long as it is finite."""
    model, given = exported.case(family, name)
    module, record = written(family, model, given)
    rng = np.random.default_rng(seed)
    chosen = [{}, *(random_values(module, model, rng) for _ in range(sets - 1))]
    program = f"{module.text}\nconst runs = {json.dumps(chosen)}.map((values, k) => {{ const o = model.run(values, {T}, {{ every: {EVERY}, seed: k }}); delete o.state; return o; }});\nreturn runs;"
    worst = 0.0
    for k, (values, js) in enumerate(zip(chosen, run(program), strict=True)):
        ds = expected(model, given, values, T, seed=k, record=record)
        found, rows = columns(ds, module), ds.sizes["time"]
        assert apart(js["time"][:rows], ds.time) < 1e-12
        off = furthest(js, found, rows)
        if off >= LIMIT:  # a step too long for these numbers, or chaos
            beside = {path: value * (1 + BESIDE) for path, value in values.items()}
            near = expected(model, given, beside, T, seed=k, record=record)
            off = furthest(js, found, calm(found, columns(near, module)))
        worst = max(worst, off)
    return worst


@pytest.mark.parametrize(("family", "name"), NAMES, ids=[".".join(x) for x in NAMES])
def test_a_model_is_the_same_in_javascript(run, family, name):
    """Or it is said on the page of the documentation why it cannot be."""
    if f"| `{name}` | no" in WRITTEN:
        assert exported.row(name, exported.outcome(family, name)) in WRITTEN
        return
    assert f"| `{name}` |" in WRITTEN
    assert compared(run, family, name, sets=2, seed=1) < LIMIT


@pytest.mark.slow
@pytest.mark.parametrize(("family", "name"), NAMES, ids=[".".join(x) for x in NAMES])
def test_a_thousand_sets_of_parameters(run, family, name):
    """Of a network, whose runs are long and whose parameters are few, thirty."""
    if f"| `{name}` | no" not in WRITTEN:
        assert compared(run, family, name, sets=30 if family == "networks" else 1000, seed=2) < LIMIT
