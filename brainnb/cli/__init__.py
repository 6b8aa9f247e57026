"""The `brainnb` command: `brainnb lab`, `brainnb app`, `brainnb page`, `brainnb doctor`, one file each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import brainnb
from brainnb.cli import app, doctor, lab, page
from brainnb.cli.common import UsageError

COMMANDS = (lab, app, page, doctor)


def parser() -> argparse.ArgumentParser:
    """The command line as a whole; each command describes its own part."""
    top = argparse.ArgumentParser(prog="brainnb", description="Interactive computational neuroscience in the notebook.")
    top.add_argument("--version", action="version", version=f"brainnb {brainnb.__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a mistake of the user is one line, not a traceback."""
    options = parser().parse_args(argv)
    try:
        return options.run(options)
    except UsageError as mistake:
        print(f"brainnb: {mistake}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
