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
SHOWN = {"phi"}
"""Functions of the methods whose lines are worth a name."""
MACHINERY = tuple(str(PACKAGE / room) + os.sep for room in ("core", "integrators", "run", "export"))
FOREIGN = tuple(str(Path(module.__file__).parent) + os.sep for module in (jax, equinox))


HOOKS = {"vector_field", "diffusion", "on_step", "init_state"}
"""What these return has names of its own."""


class Origin(NamedTuple):
    """A line of a model, and the line of a model that called its function."""

    file: str
    line: int
    function: str
    caller: tuple[str, int] | None = None

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
    own = (frame for frame in traceback.frames if is_own(frame.file_name, frame.function_name))
    inner = next(own, None)
    if inner is None:
        return None
    found = Origin(inner.file_name, inner.line_num, inner.function_name.rpartition(".")[2])
    one_of_several = names(found.file).returned.get(found.line, -1) >= 0
    outer = next(own, None) if one_of_several else None
    return found if outer is None else found._replace(caller=(outer.file_name, outer.line_num))


@functools.cache
def is_own(file: str, function: str) -> bool:
    """Whether a function belongs to a model."""
    if file.startswith(MACHINERY):
        return function.rpartition(".")[2] in SHOWN
    return not file.startswith((*FOREIGN, "<frozen"))


def named(found: Origin | None, last: bool) -> str | None:
    """What the result of a line is called in its source, with the mark that :mod:`.names` explains."""
    if found is None:
        return None
    lines = names(found.file)
    name = lines.given.get(found.line)
    if name is None and (k := lines.returned.get(found.line)) is not None:
        name = f"{found.function}~" if k < 0 else received(found.caller, k)
    return name if name is None or last else f"{name.rstrip('~')}?"


def received(caller: tuple[str, int] | None, k: int) -> str | None:
    """What a caller calls the result number ``k`` of several."""
    found = () if caller is None else names(caller[0]).taken.get(caller[1], ())
    return found[k] if k < len(found) else None


class Lines(NamedTuple):
    """What the lines of a file say of names.

    ``given``: the name that a line gives a value to.  ``returned``: which of the results of its function a line
    computes, -1 for the only one.  ``taken``: the names that a line gives to the results of a function.
    """

    given: dict[int, str]
    returned: dict[int, int]
    taken: dict[int, tuple[str, ...]]


@functools.cache
def names(file: str) -> Lines:
    """The names that the lines of a file tell of."""
    found = Reading()
    try:
        found.visit(ast.parse("".join(linecache.getlines(file))))
    except SyntaxError:  # a notebook cell with magics
        return Lines({}, {}, {})
    given = {line: next(iter(told)) for line, told in found.given.items() if len(told) == 1 and "" not in told}
    returned = {line: k for line, k in found.returned.items() if line not in found.given}
    return Lines(given, returned, found.taken)


class Reading(ast.NodeVisitor):
    """Goes through the source of a file."""

    def __init__(self) -> None:
        self.given: dict[int, set[str]] = {}
        self.returned: dict[int, int] = {}
        self.taken: dict[int, tuple[str, ...]] = {}
        self.function = ""

    def note(self, name: str, node: ast.AST) -> None:
        for line in lines_of(node):
            self.given.setdefault(line, set()).add(name)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self.function = self.function, node.name
        self.generic_visit(node)
        self.function = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        if len(node.targets) == 1:
            (target,) = node.targets
            if isinstance(target, ast.Name):
                self.note(target.id, node.value)
            elif isinstance(target, ast.Tuple):
                told = tuple(t.id if isinstance(t, ast.Name) else "" for t in target.elts)
                if isinstance(node.value, ast.Tuple):
                    for name, value in zip(told, node.value.elts, strict=False):
                        self.note(name, value)
                elif "" not in told:
                    self.taken.update(dict.fromkeys(lines_of(node), told))
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.Tuple):
            for k, value in enumerate(node.value.elts):
                self.returned.update(dict.fromkeys(lines_of(value), k))
        elif node.value is not None and self.function not in HOOKS:
            self.returned.update(dict.fromkeys(lines_of(node.value), -1))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "dict":
            slope = "" if self.function in ("on_step", "init_state") else "d"
            for keyword in node.keywords:
                self.note(f"{slope}{keyword.arg}" if keyword.arg else "", keyword.value)
        self.generic_visit(node)


def lines_of(node: Any) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
