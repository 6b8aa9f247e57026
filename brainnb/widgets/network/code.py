"""The cell that reproduces the run of a network."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...core.model import Model
from ...networks import Manipulation
from ..code import changes, construction, imports, input_text
from .settings import NetworkSettings


def to_code(settings: NetworkSettings, given_as: Model, record: list[str], options: Mapping[str, Any]) -> str:
    """A cell that builds the network of ``settings`` and runs it to the same Dataset; ``given_as`` is that of the start."""
    model, name = settings.model, type(settings.model).__name__
    lines = ["import brainnb as bn", *imports(type(model)), ""]
    built = construction(model)
    if built is None:
        lines.append(f"# `net` is the {name} that was given to the viewer; its wiring cannot be written here")
        if (moved := changes(model, given_as)) != "{}":
            lines.append(f"net = net.replace({moved})")
    else:
        lines.append(f"net = {built}")
    inputs = "{" + ", ".join(f"{n!r}: {input_text(n, v)}" for n, v in settings.inputs.items()) + "}"
    run = "net"
    if settings.manipulations:
        run = "hands"
        lines += held(settings.manipulations, "net")
        inputs += " | hands.given(manipulations)"
    given = [
        f"T={settings.T!r}",
        f"dt={settings.dt!r}",
        f"inputs={inputs}",
        f"record={record!r}",
        f"seed={settings.seed}",
    ]
    if settings.precision is not None:
        given.append(f"precision={settings.precision!r}")
    given += [f"{n}={options[n]!r}" for n in ("every", "method") if options.get(n) not in (None, 1)]
    lines.append(f"ds = bn.simulate({run}, {', '.join(given)})")
    return "\n".join(lines) + "\n"


def held(manipulations: Iterable[Manipulation], network: str) -> list[str]:
    """The lines that make ``hands`` of a network, and ``manipulations`` of what it is given."""
    done = (f"    {as_text(m)}," for m in manipulations)
    return [f"hands = bn.networks.Manipulated({network})", "manipulations = [", *done, "]"]


def as_text(m: Manipulation) -> str:
    """The call that makes a manipulation."""
    given = {"neurons": m.neurons, "current": m.current, "hold": m.hold, "start": m.start or None, "stop": m.stop}
    more = [f"{name}={value!r}" for name, value in given.items() if value is not None]
    return f"bn.networks.Manipulation({', '.join([repr(m.population), *more])})"
