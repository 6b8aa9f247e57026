"""What holds for every exported model: it runs, differentiates, never retraces, vectorises, explains itself."""

import dataclasses
import doctest
import html
import inspect
import itertools
import pickle
import re
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.core.quantities import parse
from brainnb.core.record import flat
from brainnb.io import from_json, to_json
from brainnb.run.past import prepared
from brainnb.run.record import continuous_states
from brainnb.run.step import one_step
from brainnb.run.system import System, drives

# one value per unit means other draws than in a single run
RANDOM = (
    bn.inputs.Noise,
    bn.inputs.FrozenNoise,
    bn.inputs.Wiener,
    bn.inputs.PoissonSpikes,
    bn.inputs.ShotNoise,
    bn.inputs.Delayed,
)
QUIET = {bn.neurons.StochasticGIF: {"recorded": 0.0}}  # each unit has chances of its own, unless its spikes are given
CLOCKS = ("C", "tau", "phi", "a")


def scalars(model):
    """Paths of the parameters that are single numbers."""
    return {path: p for path, p in model.parameters().items() if np.ndim(p.value) == 0}


def near(value, bounds, factor):
    """A value close to ``value`` and inside the bounds."""
    low, high = (-np.inf if bounds[0] is None else bounds[0]), (np.inf if bounds[1] is None else bounds[1])
    moved = value * factor if value else (factor - 1.0)
    return float(np.clip(moved, low, high))


def beside(value, bounds):
    """Another value close by, towards the inside where ``value`` stands on a bound."""
    up = near(value, bounds, 1.02)
    return up if up != value else near(value, bounds, 0.98)


def test_it_builds_and_steps(specimen):
    ds = specimen.run(specimen.build())
    assert ds.sizes["time"] == 100
    assert ds.attrs["status"] == "finished"
    assert len(ds.data_vars) > 0 or not specimen.build().states()
    assert all(np.isfinite(ds[name]).all() for name in ds.data_vars)


def test_its_states_move(specimen):
    """A model that only ever returns zeros would pass the other tests."""
    model = specimen.build()
    if specimen.is_stimulus:
        ds = specimen.run(model.replace(level=3) if "level" in model.parameters() else model, T=20)
        assert np.abs(ds.I).max() > 0
    else:
        ds = specimen.run(model)
        for name in continuous_states(model, model.init_state()):
            assert np.ptp(ds[specimen.path(name)].values) > 0, name


@pytest.mark.usefixtures("double_precision")
def test_gradients_to_every_parameter_are_finite(specimen):
    model = specimen.build()
    carrier, given = specimen.carrier(model), specimen.given(model)
    method = bn.integrators.get("euler" if specimen.is_stimulus or specimen.is_synapse else type(model).default_method)

    def loss(system):
        def step(s, i):
            s, seen = one_step(method, system, s, i, jnp.zeros(()), jnp.asarray(0.05), jax.random.key(1))
            return s, sum(jnp.sum(jnp.tanh(v)) for v in flat(seen).values())

        s, observed = jax.lax.scan(step, system.init((), jax.random.key(0)), jnp.arange(400))
        moving = [v for v in flat(s.model).values() if v.dtype.kind == "f"]
        return sum(jnp.sum(jnp.tanh(v / 10.0)) for v in moving) + jnp.sum(observed)

    system = prepared(System(carrier, drives(carrier, given)), None, (), 0.05, 400)
    gradient = jax.tree.leaves(jax.jit(jax.grad(loss, allow_int=True))(system))  # a wiring has indices
    gradient = [g for g in gradient if g.dtype != jax.dtypes.float0]
    assert all(np.isfinite(g).all() for g in gradient)
    assert any(np.any(g != 0) for g in gradient)


def moves(value, bounds, count):
    """``count`` values of every type that reaches a model: floats, ints, NumPy scalars, arrays of no dimension."""
    whole = [n for n in range(-130, 131) if near(n, bounds, 1.0) == n][:7] or [value]
    types = itertools.cycle([float, np.float64, np.float32, np.asarray, jnp.asarray, "int", "np.int64"])
    for i, kind in zip(range(count), types, strict=False):
        if kind in ("int", "np.int64"):
            n = whole[i % len(whole)]
            yield np.int64(n) if kind == "np.int64" and float(n).is_integer() else n
        else:
            moved = near(value, bounds, 1.0 + 1e-3 * (i % 10))
            safe = moved if near(float(np.float32(moved)), bounds, 1.0) == float(np.float32(moved)) else value
            yield kind(safe)


def test_no_move_retraces(numbered):
    """A hundred moves of each model, over all its numbers and inputs; each number is moved by every type."""
    model = numbered.build()
    short = dict(T=1.0, dt=0.1, on_nan="keep")
    for _ in range(2):
        numbered.run(model, **short)
    rows, inputs = scalars(model), model.inputs()
    count = max(TYPES, -(-MOVES // (len(rows) + len(inputs))))
    before = bn.run.cache.trace_count()
    moved = 0
    for path, p in rows.items():
        for value in moves(float(p.value), p.bounds, count):
            numbered.run(model.replace({path: value}), **short)
            moved += 1
    for name, declaration in inputs.items():
        for value in moves(numbered.drive(model)[name], declaration.bounds, count):
            numbered.run(model, **short, **{name: value})
            moved += 1
    assert moved >= MOVES
    assert bn.run.cache.trace_count() == before


MOVES, TYPES = 100, 7


@pytest.mark.usefixtures("double_precision")
def test_vmap_equals_a_loop(numbered):
    model = numbered.build()
    paths = list(scalars(model).items())[:2]
    values = {path: [float(p.value), beside(float(p.value), p.bounds)] for path, p in paths}
    inputs = model.inputs()
    for name, drive in numbered.drive(model).items():
        values[name] = [0.5 * drive, drive]
    together = numbered.sweep(model, values)
    for point in itertools.product(*values.values()):
        at = dict(zip(values, point, strict=True))
        alone = numbered.run(
            model.replace({k: v for k, v in at.items() if k not in inputs}),
            **{k: v for k, v in at.items() if k in inputs},
        )
        labels = {numbered.path(k): v for k, v in at.items()}
        chosen = together.sel(labels, method="nearest")
        for name in alone.data_vars:
            np.testing.assert_allclose(chosen[name], alone[name], rtol=1e-9, atol=1e-9, err_msg=f"{name} at {at}")


def test_size_gives_equal_units(uncoupled):
    model = uncoupled.build()
    quiet = QUIET.get(uncoupled.cls, {})
    one, many = uncoupled.run(model, **quiet), uncoupled.run(model, size=4, **quiet)
    for name in one.data_vars:
        if uncoupled.is_stimulus and name == "I":
            continue  # one stimulus for all
        assert many[name].dims[:2] == ("time", "neuron")
        np.testing.assert_allclose(many[name], np.repeat(one[name].values[:, None], 4, 1), rtol=2e-3, atol=2e-3)


@pytest.mark.usefixtures("double_precision")
def test_one_value_per_unit(self_numbered):
    """Arrays in every own parameter at once: unit i equals a single run with the i-th values."""
    model = self_numbered.build()
    own = {path: p for path, p in scalars(model).items() if "." not in path}
    factors = (0.98, 1.0, 1.02)
    arrays = {path: np.array([near(float(p.value), p.bounds, f) for f in factors]) for path, p in own.items()}
    fields = {f.name: getattr(model, f.name) for f in dataclasses.fields(model)}
    quiet = QUIET.get(self_numbered.cls, {})
    many = self_numbered.run(self_numbered.cls(**(fields | arrays)), size=3, **quiet)
    for i in range(3):
        alone = self_numbered.run(model.replace({path: a[i] for path, a in arrays.items()}), **quiet)
        for name in alone.data_vars:
            assert many[name].shape[:2] == (100, 3)
            if self_numbered.cls not in RANDOM:
                np.testing.assert_allclose(many[name][:, i], alone[name], rtol=1e-9, atol=1e-9, err_msg=name)
    if self_numbered.cls in RANDOM:
        centred = many.I - many.I.mean("time")
        assert len(np.unique(np.round(centred[-1].values, 6))) == 3  # noise of its own for every unit


def test_units_are_units_and_fit_the_equations(specimen):
    model = specimen.build()
    for declared in (*model.parameters().values(), *model.states().values(), *model.inputs().values()):
        parse(declared.unit)
    if specimen.is_stimulus and not model.states():
        bn.check_units(specimen.carrier())
    bn.check_units(model)


def test_a_wrong_unit_is_found(clocked):
    """The unit check is no formality: with another unit on a time constant it complains."""
    rows = clocked.build().parameters()
    name = next(n for n in CLOCKS if n in rows and rows[n].unit != "1")
    body = {"__annotations__": {name: bn.Param}, name: bn.param(1.0, "mV**3", "in a wrong unit")}
    with pytest.raises(bn.UnitError):
        bn.check_units(type("Wrong", (clocked.cls,), body)())


def test_everything_declared_is_explained(specimen):
    model = specimen.build()
    for path, p in model.parameters().items():
        assert len(p.doc) > 2, path
        if np.ndim(p.value) == 0 and not specimen.is_stimulus:
            low, high = p.bounds
            assert low is not None, path
            assert high is not None, path
            assert low <= float(p.value) <= high, path
    for name, d in (*model.states().items(), *model.inputs().items()):
        assert len(d.doc) > 2, name
        if not specimen.is_stimulus and not getattr(d, "discrete", False):
            if specimen.is_synapse and d.bounds == (None, None):
                continue  # in the unit of the weights, which is that of the projection
            assert None not in d.bounds, name
            assert d.bounds[0] <= float(d.default) <= d.bounds[1], name


def test_the_docstring_teaches(published):
    doc = inspect.getdoc(published.cls)
    assert "Examples\n--------\n>>>" in doc
    assert ".. math::" in doc
    assert published.is_stimulus or re.search(r"doi:10\.\d{4,}/\S+", doc), "cite the paper with its DOI"


def test_a_neuron_says_what_it_is_for(neuron):
    doc = inspect.getdoc(neuron.cls)
    assert "It explains" in doc
    assert "Inputs and observables\n" in doc
    assert neuron.cls.presets(), "a published model has a published variant"


def test_the_example_runs(specimen):
    module = sys.modules[specimen.cls.__module__]
    found = doctest.DocTestFinder(recurse=False).find(specimen.cls, globs=dict(vars(module)))
    examples = [test for test in found if test.examples]
    assert examples
    report = []
    for test in examples:
        doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert not report, "".join(report)


def test_functions_are_not_stored():
    with pytest.raises(bn.ModelError, match=r"FromFunction\.function holds builtin.*a function cannot be stored"):
        to_json(bn.inputs.FromFunction(abs))


def test_json_round_trip(stored):
    model = stored.build()
    text = to_json(model)
    back = from_json(text)
    assert type(back) is stored.cls
    assert jax.tree.structure(back) == jax.tree.structure(model)
    for (path, a), b in zip(model.parameters().items(), back.parameters().values(), strict=True):
        assert a.value.dtype == b.value.dtype, path
        assert np.array_equal(a.value, b.value), path
        assert a[1:] == b[1:], path
    assert to_json(back) == text


@pytest.mark.usefixtures("double_precision")
def test_it_travels_as_a_pickle(specimen):
    """As to a worker of a cluster: equal to the last bit, and the same class."""
    model = specimen.build()
    back = pickle.loads(pickle.dumps(model))
    assert type(back) is type(model)
    assert jax.tree.structure(back) == jax.tree.structure(model)
    for old, new in zip(jax.tree.leaves(model), jax.tree.leaves(back), strict=True):
        assert isinstance(new, jax.Array)
        assert new.dtype == old.dtype
        np.testing.assert_array_equal(new, old)


@pytest.mark.usefixtures("double_precision")
def test_json_keeps_every_digit(numbered):
    model = numbered.build()
    changes = {path: near(float(p.value), p.bounds, 1.0 + np.pi * 1e-9) for path, p in scalars(model).items()}
    model = model.replace(changes)
    back = from_json(to_json(model))
    for path, p in model.parameters().items():
        assert p.value.dtype == np.float64, path
        assert np.array_equal(back.parameters()[path].value, p.value), path


def test_it_shows_itself(specimen):
    model = specimen.build()
    name = specimen.cls.__name__
    assert repr(model).startswith(name)
    table, page = str(model), model._repr_html_()
    for path, p in model.parameters().items():
        assert path in table
        assert p.doc in table
        assert f">{html.escape(path)}<" in page
        assert f">{html.escape(p.doc)}<" in page
    assert not re.search(r"<(?!/?(?:details|summary|b|table|thead|tbody|tr|td|th)\b)", page)


def test_hostile_text_stays_text(stored):
    name, doc = "Evil<script>", "<img src=x onerror=alert(1)>"
    evil = type(name, (stored.cls,), {"__doc__": doc, "evil": bn.state(1.0, "1", doc)})
    model = stored.build()
    page = evil(**{f.name: getattr(model, f.name) for f in dataclasses.fields(model)})._repr_html_()
    assert "<script" not in page
    assert "<img" not in page
    assert page.count(html.escape(doc)) == 2  # the summary and the row of the state


def test_presets_run_and_cite(preset):
    specimen, name = preset
    method = specimen.cls.presets()[name]
    doc = inspect.getdoc(method)
    assert re.search(r"\b(1[89]|20)\d\d\b", doc), f"{name} cites no paper: {doc}"
    assert "\n" not in doc.strip()
    model = method()
    assert type(model) is specimen.cls
    assert jax.tree.structure(model) == jax.tree.structure(specimen.cls())  # switching presets never retraces
    ds = specimen.run(model)
    assert all(np.isfinite(ds[v]).all() for v in ds.data_vars)


def test_presets_are_reused_as_compiled(with_presets):
    short = dict(T=1.0, dt=0.1)
    for _ in range(2):
        with_presets.run(with_presets.build(), **short)
    before = bn.run.cache.trace_count()
    for make in with_presets.cls.presets().values():
        with_presets.run(make(), **short)
    assert bn.run.cache.trace_count() == before


def test_every_leaf_is_an_array(specimen):
    leaves = jax.tree.leaves(specimen.build())
    assert all(eqx.is_array(leaf) for leaf in leaves)
