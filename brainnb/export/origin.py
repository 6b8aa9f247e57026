"""Where in a model an operation was written, and what its result is called there.

A student who opens a module looks for the names of the equations: ``alpha = 0.1 * ...`` in the model becomes
``const alpha = 0.1 * ...`` in the module.
"""

import ast
import functools
import linecache
import os
from pathlib import Path
from typing import Any, NamedTuple

import equinox
import jax

PACKAGE = Path(__file__).parent.parent
MACHINERY = tuple(str(PACKAGE / room) + os.sep for room in ("core", "integrators", "run", "export"))
FOREIGN = tuple(str(Path(module.__file__).parent) + os.sep for module in (jax, equinox))


class Origin(NamedTuple):
    """A line of a model."""

    file: str
    line: int
    function: str

    @property
    def shown(self) -> str:
        """For a message: the line itself, and where it stands."""
        text = linecache.getline(self.file, self.line).strip()
        return f"{os.path.basename(self.file)}, line {self.line}, in {self.function}" + (f": `{text}`" if text else "")


def origin(eqn: Any) -> Origin | None:
    """The innermost line outside the machinery that asked for an operation."""
    traceback = eqn.source_info.traceback
    if traceback is None:
        return None
    for frame in traceback.frames:
        file = frame.file_name
        if not file.startswith(MACHINERY) and not file.startswith(FOREIGN) and not file.startswith("<frozen"):
            return Origin(file, frame.line_num, frame.function_name.rpartition(".")[2])
    return None


def named(found: Origin | None, last: bool) -> str | None:
    """What the result of a line is called in its source; a name that ends in ``?`` is that of a step on the way."""
    if found is None:
        return None
    name = names(found.file).get(found.line)
    return name if name is None or last else f"{name}?"


@functools.cache
def names(file: str) -> dict[int, str]:
    """The name that each line of a file gives a value to, where it is one."""
    source = "".join(linecache.getlines(file))
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a notebook cell with magics
        return {}
    found: dict[int, set[str]] = {}

    def note(name: str, node: ast.AST) -> None:
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            found.setdefault(line, set()).add(name)

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                note(target.id, node.value)
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for t, v in zip(target.elts, node.value.elts, strict=False):
                    note(t.id if isinstance(t, ast.Name) else "", v)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            for keyword in node.keywords:
                note(f"d{keyword.arg}" if keyword.arg else "", keyword.value)
    return {
        line: next(iter(found_names))
        for line, found_names in found.items()
        if len(found_names) == 1 and "" not in found_names
    }
