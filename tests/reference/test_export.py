"""Every model of the library in JavaScript and in JAX, over random parameters within their bounds."""

import json

import exported
import numpy as np
import pytest
from exported_runs import BESIDE, EVERY, LIMIT, calm, furthest, random_values, written
from in_javascript import apart, engine

import brainnb as bn

T = 4.0
BATCH = 100
"""Sets of a network that JAX runs at once; each batch has a seed of its own."""
WRITTEN = exported.PAGE.read_text(encoding="utf8")
MODELS = [
    pytest.param(*x, id=".".join(x), marks=[pytest.mark.slow] if x[1] in exported.SLOW else [])
    for x in exported.names()
]


@pytest.fixture(scope="module")
def run():
    found = engine()
    yield found
    found.close()


def together(run, name, sets, seed):
    """The largest difference over some sets of parameters of a network; JAX runs many of them at once."""
    model, given = exported.case("networks", name)
    span = exported.span(name)
    module, record = written("networks", model, given, span)
    rng = np.random.default_rng(seed)
    chosen = [random_values(module, rng) for _ in range(sets)]
    chosen[0] = {p["path"]: p["value"] for p in module.about["parameters"] if p["path"] in chosen[0]}
    worst = 0.0
    for k in range(0, sets, BATCH):
        batch = chosen[k : k + BATCH]
        js = run(program(module, batch, span, [k] * len(batch)))
        theirs = swept(model, module, record, batch, span, k)
        off = [furthest(mine, found, len(mine["time"])) for mine, found in zip(js, theirs, strict=True)]
        if max(off) >= LIMIT:
            near = swept(model, module, record, [moved(values) for values in batch], span, k)
            off = [
                x if x < LIMIT else furthest(*pair, calm(pair[1], other))
                for x, pair, other in zip(off, zip(js, theirs, strict=True), near, strict=True)
            ]
        worst = max(worst, *off)
    return worst


def swept(model, module, record, batch, span, seed):
    """The runs of JAX with these sets of values: for each, what it recorded."""
    points = bn.run.designs.zipped({path: [values[path] for values in batch] for path in batch[0]})
    ds = bn.sweep(model, points, T=span, dt=exported.DT, every=EVERY, record=record, seed=seed, precision="float64")
    rows = ds.sizes["time"]
    found = {r["path"]: np.asarray(ds[r["path"]], float).reshape(-1, rows, r["size"]) for r in module.about["records"]}
    return [{path: x[k] for path, x in found.items()} for k in range(len(batch))]


def program(module, batch, T, seeds):
    """The runs of JavaScript with these sets of values."""
    return (
        f"{module.text}\nconst seeds = {json.dumps(seeds)};\nreturn {json.dumps(batch)}.map((values, k) => {{"
        f" const o = model.run(values, {T}, {{ every: {EVERY}, seed: seeds[k] }}); delete o.state; return o; }});"
    )


def moved(values):
    """The same values beside themselves, by less than anybody could see."""
    return {path: value * (1 + BESIDE) for path, value in values.items()}


def expected(model, given, values, **options):
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


def columns(ds, module):
    """What a run recorded: record -> (rows, numbers)."""
    rows = ds.sizes["time"]
    return {r["path"]: np.asarray(ds[r["path"]], float).reshape(rows, r["size"]) for r in module.about["records"]}


def compared(run, family, name, sets, seed):
    """The largest difference over some sets of parameters; a run that explodes is compared as long as it is finite."""
    if family == "networks":
        return together(run, name, sets, seed)
    model, given = exported.case(family, name)
    module, record = written(family, model, given, T)
    rng = np.random.default_rng(seed)
    chosen = [{}, *(random_values(module, rng) for _ in range(sets - 1))]
    worst = 0.0
    for k, (values, js) in enumerate(zip(chosen, run(program(module, chosen, T, list(range(sets)))), strict=True)):
        ds = expected(model, given, values, seed=k, record=record)
        found, rows = columns(ds, module), ds.sizes["time"]
        assert apart(js["time"][:rows], ds.time) < 1e-12
        off = furthest(js, found, rows)
        if off >= LIMIT:  # a step too long for these numbers, or chaos
            near = expected(model, given, moved(values), seed=k, record=record)
            off = furthest(js, found, calm(found, columns(near, module)))
        worst = max(worst, off)
    return worst


@pytest.mark.parametrize(("family", "name"), MODELS)
def test_a_model_is_the_same_in_javascript(run, family, name):
    """Or it is said on the page of the documentation why it cannot be."""
    if f"| `{name}` | no" in WRITTEN:
        assert exported.row(family, name, exported.outcome(family, name)) in WRITTEN
        return
    assert f"| `{name}` |" in WRITTEN
    assert compared(run, family, name, sets=2, seed=1) < LIMIT


@pytest.mark.slow
@pytest.mark.parametrize(("family", "name"), MODELS)
def test_a_thousand_sets_of_parameters(run, family, name, monkeypatch):
    """Of a network in the size and over the time that the page names, its spikes delivered as those of large networks are."""
    monkeypatch.setenv("BRAINNB_KERNELS", "on")  # and compiled in half the time
    if f"| `{name}` | no" not in WRITTEN:
        assert compared(run, family, name, sets=1000, seed=2) < LIMIT
