"""`brainnb page`: write a page that runs a model by itself."""

from __future__ import annotations

import argparse
from pathlib import Path

import brainnb as bn
from brainnb.cli.app import find_model
from brainnb.cli.common import UsageError, require


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Describe the command line of `brainnb page`."""
    parser = commands.add_parser(
        "page",
        help="write a page that runs a model in any browser, without Python",
        description="Writes the explorer of a model as one file that needs no kernel, no server and no network. The "
        "model is one of the library (HodgkinHuxley, or a preset such as HodgkinHuxley.squid_1952) or of your own file "
        "(my_model.py:MyNeuron), which is run for that.",
    )
    parser.add_argument("target", metavar="NAME|FILE.py:MODEL")
    parser.add_argument("-o", "--output", type=Path, help="the file to write; by default NAME.html")
    parser.add_argument("--T", type=float, default=200.0, metavar="MS", help="duration of a run, ms (200)")
    parser.add_argument("--dt", type=float, default=0.1, metavar="MS", help="step, ms (0.1)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the page and say where it is, and why it does not compute where a page cannot run the model."""
    require("panel", "page")
    from brainnb.export import ExportError
    from brainnb.widgets.page import page_alone
    from brainnb.widgets.save import beforehand

    model = find_model(options.target)
    target = options.output or Path(f"{type(model).__name__}.html")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}.")
    simulator = bn.explore(model, options.T, options.dt, views=()).simulator
    try:
        content = page_alone(simulator)
    except ExportError as error:
        content = beforehand(simulator, str(error))
        print(f"{type(model).__name__} cannot run in a page: {error} The page shows what was computed beforehand.")
    target.write_text(content, encoding="utf8")
    print(f"{target}: {len(content.encode()) / 1000:.0f} kB; open it in a browser.")
    return 0
