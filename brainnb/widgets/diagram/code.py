"""The cell that reproduces a bifurcation diagram and the trajectory beside it."""

from collections.abc import Mapping
from typing import Any

from ..code import begun, given
from ..settings import Settings


def to_code(settings: Settings, param: str, span: tuple[float, float], cycles: bool, begin: Mapping[str, Any]) -> str:
    """A notebook cell that computes the same diagram as ``ds`` and the same trajectory as ``run``."""
    still = {name: value for name, value in settings.inputs.items() if name != param}
    lines = [
        *begun(settings.model, "diagram"),
        f"ds = bn.bifurcation(model, {param!r}, {span!r}{'' if cycles else ', cycles=False'}{given(still)})",
        "ds.bn.plot()",
        f"run = bn.simulate(model, T={settings.T!r}, dt={settings.dt!r}, init={dict(begin)!r}{given(settings.inputs)})",
        "run.bn.plot()",
    ]
    return "\n".join(lines) + "\n"
