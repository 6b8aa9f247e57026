"""A model as a JavaScript module: its text, what can be changed in it, and how it is made."""

import contextlib
import dataclasses
import functools
import gc
import inspect
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

import brainnb
from brainnb.core.model import Model

from .expressions import comment, quoted
from .functions import Written, begin_function, equations_function, jump_function, step_function
from .graph import SMALL
from .tables import constant
from .traced import Traced

HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Module:
    """A model that runs where there is no Python.

    Attributes
    ----------
    text : str
        JavaScript: an expression statement that defines ``const <name>``, an object with ``about``, ``run(values, T,
        options)``, ``start(values, options)``, ``more(values, state, records, every)``, ``vectorField`` and, for what spikes,
        ``jump``.
    about : dict
        Name, meaning, method, step, parameters (path, value, unit, doc, bounds), presets, states and records: plain
        data, as JSON takes it.
    """

    text: str
    about: dict[str, Any]

    @property
    def size(self) -> int:
        """Bytes of the text."""
        return len(self.text.encode())

    def save(self, path: Any) -> Path:
        """Write the module to a file; ``.mjs`` exports the model, any other defines ``model``."""
        path = Path(path)
        path.write_text(self.text + ("export default model;\n" if path.suffix == ".mjs" else ""), encoding="utf8")
        return path

    def __repr__(self) -> str:
        return f"Module({self.about['name']}, {self.size / 1000:.1f} kB, {self.about['method']})"


def javascript(
    model: Model,
    dt: float = 0.1,
    *,
    T: float | None = None,
    method: Any = None,
    record: Any = None,
    size: Any = None,
    inputs: Mapping[str, Any] | None = None,
    **given: Any,
) -> Module:
    r"""Write a model as a JavaScript module that runs it in any browser.

    What is written is the very step that :func:`brainnb.simulate` repeats, taken from its traced form: integrator, noise,
    stimuli, spikes, resets and delays, in double precision.  Random numbers are equal to the last bit, everything else up
    to the rounding of the exponential functions.

    Parameters
    ----------
    model : Model
    dt, method, record, size, inputs, <input>
        As for :func:`brainnb.simulate`; a module has a parameter for every number of the model, of its inputs and of its
        stimuli.
    T : float, optional
        The longest run, ms, for models of fractional order, which keep their whole past.

    Returns
    -------
    Module

    Raises
    ------
    ExportError
        An operation that has no form in JavaScript, with the line of the model that asks for it.

    Examples
    --------
    >>> import brainnb as bn
    >>> module = bn.export.javascript(bn.neurons.FitzHughNagumo(), I=0.5)
    >>> [p["path"] for p in module.about["parameters"]]
    ['a', 'b', 'tau', 'I']
    >>> "function vectorField" in module.text
    True
    """
    from brainnb.run.options import merged_inputs

    given = merged_inputs(inputs, given)
    with jax.enable_x64(True), undisturbed():
        traced = Traced(model, given, dt if T is None else T, dt, method=method, record=record, size=size)
        data: dict[bytes, tuple[str, np.ndarray, str]] = {}
        about = described(traced, dt)
        equations = equations_function(traced, data)
        programs = [equations, jump_function(traced, data), begin_function(traced, data)]
        programs.append(step_function(traced, data, equations))
        written = [w for w in programs if w is not None]
    return Module(assembled(about, written, data), about)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Without the search for garbage: a traced step is a million objects that are in use, and each search looks at all."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def assembled(about: dict[str, Any], written: list[Written], data: dict) -> str:
    """The whole text of a module."""
    used = set().union(*(w.function.used for w in written))
    tables = [constant(*entry) for entry in data.values()]
    made = [line.partition("(")[0] for line in tables]
    short, long = (
        [line for line, how in zip(tables, made, strict=True) if how.endswith(".of") == few] for few in (True, False)
    )
    used.update(how.rpartition("= ")[2] for how in made if not how.endswith(".of"))
    head = [
        f"// {comment(about['name'])}: {comment(about['doc'])}",
        f"// Written by brainnb {about['version']} from the equations of the model; method {comment(about['method'])}.",
        "const model = (() => {",
        '"use strict";',
        *runtime(used),
        *short,
        f"const about = {quoted(about)};",
    ]
    notes = {
        "vectorField": "// The equations: how fast each state changes, per ms.",
        "jump": "// Where the model's own step puts the states that evolve: a spike where they move.",
        "begin": "// The state at the start of a run.",
        "advance": "// Steps of the method: `records` times `every` of them, written into `out` from row `at` on.",
    }
    parts = []
    for w in written:
        name = re.match(r"function (\w+)", w.text).group(1)
        parts += ["", notes[name], w.text]
    has = [x if any(f"function {x}(" in w.text for w in written) else f"{x}: null" for x in ("vectorField", "jump")]
    tail = ["", "// Long tables, such as wirings.", *long] if long else []
    tail += [f"return {{ about, complete, start, more, run, begin, advance, {', '.join(has)} }};", "})();", ""]
    driver = re.sub(r"^  ", "", (HERE / "driver.js").read_text(encoding="utf8"), flags=re.M)
    return "\n".join([*head, *parts, "", driver, *tail])


@functools.cache
def library() -> dict[str, str]:
    """Functions that JavaScript has not, by name."""
    parts = re.split(r"^// name: (\w+)\n", (HERE / "runtime.js").read_text(encoding="utf8"), flags=re.M)
    return dict(zip(parts[1::2], map(str.rstrip, parts[2::2]), strict=True))


def runtime(used: set[str]) -> list[str]:
    """The functions that a module uses, and those that they use."""
    known, wanted = library(), set()
    rest = [name for name in used if name in known]
    while rest:
        name = rest.pop()
        if name not in wanted:
            wanted.add(name)
            rest += [other for other in known if other != name and re.search(rf"\b{other}\(", known[name])]
    return [text for name, text in known.items() if name in wanted]


def described(traced: Traced, dt: float) -> dict[str, Any]:
    """What a module says of itself, as plain data."""
    model = traced.model
    adjustable = {p for p in traced.paths if p is not None}
    state = {slot.path: slot for slot in traced.slots()}
    return {
        "name": type(model).__name__,
        "doc": " ".join((inspect.getdoc(type(model)) or "").split("\n\n")[0].split()),
        "version": brainnb.__version__,
        "method": traced.method.label,
        "dt": float(traced.run.dt),
        "fixedDt": traced.fixed_dt,
        "parameters": [
            {
                "path": path,
                "value": float(p.value),
                "unit": p.unit,
                "doc": p.doc,
                "bounds": list(p.bounds),
                "input": is_input(traced, path),
            }
            for path, p in traced.parameters.items()
            if path in adjustable
        ],
        "states": [named(model, path) | {"shape": list(slot.shape)} for path, slot in state.items()],
        "records": [
            named(model, c.path)
            | {
                "shape": list(c.shape),
                "size": math.prod(c.shape),
                "count": np.dtype(c.dtype).kind == "b",
            }
            for c in traced.run.plan.columns
        ],
        "presets": presets(model, adjustable),
    }


def is_input(traced: Traced, path: str) -> bool:
    """Whether a parameter belongs to what the model is given."""
    return path.partition(".")[0] in traced.system.drives and path not in traced.model.parameters()


def named(model: Model, path: str) -> dict[str, Any]:
    """The declaration of a path, as plain data."""
    d = model.declaration(path)
    if d is None:
        return {"path": path, "unit": "1", "doc": "", "bounds": [None, None]}
    return {"path": path, "unit": d.unit, "doc": d.doc, "bounds": list(d.bounds)}


def presets(model: Model, adjustable: set[str]) -> list[dict[str, Any]]:
    """Published variants that differ from this model in numbers only."""
    found, own = [], jax.tree.structure(model)
    if any(np.size(x) > SMALL for x in jax.tree.leaves(model)):  # wiring: another variant is another module
        return []
    for name, make in type(model).presets().items():
        other = make()
        if jax.tree.structure(other) != own:
            continue
        values = {path: float(str(p.value)) for path, p in other.parameters().items() if path in adjustable}
        doc = (inspect.getdoc(make) or "").split("\n\n")[0]
        found.append({"name": name, "doc": " ".join(doc.split()), "values": values})
    return found
