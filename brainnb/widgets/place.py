"""Where this runs: in a kernel, in the session of a served page, or under a grader that wants no page."""

import os
import sys


def headless() -> bool:
    """Is this a grader or a test that wants no page (``BRAINNB_HEADLESS=1``)?"""
    return os.environ.get("BRAINNB_HEADLESS", "") not in ("", "0")


def served() -> bool:
    """Does this run in the session of a visitor of `panel serve`?"""
    panel = sys.modules.get("panel")
    document = panel.state.curdoc if panel is not None else None
    return document is not None and document.session_context is not None


def in_kernel() -> bool:
    """Does this run in a Jupyter kernel?"""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
