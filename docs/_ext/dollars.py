"""Lets docstrings write inline maths as in Markdown, `$x$`, beside reStructuredText."""

import re

# Code keeps its dollars: literals are matched first and given back as they are.
LITERAL_OR_MATHS = re.compile(r"(``.+?``|`[^`]+`)|(?<![\\$\w])\$([^$\s](?:[^$]*[^$\s])?)\$(?![\w$])")


def to_roles(app, what, name, obj, options, lines):
    """Replace the dollars of a docstring's prose, in place; doctest lines stay."""
    in_doctest = False
    for i, line in enumerate(lines):
        in_doctest = line.lstrip().startswith(">>>") or (in_doctest and bool(line.strip()))
        if not in_doctest:
            lines[i] = LITERAL_OR_MATHS.sub(lambda m: m[1] or f":math:`{m[2]}`", line)


def setup(app):
    app.connect("autodoc-process-docstring", to_roles, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
