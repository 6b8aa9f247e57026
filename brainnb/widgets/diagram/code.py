"""The cell that reproduces a bifurcation diagram and the trajectory beside it."""

from collections.abc import Mapping
from typing import Any

from ..code import changes, construction, imports
from ..settings import Settings


def to_code(settings: Settings, param: str, span: tuple[float, float], cycles: bool, begin: Mapping[str, Any]) -> str:
    """A notebook cell that computes the same diagram as ``ds`` and the same trajectory as ``run``."""
    model = settings.model
    lines = ["import brainnb as bn", *imports(type(model)), ""]
    built = construction(model)
    if built is None:
        lines.append(f"# `model` is the {type(model).__name__} that was given to the diagram")
        built = f"model.replace({changes(model, None)})"
    still = {name: value for name, value in settings.inputs.items() if name != param}
    lines += [
        f"model = {built}",
        f"ds = bn.bifurcation(model, {param!r}, {span!r}{'' if cycles else ', cycles=False'}{_given(still)})",
        "ds.bn.plot()",
        f"run = bn.simulate(model, T={settings.T!r}, dt={settings.dt!r}, init={dict(begin)!r}{_given(settings.inputs)})",
        "run.bn.plot()",
    ]
    return "\n".join(lines) + "\n"


def _given(inputs: Mapping[str, Any]) -> str:
    plain = [f"{name}={value!r}" for name, value in inputs.items() if name.isidentifier()]
    dotted = {name: value for name, value in inputs.items() if not name.isidentifier()}
    return "".join(f", {text}" for text in [*plain, *([f"inputs={dotted!r}"] if dotted else [])])
