"""A port for a server that a test is about to start."""

import contextlib
import secrets
import socket


def free_port() -> int:
    """One that nobody listens on, below those that a system hands out by itself: it is still free when the server comes."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            return port
