"""Whether anybody is there to answer, and who it is."""

import getpass
import os
import zlib

from brainnb.widgets.place import headless

__all__ = ["headless", "student_number"]


def student_number() -> int:
    """A number that stays the same for one student: ``BRAINNB_STUDENT``, else the name on the hub, else the login."""
    name = os.environ.get("BRAINNB_STUDENT") or os.environ.get("JUPYTERHUB_USER") or _login()
    return zlib.crc32(name.encode())


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # containers without a user database
        return "student"
