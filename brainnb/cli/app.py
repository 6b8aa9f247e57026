"""`brainnb app`: serve the explorer of one model as a web page."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import brainnb as bn
from brainnb.cli.common import UsageError, add_server_options, is_loopback, nearest, require
from brainnb.widgets.query import limit_queries

LIBRARIES = ("neurons", "rates", "channels")
MODULE_NAME = "__brainnb_app__"  # no other module can have it, whatever the person's file is called


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Describe the command line of `brainnb app`."""
    parser = commands.add_parser(
        "app",
        help="serve the explorer of a model as a web page",
        description="Serves the explorer of a model of the library (HodgkinHuxley, or a preset such as "
        "HodgkinHuxley.squid_1952) or of your own file (my_model.py:MyNeuron), which is run for that.",
    )
    parser.add_argument("target", metavar="NAME|FILE.py:MODEL")
    add_server_options(parser, default_port=5006, which_port="5006")
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="HOST",
        help="a host name, as it stands in the address bar, under which the page may be used; can be given "
        "several times; needed with any --address but this machine's own",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; every visitor gets an explorer of their own."""
    check_address(options.address, options.allow)
    require("panel", "app")
    model = find_model(options.target)
    import panel as pn

    name = type(model).__name__
    hosts = {"localhost", "127.0.0.1", options.address, *options.allow}
    origins = [f"[{host}]:{options.port}" if ":" in host else f"{host}:{options.port}" for host in sorted(hosts)]
    limit_queries()
    pn.serve(
        {name: lambda: bn.widgets.Simulator(model).panel()},
        title=name,
        address=options.address,
        port=options.port,
        websocket_origin=origins,
        show=not options.no_browser,
    )
    return 0


def check_address(address: str, allowed: list[str]) -> None:
    """Other machines are let in only by somebody who says from where."""
    if not is_loopback(address) and not allowed:
        raise UsageError(
            f"--address {address} would let other machines use this page. If you mean it, add "
            "--allow HOST with the host name that will stand in their address bar."
        )


def find_model(target: str) -> bn.Model:
    """The model that the person typed: `Name`, `Name.preset` or `file.py:Name`."""
    file, separator, name = target.rpartition(":")
    if separator and file.endswith(".py"):
        return model_from_file(Path(file), name)
    if target.endswith(".py"):
        return model_from_file(Path(target), None)
    return model_from_library(target)


def library() -> dict[str, type[bn.Model]]:
    """The exported models of the library that have something to show, by their names."""
    exported = {
        name: getattr(getattr(bn, family), name) for family in LIBRARIES for name in getattr(bn, family).__all__
    }
    return {name: value for name, value in exported.items() if is_model_class(value) and value.states()}


def model_from_library(target: str) -> bn.Model:
    """A model of the library, or one of its presets."""
    name, _, preset = target.partition(".")
    known = library()
    if name not in known:
        raise UsageError(f"there is no model {name!r}. {nearest(name, known)} A file is given as FILE.py:MODEL.")
    if not preset:
        return known[name]()
    presets = known[name].presets()
    if preset not in presets:
        raise UsageError(f"{name} has no preset {preset!r}. {nearest(preset, presets)}")
    return presets[preset]()


def model_from_file(path: Path, name: str | None) -> bn.Model:
    """Run the file the person named, and take the model they named from it."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}.")
    module = run_file(path)
    models = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, bn.Model) or (is_model_class(value) and value.__module__ == module.__name__)
    }
    if name is None:
        if len(models) != 1:
            raise UsageError(f"say which model of {path} is meant, as {path}:NAME. {nearest('', models)}")
        (name,) = models
    if name not in models:
        raise UsageError(f"{path} has no model {name!r}. {nearest(name, models)}")
    model = models[name]
    return model() if isinstance(model, type) else model


def run_file(path: Path) -> ModuleType:
    """Run a file as Python runs a script; what it raises is the author's to see, whole."""
    spec = importlib.util.spec_from_file_location(MODULE_NAME, path)
    module = importlib.util.module_from_spec(spec)
    # Class statements look their module up by name while they run; what the file imports may lie beside it.
    sys.modules[MODULE_NAME] = module
    sys.path.insert(0, str(path.parent.resolve()))
    spec.loader.exec_module(module)
    return module


def is_model_class(value: Any) -> bool:
    """Whether the value is a class of models (and not the base class itself)."""
    return isinstance(value, type) and issubclass(value, bn.Model) and value is not bn.Model
