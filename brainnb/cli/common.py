"""What the commands share: the user's mistakes, optional packages, addresses, ports."""

from __future__ import annotations

import argparse
import difflib
import importlib.util
import ipaddress
from collections.abc import Iterable
from importlib import metadata


class UsageError(Exception):
    """Something the person typed, or has not installed; the message says what to type instead."""


def version(distribution: str) -> str | None:
    """The installed version of a distribution, or None where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def require(module: str, command: str, extra: str = "lab") -> None:
    """Refuse, with the line that installs it, when an optional package is missing."""
    if importlib.util.find_spec(module) is None:
        raise UsageError(f"`brainnb {command}` needs {module}. Type: pip install 'brainnb[{extra}]'")


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error message: the name that was probably meant, and all that there are."""
    known = sorted(known)
    by_lower_case = {k.lower(): k for k in known}
    close = difflib.get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.5)
    hint = f"Did you mean {by_lower_case[close[0]]}? " if close else ""
    return f"{hint}Known: {', '.join(known) or 'none'}."


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach a server bound to the address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def add_server_options(parser: argparse.ArgumentParser, *, default_port: int | None, which_port: str) -> None:
    """The options of every command that listens: loopback unless told otherwise."""
    here = "default: 127.0.0.1, this machine only"
    parser.add_argument("--port", type=port, default=default_port, help=f"where to listen (default: {which_port})")
    parser.add_argument("--address", default="127.0.0.1", help=f"the address to listen on ({here})")
    parser.add_argument("--no-browser", action="store_true", help="only print the link")


def port(text: str) -> int:
    """An argparse type: a port number."""
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")
